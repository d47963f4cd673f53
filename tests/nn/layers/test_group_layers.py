"""Normalisation, dropout, pooling and the final layer respect the group, on every size."""

import copy

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from autoequivariant.errors import SettingsError
from autoequivariant.groups.domain import Grid
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.point_group import PointGroup
from autoequivariant.nn.layers.group_layers import (
    GroupBatchNorm2d,
    GroupDropout2d,
    GroupPool,
    InvariantHead,
    SpatialPool2d,
)

from ..cases import feature_action, point_groups

GROUPS = point_groups()
CHANNELS = 3
MODES = ["max", "mean"]


def features(group: PointGroup, height: int = 5, width: int = 5, n: int = 4) -> Tensor:
    source = torch.Generator().manual_seed(1)
    shape = (n, CHANNELS * group.order, height, width)
    return torch.randn(shape, dtype=torch.float64, generator=source)


def act(g: Permutation, x: Tensor) -> Tensor:
    """On every channel."""
    blocks = x.detach().numpy().reshape(len(x), -1, g.size)
    return torch.from_numpy(g.apply(blocks).reshape(x.shape))


def close(first: Tensor, second: Tensor) -> bool:
    return bool(torch.allclose(first, second, rtol=1e-10, atol=1e-12))


def norm_of(group: PointGroup) -> GroupBatchNorm2d:
    norm = GroupBatchNorm2d(CHANNELS, group.order).double()
    with torch.no_grad():
        norm.shared.weight.copy_(torch.tensor([1.0, 2.0, -1.0]))
        norm.shared.bias.copy_(torch.tensor([0.5, 0.0, 3.0]))
    return norm


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("group", GROUPS, ids=str)
def test_normalisation_respects_the_group(group: PointGroup, training: bool) -> None:
    x, grid, trained = features(group), Grid(5, 5), norm_of(group)
    trained(x + 1)  # statistics that are not those of a start
    for name in group.elements:
        g = feature_action(group, name, grid)
        norm, twin = copy.deepcopy(trained).train(training), copy.deepcopy(trained).train(training)
        assert close(norm(act(g, x)), act(g, twin(x)))
        for key, value in norm.state_dict().items():
            assert close(value.double(), twin.state_dict()[key].double())  # the same statistics


@pytest.mark.parametrize("group", GROUPS, ids=str)
def test_normalisation_equals_a_slow_twin(group: PointGroup) -> None:
    x, norm = features(group), norm_of(group)
    values = x.numpy().reshape(4, CHANNELS, -1)
    mean, variance = values.mean((0, 2)), values.var((0, 2))
    normed = (values - mean[:, None]) / np.sqrt(variance + 1e-5)[:, None]
    scale, shift = (p.detach().numpy()[:, None] for p in (norm.shared.weight, norm.shared.bias))
    assert np.allclose(norm(x).detach().numpy().reshape(values.shape), normed * scale + shift)
    assert np.allclose(norm.shared.running_mean.numpy(), 0.1 * mean)
    assert close(norm(x.to(memory_format=torch.channels_last)), norm(x))


def test_a_normalisation_of_single_maps_would_not_respect_it() -> None:
    group = PointGroup.parse("rot90,hflip")
    x, g = features(group), feature_action(group, "rot90", Grid(5, 5))
    alone = nn.BatchNorm2d(x.shape[1]).double()
    with torch.no_grad():
        alone.weight.uniform_(1, 2, generator=torch.Generator().manual_seed(2))
    assert not close(alone(act(g, x)), act(g, alone(x)))


@pytest.mark.parametrize("group", GROUPS, ids=str)
def test_dropout_takes_all_maps_of_a_channel(group: PointGroup) -> None:
    dropout = GroupDropout2d(group.order, 0.4, torch.Generator().manual_seed(3))
    x = torch.ones(200, CHANNELS * group.order, 2, 2)
    masks = dropout(x).unflatten(1, (CHANNELS, group.order)).flatten(2)
    assert torch.equal(masks, masks[:, :, :1].expand_as(masks))
    assert set(masks.unique().tolist()) == {0.0, torch.tensor(1 / 0.6).item()}
    assert abs(float((masks == 0).float().mean()) - 0.4) < 6 * (0.24 / 600) ** 0.5
    assert not torch.equal(masks[:, 0], masks[:, 1])  # channels are drawn one by one
    assert torch.equal(dropout.eval()(x), x)
    assert torch.equal(GroupDropout2d(group.order, 0.0)(x), x)


