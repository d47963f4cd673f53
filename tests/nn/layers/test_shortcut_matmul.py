"""Products by blocks and of merged rows equal the dense ones."""

from collections.abc import Callable

import pytest
import torch

from autoequivariant.groups.closure.layer_actions import layer_actions
from autoequivariant.groups.domain import Sequence as Line
from autoequivariant.groups.symmetry import parse_symmetries
from autoequivariant.nn.layers import shortcuts
from autoequivariant.nn.layers.sharing import Blocks, Merged
from autoequivariant.nn.mlp.architecture import MLPArchitecture

from ..batches import STATES, batch_of, compare, samples
from ..cases import DOMAINS, architecture_of


@pytest.mark.slow
@pytest.mark.parametrize("final", ["dense", "invariant"])
@pytest.mark.parametrize("name", DOMAINS)
def test_in_blocks_they_are_the_same(
    name: str, final: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Large layers are multiplied block by block: here small ones are, too."""
    monkeypatch.setattr(shortcuts, "FEWEST_IN_BLOCKS", 0)
    architecture = architecture_of(name, final)
    blocked = [isinstance(architecture.sharings(state)[0].shortcut, Blocks) for state in STATES]
    # an odd one; a swap of two of four
    assert any(blocked) == (name not in ("features", "signed"))
    for states in (STATES, STATES[1:2], STATES[::-1]):
        compare(batch_of(architecture, states), states, 17, 2e-5)
        compare(batch_of(architecture, states), states, 1, 2e-5)


def improper() -> MLPArchitecture:
    """Shifts of order 3 on the input and 2 after it, so that weights do not see positions (law 4);
    the reversals tell them from a plain product of orbits.
    """
    candidates = parse_symmetries("shift:2,reverse")
    actions = layer_actions(candidates, Line(6), [Line(4)] * 2, allow_improper=True)
    return MLPArchitecture(actions, 2, (3, 3), 5, "dense")


def test_with_equal_rows_and_columns_merged_they_are_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shortcuts, "FEWEST_IN_BLOCKS", 0)
    monkeypatch.setattr(shortcuts, "FEWEST_MERGED", 2)
    architecture = improper()
    ways = [type(architecture.sharings(state)[0].shortcut) for state in STATES]
    assert ways == [type(None), Merged, Blocks, Merged, Merged]
    for states in (STATES, STATES[1:2], STATES[::-1]):
        compare(batch_of(architecture, states), states, 17, 2e-5)
        compare(batch_of(architecture, states), states, 1, 2e-5)


@pytest.mark.parametrize("make", [lambda: architecture_of("grid"), improper])
def test_with_shortcuts_a_child_is_the_same_bit_by_bit_in_any_batch(
    make: Callable[[], MLPArchitecture], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shortcuts, "FEWEST_IN_BLOCKS", 0)
    architecture = make()
    x, _ = samples(architecture, 17)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        alone, together = batch_of(architecture, [(0, 1)]), batch_of(architecture, STATES)
        for model in (alone, together):
            torch.nn.init.zeros_(model.biases[0])
            torch.nn.init.zeros_(model.biases[1])
            torch.nn.init.zeros_(model.biases[2])
        assert torch.equal(together(x)[3], alone(x)[0])
    finally:
        torch.set_num_threads(threads)
