"""Widths for which all groups have about as many weights, counted without building a network."""

import math
from collections.abc import Callable

import pytest
import torch

from autoequivariant.errors import SettingsError
from autoequivariant.groups.domain import Domain, Grid, Sequence, Volume
from autoequivariant.groups.point_group.group import PointGroup
from autoequivariant.groups.symmetry import parse_symmetries
from autoequivariant.nn.cnn.architecture import BACKBONES, SIZES, CNNArchitecture
from autoequivariant.nn.cnn.network import EquivariantCNN
from autoequivariant.nn.cnn.widths import MOST_MAPS
from autoequivariant.nn.layers.group_conv import GroupConv

from ..point_groups import GROUPS, group_of
from .networks import PLAIN


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("backbone", BACKBONES)
def test_all_groups_have_about_as_many_weights(backbone: str, size: str) -> None:
    for channels, classes in ((1, 10), (3, 2), (3, 100)):
        architecture = CNNArchitecture(channels, Grid(28, 28), classes, backbone, SIZES[size])
        plain = architecture.count_parameters(PLAIN)
        assert architecture.channels(PLAIN) == (SIZES[size], 2 * SIZES[size])
        for group in GROUPS:
            count = architecture.count_parameters(group)
            assert abs(count - plain) < 0.05 * plain
            first, other = architecture.channels(group)
            assert first * math.sqrt(group.order) == pytest.approx(SIZES[size], rel=0.35)
            assert 1 <= other / first <= 3


@pytest.mark.parametrize("width", [1, 2, 3, 5, 100])
@pytest.mark.parametrize("backbone", BACKBONES)
def test_every_width_has_a_network_for_every_group(backbone: str, width: int) -> None:
    architecture = CNNArchitecture(1, Grid(8, 8), 2, backbone, width)
    for group in GROUPS:
        assert min(architecture.channels(group)) >= 1
        assert architecture.count_parameters(group) > 0


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("backbone", BACKBONES)
def test_counts_are_those_of_the_built_network(backbone: str, size: str) -> None:
    for group in GROUPS:
        architecture = CNNArchitecture(3, Grid(8, 8), 7, backbone, SIZES[size])
        network = EquivariantCNN(architecture, group)
        count = architecture.count_parameters(group)
        assert network.n_parameters == count
        assert sum(p.numel() for p in network.parameters() if p.requires_grad) == count


def count_into(sizes: list[int]) -> Callable[..., None]:
    return lambda module, given, maps: sizes.append(maps[0].numel())


@pytest.mark.parametrize("shape", [(8, 8), (9, 9), (8, 13)])
@pytest.mark.parametrize("backbone", BACKBONES)
def test_activations_are_those_of_the_built_network(backbone: str, shape: tuple[int, int]) -> None:
    architecture = CNNArchitecture(2, Grid(*shape), 3, backbone, 6)
    for group in GROUPS:
        if not group.fits(shape):
            continue
        network = EquivariantCNN(architecture, group)
        sizes: list[int] = []
        for module in network.modules():
            if isinstance(module, GroupConv):
                module.register_forward_hook(count_into(sizes))
        network(torch.zeros(2, 2, *shape))
        assert sum(sizes) == architecture.activations(group)
        assert len(sizes) == len(architecture.convs(group))


def test_the_residual_network() -> None:
    architecture = CNNArchitecture(3, Grid(32, 32), 10, "residual", 24)
    convs = architecture.convs(group_of("rot90"))
    assert [conv.lifting for conv in convs] == [True] + [False] * 7
    assert [conv.halvings for conv in convs] == [0, 0, 0, 1, 1, 1, 2, 2]
    assert [conv.side for conv in convs] == [3, 3, 3, 3, 3, 1, 3, 3]


