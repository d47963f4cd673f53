"""The group convolution equals a slow twin, is equivariant, and never applies a stale kernel."""

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from autoequivariant.errors import SettingsError
from autoequivariant.groups.domain import Domain, Grid, Sequence, Volume, make_domain
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.point_group.element import KINDS, cube
from autoequivariant.groups.point_group.group import PointGroup
from autoequivariant.groups.symmetry import CustomAction, Symmetry
from autoequivariant.nn.equivariance import errors_of_actions
from autoequivariant.nn.layers.group_conv import GroupConv

from ..point_groups import CUBES, GROUPS, SEQUENCES, feature_action, group_of

SETTINGS: dict[str, dict[str, Any]] = {
    "plain": {},
    "pointwise": {"kernel_size": 1},
    "even kernel": {"kernel_size": 2, "padding": 1},
    "large kernel": {"kernel_size": 5, "padding": 2},
    "padding": {"padding": 1, "bias": False},
    "dilation": {"padding": 1, "dilation": 2},
    "groups": {"groups": 2, "padding": 1},
    "everything": {"kernel_size": 2, "padding": 2, "dilation": 2, "groups": 2, "bias": False},
}
DOMAINS: dict[int, list[Domain]] = {
    1: [Sequence(7), Sequence(8)],
    2: [Grid(7, 7), Grid(8, 8), Grid(7, 8), Grid(8, 7), Grid(6, 8)],
    3: [Volume(5, 5, 5), Volume(6, 6, 6), Volume(5, 6, 6), Volume(6, 5, 7)],
}
SOME_CUBES = [*CUBES[::12], CUBES[-1]]
ALL = [*SEQUENCES, *GROUPS, *SOME_CUBES]
C4, D4 = group_of("rot90"), GROUPS[-1]


def groups_for(name: str) -> list[PointGroup]:
    """All, but the cube's largest with one setting only, for speed."""
    return [group for group in ALL if group.order <= 16 or name == "padding"]


def conv_of(group: PointGroup, lifting: bool = False, **settings: Any) -> GroupConv:
    """Of 2 channels, or as many as the group moves, to 4, in float64, with a bias that is not 0."""
    given = {"kernel_size": 3, "generator": torch.Generator().manual_seed(1), **settings}
    into = (group.moved_channels or 2) if lifting else 2
    conv = GroupConv(group, into, 4, lifting=lifting, **given).double()
    with torch.no_grad():
        if conv.bias is not None:
            conv.bias.normal_(generator=torch.Generator().manual_seed(2))
    return conv


def maps_for(conv: GroupConv, *sides: int, n: int = 2) -> torch.Tensor:
    count = conv.in_channels * (1 if conv.lifting else conv.group.order)
    source = torch.Generator().manual_seed(3)
    return torch.randn(n, count, *sides, dtype=torch.float64, generator=source)


def dense_slowly(conv: GroupConv) -> np.ndarray:
    """The kernel of the identity, moved by each element in turn: `kernel[g] = g.kernel[identity]`,
    shape `(o * g, c, side, ...)`.
    """
    group, positions = conv.group, cube(conv.group.dimensions, conv.kernel_size)
    base = conv.weight.detach().numpy()
    rows = []
    for element in group.elements:
        move = element.action(positions)
        if not conv.lifting:
            move = Permutation.kron(group.left_multiplication(element), move)
        elif group.moved_channels:
            move = Permutation.kron(element.channel_action(conv.in_channels), move)
        rows.append(move.apply(base))
    kernel = np.stack(rows, 1)
    return kernel.reshape(kernel.shape[0] * group.order, -1, *positions.shape)


