"""Group convolutions of this package and of escnn: error, training step, inference, building.

    python benchmarks/escnn_peer.py [--maps 64] [--repeats 20]

For C4 and D4: four 3x3 convolutions of regular feature maps with ReLU in between, the maximum over
the group and the mean over all pixels, with equal numbers of channels, on 32 images of 3x32x32. The
error is `max |f(g.x) - f(x)| / max |f(x)|` over all elements. Both alternate in one process and one
thread; times are medians of processor time, and the time to build is that of the first network.

escnn 1.0 needs NumPy 1 and a Fortran compiler. autoequivariant requires NumPy 2 but runs on NumPy
1, so this comparison has its own environment:

    apt-get install gfortran
    python -m venv peer && . peer/bin/activate
    pip install 'numpy<2' torch==2.13.0 setuptools wheel
    pip install 'numpy<2' escnn safetensors
    pip install --no-deps -e .
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping
from statistics import median

import escnn
import torch
from torch import Tensor, nn

from autoequivariant.groups.domain import Grid
from autoequivariant.groups.point_group import PointGroup
from autoequivariant.nn.equivariance import equivariance_error
from autoequivariant.nn.layers.group_conv import GroupConv2d
from autoequivariant.nn.layers.group_layers import GroupPool

SHAPE, LAYERS, WARM_UP = (32, 3, 32, 32), 4, 3
GROUPS = {"C4": PointGroup.parse("rot90"), "D4": PointGroup.parse("rot90,hflip")}

Step = Callable[[], object]


class Mean(nn.Module):
    """Each map's mean."""

    def forward(self, x: Tensor) -> Tensor:
        return x.mean((2, 3))


class Wrapped(nn.Module):
    """An escnn module that takes and returns plain tensors."""

    def __init__(self, module: nn.Module, read: escnn.nn.FieldType) -> None:
        super().__init__()
        self.module, self.read = module, read

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.module(escnn.nn.GeometricTensor(x, self.read)).tensor
        return result


def ours(name: str, maps: int) -> nn.Module:
    group = GROUPS[name]
    channels, into = maps // group.order, SHAPE[1]
    layers: list[nn.Module] = []
    for number in range(LAYERS):
        conv = GroupConv2d(group, into, channels, 3, lifting=not number, padding=1)
        layers += [conv, nn.ReLU()]
        into = channels
    return nn.Sequential(*layers, GroupPool(group.order), Mean())


def theirs(name: str, maps: int) -> nn.Module:
    space = escnn.gspaces.rot2dOnR2(4) if name == "C4" else escnn.gspaces.flipRot2dOnR2(4)
    channels = maps // GROUPS[name].order
    first = into = escnn.nn.FieldType(space, SHAPE[1] * [space.trivial_repr])
    out = escnn.nn.FieldType(space, channels * [space.regular_repr])
    layers: list[nn.Module] = []
    for _ in range(LAYERS):
        layers += [escnn.nn.R2Conv(into, out, 3, padding=1), escnn.nn.ReLU(out)]
        into = out
    body = escnn.nn.SequentialModule(*layers, escnn.nn.GroupPooling(out))
    return nn.Sequential(Wrapped(body, first), Mean())


def timed(steps: Mapping[str, Step], repeats: int) -> list[float]:
    """Median processor milliseconds of each step; they alternate, after a warm-up."""
    found: dict[str, list[float]] = {name: [] for name in steps}
    for turn in range(repeats + WARM_UP):
        for name, step in steps.items():
            started = time.process_time()
            step()
            if turn >= WARM_UP:
                found[name].append(1e3 * (time.process_time() - started))
    return [median(times) for times in found.values()]


def trainer(network: nn.Module, x: Tensor) -> Step:
    def step() -> None:
        network.train()
        network.zero_grad()
        network(x).square().mean().backward()

    return step


def inferrer(network: nn.Module, x: Tensor) -> Step:
    def step() -> None:
        with torch.no_grad():
            network(x)

    return step


def error(network: nn.Module, x: Tensor, group: PointGroup, dtype: torch.dtype) -> float:
    actions = {name: group.action(name, Grid(*SHAPE[2:])) for name in group.elements}
    return equivariance_error(network, x, actions, dtype=dtype).error


def row(what: str, name: str, ours: float, theirs: float, form: str) -> None:
    ratio = f"{ours / theirs:.2f}" if form == ".1f" else ""
    print(f"| {what} | {name} | {ours:{form}} | {theirs:{form}} | {ratio} |", flush=True)


def compare(name: str, maps: int, repeats: int) -> None:
    """Print all rows of one group."""
    networks, building = {}, []
    for maker in (ours, theirs):
        started = time.process_time()
        networks[maker.__name__] = maker(name, maps)
        building.append(1e3 * (time.process_time() - started))
    x = torch.randn(SHAPE)
    row("building, ms", name, *building, ".1f")
    # First: measuring the error copies the module, which escnn forbids after its evaluation mode.
    for dtype in (torch.float32, torch.float64):
        found = [error(network, x[:8], GROUPS[name], dtype) for network in networks.values()]
        row(f"invariance error, {str(dtype).removeprefix('torch.')}", name, *found, ".1e")
    trainers = {key: trainer(network, x) for key, network in networks.items()}
    row("forward and backward, ms", name, *timed(trainers, repeats), ".1f")
    for network in networks.values():
        network.eval()
    inferrers = {key: inferrer(network, x) for key, network in networks.items()}
    row("inference, ms", name, *timed(inferrers, repeats), ".1f")
    counts = [sum(p.numel() for p in network.parameters()) for network in networks.values()]
    row("parameters", name, *counts, ",")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--maps", type=int, default=64)
    parser.add_argument("--repeats", type=int, default=20)
    arguments = parser.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(1)
    print("| | group | ours | escnn | ratio |\n| --- | --- | --: | --: | --: |")
    for name in GROUPS:
        compare(name, arguments.maps, arguments.repeats)


if __name__ == "__main__":
    main()