LEVELS: list[tuple[Domain, int, list[int], list[int]]] = [
    (Grid(28, 28), 3, [0, 1, 1, 2, 2, 2, 3, 3], [4, 4]),
    (Grid(56, 56), 3, [0, 1, 1, 2, 2, 2, 3, 3, 4, 4], [4, 4]),
    (Grid(16, 90), 3, [0, 1, 1, 2, 2, 2], [4, 23]),  # as many as the shorter side allows
    (Grid(64, 64), 3, [0, 1, 1, 2, 2, 2, 3, 3, 4, 4], [4, 4]),
    (Grid(65, 64), 3, [1, 2, 2, 3, 3, 3, 4, 4], [5, 4]),  # more than 64x64: averaged first
    (Grid(4, 4), 3, [0, 1, 1, 1], [2, 2]),
    (Sequence(200), 7, [0, 1, 1, 2, 2, 2, 3, 3, 4, 4], [13]),
    (Sequence(24), 7, [0, 1, 1, 1], [12]),
    (Volume(28, 28, 28), 3, [1, 2, 2, 3, 3, 3], [4, 4, 4]),
    (Volume(16, 16, 16), 3, [0, 1, 1, 2, 2, 2], [4, 4, 4]),
]


@pytest.mark.parametrize(("domain", "side", "halvings", "last"), LEVELS)
def test_the_levels_of_a_pyramid_follow_from_the_sides(
    domain: Domain, side: int, halvings: list[int], last: list[int]
) -> None:
    architecture = CNNArchitecture(2, domain, 3, "pyramid", 4)
    identity = PointGroup.of((), domain, 2, 3)
    convs = architecture.convs(identity)
    assert [conv.halvings for conv in convs] == halvings
    assert {conv.side for conv in convs} - {1} == {side}
    network = EquivariantCNN(architecture, identity)
    x = torch.zeros(2, 2, *domain.shape)
    assert list(network.backbone(x).shape[2:]) == last
    assert network.n_parameters == architecture.count_parameters(identity)


@pytest.mark.parametrize("backbone", BACKBONES)
def test_large_groups_have_at_most_three_times_the_maps(backbone: str) -> None:
    domain = Volume(16, 16, 16)
    architecture = CNNArchitecture(1, domain, 2, backbone, 16)
    names = ("flip_x", "rot90_xy", "rot90_yz,rot90_xy", "rot90_yz,rot90_xy,flip_x")
    groups = [PointGroup.of(parse_symmetries(name), domain, 1, 2) for name in names]
    assert [group.order for group in groups] == [2, 4, 24, 48]
    maps = [group.order * architecture.channels(group)[0] for group in groups]
    assert max(maps) <= MOST_MAPS * 16
    counts = [architecture.count_parameters(group) for group in groups]
    baseline = architecture.count_parameters(PointGroup.of((), domain, 1, 2))
    assert all(abs(count - baseline) < 0.05 * baseline for count in counts[:2])
    assert max(counts[2:]) < baseline / 2


TROUBLES = [
    (
        {"backbone": "resnet"},
        "one of pyramid, paper, residual; got 'resnet'",
        {"backbone": "residual"},
    ),
    ({"width": 0}, "width must be at least 1", {"width": 1}),
    ({"in_channels": 0}, "channels, .* must be at least 1", {"in_channels": 1}),
    ({"classes": 0}, "classes and .* must be at least 1", {"classes": 1}),
    ({"domain": Grid(3, 8)}, "4 positions a side; got 3x8", {"domain": Grid(4, 8)}),
]


@pytest.mark.parametrize(("fields", "message", "twin"), TROUBLES)
def test_values_out_of_range(
    fields: dict[str, object], message: str, twin: dict[str, object]
) -> None:
    sound = {"in_channels": 1, "domain": Grid(8, 8), "classes": 3}
    with pytest.raises(SettingsError, match=rf"^A group CNN cannot be made: .*{message}.*\.$"):
        CNNArchitecture(**{**sound, **fields})
    architecture = CNNArchitecture(**{**sound, **twin})
    network = EquivariantCNN(architecture, PLAIN)
    assert (
        network(torch.zeros(2, architecture.in_channels, *architecture.domain.shape))
        .isfinite()
        .all()
    )


def test_all_troubles_are_named_at_once() -> None:
    with pytest.raises(SettingsError, match="its backbone .*; channels, .*; samples need"):
        CNNArchitecture(1, Grid(2, 2), 3, "none", 0)
