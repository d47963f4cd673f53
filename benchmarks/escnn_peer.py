"""Group convolutions of this package and of escnn: error, training step, inference, building.

    python benchmarks/escnn_peer.py [--repeats 20]

For C4 and D4 on 32 images of 3x32x32, and for the 4 rotations of a volume about an axis and the 24
rotations of a cube on 8 volumes of 3x12x12x12: four convolutions of side 3 of regular feature maps
with ReLU in between, the maximum over the group and the mean over all positions, with equal numbers
of channels. The error is `max |f(g.x) - f(x)| / max |f(x)|` over all elements. Both alternate in
one process and one thread; times are medians of processor time, and the time to build is that of
the first network.

escnn 1.0 needs NumPy 1 and a Fortran compiler. autoequivariant requires NumPy 2 but runs on NumPy
1, so this comparison has its own environment:

    apt-get install gfortran
    python -m venv peer && . peer/bin/activate
    pip install 'numpy<2' torch==2.13.0 setuptools wheel
    pip install 'numpy<2' escnn safetensors msgspec pyyaml
    pip install --no-deps -e .
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

import escnn
import torch
from torch import Tensor, nn

from autoequivariant.groups.domain import Domain, Grid, Volume
from autoequivariant.groups.point_group.group import PointGroup
from autoequivariant.groups.symmetry import parse_symmetries
from autoequivariant.nn.layers.group_conv import GroupConv
from autoequivariant.nn.layers.group_layers import GroupPool

CHANNELS, LAYERS, WARM_UP = 3, 4, 3


@dataclass(frozen=True)
class Case:
    """A group of both libraries, the domain of the samples, their number and the number of maps."""

    text: str
    space: Callable[[], Any]
    domain: Domain
    batch: int
    maps: int

    @property
    def group(self) -> PointGroup:
        return PointGroup.of(parse_symmetries(self.text), self.domain)


CASES = {
    "C4": Case("rot90", lambda: escnn.gspaces.rot2dOnR2(4), Grid(32, 32), 32, 64),
    "D4": Case("rot90,hflip", lambda: escnn.gspaces.flipRot2dOnR2(4), Grid(32, 32), 32, 64),
    "C4 of volumes": Case(
        "rot90_xy", lambda: escnn.gspaces.rot2dOnR3(4), Volume(12, 12, 12), 8, 48
    ),
    "rotations of the cube": Case(
        "rot90_xy,rot90_yz", lambda: escnn.gspaces.octaOnR3(), Volume(12, 12, 12), 8, 48
    ),
}

Step = Callable[[], object]


class Mean(nn.Module):
    """Each map's mean."""

    def forward(self, x: Tensor) -> Tensor:
        return x.flatten(2).mean(2)


class Wrapped(nn.Module):
    """An escnn module that takes and returns plain tensors."""

    def __init__(self, module: nn.Module, read: escnn.nn.FieldType) -> None:
        super().__init__()
        self.module, self.read = module, read

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.module(escnn.nn.GeometricTensor(x, self.read)).tensor
        return result


def ours(case: Case) -> nn.Module:
    channels, into = case.maps // case.group.order, CHANNELS
    layers: list[nn.Module] = []
    for number in range(LAYERS):
        conv = GroupConv(case.group, into, channels, 3, lifting=not number, padding=1)
        layers += [conv, nn.ReLU()]
        into = channels
    return nn.Sequential(*layers, GroupPool(case.group.order), Mean())


def theirs(case: Case) -> nn.Module:
    space, channels = case.space(), case.maps // case.group.order
    first = into = escnn.nn.FieldType(space, CHANNELS * [space.trivial_repr])
    out = escnn.nn.FieldType(space, channels * [space.regular_repr])
    convolution = escnn.nn.R3Conv if len(case.domain.shape) == 3 else escnn.nn.R2Conv
    layers: list[nn.Module] = []
    for _ in range(LAYERS):
        layers += [convolution(into, out, 3, padding=1), escnn.nn.ReLU(out)]
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


def error(network: nn.Module, x: Tensor, case: Case, dtype: torch.dtype) -> float:
    """In place, because some modules of escnn cannot be copied."""
    moved, channels = network.to(dtype), x.to(dtype).numpy().reshape(*x.shape[:2], -1)
    with torch.no_grad():
        still, worst = moved(x.to(dtype)), 0.0
        for element in case.group.elements:
            acted = torch.from_numpy(element.action(case.domain).apply(channels)).view(x.shape)
            worst = max(worst, float((moved(acted) - still).abs().max() / still.abs().max()))
    network.float()
    return worst


def row(what: str, name: str, ours: float, theirs: float, form: str) -> None:
    ratio = f"{ours / theirs:.2f}" if form == ".1f" else ""
    print(f"| {what} | {name} | {ours:{form}} | {theirs:{form}} | {ratio} |", flush=True)


def compare(name: str, case: Case, repeats: int) -> None:
    """Print all rows of one group."""
    networks, building = {}, []
    for maker in (ours, theirs):
        started = time.process_time()
        networks[maker.__name__] = maker(case)
        building.append(1e3 * (time.process_time() - started))
    x = torch.randn(case.batch, CHANNELS, *case.domain.shape)
    row("building, ms", name, *building, ".1f")
    # First: measuring the error copies the module, which escnn forbids after its evaluation mode.
    for dtype in (torch.float32, torch.float64):
        found = [error(network, x[:8], case, dtype) for network in networks.values()]
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
    parser.add_argument("--repeats", type=int, default=20)
    arguments = parser.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(1)
    print("| | group | ours | escnn | ratio |\n| --- | --- | --: | --: | --: |")
    for name, case in CASES.items():
        compare(name, case, arguments.repeats)


if __name__ == "__main__":
    main()
