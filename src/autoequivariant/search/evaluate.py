"""Evaluation of states: fitted on train, scored on validation, many at once."""

from __future__ import annotations

import base64
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from autoequivariant.data import Split
from autoequivariant.nn import Architecture, BatchedMLP, bytes_per_child
from autoequivariant.search.space import Child
from autoequivariant.search.train import Training, correct, train
from autoequivariant.search.workers import OnStep, Workers, one_thread

MOST_TOGETHER = 256
_CPU_DENSE_BYTES = (
    2**25
)  # dense weights of the children trained together on a CPU; more is not faster


@dataclass(frozen=True)
class Evaluation:
    """How one trained network did.

    Attributes:
        correct: which samples it classified correctly, bool, shape `(n,)`.
        weights: number of trainable numbers of the network.
        seconds: its share of the time that training and scoring took, on all cores together.
    """

    correct: NDArray[np.bool_]
    weights: int
    seconds: float

    @property
    def accuracy(self) -> float:
        """Share of correct answers."""
        return float(self.correct.mean())

    def to_json(self) -> dict[str, Any]:
        """Return it as plain values, one bit a sample."""
        bits = base64.b64encode(np.packbits(self.correct).tobytes()).decode()
        return {
            "accuracy": self.accuracy,
            "weights": self.weights,
            "seconds": self.seconds,
            "n": int(self.correct.size),
            "correct": bits,
        }

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> Evaluation:
        """Read what `to_json` wrote."""
        bits = np.frombuffer(base64.b64decode(record["correct"]), np.uint8)
        found = np.unpackbits(bits, count=record["n"]).astype(bool)
        return cls(found, int(record["weights"]), float(record["seconds"]))


@dataclass(frozen=True)
class Normalisation:
    """What is subtracted from each input channel, and by what it is divided: commutes with all
    candidates.
    """

    mean: tuple[float, ...]
    scale: tuple[float, ...]

    @classmethod
    def of(cls, x: NDArray[Any], keep_zero: bool) -> Normalisation:
        """Measure it on samples of shape `(n, channels, *shape)`; with `keep_zero` nothing is
        subtracted.
        """
        flat = x.reshape(len(x), x.shape[1], -1).astype(np.float64)
        mean = np.zeros(x.shape[1]) if keep_zero else flat.mean(axis=(0, 2))
        scale = np.sqrt(((flat - mean[:, None]) ** 2).mean(axis=(0, 2)))
        scale[scale == 0] = 1.0
        return cls(tuple(map(float, mean)), tuple(map(float, scale)))

    def apply(self, split: Split, device: torch.device) -> tuple[Tensor, Tensor]:
        """Return samples, shape `(n, c)`, and classes as tensors on `device`."""
        x = torch.from_numpy(np.ascontiguousarray(split.x)).to(device, torch.float32)
        flat = x.reshape(len(x), x.shape[1], -1)
        mean = torch.tensor(self.mean, device=device)[:, None]
        scale = torch.tensor(self.scale, device=device)[:, None]
        return ((flat - mean) / scale).flatten(1), torch.from_numpy(split.y).to(device)


