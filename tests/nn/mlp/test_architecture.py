"""Parameter counts of MLPs, their final layers, and architectures that are refused."""

import pytest

from autoequivariant.errors import SettingsError
from autoequivariant.nn.mlp.architecture import MLPArchitecture

from ..cases import DOMAINS, actions_of, architecture_of, vanishing


def test_everything_forced_to_zero() -> None:
    sharings = MLPArchitecture(vanishing(), 1, (2,), 3, "dense").sharings([0])
    assert [layer.weight.count for layer in sharings] == [0, 12]
    sharings = MLPArchitecture(vanishing(), 1, (2,), 3, "dense").sharings([])
    assert [layer.weight.count for layer in sharings] == [12, 12]


@pytest.mark.parametrize("final", ["dense", "invariant"])
@pytest.mark.parametrize("name", DOMAINS)
def test_the_plain_network_is_a_plain_mlp(name: str, final: str) -> None:
    architecture = architecture_of(name, final)
    widths = architecture.widths
    plain = sum((a + 1) * b for a, b in zip(widths, widths[1:], strict=False))
    assert architecture.count_parameters(()) == plain
    assert architecture.count_parameters((0, 1)) < plain


def test_final_layer() -> None:
    """Dense: a weight for each unit. Invariant: one for each orbit, channel and class."""
    dense, pooled = architecture_of("grid", "dense"), architecture_of("grid", "invariant")
    assert dense.sharings((0, 1))[-1].weight.count == 5 * 3 * 16
    assert pooled.sharings((0, 1))[-1].weight.count == 5 * 3 * 3  # corners, edges, centre
    assert pooled.sharings(())[-1].weight.count == 5 * 3 * 16
    assert pooled.sharings((0, 1))[-1].bias.count == 5


@pytest.mark.parametrize(
    ("final", "channels", "message"),
    [
        ("dense", (3, 3), None),
        ("invariant", (3, 3), None),
        ("pooled", (3, 3), "must be one of dense, invariant; got 'pooled'"),
        ("dense", (3, 0), "Every layer needs at least 1 channel"),
        ("dense", (3,), "Each of 2 hidden domains needs a number of channels; got 1"),
    ],
)
def test_refused_architectures(final: str, channels: tuple[int, ...], message: str | None) -> None:
    if message is None:
        MLPArchitecture(actions_of("grid"), 1, channels, 10, final)
        return
    with pytest.raises(SettingsError, match=message):
        MLPArchitecture(actions_of("grid"), 1, channels, 10, final)
