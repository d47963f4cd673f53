"""Normalisation, dropout, pooling and the final layer respect the group, on every size."""

import copy

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from autoequivariant.errors import SettingsError, SymmetryError
from autoequivariant.groups.domain import Domain, Grid, Sequence, Volume, make_domain
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.point_group.element import KINDS, cube
from autoequivariant.groups.point_group.group import PointGroup
from autoequivariant.groups.symmetry import CustomAction, Symmetry
from autoequivariant.nn.layers.group_layers import (
    GroupBatchNorm,
    GroupDropout,
    GroupHead,
    GroupPool,
    SpatialPool,
)

from ..point_groups import CUBES, GROUPS, SEQUENCES, by_name, feature_action, group_of

CHANNELS = 3
SOME = [*GROUPS, *SEQUENCES, *CUBES[3:80:25]]


def domain_of(group: PointGroup, side: int = 5) -> Domain:
    return cube(group.dimensions, side)


def features(group: PointGroup, *sides: int, n: int = 4) -> Tensor:
    source = torch.Generator().manual_seed(1)
    shape = (n, CHANNELS * group.order, *(sides or domain_of(group).shape))
    return torch.randn(shape, dtype=torch.float64, generator=source)


def act(g: Permutation, x: Tensor) -> Tensor:
    """On every channel."""
    blocks = x.detach().numpy().reshape(len(x), -1, g.size)
    return torch.from_numpy(g.apply(blocks).reshape(x.shape))


def close(first: Tensor, second: Tensor) -> bool:
    return bool(torch.allclose(first, second, rtol=1e-10, atol=1e-12))


def norm_of(group: PointGroup) -> GroupBatchNorm:
    norm = GroupBatchNorm(CHANNELS, group.order).double()
    with torch.no_grad():
        norm.shared.weight.copy_(torch.tensor([1.0, 2.0, -1.0]))
        norm.shared.bias.copy_(torch.tensor([0.5, 0.0, 3.0]))
    return norm


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("group", SOME, ids=str)
def test_normalisation_respects_the_group(group: PointGroup, training: bool) -> None:
    x, trained = features(group), norm_of(group)
    trained(x + 1)  # statistics that are not those of a start
    for element in group.elements:
        g = feature_action(group, element, domain_of(group))
        norm, twin = copy.deepcopy(trained).train(training), copy.deepcopy(trained).train(training)
        assert close(norm(act(g, x)), act(g, twin(x)))
        for key, value in norm.state_dict().items():
            assert close(value.double(), twin.state_dict()[key].double())  # the same statistics


@pytest.mark.parametrize("group", SOME, ids=str)
def test_normalisation_equals_a_slow_twin(group: PointGroup) -> None:
    x, norm = features(group), norm_of(group)
    values = x.numpy().reshape(4, CHANNELS, -1)
    mean, variance = values.mean((0, 2)), values.var((0, 2))
    normed = (values - mean[:, None]) / np.sqrt(variance + 1e-5)[:, None]
    scale, shift = (p.detach().numpy()[:, None] for p in (norm.shared.weight, norm.shared.bias))
    assert np.allclose(norm(x).detach().numpy().reshape(values.shape), normed * scale + shift)
    assert np.allclose(norm.shared.running_mean.numpy(), 0.1 * mean)
    if x.dim() == 4:
        assert close(norm(x.to(memory_format=torch.channels_last)), norm(x))


def test_a_normalisation_of_single_maps_would_not_respect_it() -> None:
    group = GROUPS[-1]
    x, g = features(group), feature_action(group, group.elements[1], Grid(5, 5))
    alone = nn.BatchNorm2d(x.shape[1]).double()
    with torch.no_grad():
        alone.weight.uniform_(1, 2, generator=torch.Generator().manual_seed(2))
    assert not close(alone(act(g, x)), act(g, alone(x)))