@dataclass(frozen=True)
class Trainer:
    """Trains networks of one architecture on one split and scores them on another.

    Attributes:
        architecture: what all children have in common, but for their width.
        fit, score: samples, shape `(n, c)`, and classes to train and to score on.
        training: epochs, batch size, learning rate.
        seed: the run's seed; all randomness of a network comes from it, its replicate and its
            candidates, so results do not depend on what is trained together or in which order.
        device: where to train.
    """

    architecture: Architecture
    fit: tuple[Tensor, Tensor]
    score: tuple[Tensor, Tensor]
    training: Training
    seed: int
    device: torch.device

    @property
    def steps(self) -> int:
        """Training steps of one network."""
        return self.training.epochs * -(-len(self.fit[0]) // self.training.batch_size)

    def trained(self, children: Sequence[Child], replicate: int, on_step: OnStep) -> BatchedMLP:
        """Return children of one width as one model, after training."""
        architecture = self.architecture.with_channels(children[0].channels)
        model = BatchedMLP(
            architecture,
            [architecture.sharings(child.generators) for child in children],
            [(self.seed, replicate, len(child.members), *child.members) for child in children],
            self.device,
        )
        order = int(np.random.SeedSequence((self.seed, replicate)).generate_state(1)[0])
        train(model, *self.fit, self.training, order, partial(on_step, len(children)))
        return model

    def scored(self, model: BatchedMLP) -> NDArray[np.bool_]:
        """Return which samples each child classifies correctly, shape `(b, n)`."""
        return correct(model, *self.score).numpy()

    def evaluations(
        self, replicate: int, children: Sequence[Child], on_step: OnStep
    ) -> list[Evaluation]:
        """Train children of one width together and score them."""
        start = time.perf_counter()
        model = self.trained(children, replicate, on_step)
        rows = self.scored(model)
        seconds = (time.perf_counter() - start) / len(children)
        counts = model.weight_counts
        return [Evaluation(row, n, seconds) for row, n in zip(rows, counts, strict=True)]


class Evaluator:
    """Trains and scores children, as many together and in as many processes as is worth it.

    Args:
        architecture, training, seed, device: see `Trainer`.
        fit, score: the two splits.
        memory_limit: bytes that training may take. Default: a quarter of the memory of the device.
        workers: processes that share the work on a CPU. Default: this one alone.
    """

    def __init__(
        self,
        architecture: Architecture,
        fit: Split,
        score: Split,
        training: Training,
        seed: int,
        device: torch.device,
        memory_limit: int | None = None,
        workers: Workers | None = None,
    ) -> None:
        self.normalisation = Normalisation.of(fit.x, architecture.actions.is_signed)
        to_tensors = partial(self.normalisation.apply, device=device)
        self.trainer = Trainer(
            architecture, to_tensors(fit), to_tensors(score), training, seed, device
        )
        self._limit = default_memory_limit(device) if memory_limit is None else memory_limit
        # A GPU has one process: it is better served by few large products than by many small ones.
        alone = workers is None or device.type != "cpu"
        self._workers = Workers(1) if workers is None or alone else workers

    @property
    def steps(self) -> int:
        """Training steps of one network."""
        return self.trainer.steps

    def evaluate(
        self, children: Sequence[Child], replicate: int, on_step: OnStep
    ) -> Iterator[tuple[list[Child], list[Evaluation]]]:
        """Train and score children, as many of one width together as the memory limit allows; yield
        them part by part, as they are ready.

        Args:
            children: what to train.
            replicate: 0 in the search; others give the same child other random numbers.
            on_step: called with the number of training steps that children took since; may raise
                to stop.
        """
        parts = self._parts(children)
        job = partial(self.trainer.evaluations, replicate)
        cores = min(self._workers.processes, len(parts))
        for number, found in self._workers.run(job, parts, on_step):
            yield parts[number], [replace(e, seconds=e.seconds / cores) for e in found]

    def trained(self, children: Sequence[Child], replicate: int, on_step: OnStep) -> BatchedMLP:
        """Return trained children of one width as one model."""
        with one_thread():
            return self.trainer.trained(children, replicate, on_step)

    def _parts(self, children: Sequence[Child]) -> list[list[Child]]:
        """Children of one width each, nearly as many in every part, and enough parts for all
        processes.
        """
        parts: list[list[Child]] = []
        for width in dict.fromkeys(child.channels for child in children):
            alike = [child for child in children if child.channels == width]
            most = max(1, self._at_once(width) // self._workers.processes)
            count = max(-(-len(alike) // most), min(self._workers.processes, len(alike)))
            ends = [k * len(alike) // count for k in range(count + 1)]
            parts += [alike[a:b] for a, b in zip(ends, ends[1:], strict=False)]
        return parts

    def _at_once(self, channels: int) -> int:
        wide = self.trainer.architecture.with_channels(channels)
        batch_size = self.trainer.training.batch_size
        return children_at_once(wide, batch_size, self.trainer.device, self._limit)


def default_memory_limit(device: torch.device) -> int:
    """Return a quarter of the device's memory, in bytes; 2 GiB where it cannot be told."""
    if device.type == "cuda":
        return int(torch.cuda.get_device_properties(device).total_memory // 4)
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 4
    except (AttributeError, OSError, ValueError):
        return 2**31


def children_at_once(
    architecture: Architecture, batch_size: int, device: torch.device, memory_limit: int
) -> int:
    """Return how many children to train together within `memory_limit` bytes; 1 at least."""
    fitting = memory_limit // bytes_per_child(architecture, batch_size)
    if device.type == "cpu":
        widths = architecture.widths
        entries = sum(a * b for a, b in zip(widths, widths[1:], strict=False))
        fitting = min(fitting, _CPU_DENSE_BYTES // (4 * entries))
    return int(max(1, min(fitting, MOST_TOGETHER)))
