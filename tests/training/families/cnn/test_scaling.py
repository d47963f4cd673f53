"""Scaling commutes with each network's group, and with no other symmetry."""

import numpy as np
import pytest
import torch

from autoequivariant.data.split import Split
from autoequivariant.groups.domain import Grid
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.point_group.group import PointGroup
from autoequivariant.groups.symmetry import CustomAction, Symmetry
from autoequivariant.nn.cnn.architecture import CNNArchitecture
from autoequivariant.nn.cnn.network import EquivariantCNN
from autoequivariant.training.families.cnn.scaling import NetworkScaling
from autoequivariant.training.tasks import task_of

GRID, CPU = Grid(8, 8), torch.device("cpu")
COLOURS = Symmetry(
    "colours",
    custom=CustomAction(
        channels=Permutation([1, 0, 2], [1, 1, -1]), outputs=Permutation([1, 0, 2], [1, 1, -1])
    ),
)
ARCHITECTURE = CNNArchitecture(3, GRID, 3, width=4)


def split() -> Split:
    rng = np.random.default_rng(0)
    x = rng.normal([[[[5.0]], [[9.0]], [[2.0]]]], 1.5, (40, 3, 8, 8)).astype(np.float32)
    y = rng.normal([1.0, 30.0, 4.0], [2.0, 5.0, 0.5], (40, 3)).astype(np.float32)
    return Split(x, y)


def test_the_baseline_scales_each_value_on_its_own() -> None:
    some = split()
    scaling = NetworkScaling.measure(ARCHITECTURE, task_of(False), some)
    inputs = scaling.of_inputs(PointGroup.of([Symmetry("rot90")], GRID, 3, 3))
    assert np.allclose(inputs.mean, some.x.mean((0, 2, 3)), rtol=1e-5)
    assert np.allclose(inputs.scale, some.x.std((0, 2, 3)), rtol=1e-5)
    targets = scaling.normalised(torch.from_numpy(some.y))
    assert np.allclose(targets.mean(0), 0, atol=1e-5)
    assert np.allclose(targets.std(0, correction=0), 1, atol=1e-5)


def test_what_a_group_exchanges_is_scaled_alike() -> None:
    group = PointGroup.of([COLOURS], GRID, 3, 3)
    scaling = NetworkScaling.measure(ARCHITECTURE, task_of(False), split())
    inputs = scaling.of_inputs(group)
    assert inputs.mean[0] == inputs.mean[1] != 0 and inputs.mean[2] == 0
    assert inputs.scale[0] == inputs.scale[1] > 2  # of values about 5 and about 9


@pytest.mark.parametrize("is_final", [False, True])
def test_networks_are_equivariant_with_it(is_final: bool) -> None:
    group, some = PointGroup.of([COLOURS], GRID, 3, 3), split()
    scaling = NetworkScaling.measure(ARCHITECTURE, task_of(False), some)
    inputs = scaling.of_inputs(group)
    network = EquivariantCNN(ARCHITECTURE, group, inputs.mean, inputs.scale).eval()
    x = torch.from_numpy(some.x)
    scaling.rescale_to_normalised(network, group)
    normalised = network(x)
    scaling.rescale(network, group)
    found = network(x) if is_final else normalised
    if is_final:
        error = network.claimed_error(x)
        assert error is not None and error.error < 1e-4
        assert torch.allclose(scaling.normalised(found), normalised, atol=1e-4)
    alone = EquivariantCNN(ARCHITECTURE, group, inputs.mean, inputs.scale)
    own = NetworkScaling.measure(ARCHITECTURE, task_of(False), some).of_inputs(
        PointGroup.of([], GRID, 3, 3)
    )
    alone.mean.copy_(torch.tensor(own.mean))
    wrong = alone.claimed_error(x)
    assert wrong is not None and wrong.error > 1e-2
