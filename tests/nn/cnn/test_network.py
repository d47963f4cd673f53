"""The group CNN is invariant to its group, on every size, and starts at the same scale."""

import copy

import pytest
import torch

from autoequivariant.errors import SettingsError
from autoequivariant.groups.domain import Grid
from autoequivariant.groups.point_group.group import PointGroup
from autoequivariant.nn.cnn.architecture import BACKBONES, CNNArchitecture
from autoequivariant.nn.cnn.network import EquivariantCNN
from autoequivariant.nn.equivariance import errors_of_actions

from ..point_groups import GROUPS, group_of
from .networks import pictures

SQUARE_ONLY = [group for group in GROUPS if not group.fits((1, 2))]
ANY_SIZE = [group for group in GROUPS if group.fits((1, 2))]
SIDES = [8, 9, 15, 28]


def network_of(
    group: PointGroup, grid: Grid, backbone: str = "paper", channels: int = 2, dropout: float = 0.0
) -> EquivariantCNN:
    """Small, in float64, after a step of training that its statistics and weights remember."""
    architecture = CNNArchitecture(channels, grid, 5, backbone, 6, dropout)
    network = EquivariantCNN(architecture, group, [0.1] * channels, [2.0] * channels).double()
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    x = pictures(grid, 4, channels)
    torch.nn.functional.cross_entropy(network(x), torch.arange(4)).backward()
    optimizer.step()
    return network.eval()


def error_of(network: EquivariantCNN, group: PointGroup) -> float:
    grid = network.architecture.domain
    actions = {str(element): element.action(grid) for element in group.elements}
    return errors_of_actions(network, pictures(grid), actions).error


@pytest.mark.parametrize("backbone", BACKBONES)
@pytest.mark.parametrize("side", SIDES)
def test_invariant_on_squares(side: int, backbone: str) -> None:
    for group in GROUPS:
        assert error_of(network_of(group, Grid(side, side), backbone), group) < 1e-10


@pytest.mark.parametrize("backbone", BACKBONES)
@pytest.mark.parametrize("shape", [(8, 12), (9, 6)])
def test_invariant_on_oblongs(shape: tuple[int, int], backbone: str) -> None:
    for group in ANY_SIZE:
        assert error_of(network_of(group, Grid(*shape), backbone), group) < 1e-10


@pytest.mark.parametrize("group", SQUARE_ONLY, ids=str)
def test_an_oblong_picture_cannot_be_turned(group: PointGroup) -> None:
    architecture = CNNArchitecture(1, Grid(8, 12), 5)
    with pytest.raises(SettingsError, match=f"^{group} exchanges axes whose sides differ, .* 8x12"):
        EquivariantCNN(architecture, group)
    EquivariantCNN(architecture, ANY_SIZE[-1])
    EquivariantCNN(CNNArchitecture(1, Grid(12, 12), 5), group)


@pytest.mark.parametrize("backbone", BACKBONES)
def test_invariant_to_no_more_than_its_group(backbone: str) -> None:
    grid, everything = Grid(8, 8), GROUPS[-1]
    for group in GROUPS:
        network = network_of(group, grid, backbone)
        actions = {everything.name(e): e.action(grid) for e in everything.elements}
        errors = errors_of_actions(network, pictures(grid), actions).by_action
        for element in everything.elements:
            error = errors[everything.name(element)]
            assert (error < 1e-10) if element in group else (error > 1e-3)


