"""The group convolution equals a slow twin, is equivariant, and never applies a stale kernel."""

import copy
import pickle
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from numpy.lib.stride_tricks import sliding_window_view
from torch import nn

from autoequivariant.errors import SettingsError
from autoequivariant.groups.domain import Grid
from autoequivariant.groups.point_group import PointGroup
from autoequivariant.nn.equivariance import equivariance_error
from autoequivariant.nn.layers.group_conv import GroupConv2d

from ..point_groups import GROUPS, feature_action

MOVES: dict[str, Callable[[np.ndarray], np.ndarray]] = {  # of the last two axes
    "identity": lambda x: x,
    "rot90": lambda x: np.rot90(x, 1, (-2, -1)),
    "rot180": lambda x: np.rot90(x, 2, (-2, -1)),
    "rot270": lambda x: np.rot90(x, 3, (-2, -1)),
    "hflip": lambda x: np.flip(x, -1),
    "vflip": lambda x: np.flip(x, -2),
    "transpose": lambda x: np.swapaxes(x, -1, -2),
    "antitranspose": lambda x: np.swapaxes(np.rot90(x, 2, (-2, -1)), -1, -2),
}
SETTINGS: dict[str, dict[str, Any]] = {
    "plain": {},
    "pointwise": {"kernel_size": 1},
    "even kernel": {"kernel_size": 2, "padding": 1},
    "large kernel": {"kernel_size": 5, "padding": 2},
    "padding": {"padding": 1, "bias": False},
    "groups": {"groups": 2, "padding": 1},
    "everything": {"kernel_size": 2, "padding": 2, "groups": 2, "bias": False},
}
SQUARES, OBLONGS = [(7, 7), (8, 8)], [(7, 7), (8, 8), (7, 8), (8, 7), (6, 8)]


def conv_of(group: PointGroup, lifting: bool = False, **settings: Any) -> GroupConv2d:
    """Of 2 channels to 4, in float64, with a bias that is not zero."""
    given = {"kernel_size": 3, "generator": torch.Generator().manual_seed(1), **settings}
    conv = GroupConv2d(group, 2, 4, lifting=lifting, **given).double()
    with torch.no_grad():
        if conv.bias is not None:
            conv.bias.normal_(generator=torch.Generator().manual_seed(2))
    return conv


def maps_for(conv: GroupConv2d, height: int, width: int, n: int = 2) -> torch.Tensor:
    count = conv.in_channels * (1 if conv.lifting else conv.group.order)
    source = torch.Generator().manual_seed(3)
    return torch.randn(n, count, height, width, dtype=torch.float64, generator=source)


def moved_kernel(base: np.ndarray, group: PointGroup, element: str) -> np.ndarray:
    """The kernel of the identity, `(o, c, g, side, side)`, as the element moves it: each map moves,
    and the map of `k` becomes that of `element k`.
    """
    moved = np.zeros_like(base)
    for number in range(group.order):
        target = group.left_multiplication(element).image[number]
        moved[:, :, target] = MOVES[element](base[:, :, number])
    return moved


def slow_twin(conv: GroupConv2d, x: np.ndarray) -> np.ndarray:
    """Correlate with the moved kernel of each element in turn, for each output channel."""
    group, side, p = conv.group, conv.kernel_size, conv.padding
    padded = np.pad(x, [(0, 0), (0, 0), (p, p), (p, p)])
    windows = sliding_window_view(padded, (side, side), (2, 3))
    base = conv.weight.detach().numpy()
    base = base.reshape(*base.shape[:2], -1, side, side)
    maps = []
    for o in range(conv.out_channels):
        part = o * conv.groups // conv.out_channels
        count = len(x[0]) // conv.groups
        inputs = windows[:, part * count : (part + 1) * count]
        for element in group.elements:
            if conv.lifting:
                kernel = MOVES[element](base)[o].reshape(count, side, side)
            else:
                kernel = moved_kernel(base, group, element)[o].reshape(count, side, side)
            maps.append(np.einsum("nchwyx,cyx->nhw", inputs, kernel))
            maps[-1] += 0 if conv.bias is None else float(conv.bias.detach()[o])
    return np.stack(maps, 1)


