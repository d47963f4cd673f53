"""Group convolutions against standard ones, and training children one by one or together.

    python benchmarks/group_conv.py [--dimensions 1,2,3] [--repeats 40]
    python benchmarks/group_conv.py --together [--children 8] [--repeats 20] [--device cpu]

The first command prints a table for a group of 2 elements in one dimension, of 4 and 8 in two and
of 4 and 48 in three: a training step (forward and backward) and inference of four convolutions of
side 3 with ReLU in between and a linear layer on the mean of each map, on 32 samples of 3x1024 or
3x32x32 or 8 of 3x12x12x12, each as a ratio to the baseline with as many maps; and the time to build
an `EquivariantCNN` of the default size, including its orbits. The exit status is 1 if a target is
missed.

The second command prints the time of a training step (forward, backward and Adam) of small
children, one after another and as one network with grouped convolutions, on 64 images of 1x28x28.
On a GPU it prints wall time: children one after another, with and without CUDA graphs; with graphs
on a stream each, in a thread each, as a search trains them; and grouped, with a graph.

On a CPU all run in one thread, and alternate in one process; each turn starts with another one.
Times are medians of processor time, which other programs disturb less than wall time; ratios are
ratios of medians. `baseline again` is a second baseline: its ratio shows the noise.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import median

import torch
from torch import Tensor, nn
from torch.nn import functional

from autoequivariant.groups import domain as domains
from autoequivariant.groups.domain import Domain, Grid, Volume
from autoequivariant.groups.point_group.group import PointGroup
from autoequivariant.groups.point_group.kernel import kernel_orbits
from autoequivariant.groups.symmetry import parse_symmetries
from autoequivariant.nn.cnn.architecture import CNNArchitecture
from autoequivariant.nn.cnn.network import EquivariantCNN
from autoequivariant.nn.graphs import gradients_of
from autoequivariant.nn.layers.group_conv import GroupConv
from autoequivariant.training.executors.executor import OnStep
from autoequivariant.training.executors.local import LocalExecutor
from autoequivariant.training.executors.streams import StreamsExecutor

DOMAINS: dict[int, tuple[Domain, int, int]] = {
    1: (domains.Sequence(1024), 32, 64),
    2: (Grid(32, 32), 32, 64),
    3: (Volume(12, 12, 12), 8, 48),
}
"""Of the samples, with the sizes of a batch and the number of maps."""
NAMES = {
    1: {"reverse": "reverse"},
    2: {"C4": "rot90", "D4": "rot90,hflip"},
    3: {"C4": "rot90_xy", "cube": "rot90_xy,rot90_yz,flip_x"},
}
GROUPS = {
    dimensions: {
        name: PointGroup.of(parse_symmetries(text), DOMAINS[dimensions][0])
        for name, text in names.items()
    }
    for dimensions, names in NAMES.items()
}
CONVOLUTIONS = {1: nn.Conv1d, 2: nn.Conv2d, 3: nn.Conv3d}
CHANNELS, CLASSES, LAYERS, WARM_UP = 3, 10, 4, 3
TRAINING, INFERENCE, BUILDING = 1.05, 1.02, 10.0
"""Targets: two ratios to the baseline, of which noise takes 0.02, and milliseconds."""
TOGETHER_SHAPE, TOGETHER_MAPS = (64, 1, 28, 28), 16

Step = Callable[[], object]


class Mean(nn.Module):
    """The mean of each map."""

    def forward(self, x: Tensor) -> Tensor:
        return x.flatten(2).mean(2)


def network_of(group: PointGroup | None, dimensions: int, maps: int) -> nn.Sequential:
    """Four convolutions with this number of maps; standard ones without a group."""
    layers: list[nn.Module] = []
    for number in range(LAYERS):
        if group is None:
            into = maps if number else CHANNELS
            layers.append(CONVOLUTIONS[dimensions](into, maps, 3, padding=1))
        else:
            channels = maps // group.order
            into = channels if number else CHANNELS
            layers.append(GroupConv(group, into, channels, 3, lifting=not number, padding=1))
        layers.append(nn.ReLU())
    return nn.Sequential(*layers, Mean(), nn.Linear(maps, CLASSES))


def trainer(network: nn.Module, x: Tensor, y: Tensor) -> Step:
    def step() -> None:
        network.zero_grad()
        functional.cross_entropy(network(x), y).backward()

    return step


def inferrer(network: nn.Module, x: Tensor) -> Step:
    def step() -> None:
        with torch.no_grad():
            network(x)

    return step


def turns(steps: Mapping[str, Step], repeats: int) -> dict[str, list[float]]:
    """Processor seconds of each step in each turn, after a warm-up."""
    found: dict[str, list[float]] = {name: [] for name in steps}
    names = list(steps)
    for turn in range(repeats + WARM_UP):
        first = turn % len(names)
        for name in (*names[first:], *names[:first]):
            started = time.process_time()
            steps[name]()
            if turn >= WARM_UP:
                found[name].append(time.process_time() - started)
    return found


def ratio(some: Iterable[float], others: Iterable[float]) -> float:
    return median(some) / median(others)


def builder(group: PointGroup, domain: Domain) -> Step:
    architecture = CNNArchitecture(CHANNELS, domain, CLASSES)

    def build() -> None:
        kernel_orbits.cache_clear()
        EquivariantCNN(architecture, group)

    return build


def compared(dimensions: int, repeats: int) -> bool:
    """Print the rows of the groups in these dimensions; return whether all targets are met."""
    (domain, batch, maps), groups = DOMAINS[dimensions], GROUPS[dimensions]
    x, y = torch.randn(batch, CHANNELS, *domain.shape), torch.randint(CLASSES, (batch,))
    kinds = {"baseline": None, "baseline again": None, **groups}
    networks = {name: network_of(group, dimensions, maps) for name, group in kinds.items()}
    phases = {
        "forward and backward": ({k: trainer(n, x, y) for k, n in networks.items()}, TRAINING),
        "inference": ({k: inferrer(n, x) for k, n in networks.items()}, INFERENCE),
    }
    met = True
    for what, (steps, target) in phases.items():
        for network in networks.values():
            network.train(what != "inference")
        # Shorter, and its target is nearer to 1 than the noise of a few turns.
        found = turns(steps, repeats * (1 if what != "inference" else 5))
        for name in list(kinds)[1:]:
            by = ratio(found[name], found["baseline"])
            both = " | ".join(f"{1e3 * median(found[key]):.1f}" for key in ("baseline", name))
            wanted = f"{target:.2f}" if name in groups else ""
            row = f"| {dimensions} | {what} | {name} | {both} | {by:.3f} | {wanted} |"
            print(row, flush=True)
            met = met and (name not in groups or by <= target)
    builders = {name: builder(group, domain) for name, group in groups.items()}
    for name, seconds in turns(builders, repeats).items():
        milliseconds = 1e3 * median(seconds)
        row = f"| {dimensions} | building | {name} | | {milliseconds:.1f} | | {BUILDING:.0f} ms |"
        print(row, flush=True)
        met = met and milliseconds <= BUILDING
    return met


def child_of(group: PointGroup | None, children: int) -> nn.Sequential:
    """Several networks of the paper's shape as one: each reads its own maps, and the image."""
    layers: list[nn.Module] = []
    order = 1 if group is None else group.order
    # As many parameters as the baseline: about 1 / sqrt(order) of its channels.
    width = round(TOGETHER_MAPS / order**0.5) * children
    widths = [TOGETHER_SHAPE[1], width, width, 2 * width, 2 * width]
    for number, (into, out) in enumerate(zip(widths, widths[1:], strict=False)):
        parts = children if number else 1
        if group is None:
            layers.append(nn.Conv2d(into, out, 3, padding=1, groups=parts))
        else:
            layers.append(
                GroupConv(group, into, out, 3, lifting=not number, padding=1, groups=parts)
            )
        layers += [nn.BatchNorm2d(out * order), nn.ReLU()]
        layers += [nn.MaxPool2d(2)] * (number < 2)
    ends = nn.Conv1d(2 * width * order, children * CLASSES, 1, groups=children)
    return nn.Sequential(*layers, Mean(), nn.Unflatten(1, (-1, 1)), ends, nn.Flatten())


