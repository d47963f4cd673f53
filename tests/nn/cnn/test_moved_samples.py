"""CNNs on sequences, grids and volumes whose groups move channels and outputs, or wrap around."""

import numpy as np
import pytest
import torch

from autoequivariant.errors import SettingsError, SymmetryError
from autoequivariant.groups.domain import Domain, Grid, Sequence, Volume
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.point_group.group import PointGroup
from autoequivariant.groups.symmetry import CustomAction, Symmetry
from autoequivariant.nn.cnn.architecture import BACKBONES, CNNArchitecture
from autoequivariant.nn.cnn.network import EquivariantCNN
from autoequivariant.nn.equivariance import errors_of_actions

from ..point_groups import CUBES, SEQUENCES, group_of

OUTPUTS = 4


def own(like: str, outputs: list[int], signs: list[int] | None = None) -> Symmetry:
    action = CustomAction(like=Symmetry(like), outputs=Permutation(outputs, signs))
    return Symmetry(f"own {like}", custom=action)


COLOURS = Symmetry("colours", custom=CustomAction(channels=Permutation([2, 0, 1, 3])))
PLAYERS = Symmetry(
    "players",
    custom=CustomAction(
        channels=Permutation([1, 0, 2, 3]), outputs=Permutation(range(4), [-1] * 4)
    ),
)
CASES: dict[str, tuple[str, Domain, tuple[Symmetry, ...]]] = {
    "reversal": ("reverse", Sequence(17), ()),
    "reverse complement": ("reverse_complement", Sequence(20), ()),
    "complement and signs": ("reverse_complement,negate", Sequence(9), ()),
    "circular": ("reverse,shift:1", Sequence(11), ()),
    "colours": ("rot90", Grid(9, 9), (COLOURS,)),
    "mirror": ("rot90", Grid(9, 9), (own("hflip", [1, 0, 3, 2]),)),
    "cycle": ("", Grid(8, 8), (own("rot90", [1, 2, 3, 0]),)),
    "negated": ("", Grid(8, 9), (own("hflip", [0, 1, 2, 3], [-1, -1, 1, 1]),)),
    "vectors": ("", Grid(8, 8), (own("rot90", [1, 0, 2, 3], [1, -1, 1, 1]),)),
    "players": ("hflip", Grid(6, 7), (PLAYERS,)),
    "circular rows": ("hflip,translate_x:2", Grid(8, 9), ()),
    "circular grid": ("rot90,translate_x:1", Grid(8, 8), (own("hflip", [1, 0, 3, 2]),)),
    "volume": ("rot90_xy,flip_z", Volume(5, 6, 6), ()),
    "volume, moved": ("rot90_yz", Volume(6, 6, 5), (own("flip_x", [1, 0, 2, 3]), COLOURS)),
    "circular volume": ("flip_x,translate_z:1", Volume(5, 6, 7), ()),
}


def network_of(group: PointGroup, domain: Domain, backbone: str = "paper") -> EquivariantCNN:
    """Small, in float64, after a step of training that its statistics and weights remember."""
    architecture = CNNArchitecture(4, domain, OUTPUTS, backbone, 6)
    network = EquivariantCNN(architecture, group).double()
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    (network(samples(domain)) ** 2).sum().backward()
    optimizer.step()
    return network.eval()


def samples(domain: Domain) -> torch.Tensor:
    source = torch.Generator().manual_seed(1)
    return torch.randn(3, 4, *domain.shape, dtype=torch.float64, generator=source)


def error_of(network: EquivariantCNN, domain: Domain) -> float:
    """Over all elements, and all cyclic shifts by one index along circular axes."""
    group = network.group
    inputs = {str(e): e.sample_action(domain, 4) for e in group.elements}
    outputs = {str(e): e.output_action(OUTPUTS) for e in group.elements}
    indices = np.arange(domain.size).reshape(domain.shape)
    for axis in group.circular:
        inputs[str(axis)] = Permutation(np.roll(indices, 1, axis).ravel())
        outputs[str(axis)] = Permutation.identity(OUTPUTS)
    return errors_of_actions(network, samples(domain), inputs, outputs).error


