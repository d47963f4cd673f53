"""Widths for which all groups have about as many weights, counted without building a network."""

import math
from collections.abc import Callable

import pytest
import torch

from autoequivariant.errors import SettingsError
from autoequivariant.groups.domain import Grid
from autoequivariant.nn.cnn.architecture import BACKBONES, SIZES, CNNArchitecture
from autoequivariant.nn.cnn.network import EquivariantCNN
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


TROUBLES = [
    ({"backbone": "resnet"}, "one of paper, residual; got 'resnet'", {"backbone": "residual"}),
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