def stepper(network: nn.Module, children: int, x: Tensor, y: Tensor, graphed: bool) -> Step:
    """A training step of a network that holds this number of children."""
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3, fused=True)

    def loss(samples: Tensor, targets: Tensor) -> Tensor:
        logits = network(samples).view(-1, CLASSES)
        repeated = targets.repeat_interleave(children)
        return functional.cross_entropy(logits, repeated) * children

    gradients = gradients_of(loss, network, x.device, is_random=not graphed)

    def step() -> None:
        gradients(x, y)
        optimizer.step()

    return step


def fitter(networks: list[nn.Module], children: int, x: Tensor, y: Tensor) -> Step:
    """A training step of all networks, one after another; each holds this number of children."""
    steps = [stepper(network, children, x, y, graphed=False) for network in networks]

    def step() -> None:
        for one in steps:
            one()

    return step


def together(children: int, repeats: int) -> None:
    """Print the time of a step of all children, both ways."""
    x, y = torch.randn(TOGETHER_SHAPE), torch.randint(CLASSES, TOGETHER_SHAPE[:1])
    print("| children | one after another, ms | grouped, ms | ratio |\n| --- | --: | --: | --: |")
    for name, group in {"baseline": None, "C4": GROUPS[2]["C4"]}.items():
        steps = {
            "alone": fitter([child_of(group, 1) for _ in range(children)], 1, x, y),
            "grouped": fitter([child_of(group, children)], children, x, y),
        }
        found = turns(steps, repeats)
        both = " | ".join(f"{1e3 * median(seconds):.0f}" for seconds in found.values())
        by = ratio(found["grouped"], found["alone"])
        print(f"| {children} {name} | {both} | {by:.2f} |", flush=True)


