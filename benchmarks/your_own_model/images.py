"""A plain CNN with symmetries put into it, beside augmentation, as a Markdown table.

    python benchmarks/your_own_model/images.py mnist --source path/to/mnist
    python benchmarks/your_own_model/images.py path/to/galaxyzoo1_spin.npz

`mnist`: a CNN is trained on upright digits, and tested on them, on digits turned by random quarter
turns, and on digits turned by any angle. The symmetry is `rot90`.

An `.npz` of spirals, whose two classes a mirror exchanges: the same, where test is as it is and
turned and mirrored at random, with classes exchanged by the mirror.

Rows: the network as it is, trained with augmentation by the group, and with the group put into it:
after the training without any further one, after fine-tuning for a third of the epochs, and trained
with it from the start. Every training has as many epochs, but the fine-tuned ones, and one seed.
Nothing is chosen by the scores, which are those of test.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from autoequivariant.nn.symmetrize.symmetrize import symmetrize
from kornia.geometry.transform import rotate
from torch import Tensor, nn

from autoequivariant.data.registry import read
from autoequivariant.evidence.intervals import wilson_interval

BATCH, RATE = 64, 3e-3
MIRROR = {"name": "mirror", "like": "hflip", "outputs": {"swap": "0 <-> 1"}}
Model = Callable[[Tensor], Tensor]


@dataclass(frozen=True, eq=False)
class Task:
    """Images, their classes and the group.

    Attributes:
        x, y: for training.
        tests: images and classes to score on, by name.
        symmetries: as `symmetrize` takes them.
        classes: number of classes.
        epochs: of a training.
    """

    x: Tensor
    y: Tensor
    tests: dict[str, tuple[Tensor, Tensor]]
    symmetries: list[Any]
    classes: int
    epochs: int

    def moved(self, x: Tensor, y: Tensor, source: torch.Generator) -> tuple[Tensor, Tensor]:
        """Turn and, where the group has it, mirror each image at random."""
        turns = torch.randint(4, (len(x),), generator=source)
        x = torch.stack([one.rot90(int(k), (1, 2)) for one, k in zip(x, turns, strict=True)])
        if MIRROR in self.symmetries:
            mirrored = torch.rand(len(x), generator=source) < 0.5
            x = torch.where(mirrored[:, None, None, None], x.flip(3), x)
            y = torch.where(mirrored, 1 - y, y)
        return x, y


def network(channels: int, side: int, classes: int) -> nn.Sequential:
    """Return a plain CNN: convolutions and pools until maps are at most 7 wide, and a linear layer
    on what they hold, which knows where it is."""
    torch.manual_seed(0)
    layers: list[nn.Module] = []
    width = 16
    while side > 7:
        layers += [nn.Conv2d(channels, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU()]
        layers.append(nn.MaxPool2d(2))
        channels, width, side = width, min(64, 2 * width), side // 2
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(channels * side**2, classes))


def batches(n: int, source: torch.Generator) -> Iterator[Tensor]:
    """Yield the rows of each batch of an epoch, each of full size."""
    return iter(torch.randperm(n, generator=source)[: n // BATCH * BATCH].view(-1, BATCH))


def train(model: nn.Module, task: Task, epochs: int, augment: bool = False) -> float:
    """Train, and return the seconds."""
    source, start = torch.Generator().manual_seed(0), time.perf_counter()
    optimizer = torch.optim.AdamW(model.parameters(), RATE, weight_decay=1e-2)
    steps = max(1, epochs * (len(task.x) // BATCH))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, steps)
    model.train()
    for _ in range(epochs):
        for rows in batches(len(task.x), source):
            x, y = task.x[rows], task.y[rows]
            if augment:
                x, y = task.moved(x, y, source)
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(x), y).backward()
            optimizer.step()
            schedule.step()
    model.eval()
    return time.perf_counter() - start


@torch.no_grad()
def scores(model: Model, task: Task) -> list[str]:
    """Return the accuracy on each test, with its interval."""
    cells = []
    for x, y in task.tests.values():
        hits = sum(
            int((model(part).argmax(dim=1) == labels).sum())
            for part, labels in zip(x.split(500), y.split(500), strict=True)
        )
        low, high = wilson_interval(hits, len(y))
        cells.append(f"{hits / len(y):.1%} ({low:.1%} to {high:.1%})")
    return cells


def mnist(source: Path, most: int | None) -> Task:
    found = read("mnist", source=source)
    x = torch.from_numpy(np.ascontiguousarray(found.x)).float() / 255
    y = torch.from_numpy(found.y)
    assert found.x_test is not None and found.y_test is not None
    test = torch.from_numpy(np.ascontiguousarray(found.x_test)).float() / 255
    labels = torch.from_numpy(found.y_test)
    task = Task(x[:most], y[:most], {}, ["rot90"], 10, 3)
    generator = torch.Generator().manual_seed(1)
    angles = 360 * torch.rand(len(test), generator=generator)
    task.tests["upright"] = test, labels
    task.tests["quarter turns"] = task.moved(test, labels, generator)
    task.tests["any angle"] = rotate(test, angles), labels
    return task


def spirals(path: Path) -> Task:
    with np.load(path) as file:
        arrays = {name: file[name] for name in ("x_train", "y_train", "x_test", "y_test")}
    x, test = (
        torch.from_numpy(arrays[name]).permute(0, 3, 1, 2).float() / 255
        for name in ("x_train", "x_test")
    )
    y, labels = (torch.from_numpy(arrays[name]) for name in ("y_train", "y_test"))
    task = Task(x, y, {}, ["rot90", MIRROR], 2, 30)
    task.tests["as they are"] = test, labels
    task.tests["turned and mirrored"] = task.moved(test, labels, torch.Generator().manual_seed(1))
    return task


def rows(task: Task) -> Iterator[list[str]]:
    """Yield the cells of each row of the table."""
    shape, some = task.x.shape[1:], task.x[:8]

    def fresh() -> nn.Sequential:
        return network(shape[0], shape[1], task.classes)

    plain = fresh()
    seconds = train(plain, task, task.epochs)
    yield ["none", f"{seconds:.0f}", *scores(plain, task)]
    state = {name: value.clone() for name, value in plain.state_dict().items()}
    augmented = fresh()
    yield [
        "augmentation",
        f"{train(augmented, task, task.epochs, augment=True):.0f}",
        *scores(augmented, task),
    ]
    fewer = max(1, task.epochs // 3)
    for method in ("average", "canonical", "lambda"):
        plain.load_state_dict(state)
        wrapped = symmetrize(plain.eval(), task.symmetries, method, samples=some).eval()
        if method != "lambda":  # which starts as the average
            yield [f"{method}, not trained further", "0", *scores(wrapped, task)]
        seconds = train(wrapped, task, fewer)
        yield [f"{method}, fine-tuned", f"{seconds:.0f}", *scores(wrapped, task)]
    for method in ("average", "canonical"):
        wrapped = symmetrize(fresh(), task.symmetries, method, samples=some)
        seconds = train(wrapped, task, task.epochs)
        yield [f"{method}, from the start", f"{seconds:.0f}", *scores(wrapped, task)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("data", help="mnist, or an .npz of spirals")
    parser.add_argument("--source", type=Path, help="files of MNIST")
    parser.add_argument("--most", type=int, help="training images of MNIST. Default: all")
    arguments = parser.parse_args()
    is_mnist = arguments.data == "mnist"
    task = mnist(arguments.source, arguments.most) if is_mnist else spirals(Path(arguments.data))
    heads = ["symmetries", "seconds of training", *task.tests]
    print(f"| {' | '.join(heads)} |\n| --- | ---: |{' --- |' * len(task.tests)}")
    for row in rows(task):
        print(f"| {' | '.join(row)} |", flush=True)


if __name__ == "__main__":
    main()
