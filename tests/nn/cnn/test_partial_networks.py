"""CNNs whose groups get smaller from level to level: features have what their level has, outputs
what the head has, and neither more.
"""

from collections.abc import Mapping
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from autoequivariant.errors import ModelError, SettingsError, SymmetryError
from autoequivariant.groups.domain import Domain, Grid, Sequence, Volume
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.point_group.chain import GroupChain
from autoequivariant.groups.point_group.group import PointGroup
from autoequivariant.groups.symmetry import CustomAction, Symmetry, parse_symmetries
from autoequivariant.nn.cnn.architecture import CNNArchitecture
from autoequivariant.nn.cnn.description import CNNDescription
from autoequivariant.nn.cnn.network import EquivariantCNN
from autoequivariant.nn.cnn.widths import MOST_MAPS
from autoequivariant.nn.equivariance import errors_of_actions
from autoequivariant.nn.export.dense import to_dense
from autoequivariant.nn.export.onnx_graph import ONNXModule, to_onnx
from autoequivariant.nn.export.torch_source import network_from, source_of, weights_of
from autoequivariant.nn.io.model_files import load_model, save_model

from ..export.networks import MEANING
from ..point_groups import feature_action

OUTPUTS = 5
COLOURS = Symmetry("colours", custom=CustomAction(channels=Permutation([1, 2, 0, 3])))
SWAPPED = CustomAction(like=Symmetry("hflip"), outputs=Permutation([1, 0, 2, 4, 3]))
MIRROR = Symmetry("mirror", custom=SWAPPED)
CASES: dict[str, tuple[str, Domain, tuple[Symmetry, ...]]] = {
    "turns": ("rot90@1", Grid(28, 28), ()),
    "turns, odd": ("rot90@0", Grid(17, 17), ()),
    "all but the head": ("rot90@3", Grid(28, 28), ()),
    "some turns": ("rot180,rot90@2", Grid(28, 28), ()),
    "three groups": ("rot180,hflip@2,rot90@1", Grid(16, 16), ()),
    "oblong": ("hflip@1,vflip", Grid(17, 20), ()),
    "averaged": ("rot90@2", Grid(80, 80), ()),
    "reversal": ("reverse@1", Sequence(48), ()),
    "reversal, odd": ("reverse@0", Sequence(49), ()),
    "volume": ("rot90_xy,rot90_yz@1", Volume(8, 8, 8), ()),
    "volume, odd": ("flip_x,rot90_xy@0", Volume(9, 9, 9), ()),
    "colours": ("hflip", Grid(16, 16), (Symmetry("colours", (), COLOURS.custom, 1),)),
    "mirror": ("rot90@1", Grid(16, 16), (MIRROR,)),
    "mirror, partial": ("rot180", Grid(16, 16), (Symmetry("mirror", (), SWAPPED, 2),)),
    "circular": ("translate_x:1,vflip,hflip@1", Grid(16, 17), ()),
    "circular at first": ("hflip,translate_x:1@1", Grid(16, 20), ()),
    "circular, turned at first": ("translate_x:1,rot90@2", Grid(20, 20), ()),
    "circular, averaged": ("translate_x:1@2,vflip", Grid(80, 80), ()),
    "circular sequence": ("reverse,shift:1@1", Sequence(48), ()),
}


def network_of(name: str) -> EquivariantCNN:
    """Small, in float64, after a step of training that its statistics and weights remember."""
    text, domain, others = CASES[name]
    chain = GroupChain.generated((*parse_symmetries(text), *others), domain, 4, OUTPUTS)
    architecture = CNNArchitecture(4, domain, OUTPUTS, "pyramid", 6)
    network = EquivariantCNN(architecture, chain).double()
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    (network(samples(domain)) ** 2).sum().backward()
    optimizer.step()
    return network.eval()


def samples(domain: Domain, n: int = 3) -> Tensor:
    source = torch.Generator().manual_seed(1)
    return torch.randn(n, 4, *domain.shape, dtype=torch.float64, generator=source)


class Features(nn.Module):
    """The maps of a level, and only every other axis that the group moves."""

    def __init__(self, network: EquivariantCNN, level: int) -> None:
        super().__init__()
        self.network, self.level = network, level

    def forward(self, x: Tensor) -> Tensor:
        return self.network.features(x, self.level)