def slow_twin(conv: GroupConv, x: np.ndarray) -> np.ndarray:
    """Position by position of the kernel."""
    group, kernel = conv.group, dense_slowly(conv)
    for axis, count in enumerate(conv.padding):
        ends = [(0, 0)] * x.ndim
        ends[axis + 2] = (count, count)
        x = np.pad(x, ends, mode="wrap" if axis in group.circular else "constant")
    reach = [step * (conv.kernel_size - 1) for step in conv.dilation]
    sides = [side - far for side, far in zip(x.shape[2:], reach, strict=True)]
    parts, found = [], len(x[0]) // conv.groups
    for part in range(conv.groups):
        rows = len(kernel) // conv.groups
        total = np.zeros((len(x), rows, *sides))
        for position in np.ndindex(kernel.shape[2:]):
            starts = [p * step for p, step in zip(position, conv.dilation, strict=True)]
            window = tuple(slice(a, a + side) for a, side in zip(starts, sides, strict=True))
            inputs = x[:, part * found : (part + 1) * found][(slice(None), slice(None), *window)]
            weights = kernel[part * rows : (part + 1) * rows][(slice(None), slice(None), *position)]
            total += np.einsum("nc...,oc->no...", inputs, weights)
        parts.append(total)
    out = np.concatenate(parts, 1)
    bias = 0 if conv.bias is None else conv.bias.detach().numpy().repeat(group.order)
    return out + np.reshape(bias, (-1, *[1] * group.dimensions))


@pytest.mark.parametrize("lifting", [False, True])
@pytest.mark.parametrize("name", SETTINGS)
def test_it_equals_the_slow_twin(name: str, lifting: bool) -> None:
    for group in groups_for(name):
        conv = conv_of(group, lifting, **SETTINGS[name])
        x = maps_for(conv, *DOMAINS[group.dimensions][1].shape)
        assert np.allclose(conv(x).detach().numpy(), slow_twin(conv, x.numpy()), atol=1e-12)


def error_of(conv: GroupConv, *sides: int) -> float:
    """The largest relative deviation from equivariance, over all elements and circular shifts."""
    x, group = maps_for(conv, *sides), conv.group
    kind = KINDS[group.dimensions]
    inp, out = make_domain(kind, sides), make_domain(kind, tuple(conv(x).shape[2:]))
    inputs, outputs = {}, {}
    for element in group.elements:
        name = str(element)
        inputs[name] = feature_action(group, element, inp)
        if conv.lifting:
            inputs[name] = element.sample_action(inp, conv.in_channels)
        outputs[name] = feature_action(group, element, out)
    for axis in group.circular:
        indices = np.arange(inp.size).reshape(inp.shape)
        inputs[str(axis)] = outputs[str(axis)] = Permutation(np.roll(indices, 1, axis).ravel())
    return errors_of_actions(conv, x, inputs, outputs).error


@pytest.mark.parametrize("lifting", [False, True])
@pytest.mark.parametrize("name", SETTINGS)
def test_it_is_equivariant_on_every_size_that_it_takes(name: str, lifting: bool) -> None:
    for group in groups_for(name):
        conv = conv_of(group, lifting, **SETTINGS[name])
        for domain in DOMAINS[group.dimensions]:
            if group.fits(domain.shape):
                assert error_of(conv, *domain.shape) < 1e-10
            else:
                with pytest.raises(SettingsError, match=f"not equivariant to .* on {domain}: make"):
                    conv(maps_for(conv, *domain.shape))


COLOURS = Symmetry("colours", custom=CustomAction(channels=Permutation([1, 2, 0])))
WIDER: dict[str, PointGroup] = {
    "reverse complement": group_of("reverse_complement", Sequence(8), 4),
    "signs": group_of("reverse,negate", Sequence(8), 2),
    "negated channels": PointGroup.of(
        [
            Symmetry(
                "mixed",
                custom=CustomAction(
                    like=Symmetry("rot90"), channels=Permutation([1, 0, 2], [1, 1, -1])
                ),
            )
        ],
        Grid(8, 8),
        3,
    ),
    "colours": group_of("hflip", Grid(8, 8), 3, 1, COLOURS),
    "colours of a volume": group_of("rot90_xy", Volume(6, 6, 6), 3, 1, COLOURS),
    "circular sequence": group_of("reverse,shift:3", Sequence(8)),
    "circular rows": group_of("hflip,translate_x:1", Grid(8, 8)),
    "circular grid": group_of("rot90,translate_x:1", Grid(8, 8)),
    "circular volume": group_of("rot90_xy,translate_z:1", Volume(6, 6, 6)),
    "two circular axes": group_of("rot90_xy,translate_x:2", Volume(6, 6, 6)),
    "moved outputs": group_of(
        "rot180",
        Grid(8, 8),
        1,
        2,
        Symmetry("m", custom=CustomAction(like=Symmetry("hflip"), outputs=Permutation([1, 0]))),
    ),
}