def seconds_on_gpu(steps: Sequence[Step], repeats: int, streams: bool) -> float:
    """Wall seconds of a step of all networks; with streams in a thread each."""
    device = torch.device("cuda")

    def train(number: int, on_step: OnStep) -> None:
        for _ in range(repeats):
            steps[number]()
        torch.cuda.current_stream().synchronize()

    executor = StreamsExecutor(len(steps), device) if streams else LocalExecutor(1)
    with executor:
        for _ in range(2):
            torch.cuda.synchronize()
            started = time.perf_counter()
            list(executor.run(train, range(len(steps)), lambda count: None))
            torch.cuda.synchronize()
    return (time.perf_counter() - started) / repeats


def together_on_gpu(children: int, repeats: int) -> None:
    """Print the time of a step of all children, in each way."""
    device = torch.device("cuda")
    x = torch.randn(TOGETHER_SHAPE, device=device)
    y = torch.randint(CLASSES, TOGETHER_SHAPE[:1], device=device)
    print(f"{torch.cuda.get_device_name()}, torch {torch.__version__}")
    print("| children | one by one, ms | with graphs | on streams | grouped, with a graph |")
    print("| --- | --: | --: | --: | --: |")
    for name, group in {"baseline": None, "C4": GROUPS[2]["C4"]}.items():
        alone = [child_of(group, 1).to(device) for _ in range(children)]
        whole = child_of(group, children).to(device)
        found = []
        for networks, held, graphed, streams in (
            (alone, 1, False, False),
            (alone, 1, True, False),
            (alone, 1, True, True),
            ([whole], children, True, False),
        ):
            steps = [stepper(network, held, x, y, graphed) for network in networks]
            found.append(seconds_on_gpu(steps, repeats, streams))
        print(f"| {children} {name} | {' | '.join(f'{1e3 * s:.2f}' for s in found)} |", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--dimensions", default="1,2,3")
    parser.add_argument("--repeats", type=int, default=40)
    parser.add_argument("--together", action="store_true")
    parser.add_argument("--children", type=int, default=8)
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    arguments = parser.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(1)
    if arguments.together and arguments.device == "cuda":
        together_on_gpu(arguments.children, arguments.repeats)
        return 0
    if arguments.together:
        together(arguments.children, arguments.repeats)
        return 0
    print("| axes | | network | baseline, ms | network, ms | ratio | target |")
    print("| --: | --- | --- | --: | --: | --: | --: |")
    chosen = map(int, arguments.dimensions.split(","))
    met = [compared(dimensions, arguments.repeats) for dimensions in chosen]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