@pytest.mark.parametrize("lifting", [False, True])
@pytest.mark.parametrize("name", SETTINGS)
def test_it_equals_the_slow_twin(name: str, lifting: bool) -> None:
    for group in GROUPS:
        conv = conv_of(group, lifting, **SETTINGS[name])
        for height, width in SQUARES if group.needs_square else OBLONGS[1:3]:
            x = maps_for(conv, height, width)
            assert np.allclose(conv(x).detach().numpy(), slow_twin(conv, x.numpy()), atol=1e-12)


def error_of(conv: GroupConv2d, height: int, width: int) -> float:
    """The largest relative deviation from equivariance, over all elements."""
    x, group = maps_for(conv, height, width), conv.group
    inp, out = Grid(height, width), Grid(*conv(x).shape[2:])
    into = group.action if conv.lifting else partial(feature_action, group)
    return equivariance_error(
        conv,
        x,
        {name: into(name, inp) for name in group.elements},
        {name: feature_action(group, name, out) for name in group.elements},
    ).error


@pytest.mark.parametrize("lifting", [False, True])
@pytest.mark.parametrize("name", SETTINGS)
def test_it_is_equivariant_on_every_size_that_it_takes(name: str, lifting: bool) -> None:
    for group in GROUPS:
        conv = conv_of(group, lifting, **SETTINGS[name])
        for height, width in OBLONGS:
            if height == width or not group.needs_square:
                assert error_of(conv, height, width) < 1e-10
            else:
                with pytest.raises(SettingsError, match=f"not equivariant to {group} on {height}x"):
                    conv(maps_for(conv, height, width))


def test_a_dense_kernel_would_not_be_equivariant() -> None:
    conv = conv_of(PointGroup.parse("rot90,hflip"))
    assert error_of(conv, 7, 7) < 1e-10
    source = torch.Generator().manual_seed(4)
    conv.kernel_index.random_(conv.weight.shape[2], generator=source)  # weights shared at random
    assert error_of(conv, 7, 7) > 1e-1