@pytest.mark.parametrize("lifting", [False, True])
@pytest.mark.parametrize("name", WIDER)
def test_moved_channels_and_circular_axes(name: str, lifting: bool) -> None:
    group = WIDER[name]
    for settings in ({"padding": 1}, {"padding": 2, "dilation": 2}, {"kernel_size": 1}):
        conv = conv_of(group, lifting, **settings)
        for domain in DOMAINS[group.dimensions]:
            if group.fits(domain.shape):
                x = maps_for(conv, *domain.shape)
                assert np.allclose(conv(x).detach().numpy(), slow_twin(conv, x.numpy()), atol=1e-12)
                assert error_of(conv, *domain.shape) < 1e-10


def test_dilation_and_padding_by_axis() -> None:
    conv = conv_of(group_of("hflip,translate_x:1"), padding=(1, 4), dilation=(1, 4))
    x = maps_for(conv, 7, 9)
    assert conv(x).shape[2:] == (7, 9)
    assert np.allclose(conv(x).detach().numpy(), slow_twin(conv, x.numpy()), atol=1e-12)
    assert error_of(conv, 7, 9) < 1e-10


def test_zeros_beyond_a_circular_border_would_not_be_equivariant() -> None:
    conv = conv_of(group_of("hflip"), padding=1)
    shift = Permutation(np.roll(np.arange(64).reshape(8, 8), 1, 1).ravel())
    actions = {"shift": shift}
    assert errors_of_actions(conv, maps_for(conv, 8, 8), actions, actions).error > 1e-2


def test_a_dense_kernel_would_not_be_equivariant() -> None:
    conv = conv_of(D4)
    assert error_of(conv, 7, 7) < 1e-10
    source = torch.Generator().manual_seed(4)
    conv.kernel_index.random_(conv.weight.shape[2], generator=source)  # weights shared at random
    assert error_of(conv, 7, 7) > 1e-1


@pytest.mark.parametrize("lifting", [False, True])
@pytest.mark.parametrize(
    "group",
    [GROUPS[0], group_of("hflip"), D4, WIDER["signs"], WIDER["circular rows"]],
    ids=str,
)
def test_gradients_are_those_of_the_function(group: PointGroup, lifting: bool) -> None:
    groups = 1 if group.moved_channels and lifting else 2
    conv = conv_of(group, lifting, padding=1, groups=groups)
    x = maps_for(conv, *[5] * group.dimensions, n=1).requires_grad_()
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
    ({"dilation": 0}, "dilation and groups must be at least 1", {"dilation": 3}),
    ({"dilation": (1, 2, 3)}, "must have 2 entries or be one", {"dilation": (1, 2)}),
    ({"padding": (1,)}, "must have 2 entries or be one", {"padding": (1, 2)}),
    ({"groups": 4}, "groups=4 must divide 2 and 4", {"groups": 2}),
    ({"padding": -1}, "padding must be at least 0; got -1", {"padding": 0}),
]


@pytest.mark.parametrize(("settings", "message", "twin"), TROUBLES)
def test_settings_out_of_range(
    settings: dict[str, Any], message: str, twin: dict[str, Any]
) -> None:
    with pytest.raises(SettingsError, match=rf"^GroupConv cannot be made: .*{message}.*\.$"):
        conv_of(GROUPS[-1], **settings)
    conv_of(GROUPS[-1], **twin)


