"""The measure names the worst action, and refuses what does not fit."""

import pytest
import torch
from torch import nn

from autoequivariant.errors import SettingsError
from autoequivariant.groups.domain import Grid
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.symmetry import parse_symmetries
from autoequivariant.nn.equivariance import Units, Yardstick, errors_of_actions

GRID = Grid(4, 4)
ACTIONS = {str(s): s.action(GRID) for s in parse_symmetries("rot90,hflip,vflip,translate_x:2")}


class Mean(nn.Module):
    """Invariant, but for a `fault` that only left and right tell apart."""

    def __init__(self, fault: float = 0.0) -> None:
        super().__init__()
        self.fault = nn.Parameter(torch.tensor(fault))
        self.dropout = nn.Dropout(0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        columns = x.flatten(1).unflatten(1, (4, 4)).mean(1)
        lean = columns @ torch.tensor([1.0, 0, 0, -1.0], dtype=x.dtype)
        return self.dropout(columns.mean(1, keepdim=True)) + self.fault * lean[:, None]


def some(n: int = 32) -> torch.Tensor:
    return torch.randn(n, 1, 4, 4, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize(
    ("dtype", "least", "most"), [(torch.float32, 0, 1e-6), (torch.float64, 0, 1e-15)]
)
def test_an_invariant_module(dtype: torch.dtype, least: float, most: float) -> None:
    assert least <= errors_of_actions(Mean(), some(), ACTIONS, dtype=dtype).error < most


def test_float32_is_really_measured_in_float32() -> None:
    fine = errors_of_actions(Mean(), some(), ACTIONS, dtype=torch.float64).error
    coarse = errors_of_actions(Mean(), some(), ACTIONS, dtype=torch.float32).error
    assert fine < 1e-15 < coarse


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_broken_module_and_its_worst_symmetry(dtype: torch.dtype) -> None:
    found = errors_of_actions(Mean(0.5), some(), ACTIONS, dtype=dtype)
    assert found.worst in ("hflip", "rot90", "translate_x:2")
    assert found.by_action["vflip"] < 1e-6
    assert found.error == found.by_action[found.worst] == max(found.by_action.values()) > 0.1
    only = {name: ACTIONS[name] for name in ("vflip", "hflip")}
    found = errors_of_actions(Mean(0.5), some(), only, dtype=dtype)
    assert found.worst == "hflip"
    assert str(found) == f"{found.error:.2e} (hflip)"


def test_the_error_is_relative() -> None:
    small = errors_of_actions(Mean(0.1), some(), ACTIONS).error
    assert errors_of_actions(Mean(0.1), 1000 * some(), ACTIONS).error == pytest.approx(small)


class Far(nn.Module):
    """What another module returns, in the scale of a target that is far from 0."""

    def __init__(self, module: nn.Module, mean: float = 1e6) -> None:
        super().__init__()
        self.module = module
        self.register_buffer("output_mean", torch.tensor([mean]))
        self.register_buffer("output_scale", torch.tensor([1.0]))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.module(x) * self.output_scale + self.output_mean


@pytest.mark.parametrize(("dtype", "most"), [(torch.float32, 1e-5), (torch.float64, 1e-10)])
@pytest.mark.parametrize("mean", [0.0, 1e3, 1e6, -1e6])
def test_a_mean_hides_no_error_and_makes_none(mean: float, dtype: torch.dtype, most: float) -> None:
    sound, broken = Far(Mean(), mean), Far(Mean(5.0), mean)
    found = errors_of_actions(sound, some(), ACTIONS, None, dtype, Units.of(sound))
    assert found.error < most
    found = errors_of_actions(broken, some(), ACTIONS, None, dtype, Units.of(broken))
    assert found.error > 0.1 and found.worst != "vflip"
    assert Units.of(Mean()) is None


def test_each_target_is_measured_in_its_own_scale() -> None:
    z = torch.randn(64, 2, generator=torch.Generator().manual_seed(3))
    units = Units(torch.tensor([0.0, 0.0]), torch.tensor([1e6, 1e-3]))
    y = z * units.scale
    other = y + torch.tensor([0.0, 1e-3])
    assert Yardstick(y, units).deviation(other, y) > 0.1
    assert Yardstick(y).deviation(other, y) < 1e-5  # what comes of one scale for both
    assert Yardstick(y, units).deviation(y * (1 + 1e-7), y) < 1e-5


@pytest.mark.parametrize(
    ("outputs", "deviation", "expected"),
    [
        (torch.tensor([[1.0], [3.0]]), 0.5, 0.5),  # by the spread
        (torch.tensor([[10.0], [10.0]]), 0.5, 0.05),  # nothing varies: by the size
        (torch.tensor([[10.0]]), 0.5, 0.05),
        (torch.tensor([[1000.0], [1000.001]]), 0.5, 0.01),  # as rounding does: by a share of it
        (torch.tensor([[1e9], [1e9 + 2]], dtype=torch.float64), 1e5, 1.0),
    ],
)
def test_by_what_deviations_are_measured(
    outputs: torch.Tensor, deviation: float, expected: float
) -> None:
    found = Yardstick(outputs).deviation(outputs + deviation, outputs)
    assert found == pytest.approx(expected, rel=1e-3)
    assert Yardstick(outputs).deviation(outputs, outputs) == 0


def test_unrelated_outputs_about_a_million_differ() -> None:
    source = torch.Generator().manual_seed(4)
    first, second = (1e6 + torch.randn(64, 1, generator=source) for _ in range(2))
    units = Units(torch.tensor([1e6]), torch.tensor([1.0]))
    assert Yardstick(first, units).deviation(second, first) > 1
    assert Yardstick(first, units).deviation(first + 0.0625, first) == 0  # the next float32


def test_outputs_that_move() -> None:
    """The identity map is equivariant, and not invariant; to one wrong action it is neither."""
    identity = nn.Flatten()
    assert errors_of_actions(identity, some(), ACTIONS, ACTIONS).error == 0
    assert errors_of_actions(identity, some(), ACTIONS).error > 0.1
    swapped = {**ACTIONS, "hflip": ACTIONS["vflip"]}
    found = errors_of_actions(identity, some(), ACTIONS, swapped)
    assert (found.worst, found.by_action["vflip"]) == ("hflip", 0)
    more = {**ACTIONS, "another": ACTIONS["rot90"]}  # is not asked for
    assert errors_of_actions(identity, some(), ACTIONS, more).error == 0


def test_signs_and_channels() -> None:
    signed = {"signed": Permutation([1, 0], [1, -1])}
    x = torch.randn(8, 3, 2, generator=torch.Generator().manual_seed(2))
    assert errors_of_actions(nn.Flatten(), x, signed, signed).error == 0
    assert errors_of_actions(nn.Tanh(), x, signed, signed).error == 0
    assert errors_of_actions(nn.ReLU(), x, signed, signed).error > 0.1
    unsigned = {"signed": Permutation([1, 0])}
    assert errors_of_actions(nn.Flatten(), x, signed, unsigned).error > 0.1


def test_the_module_is_not_changed() -> None:
    module = Mean(0.5).train()
    errors_of_actions(module, some(), ACTIONS, dtype=torch.float64)
    assert module.training and module.dropout.training
    assert module.fault.dtype == torch.float32
    assert module.fault.grad is None


REFUSED = [
    ({}, None, "at least one action"),
    ({"shift": Permutation.identity(5)}, None, "Action shift permutes 5 indices.* 16 values"),
    (ACTIONS, {n: Permutation.identity(3) for n in ACTIONS}, "permutes 3 indices.* 16 values"),
    (ACTIONS, {n: ACTIONS[n] for n in list(ACTIONS)[1:]}, "outputs .*rot90 has none"),
]


@pytest.mark.parametrize(("inputs", "outputs", "message"), REFUSED)
def test_what_does_not_fit_is_refused(inputs: dict, outputs: dict | None, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        errors_of_actions(nn.Flatten(), some(), inputs, outputs)


def test_a_module_whose_outputs_are_not_finite_is_not_called_equivariant() -> None:
    class Broken(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x.flatten(1) * torch.nan

    assert errors_of_actions(Broken(), some(), ACTIONS).error == float("inf")


def test_one_action_that_leads_to_nan_is_the_worst() -> None:
    class Fragile(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.where(x[:, 0, 0, :1] > x[:, 0, 0, -1:], torch.nan, x.flatten(1))

    rising = torch.arange(16.0).view(1, 1, 4, 4).expand(2, -1, -1, -1)
    found = errors_of_actions(Fragile(), rising, {n: ACTIONS[n] for n in ("vflip", "hflip")})
    assert (found.worst, found.error) == ("hflip", float("inf"))
    assert found.by_action["vflip"] < 1.1