@pytest.mark.parametrize("group", SOME, ids=str)
def test_dropout_takes_all_maps_of_a_channel(group: PointGroup) -> None:
    dropout = GroupDropout(group.order, 0.4, torch.Generator().manual_seed(3))
    x = torch.ones(200, CHANNELS * group.order, *[2] * group.dimensions)
    masks = dropout(x).unflatten(1, (CHANNELS, group.order)).flatten(2)
    assert torch.equal(masks, masks[:, :, :1].expand_as(masks))
    assert set(masks.unique().tolist()) == {0.0, torch.tensor(1 / 0.6).item()}
    assert abs(float((masks == 0).float().mean()) - 0.4) < 6 * (0.24 / 600) ** 0.5
    assert not torch.equal(masks[:, 0], masks[:, 1])  # channels are drawn one by one
    assert torch.equal(dropout.eval()(x), x)
    assert torch.equal(GroupDropout(group.order, 0.0)(x), x)


def test_dropout_is_drawn_from_its_own_generator() -> None:
    x, state = torch.ones(8, 8, 2, 2), torch.random.get_rng_state()

    def drawn(seed: int) -> Tensor:
        return torch.cat([*map(GroupDropout(4, 0.5, torch.Generator().manual_seed(seed)), [x, x])])

    assert torch.equal(drawn(4), drawn(4)) and not torch.equal(drawn(4), drawn(5))
    assert not torch.equal(*drawn(4).chunk(2))  # anew at each call
    assert torch.equal(state, torch.random.get_rng_state())
    first = GroupDropout(4, 0.5)
    assert torch.equal(copy.deepcopy(first)(x), first(x))


@pytest.mark.parametrize("probability", [-0.1, 1.0, float("nan")])
def test_a_share_out_of_range_is_refused(probability: float) -> None:
    GroupDropout(2, 0.999)
    with pytest.raises(SettingsError, match=r"The dropout must be in \[0, 1\); got"):
        GroupDropout(2, probability)


@pytest.mark.parametrize("group", SOME, ids=str)
def test_group_pooling_gives_maps_that_move_as_pictures(group: PointGroup) -> None:
    x, domain, pool = features(group), domain_of(group), GroupPool(group.order)
    by_element = x.numpy().reshape(4, CHANNELS, group.order, *domain.shape)
    twin = by_element.max(2)
    assert np.allclose(pool(x).numpy(), twin)
    for element in group.elements:
        moved = pool(act(feature_action(group, element, domain), x))
        assert close(moved, act(element.action(domain), pool(x)))


def pooled_slowly(x: np.ndarray, kept: tuple[int, ...] = ()) -> np.ndarray:
    """Windows of 2 on an even side; of 3 about every second position, cut off outside, on an odd.
    The maximum of a box is that of its rows' maxima, so one axis after another.
    """
    for axis in range(x.ndim - 2):
        side = x.shape[axis + 2]
        starts = range(0, side, 2)
        windows = [(max(0, k - 1), k + 2) if side % 2 else (k, k + 2) for k in starts]
        if axis not in kept:
            lines = [np.take(x, range(a, min(b, side)), axis + 2).max(axis + 2) for a, b in windows]
            x = np.stack(lines, axis + 2)
    return x