WIDER_TROUBLES: list[tuple[str, dict[str, Any], str]] = [
    ("circular rows", {"padding": 0}, "half of dilation .* along circular axes"),
    ("circular rows", {"padding": 1, "dilation": 2}, "along circular axes"),
    ("circular rows", {"padding": 1, "kernel_size": 2}, "along circular axes"),
    ("reverse complement", {"lifting": True, "groups": 2}, "groups must be 1, as reverse_compl"),
    ("reverse complement", {"lifting": True, "in_channels": 3}, "moves 4 channels, not in_chann"),
]


@pytest.mark.parametrize(("name", "settings", "message"), WIDER_TROUBLES)
def test_what_moved_channels_and_circular_axes_exclude(
    name: str, settings: dict[str, Any], message: str
) -> None:
    sound = {"in_channels": 4, "out_channels": 4, "kernel_size": 3, "padding": 1}
    GroupConv(WIDER[name], **sound)
    with pytest.raises(SettingsError, match=rf"^GroupConv cannot be made: .*{message}"):
        GroupConv(WIDER[name], **{**sound, **settings})


def test_a_side_shorter_than_what_it_continues_with_is_refused() -> None:
    conv = conv_of(WIDER["circular sequence"], padding=4, dilation=4)
    assert conv(maps_for(conv, 4)).shape[2:] == (4,)
    with pytest.raises(SettingsError, match=r"cannot continue 3 circularly by \(4,\): use a small"):
        conv(maps_for(conv, 3))


def test_all_bad_settings_are_named_at_once() -> None:
    with pytest.raises(SettingsError, match="groups=3 .*; padding "):
        conv_of(GROUPS[1], groups=3, padding=-2)


@pytest.mark.parametrize(("lifting", "maps"), [(True, 2), (False, 8)])
def test_another_number_of_maps_is_refused(lifting: bool, maps: int) -> None:
    conv = conv_of(C4, lifting)
    assert conv(torch.zeros(1, maps, 5, 5).double()).shape == (1, 16, 3, 3)
    message = f"for rot90 expects {maps} maps with 2 axes; got 5 maps of 5x5"
    with pytest.raises(SettingsError, match=message):
        conv(torch.zeros(1, 5, 5, 5).double())
    with pytest.raises(SettingsError, match=f"got {maps} maps of 5x5x5"):
        conv(torch.zeros(1, maps, 5, 5, 5).double())


# How the weights may change between two evaluations.
def by_adam(conv: GroupConv, **settings: Any) -> GroupConv:
    optimizer = torch.optim.Adam(conv.parameters(), lr=0.1, **settings)
    conv(maps_for(conv, 7, 7)).square().sum().backward()
    optimizer.step()
    return conv


def in_place(conv: GroupConv) -> GroupConv:
    with torch.no_grad():
        conv.weight.mul_(2)
    return conv


def bias_in_place(conv: GroupConv) -> GroupConv:
    with torch.no_grad():
        conv.bias.add_(1)
    return conv


def another_bias(conv: GroupConv) -> GroupConv:
    """With a version that is the old one's."""
    old, conv.bias = conv.bias, nn.Parameter(conv.bias.detach() + 1)
    while conv.bias._version < old._version:
        bias_in_place(conv)
    return conv


def by_init(conv: GroupConv) -> GroupConv:
    nn.init.constant_(conv.weight, 0.5)
    return conv


def other_state(conv: GroupConv) -> dict[str, torch.Tensor]:
    return {name: value + 1 for name, value in conv.state_dict().items()}


def loaded(conv: GroupConv, assign: bool = False) -> GroupConv:
    conv.load_state_dict(other_state(conv), assign=assign)
    return conv


def replaced(conv: GroupConv) -> GroupConv:
    conv.weight = nn.Parameter(conv.weight.detach() + 1)
    return conv


def through_data(conv: GroupConv) -> GroupConv:
    conv.weight.data.mul_(2)  # not counted: the docstring says what makes it good
    return conv.train().eval()