@pytest.mark.parametrize("lifting", [False, True])
@pytest.mark.parametrize("text", ["none", "hflip", "rot90,hflip"])
def test_gradients_are_those_of_the_function(text: str, lifting: bool) -> None:
    conv = conv_of(PointGroup.parse(text), lifting, padding=1, groups=2)
    x = maps_for(conv, 5, 5, 1).requires_grad_()
    index = torch.randperm(conv.weight.numel(), generator=torch.Generator().manual_seed(5))[:6]

    def applied(x: torch.Tensor, some: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        weight = conv.weight.detach().flatten().index_copy(0, index, some).view_as(conv.weight)
        out: torch.Tensor = torch.func.functional_call(conv, {"weight": weight, "bias": bias}, x)
        return out

    some = conv.weight.detach().flatten()[index].requires_grad_()
    assert torch.autograd.gradcheck(applied, (x, some, conv.bias.detach().requires_grad_()))


TROUBLES: list[tuple[dict[str, Any], str, dict[str, Any]]] = [
    ({"kernel_size": 0}, "must be at least 1", {"kernel_size": 1}),
    ({"groups": 0}, "must be at least 1", {"groups": 1}),
    ({"groups": 4}, "groups=4 must divide 2 and 4", {"groups": 2}),
    ({"padding": -1}, "padding must be at least 0; got -1", {"padding": 0}),
]


@pytest.mark.parametrize(("settings", "message", "twin"), TROUBLES)
def test_settings_out_of_range(
    settings: dict[str, Any], message: str, twin: dict[str, Any]
) -> None:
    with pytest.raises(SettingsError, match=rf"^GroupConv2d cannot be made: .*{message}.*\.$"):
        conv_of(GROUPS[-1], **settings)
    conv_of(GROUPS[-1], **twin)


def test_all_bad_settings_are_named_at_once() -> None:
    with pytest.raises(SettingsError, match="groups=3 .*; padding "):
        conv_of(GROUPS[1], groups=3, padding=-2)


@pytest.mark.parametrize(("lifting", "maps"), [(True, 2), (False, 8)])
def test_another_number_of_maps_is_refused(lifting: bool, maps: int) -> None:
    conv = conv_of(PointGroup.parse("rot90"), lifting)
    assert conv(torch.zeros(1, maps, 5, 5).double()).shape == (1, 16, 3, 3)
    message = rf"for rot90 expects shape \(n, {maps}, .*; got 5 maps"
    with pytest.raises(SettingsError, match=message):
        conv(torch.zeros(1, 5, 5, 5).double())


# How the weights may change between two evaluations.
def by_adam(conv: GroupConv2d, **settings: Any) -> GroupConv2d:
    optimizer = torch.optim.Adam(conv.parameters(), lr=0.1, **settings)
    conv(maps_for(conv, 7, 7)).square().sum().backward()
    optimizer.step()
    return conv


def in_place(conv: GroupConv2d) -> GroupConv2d:
    with torch.no_grad():
        conv.weight.mul_(2)
    return conv


def bias_in_place(conv: GroupConv2d) -> GroupConv2d:
    with torch.no_grad():
        conv.bias.add_(1)
    return conv


def another_bias(conv: GroupConv2d) -> GroupConv2d:
    """With a version that is the old one's."""
    old, conv.bias = conv.bias, nn.Parameter(conv.bias.detach() + 1)
    while conv.bias._version < old._version:
        bias_in_place(conv)
    return conv


def by_init(conv: GroupConv2d) -> GroupConv2d:
    nn.init.constant_(conv.weight, 0.5)
    return conv


def other_state(conv: GroupConv2d) -> dict[str, torch.Tensor]:
    return {name: value + 1 for name, value in conv.state_dict().items()}


def loaded(conv: GroupConv2d, assign: bool = False) -> GroupConv2d:
    conv.load_state_dict(other_state(conv), assign=assign)
    return conv


def replaced(conv: GroupConv2d) -> GroupConv2d:
    conv.weight = nn.Parameter(conv.weight.detach() + 1)
    return conv


def through_data(conv: GroupConv2d) -> GroupConv2d:
    conv.weight.data.mul_(2)  # not counted: the docstring says what makes it good
    return conv.train().eval()


def copied_then_changed(conv: GroupConv2d) -> GroupConv2d:
    return in_place(copy.deepcopy(conv))


def pickled_then_changed(conv: GroupConv2d) -> GroupConv2d:
    return in_place(pickle.loads(pickle.dumps(conv)))


CHANGES: dict[str, Callable[[GroupConv2d], GroupConv2d]] = {
    "adam": by_adam,
    "adam, one by one": lambda conv: by_adam(conv, foreach=False),
    "fused adam": lambda conv: by_adam(conv, fused=True),
    "in place": in_place,
    "bias in place": bias_in_place,
    "a new bias": another_bias,
    "init": by_init,
    "load_state_dict": loaded,
    "load_state_dict, assigned": lambda conv: loaded(conv, assign=True),
    "a new parameter": replaced,
    "through data": through_data,
    "deepcopy": copied_then_changed,
    "pickle": pickled_then_changed,
    "half and back": lambda conv: conv.half().double(),
    "float": lambda conv: conv.float(),
}


@pytest.mark.parametrize("context", [torch.no_grad, torch.inference_mode])
@pytest.mark.parametrize("name", CHANGES)
def test_the_kept_kernel_is_never_stale(name: str, context: Callable[[], Any]) -> None:
    conv = conv_of(PointGroup.parse("rot90")).eval()
    x = maps_for(conv, 7, 7)
    with context():
        before = conv(x)
    changed = CHANGES[name](conv)
    fresh = conv_of(PointGroup.parse("rot90")).to(changed.weight.dtype)
    fresh.load_state_dict(changed.state_dict())
    with context():
        after = changed(x.to(changed.weight.dtype))
        assert torch.equal(after, fresh(x.to(changed.weight.dtype)))
        assert not torch.equal(after.double(), before)
    assert after.dtype == changed.weight.dtype


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda conv: pickle.loads(pickle.dumps(conv))])
def test_a_copy_keeps_no_kernel(copied: Callable[[GroupConv2d], GroupConv2d]) -> None:
    """Its weights count their changes anew, and may reach the number at which it was kept."""
    conv = in_place(in_place(conv_of(PointGroup.parse("rot90")))).eval()
    x = maps_for(conv, 7, 7)
    with torch.no_grad():
        kept = conv(x)
        copy_of_it = copied(conv)
        for factor in (2, 4, 8, 16):
            after = in_place(copy_of_it)(x)
            assert torch.allclose(after - kept, (factor - 1) * (kept - bias_of(conv)))