def test_dropout_is_drawn_from_its_own_generator() -> None:
    x, state = torch.ones(8, 8, 2, 2), torch.random.get_rng_state()

    def drawn(seed: int) -> Tensor:
        return torch.cat(
            [*map(GroupDropout2d(4, 0.5, torch.Generator().manual_seed(seed)), [x, x])]
        )

    assert torch.equal(drawn(4), drawn(4)) and not torch.equal(drawn(4), drawn(5))
    assert not torch.equal(*drawn(4).chunk(2))  # anew at each call
    assert torch.equal(state, torch.random.get_rng_state())
    first = GroupDropout2d(4, 0.5)
    assert torch.equal(copy.deepcopy(first)(x), first(x))


@pytest.mark.parametrize("probability", [-0.1, 1.0, float("nan")])
def test_a_share_out_of_range_is_refused(probability: float) -> None:
    GroupDropout2d(2, 0.999)
    with pytest.raises(SettingsError, match=r"A dropout lies in \[0, 1\), not at"):
        GroupDropout2d(2, probability)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("group", GROUPS, ids=str)
def test_group_pooling_gives_maps_that_move_as_pictures(group: PointGroup, mode: str) -> None:
    x, grid, pool = features(group), Grid(5, 5), GroupPool(group.order, mode)
    by_element = x.numpy().reshape(4, CHANNELS, group.order, 5, 5)
    twin = by_element.max(2) if mode == "max" else by_element.mean(2)
    assert np.allclose(pool(x).numpy(), twin)
    for name in group.elements:
        moved = pool(act(feature_action(group, name, grid), x))
        assert close(moved, act(group.action(name, grid), pool(x)))


def pooled_slowly(x: np.ndarray, mode: str) -> np.ndarray:
    """Windows of 2 on an even side; of 3 about every second pixel, cut off outside, on an odd."""

    def windows(side: int) -> list[slice]:
        if side % 2:
            return [slice(max(0, middle - 1), middle + 2) for middle in range(0, side, 2)]
        return [slice(start, start + 2) for start in range(0, side, 2)]

    pool = np.max if mode == "max" else np.mean
    rows = [[pool(x[:, :, i, j], (2, 3)) for j in windows(x.shape[3])] for i in windows(x.shape[2])]
    return np.moveaxis(np.array(rows), (0, 1), (2, 3))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("height", range(4, 10))
def test_spatial_pooling_is_exact_on_every_size(height: int, mode: str) -> None:
    pool, group = SpatialPool2d(mode), GROUPS[-1]
    for width in range(4, 10):
        x = features(PointGroup(), height, width)
        y = pool(x)
        assert y.shape[2:] == ((height + 1) // 2, (width + 1) // 2)
        assert np.allclose(y.numpy(), pooled_slowly(x.numpy(), mode))
        names = group.elements if height == width else ("rot180", "hflip", "vflip")
        for name in names:
            moved = pool(act(group.action(name, Grid(height, width)), x))
            assert close(moved, act(group.action(name, Grid(*y.shape[2:])), y))


def test_pooling_from_one_corner_would_not_be() -> None:
    x, half = features(PointGroup(), 7, 7), nn.MaxPool2d(2)
    flip = PointGroup.parse("hflip")
    moved = half(act(flip.action("hflip", Grid(7, 7)), x))
    assert not close(moved, act(flip.action("hflip", Grid(3, 3)), half(x)))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("group", GROUPS, ids=str)
def test_the_head_is_invariant(group: PointGroup, mode: str) -> None:
    source = torch.Generator().manual_seed(6)
    head = InvariantHead(CHANNELS, group.order, 5, mode, source).double()
    x = features(group)
    assert head(x).shape == (4, 5)
    for name in group.elements:
        assert close(head(act(feature_action(group, name, Grid(5, 5)), x)), head(x))
    assert not close(head(x.flip(0)), head(x))
    assert set(head.state_dict()) == {"weight", "bias"}


@pytest.mark.parametrize("mode", MODES)
def test_there_are_two_ways_to_pool(mode: str) -> None:
    makers = (
        lambda mode: GroupPool(4, mode),
        SpatialPool2d,
        lambda mode: InvariantHead(3, 4, 5, mode),
    )
    for make in makers:
        assert f"mode={mode}" in repr(make(mode))
        with pytest.raises(SettingsError, match="the max or the mean, not 'sum'"):
            make("sum")