def copied_then_changed(conv: GroupConv) -> GroupConv:
    return in_place(copy.deepcopy(conv))


def pickled_then_changed(conv: GroupConv) -> GroupConv:
    return in_place(pickle.loads(pickle.dumps(conv)))


CHANGES: dict[str, Callable[[GroupConv], GroupConv]] = {
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
    conv = conv_of(C4).eval()
    x = maps_for(conv, 7, 7)
    with context():
        before = conv(x)
    changed = CHANGES[name](conv)
    fresh = conv_of(C4).to(changed.weight.dtype)
    fresh.load_state_dict(changed.state_dict())
    with context():
        after = changed(x.to(changed.weight.dtype))
        assert torch.equal(after, fresh(x.to(changed.weight.dtype)))
        assert not torch.equal(after.double(), before)
    assert after.dtype == changed.weight.dtype


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda conv: pickle.loads(pickle.dumps(conv))])
def test_a_copy_keeps_no_kernel(copied: Callable[[GroupConv], GroupConv]) -> None:
    """Its weights count their changes anew, and may reach the number at which it was kept."""
    conv = in_place(in_place(conv_of(C4))).eval()
    x = maps_for(conv, 7, 7)
    with torch.no_grad():
        kept = conv(x)
        copy_of_it = copied(conv)
        for factor in (2, 4, 8, 16):
            after = in_place(copy_of_it)(x)
            assert torch.allclose(after - kept, (factor - 1) * (kept - bias_of(conv)))


def bias_of(conv: GroupConv) -> torch.Tensor:
    bias = conv.dense_bias()
    assert bias is not None
    return bias[:, None, None]


@pytest.mark.parametrize("lifting", [False, True])
def test_the_kernel_is_kept_in_evaluation_only(
    lifting: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    conv = conv_of(D4, lifting)
    x, made = maps_for(conv, 7, 7), []
    whole = GroupConv.dense_weight
    monkeypatch.setattr(GroupConv, "dense_weight", lambda self: made.append(1) or whole(self))

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
    conv = conv_of(C4).eval()
    x = maps_for(conv, 7, 7)
    with torch.inference_mode():
        setattr(conv, tensor, nn.Parameter(getattr(conv, tensor) + 1))
        before = conv(x)
        getattr(conv, tensor).add_(1)
        assert not torch.equal(conv(x), before)
        assert torch.equal(conv(x), copy.deepcopy(conv)(x))


@pytest.mark.parametrize("bias", [True, False])
def test_the_state_is_the_same_in_training_and_evaluation(bias: bool) -> None:
    conv = conv_of(C4, bias=bias)
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
    for group in (*GROUPS, SEQUENCES[1], CUBES[40]):
        source, draws = torch.Generator().manual_seed(6), []
        for _ in range(60):
            conv = GroupConv(
                group, 4, 4, 3, lifting=lifting, groups=groups, generator=source, bias=False
            )
            maps = 4 if lifting else 4 * group.order
            x = torch.randn(8, maps, *[5] * group.dimensions, generator=source)
            draws.append(float(conv(x).detach().square().mean()))
        standard_error = np.std(draws) / np.sqrt(len(draws))
        assert standard_error < 0.1
        assert abs(np.mean(draws) - 2) < 6 * standard_error


def test_seeds() -> None:
    group = C4
    torch.manual_seed(7)
    first, state = GroupConv(group, 2, 4, 3), torch.random.get_rng_state()
    assert torch.equal(first.weight, GroupConv(group, 2, 4, 3).weight)
    assert torch.equal(state, torch.random.get_rng_state())  # no global seed
    other = GroupConv(group, 2, 4, 3, generator=torch.Generator().manual_seed(8))
    assert not torch.equal(first.weight, other.weight)


def test_what_it_prints() -> None:
    conv = conv_of(C4, lifting=True, padding=1)
    assert repr(conv) == (
        "GroupConv(rot90, 2 -> 4, lifting, kernel_size=3, padding=(1, 1), dilation=(1, 1))"
    )