def bias_of(conv: GroupConv2d) -> torch.Tensor:
    bias = conv.dense_bias()
    assert bias is not None
    return bias[:, None, None]


@pytest.mark.parametrize("lifting", [False, True])
def test_the_kernel_is_kept_in_evaluation_only(
    lifting: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    conv = conv_of(PointGroup.parse("rot90,hflip"), lifting)
    x, made = maps_for(conv, 7, 7), []
    whole = GroupConv2d.dense_weight
    monkeypatch.setattr(GroupConv2d, "dense_weight", lambda self: made.append(1) or whole(self))

    def count(*contexts: Any) -> int:
        made.clear()
        for _ in range(3):
            conv(x)
        return len(made)

    assert count() == 3  # in training
    with torch.no_grad():
        assert count() == 3  # still in training
    conv.eval()
    assert count() == 3  # gradients may be wanted
    with torch.no_grad():
        assert count() == 1
        assert count() == 0
        in_place(conv)
        assert count() == 1
    conv(x).sum().backward()
    assert conv.weight.grad is not None
    with torch.inference_mode():
        assert count() == 1
    with torch.no_grad():
        conv(x)  # what inference mode made may be used here
        conv.train()
        assert count() == 3


@pytest.mark.parametrize("tensor", ["weight", "bias"])
def test_what_was_made_in_inference_mode_is_never_stale(tensor: str) -> None:
    """Such tensors count no versions, so nothing is kept of them."""
    conv = conv_of(PointGroup.parse("rot90")).eval()
    x = maps_for(conv, 7, 7)
    with torch.inference_mode():
        setattr(conv, tensor, nn.Parameter(getattr(conv, tensor) + 1))
        before = conv(x)
        getattr(conv, tensor).add_(1)
        assert not torch.equal(conv(x), before)
        assert torch.equal(conv(x), copy.deepcopy(conv)(x))


@pytest.mark.parametrize("bias", [True, False])
def test_the_state_is_the_same_in_training_and_evaluation(bias: bool) -> None:
    conv = conv_of(PointGroup.parse("rot90"), bias=bias)
    names = ["weight", "bias"][: 1 + bias]
    before = {name: value.clone() for name, value in conv.state_dict().items()}
    conv.eval()
    with torch.no_grad():
        conv(maps_for(conv, 7, 7))
    after = conv.state_dict()
    assert list(before) == list(after) == names
    assert all(torch.equal(before[name], after[name]) for name in names)
    assert before["weight"].shape == (4, 2, 4 * 9)


@pytest.mark.parametrize("lifting", [False, True])
@pytest.mark.parametrize("groups", [1, 2])
def test_white_inputs_give_the_same_variance_for_every_group(groups: int, lifting: bool) -> None:
    """Variance 2 for each output, over weights and inputs; 6 standard errors."""
    for group in GROUPS:
        source, draws = torch.Generator().manual_seed(6), []
        for _ in range(60):
            conv = GroupConv2d(
                group, 4, 4, 3, lifting=lifting, groups=groups, generator=source, bias=False
            )
            maps = 4 if lifting else 4 * group.order
            x = torch.randn(8, maps, 5, 5, generator=source)
            draws.append(float(conv(x).detach().square().mean()))
        standard_error = np.std(draws) / np.sqrt(len(draws))
        assert standard_error < 0.1
        assert abs(np.mean(draws) - 2) < 6 * standard_error


def test_seeds() -> None:
    group = PointGroup.parse("rot90")
    torch.manual_seed(7)
    first, state = GroupConv2d(group, 2, 4, 3), torch.random.get_rng_state()
    assert torch.equal(first.weight, GroupConv2d(group, 2, 4, 3).weight)
    assert torch.equal(state, torch.random.get_rng_state())  # no global seed
    other = GroupConv2d(group, 2, 4, 3, generator=torch.Generator().manual_seed(8))
    assert not torch.equal(first.weight, other.weight)


def test_what_it_prints() -> None:
    conv = conv_of(PointGroup.parse("rot90"), lifting=True, padding=1)
    assert repr(conv) == "GroupConv2d(rot90, 2 -> 4, lifting, kernel_size=3, padding=1)"