@pytest.mark.parametrize("backbone", BACKBONES)
@pytest.mark.parametrize("name", CASES)
def test_it_is_equivariant(name: str, backbone: str) -> None:
    text, domain, others = CASES[name]
    network = network_of(group_of(text, domain, 4, OUTPUTS, *others), domain, backbone)
    assert error_of(network, domain) < 1e-10
    claimed = network.claimed_error(samples(domain).float())
    assert claimed is not None and claimed.error < 1e-4
    architecture = network.architecture
    assert network.n_parameters == architecture.count_parameters(network.group)


@pytest.mark.parametrize("group", [*SEQUENCES, *CUBES[1:90:22], CUBES[-1]], ids=str)
def test_it_is_invariant_on_odd_and_even_sides(group: PointGroup) -> None:
    for side in (5, 6):
        domain = Sequence(side) if group.dimensions == 1 else Volume(side, side, side)
        assert error_of(network_of(group, domain), domain) < 1e-10


@pytest.mark.parametrize("name", ["mirror", "negated", "players", "circular", "reverse complement"])
def test_it_has_no_more_than_its_group(name: str) -> None:
    """Twins: the same moves with outputs that stay, without channels, or in a network without."""
    text, domain, others = CASES[name]
    group = group_of(text, domain, 4, OUTPUTS, *others)
    baseline = network_of(group_of("", domain, 4, OUTPUTS), domain)
    claims = network_of(group, domain).claims()
    x = samples(domain)
    errors = errors_of_actions(baseline, x, claims.inputs, claims.outputs).by_action
    assert min(errors.values()) > 1e-3
    if group.moved_outputs:
        moved = [e for e in group.elements if e.outputs]
        actions = {str(e): e.sample_action(domain, 4) for e in moved}
        assert errors_of_actions(network_of(group, domain), x, actions).error > 1e-3


def test_what_it_claims() -> None:
    text, domain, others = CASES["circular grid"]
    network = network_of(group_of(text, domain, 4, OUTPUTS, *others), domain)
    extra = (Symmetry("translate_y", (3,)), Symmetry("vflip"), Symmetry("swap_left_right"))
    claims = network.claims(extra)
    assert set(claims.names) == {
        *("translate_y:3", "rot90", "rot180", "own hflip", "translate_y:1", "translate_x:1")
    }
    assert set(claims.inputs) == {*claims.names, "vflip", "swap_left_right"}
    assert claims.outputs is not None and claims.outputs["own hflip"].image.tolist() == [1, 0, 3, 2]
    errors = claims.errors(network, samples(domain), torch.float64)
    assert all(errors[name] < 1e-10 for name in claims.names)
    assert errors["vflip"] > 1e-3  # without an exchange of outputs
    assert errors["swap_left_right"] < 1e-10  # a shift, but nobody's claim


def test_circular_axes_are_not_halved() -> None:
    domain = Grid(8, 12)
    group = group_of("translate_x:1", domain)
    architecture = CNNArchitecture(1, domain, 2, "paper", 4)
    network = EquivariantCNN(architecture, group)
    assert network.backbone(torch.zeros(2, 1, 8, 12)).shape[2:] == (2, 12)
    assert architecture.sides(group, 2) == (2, 12)
    steps = [conv.dilation(domain, group) for conv in architecture.convs(group)]
    assert steps == [(1, 1), (1, 2), (1, 4), (1, 4)]


def test_a_zero_border_sees_a_shift_a_little() -> None:
    """What a network without circular padding has by construction, and what it has not."""
    domain = Grid(16, 16)
    network = network_of(group_of("", domain), domain)
    x = torch.zeros_like(samples(domain))
    x[:, :, 6:10, 6:10] = samples(Grid(4, 4))
    far, near = (network(x.roll(step, 3)) - network(x) for step in (4, 5))
    assert float(near.abs().max()) > 1e-6  # pools of stride 4 in all
    assert float(far.abs().max()) < float(near.abs().max())


def test_groups_that_do_not_fit_are_refused() -> None:
    domain = Volume(5, 6, 6)
    with pytest.raises(SettingsError, match="^rot90_yz exchanges axes whose sides differ, .*5x6x6"):
        EquivariantCNN(CNNArchitecture(1, domain, 2), group_of("rot90_yz", Volume(6, 6, 6)))
    with pytest.raises(SymmetryError, match="moves 4 outputs, but there are 2"):
        text, grid, others = CASES["mirror"]
        EquivariantCNN(CNNArchitecture(4, grid, 2), group_of(text, grid, 4, 4, *others))
