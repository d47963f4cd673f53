"""Values of pairs as segments: what they are, what networks keep, and what files may hold."""

from pathlib import Path

import numpy as np
import pytest
import torch

from autoequivariant.groups.domain import Pairs
from autoequivariant.nn.equivariance import errors_of_actions
from autoequivariant.nn.io.model_files import save_model
from autoequivariant.nn.mlp.expansion import Expansion
from autoequivariant.nn.mlp.network import EquivariantMLP
from autoequivariant.training.families.model_files import load_model

from ..batches import batch_of
from ..cases import KNOTS, expanded
from ..spoiled_files import CLASSES, Spoil, change, check_refusal


def samples(n: int) -> torch.Tensor:
    return torch.randn(n, 2, 4, 4, generator=torch.Generator().manual_seed(n)) * 3


def network(generators: tuple[int, ...]) -> EquivariantMLP:
    return EquivariantMLP(expanded(), generators, generator=torch.Generator().manual_seed(1))


def test_segments() -> None:
    x = torch.tensor([[[[5.0, -2.0], [1.0, 7.0]]]])
    found = Expansion(Pairs(2), ((0.0, 1.0), (-1.0, 0.0, 4.0))).expand(x)
    assert found.tolist() == [[[[5.0, -1.0], [1.0, 7.0]], [[0.0, 0.0], [0.25, 0.0]]]]


def test_a_sum_of_segments_is_any_function_that_is_linear_between_knots() -> None:
    knots = (-1.0, 0.5, 2.0, 5.0)
    values = torch.linspace(-4, 8, 99)
    heights = np.array([3.0, -1.0, 0.0, 7.0])
    x = torch.zeros(99, 1, 2, 2)
    x[:, 0, 0, 1] = values
    segments = Expansion(Pairs(2), ((0.0,), knots)).expand(x)[:, :, 0, 1].numpy()
    inside = (values.numpy() >= knots[0]) & (values.numpy() <= knots[-1])
    expected = np.interp(values.numpy(), knots, heights)
    found = heights[0] + segments @ np.diff(heights)
    assert np.allclose(found[inside], expected[inside], atol=1e-5)
    assert found[-1] == pytest.approx(7 + 7 / 3 * 3)  # the last segment goes on


@torch.no_grad()
def test_networks_have_their_symmetries_exactly() -> None:
    for state, name in ((0,), "swap:0-1"), ((1,), "shift:1"):
        claims = network(state).claims()
        assert claims.names == (name,)
        found = errors_of_actions(
            network(state), samples(40), claims.inputs, None, torch.float64
        ).by_action
        assert found.pop(name) < 1e-12
        assert min(found.values()) > 1e-2


@torch.no_grad()
def test_children_are_what_single_networks_are() -> None:
    states: list[tuple[int, ...]] = [(), (0,), (0, 1)]
    model, x = batch_of(expanded(), states), samples(40)
    together = model(KNOTS.expand(x).flatten(1))
    for child, state in enumerate(states):
        single = network(state)
        single.adopt(model.child_weights(child))
        assert torch.allclose(together[child], single(x), atol=1e-4)
        assert single.n_parameters == expanded().count_parameters(state)


def test_a_saved_network_is_expanded(tmp_path: Path) -> None:
    saved, x = network((0,)).eval(), samples(9)
    save_model(saved, tmp_path, CLASSES)
    assert torch.equal(load_model(tmp_path)(x), saved(x))


ROWS = [list(row) for row in KNOTS.knots]
BROKEN: dict[str, tuple[Spoil, str]] = {
    "of one channel": (change(knots=ROWS[:2]), "2 rows of knots, not 2 for each of its channels"),
    "twice the same": (change(knots=[[1, 1], *ROWS[1:]]), "its knots do not increase"),
    "none": (change(knots=[[], *ROWS[1:]]), "knots"),
    "text": (change(knots=["one", *ROWS[1:]]), "knots"),
    "too many": (change(knots=[list(range(65)), *ROWS[1:]]), "knots"),
    "of other segments": (change(knots=[ROWS[3]] * 4), "do not fit model.json"),
    "of an image": (
        change(domains=["features:16", "features:4", "features:4"]),
        "knots are for pairs",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_knots_are_refused(name: str, tmp_path: Path) -> None:
    check_refusal(network((0,)), BROKEN[name], tmp_path)