@pytest.mark.parametrize("backbone", BACKBONES)
def test_invariant_in_training_too(backbone: str) -> None:
    """A batch that is turned as a whole has the same statistics, masks and gradients."""
    grid, group = Grid(8, 8), GROUPS[-1]
    x, labels = pictures(grid, 6), torch.arange(6) % 5
    gradients = []
    for element in (group.elements[0], group.elements[1], group.elements[6]):
        network = network_of(group, grid, backbone, dropout=0.3).train()
        moved = torch.from_numpy(element.action(grid).apply(x.flatten(2).numpy()))
        loss = torch.nn.functional.cross_entropy(network(moved), labels)
        gradients.append(torch.autograd.grad(loss, list(network.parameters())))
    for others in gradients[1:]:
        for one, other in zip(gradients[0], others, strict=True):
            assert torch.allclose(one, other, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("backbone", BACKBONES)
@pytest.mark.parametrize("group", GROUPS, ids=str)
def test_its_state_is_the_same_in_training_and_evaluation(group: PointGroup, backbone: str) -> None:
    network = network_of(group, Grid(8, 8), backbone)
    x = pictures(Grid(8, 8))
    with torch.no_grad():
        network(x)
        kept = {name: value.clone() for name, value in network.state_dict().items()}
        logits = network(x)
    network.train()
    assert list(network.state_dict()) == list(kept)
    shapes = {name: value.shape for name, value in network.state_dict().items()}
    assert shapes == {name: value.shape for name, value in kept.items()}
    again = EquivariantCNN(network.architecture, group).double().eval()
    again.load_state_dict(kept)
    assert torch.equal(again(x), logits)
    assert torch.equal(copy.deepcopy(network).eval()(x), logits)


def test_what_it_takes() -> None:
    grid, group = Grid(8, 12), group_of("hflip,vflip")
    architecture = CNNArchitecture(2, grid, 5)
    mean, scale = [0.5, -1.0], [2.0, 3.0]
    network = EquivariantCNN(architecture, group, mean, scale).eval()
    x = pictures(grid, 3).float()
    assert network(x).shape == (3, 5)
    assert torch.equal(network(x.flatten(1)), network(x))
    assert torch.equal(network(x.double()), network(x))
    normed = (x - torch.tensor(mean)[:, None, None]) / torch.tensor(scale)[:, None, None]
    assert torch.allclose(EquivariantCNN(architecture, group).eval()(normed), network(x), atol=1e-5)


def test_it_is_made_from_its_generator() -> None:
    architecture, group = CNNArchitecture(1, Grid(8, 8), 5, dropout=0.5), GROUPS[-1]
    x, state = torch.ones(4, 1, 8, 8), torch.random.get_rng_state()

    def made(seed: int) -> EquivariantCNN:
        return EquivariantCNN(architecture, group, generator=torch.Generator().manual_seed(seed))

    first, again, other = made(1)(x), made(1)(x), made(2)(x)
    assert torch.equal(first, again) and not torch.equal(first, other)
    assert torch.equal(state, torch.random.get_rng_state())


GOLDEN = {
    ("paper", ""): [-0.452314, -0.365966, 0.758136, -0.436086, 0.133274],
    ("paper", "hflip"): [0.102169, -0.287698, -0.024815, 0.133682, 0.021157],
    ("paper", "rot90,hflip"): [2.428722, -2.425021, 0.131955, -2.781764, -4.210308],
    ("residual", ""): [2.564189, 1.819208, -0.734934, 0.087606, 1.277743],
    ("residual", "hflip"): [-1.558838, 0.852731, -0.137507, 1.610598, -2.368951],
    ("residual", "rot90,hflip"): [-0.607573, -1.068695, -0.443973, -0.454143, -0.580503],
}


@pytest.mark.parametrize(("backbone", "text"), GOLDEN)
def test_logits_that_were_recorded(backbone: str, text: str) -> None:
    """After two steps of training; runs of earlier versions have the same networks."""
    grid = Grid(9, 9)
    architecture = CNNArchitecture(2, grid, 5, backbone, 6, dropout=0.2)
    network = EquivariantCNN(architecture, group_of(text, grid), [0.1, 0.2], [2.0, 1.5])
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    x = torch.randn(4, 2, 9, 9, generator=torch.Generator().manual_seed(1))
    for _ in range(2):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(network(x), torch.arange(4)).backward()
        optimizer.step()
    assert network.eval()(x)[0].tolist() == pytest.approx(GOLDEN[backbone, text], abs=1e-3)
