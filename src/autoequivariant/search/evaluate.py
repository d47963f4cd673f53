"""Evaluation of states: fitted on train, scored on validation, many at once."""

from __future__ import annotations

import base64
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from autoequivariant.data import Split
from autoequivariant.groups import Network
from autoequivariant.nn import Architecture, BatchedMLP, bytes_per_child
from autoequivariant.search.side_by_side import OnStep, side_by_side
from autoequivariant.search.train import Training, correct, train

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
        seconds: its share of the time that training and scoring took.
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


class Evaluator:
    """Trains networks of one architecture on one split and scores them on another.

    Args:
        architecture: what all networks have in common.
        fit, score: the two splits.
        training: epochs, batch size, learning rate.
        seed: the run's seed; all randomness of a network comes from it, its replicate and its
            candidates, so results do not depend on what is trained together or in which order.
        device: where to train.
        memory_limit: bytes that training may take. Default: a quarter of the memory of the device.
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
    ) -> None:
        self.architecture = architecture
        self.training = training
        self.seed = seed
        self.device = device
        self.normalisation = Normalisation.of(fit.x, architecture.actions.is_signed)
        self._fit = self.normalisation.apply(fit, device)
        self._score = self.normalisation.apply(score, device)
        limit = default_memory_limit(device) if memory_limit is None else memory_limit
        self.at_once = children_at_once(architecture, training.batch_size, device, limit)

    def score(self, model: BatchedMLP) -> NDArray[np.bool_]:
        """Return which of the scored samples each child classifies correctly, shape `(b, n)`."""
        return correct(model, *self._score).numpy()

    @property
    def steps(self) -> int:
        """Training steps of one network."""
        return self.training.epochs * -(-len(self._fit[0]) // self.training.batch_size)

    def evaluate(
        self, networks: Sequence[Network], replicate: int, on_step: OnStep
    ) -> Iterator[list[Evaluation]]:
        """Train and score networks, as many together as the memory limit allows; yield them part by
        part.

        Args:
            networks: what to train.
            replicate: 0 in the search; others give the same network other random numbers.
            on_step: called before every training step; may raise to stop.
        """
        for first in range(0, len(networks), self.at_once):
            some = networks[first : first + self.at_once]
            start = time.perf_counter()
            models = [self._fresh(part, replicate) for part in self._divided(some)]
            works = [partial(self._train_and_score, model, replicate) for model in models]
            found = np.concatenate(side_by_side(works, on_step))
            seconds = (time.perf_counter() - start) / len(some)
            counts = [count for model in models for count in model.weight_counts]
            yield [Evaluation(row, n, seconds) for row, n in zip(found, counts, strict=True)]

    def fit(self, networks: Sequence[Network], replicate: int, on_step: OnStep) -> BatchedMLP:
        """Return the trained networks as one model."""
        model = self._fresh(networks, replicate)
        side_by_side([partial(self._train, model, replicate)], on_step)
        return model

    def _divided(self, networks: Sequence[Network]) -> list[Sequence[Network]]:
        """Parts of nearly equal size, the largest first: one for each core, or all for a GPU."""
        parts = torch.get_num_threads() if self.device.type == "cpu" else 1
        size = -(-len(networks) // parts)
        return [networks[first : first + size] for first in range(0, len(networks), size)]

    def _fresh(self, networks: Sequence[Network], replicate: int) -> BatchedMLP:
        return BatchedMLP(
            self.architecture,
            [self.architecture.sharings(network.generators) for network in networks],
            [(self.seed, replicate, len(n.members), *n.members) for n in networks],
            self.device,
        )

    def _train(self, model: BatchedMLP, replicate: int, on_step: OnStep) -> None:
        order = int(np.random.SeedSequence((self.seed, replicate)).generate_state(1)[0])
        train(model, *self._fit, self.training, order, on_step)

    def _train_and_score(
        self, model: BatchedMLP, replicate: int, on_step: OnStep
    ) -> NDArray[np.bool_]:
        self._train(model, replicate, on_step)
        return self.score(model)


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