SHAPES = [(n,) for n in range(1, 10)] + [(n, m) for n in range(4, 10) for m in range(4, 10)]
SHAPES += [(4, 4, 4), (5, 5, 5), (5, 6, 6), (6, 5, 7), (1, 2, 3)]
WHOLE = {1: SEQUENCES[-1], 2: GROUPS[-1], 3: CUBES[-1]}


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_spatial_pooling_is_exact_on_every_size(shape: tuple[int, ...]) -> None:
    dimensions, pool = len(shape), SpatialPool()
    x = torch.randn(2, 3, *shape, generator=torch.Generator().manual_seed(2)).double()
    y = pool(x)
    assert y.shape[2:] == tuple((side + 1) // 2 for side in shape)
    assert np.allclose(y.numpy(), pooled_slowly(x.numpy()))
    for element in WHOLE[dimensions].elements:
        axes = enumerate(element.axes)
        if all(shape[axis] == shape[abs(image) - 1] for axis, image in axes):
            small = make_domain(KINDS[dimensions], tuple(y.shape[2:]))
            moved = pool(act(element.action(make_domain(KINDS[dimensions], shape)), x))
            assert close(moved, act(element.action(small), y))


def test_axes_that_are_kept_are_not_pooled() -> None:
    x = torch.randn(2, 3, 5, 6, generator=torch.Generator().manual_seed(2))
    for kept in ((), (0,), (1,), (0, 1)):
        pool = SpatialPool(kept)
        assert np.allclose(pool(x).numpy(), pooled_slowly(x.numpy(), kept))
    assert SpatialPool((0, 1))(x) is x


def test_pooling_from_one_corner_would_not_be() -> None:
    x, half = features(GROUPS[0], 7, 7), nn.MaxPool2d(2)
    flip = by_name(group_of("hflip"), "hflip")
    moved = half(act(flip.action(Grid(7, 7)), x))
    assert not close(moved, act(flip.action(Grid(3, 3)), half(x)))


def like(name: str, outputs: Permutation) -> Symmetry:
    return Symmetry(f"own {name}", custom=CustomAction(like=Symmetry(name), outputs=outputs))


SWAP, CYCLE = Permutation([1, 0, 2, 3]), Permutation([1, 2, 3, 0])
NEGATE = Permutation(range(4), [-1] * 4)
MOVING = [
    PointGroup.of([like("reverse", SWAP)], Sequence(5), 1, 4),
    PointGroup.of([like("hflip", SWAP), Symmetry("rot90")], Grid(5, 5), 1, 4),
    PointGroup.of([like("rot90", CYCLE)], Grid(5, 5), 1, 4),
    PointGroup.of([like("hflip", NEGATE), like("vflip", SWAP)], Grid(5, 5), 1, 4),
    PointGroup.of([like("rot90", Permutation([1, 0, 2, 3], [1, -1, 1, 1]))], Grid(5, 5), 1, 4),
    PointGroup.of([like("flip_x", NEGATE), Symmetry("rot90_yz")], Volume(5, 5, 5), 1, 4),
]


@pytest.mark.parametrize("group", [*SOME, *MOVING], ids=str)
def test_the_head_is_equivariant(group: PointGroup) -> None:
    source, count = torch.Generator().manual_seed(6), group.moved_outputs or 5
    head = GroupHead(CHANNELS, group, count, source).double()
    with torch.no_grad():
        head.bias.normal_(generator=source)
    x = features(group)
    assert head(x).shape == (4, count)
    for element in group.elements:
        moved = head(act(feature_action(group, element, domain_of(group)), x))
        assert close(moved, act(element.output_action(count), head(x)))
    assert not close(head(x.flip(0)), head(x))
    assert set(head.state_dict()) == {"weight", "bias"}


@pytest.mark.parametrize("group", MOVING, ids=str)
def test_its_linear_layer_spans_all_equivariant_ones(group: PointGroup) -> None:
    """Slow twin (law 3): the average over the group of any weights; there are as many as free."""
    head = GroupHead(1, group, 4)
    cosets = group.order // group.stable_order
    moves = [(e.output_action(4), group.coset_action(e)) for e in group.elements]

    def averaged(w: np.ndarray) -> np.ndarray:
        total = np.zeros_like(w)
        for out, coset in moves:
            total += out.apply(coset.apply(w).T).T
        return total / len(moves)

    span = np.stack([averaged(w.reshape(4, cosets)).ravel() for w in np.eye(4 * cosets)])
    assert np.linalg.matrix_rank(span) == head.weight.shape[0] == 4
    dense = head.dense_weight().detach().numpy().reshape(4, cosets)
    assert np.allclose(averaged(dense), dense)
    biases = [sum(out.apply(np.eye(4)[k]) for out, _ in moves) / len(moves) for k in range(4)]
    assert np.linalg.matrix_rank(np.stack(biases)) == len(head.bias)


def test_another_number_of_outputs_is_refused() -> None:
    with pytest.raises(SymmetryError, match="moves 4 outputs, but there are 5"):
        GroupHead(CHANNELS, MOVING[0], 5)
    GroupHead(CHANNELS, MOVING[0], 4)