def on_features(group: PointGroup, maps: Tensor) -> Mapping[str, Permutation]:
    domain: Domain = {1: Sequence, 2: Grid, 3: Volume}[group.dimensions](*maps.shape[2:])
    copies = Permutation.identity(maps.shape[1] // group.order)
    return {
        str(e): Permutation.kron(copies, feature_action(group, e, domain)) for e in group.elements
    }


@pytest.mark.parametrize("name", CASES)
def test_features_move_with_the_group_of_their_level(name: str) -> None:
    network = network_of(name)
    domain, chain = network.architecture.domain, network.chain
    x = samples(domain)
    for level in network.architecture.levels:
        group, features = chain.at(level), Features(network, level)
        inputs = {str(e): e.sample_action(domain, 4) for e in group.elements}
        with torch.no_grad():
            outputs = on_features(group, features(x))
        assert errors_of_actions(features, x, inputs, outputs).error < 1e-10


@pytest.mark.parametrize("name", CASES)
def test_outputs_have_the_group_of_the_head_and_no_more(name: str) -> None:
    network = network_of(name)
    domain, chain = network.architecture.domain, network.chain
    x = samples(domain)
    claimed = network.claimed_error(x.float())
    assert claimed is None or claimed.error < 1e-4
    inputs = {str(e): e.sample_action(domain, 4) for e in chain.first.elements}
    outputs = {str(e): e.output_action(OUTPUTS) for e in chain.first.elements}
    errors = errors_of_actions(network, x, inputs, outputs).by_action
    for element in chain.first.elements:
        is_claimed = element in chain.whole
        assert (errors[str(element)] < 1e-10) == is_claimed, element
    names = network.claims(chain.generating_symmetries).names
    assert not any("@" in one for one in names)
    assert set(map(str, chain.whole.generating_symmetries)) <= set(names)


def test_features_after_the_restriction_have_no_more() -> None:
    network = network_of("turns")
    domain, turns = network.architecture.domain, network.chain.first
    x, after = samples(domain), Features(network, 2)
    means = nn.Sequential(after, nn.AdaptiveAvgPool2d(1), nn.Flatten())
    inputs = {str(e): e.sample_action(domain, 4) for e in turns.elements[1:]}
    assert min(errors_of_actions(means, x, inputs).by_action.values()) > 1e-3


@pytest.mark.parametrize("name", CASES)
def test_parameters_are_counted_and_about_those_of_the_baseline(name: str) -> None:
    network = network_of(name)
    assert network.n_parameters == network.architecture.count_parameters(network.chain)
    domain = network.architecture.domain
    large = CNNArchitecture(1, domain, OUTPUTS, width=16)
    baseline = large.count_parameters(GroupChain(PointGroup.of((), domain)))
    if not network.chain.first.moved_channels and network.chain.first.order <= MOST_MAPS**2:
        assert large.count_parameters(network.chain) == pytest.approx(baseline, rel=0.12)


@pytest.mark.parametrize("name", CASES)
def test_saved_and_exported_it_computes_the_same(name: str, tmp_path: Path) -> None:
    network = network_of(name).float()
    x = samples(network.architecture.domain).float()
    with torch.no_grad():
        expected = network(x)
        save_model(network, tmp_path, tuple("abcde"))
        loaded = load_model(tmp_path, {"cnn": CNNDescription})
        assert isinstance(loaded, EquivariantCNN) and loaded.chain == network.chain
        assert torch.equal(loaded(x), expected)
        dense = to_dense(network)
        assert torch.allclose(dense(x), expected, atol=1e-5)
        source = source_of(dense, "net", "samples", MEANING, "")
        assert torch.allclose(network_from(source, weights_of(dense))(x), expected, atol=1e-5)
        if name in ("some turns", "circular at first", "volume"):
            exported = ONNXModule(to_onnx(dense, x[:1], MEANING, ()))
            assert torch.allclose(exported(x), expected, atol=1e-5)


def test_generators_with_levels_are_read_strictly() -> None:
    network = network_of("some turns")
    fields = network.to_json()
    assert fields["generators"] == ["rot180", "rot90@2"]
    assert network_of("colours").to_json()["generators"][1]["level"] == 1
    outputs = tuple("abcde")
    assert CNNDescription.read(fields, outputs, True).chain == network.chain
    for level in ("4", "-1", "x", ""):
        with pytest.raises((ModelError, SymmetryError), match="level|malformed"):
            CNNDescription.read(fields | {"generators": [f"rot90@{level}"]}, outputs, True)
    own = network_of("colours").to_json()["generators"][1]
    for wrong in ("1", -1, True, 1.0):
        with pytest.raises(SymmetryError, match="level: must be a whole number"):
            CNNDescription.read(fields | {"generators": [own | {"level": wrong}]}, outputs, True)


def test_other_backbones_have_no_levels() -> None:
    chain = GroupChain.generated([Symmetry("rot90", level=1)], Grid(8, 8))
    for backbone in ("paper", "residual"):
        with pytest.raises(SettingsError, match=f"the backbone {backbone} cannot: use pyramid"):
            EquivariantCNN(CNNArchitecture(1, Grid(8, 8), 2, backbone), chain)
    EquivariantCNN(CNNArchitecture(1, Grid(8, 8), 2), chain)
