"""Group CNNs, as a search sees them: a point group, augmentations and a size."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from autoequivariant.data import Split
from autoequivariant.groups import (
    Enumeration,
    Grid,
    Network,
    PointGroup,
    Symmetry,
)
from autoequivariant.nn import (
    Augmentation,
    CNNArchitecture,
    EquivarianceError,
    EquivariantCNN,
    equivariance_error,
)
from autoequivariant.search.child import Child
from autoequivariant.search.evaluation import Evaluation
from autoequivariant.search.family import AUGMENT, Finished
from autoequivariant.search.pruning import Pruning
from autoequivariant.search.train import Training
from autoequivariant.search.workers import OnStep

_SCORED_AT_ONCE = 500
_IMPLIED = ("hflip", "vflip")
"""Augmentations that change nothing where the network is invariant to the symmetry of that name."""


@dataclass(frozen=True)
class CNNTrainer:
    """Trains group CNNs one after another: a grouped convolution for many at once is slower on a
    CPU (`python benchmarks/group_conv.py --together`).

    Attributes:
        family: what they are.
        fit, score: pictures, shape `(n, channels, height, width)`, and classes.
        mean, scale: of each channel of the pictures to fit.
        training: epochs, batch size, learning rate.
        seed: the run's seed.
        device: where to train.
    """

    family: CNNFamily
    fit: tuple[Tensor, Tensor]
    score: tuple[Tensor, Tensor]
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    training: Training
    seed: int
    device: torch.device

    @property
    def steps(self) -> int:
        """Training steps of one network."""
        return self.training.epochs * self._steps_in_epoch

    @property
    def _steps_in_epoch(self) -> int:
        return -(-len(self.fit[0]) // self.training.batch_size)

    def evaluations(
        self,
        replicate: int,
        pruning: Pruning | None,
        children: Sequence[Child],
        on_step: OnStep,
    ) -> list[Evaluation]:
        """Train children one after another and score them, after each epoch where they may be given
        up.
        """
        return [self._evaluation(replicate, pruning, child, on_step) for child in children]

    def finished(
        self, replicate: int, children: Sequence[Child], on_step: OnStep
    ) -> list[Finished]:
        """Train children one after another to the end, score them, and hand them over."""
        found = []
        for child in children:
            model = self._fresh(child, replicate)
            for _ in self._epochs(model, child, replicate, on_step):
                pass
            found.append(Finished(model, self._correct(model), model.weight_count))
        return found

    def _evaluation(
        self, replicate: int, pruning: Pruning | None, child: Child, on_step: OnStep
    ) -> Evaluation:
        start = time.perf_counter()
        model = self._fresh(child, replicate)
        curve: list[float] = []
        pruned = False
        for _ in self._epochs(model, child, replicate, on_step):
            if pruning is None:
                continue
            correct = self._correct(model)
            curve.append(float(correct.mean()))
            pruned = bool(child.members) and pruning.gives_up(curve)
            if pruned:
                on_step(self.steps - len(curve) * self._steps_in_epoch)
                break
        correct = self._correct(model)
        seconds = time.perf_counter() - start
        return Evaluation(correct, model.weight_count, seconds, tuple(curve), pruned)

    def _fresh(self, child: Child, replicate: int) -> EquivariantCNN:
        generator = torch.Generator().manual_seed(self._seed_of(child, replicate, 0))
        model = EquivariantCNN(
            self.family.architecture_at(child.channels),
            self.family.group(child.members),
            self.mean,
            self.scale,
            generator=generator,
        )
        return model.to(self.device)

    def _seed_of(self, child: Child, replicate: int, what: int) -> int:
        numbers = (self.seed, replicate, what, child.channels, *child.members)
        return int(np.random.SeedSequence(numbers).generate_state(1)[0])

    def _epochs(
        self, model: EquivariantCNN, child: Child, replicate: int, on_step: OnStep
    ) -> Iterator[None]:
        """Train, epoch by epoch; the learning rate falls to nothing along a cosine."""
        x, y = self.fit
        size, steps = self.training.batch_size, self.steps
        # The same batches for all children; whatever is drawn in them is the child's own.
        order = np.random.SeedSequence((self.seed, replicate)).generate_state(1)[0]
        batches = torch.Generator().manual_seed(int(order))
        own = torch.Generator().manual_seed(self._seed_of(child, replicate, 1))
        augment = Augmentation(self.family.augmentations_of(child.members))
        optimizer = torch.optim.Adam(model.parameters(), lr=self.training.learning_rate)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
        for _ in range(self.training.epochs):
            model.train()
            for batch in torch.randperm(len(x), generator=batches).split(size):
                on_step(1)
                chosen = batch.to(x.device)
                logits = model(augment(x[chosen], own))
                optimizer.zero_grad()
                functional.cross_entropy(logits, y[chosen]).backward()
                optimizer.step()
                schedule.step()
            yield

    @torch.no_grad()
    def _correct(self, model: nn.Module) -> NDArray[np.bool_]:
        model.eval()
        pairs = zip(*(part.split(_SCORED_AT_ONCE) for part in self.score), strict=True)
        right = [(model(x).argmax(1) == y).cpu() for x, y in pairs]
        found: NDArray[np.bool_] = torch.cat(right).numpy()
        return found


class CNNFamily:
    """All group CNNs of an architecture, and the augmentations that they may be trained with.

    A state's canonical form has every candidate of the group that it generates, and no augmentation
    to which the network is invariant anyway.

    Args:
        architecture: what they have in common; its width is their own.
        candidates: point symmetries.
        augmentations: names from `nn.AUGMENTATIONS`.
    """

    name = "cnn"
    width_name = "size"
    remedy = "a smaller --size or smaller images"
    simplest = "the smallest, with the fewest symmetries and augmentations,"
    warnings = ()
    is_invariant = True

    def __init__(
        self,
        architecture: CNNArchitecture,
        candidates: Sequence[Symmetry],
        augmentations: Sequence[str],
    ) -> None:
        self.architecture = architecture
        self.candidates = tuple(candidates)
        self.augmentations = tuple(augmentations)
        self._numbers = {name: number for number, name in enumerate(self.names)}

    @property
    def names(self) -> tuple[str, ...]:
        """The candidates by name, then the augmentations."""
        return (*map(str, self.candidates), *(AUGMENT + name for name in self.augmentations))

    @property
    def own_width(self) -> int:
        """The architecture's width."""
        return self.architecture.width

    def summary(self, widths: Sequence[int]) -> str:
        """Say the body and the sizes."""
        sizes = ", ".join(map(str, widths))
        word = "size" if len(widths) == 1 else "sizes"
        return f"group CNNs, {self.architecture.body} body, {word} {sizes}"

    def identity(self) -> dict[str, Any]:
        """Body and augmentations."""
        return {
            "body": self.architecture.body,
            "size": self.own_width,
            "augmentations": list(self.augmentations),
        }

    def group(self, state: Iterable[int]) -> PointGroup:
        """Return the point group that a state's candidates generate."""
        named = [str(self.candidates[k]) for k in state if k < len(self.candidates)]
        return PointGroup(tuple(named))

    def augmentations_of(self, state: Iterable[int]) -> tuple[str, ...]:
        """Return the augmentations of a state."""
        first = len(self.candidates)
        return tuple(self.augmentations[k - first] for k in sorted(state) if k >= first)

    def architecture_at(self, width: int) -> CNNArchitecture:
        """Return the architecture at another width."""
        return replace(self.architecture, width=width)

    def closure(self, state: Iterable[int]) -> frozenset[int]:
        """Return the canonical form of a state."""
        given = frozenset(state)
        members = self.group(given).members
        symmetries = {k for k, s in enumerate(self.candidates) if str(s) in members}
        used = {
            self._numbers[AUGMENT + name]
            for name in self.augmentations_of(given)
            if not (name in _IMPLIED and name in members)
        }
        return frozenset(symmetries | used)

    def networks(self, limit: int) -> Enumeration:
        """Return the canonical states, those with the fewest things switched on first."""
        numbers = range(len(self.names))
        first = len(self.candidates)
        found: dict[frozenset[int], Network] = {}
        # A point group needs two generators at most.
        groups = [chosen for n in range(3) for chosen in combinations(numbers[:first], n)]
        augments = [
            chosen
            for n in range(len(self.augmentations) + 1)
            for chosen in combinations(numbers[first:], n)
        ]
        pairs = ((*group, *augment) for group in groups for augment in augments)
        for generators in sorted(pairs, key=lambda chosen: (len(chosen), chosen)):
            closed = self.closure(generators)
            if closed not in found and len(closed.intersection(generators)) == len(generators):
                found[closed] = Network(tuple(sorted(closed)), generators)
        whole = tuple(found.values())
        return Enumeration(whole[:limit], complete=len(whole) <= limit)

    def smallest_generators(self, members: Iterable[int], limit: int) -> tuple[int, ...]:
        """Return a smallest set with this closure; `limit` is never needed."""
        closed = self.closure(members)
        first = len(self.candidates)
        augments = tuple(k for k in sorted(closed) if k >= first)
        wanted = self.group(closed)
        symmetries = sorted(k for k in closed if k < first)
        sets = (chosen for n in range(3) for chosen in combinations(symmetries, n))
        return (*next(chosen for chosen in sets if self.group(chosen) == wanted), *augments)

    def count_weights(self, generators: tuple[int, ...], width: int) -> int:
        """Return the number of trainable numbers, about the same for all groups."""
        return self.architecture_at(width).count_weights(self.group(generators))

    def may_be(self, generators: tuple[int, ...], width: int) -> bool:
        """Every group has every size."""
        return True

    def simplicity(self, child: Child) -> tuple[int, ...]:
        """Size, order of the group, number of augmentations: a CNN's symmetries cost time and save
        no weights, so none is taken that does not help.
        """
        augmentations = len(self.augmentations_of(child.members))
        return (child.channels, self.group(child.members).order, augmentations)

    def baseline_width(self, width: int) -> int:
        """The same: networks of a size have the same number of weights."""
        return width

    def bytes_per_child(self, width: int, batch_size: int) -> int:
        """Return about how much memory the largest group's child takes while it trains."""
        everything = self.group(range(len(self.candidates)))
        architecture = self.architecture_at(width)
        weights = 4 * 4 * architecture.count_weights(everything) * everything.order
        return weights + 4 * 4 * batch_size * architecture.activations(everything)

    def at_once(self, width: int, batch_size: int, device: torch.device, memory: int) -> int:
        """One: see `CNNTrainer`."""
        return 1

    def trainer(
        self, fit: Split, score: Split, training: Training, seed: int, device: torch.device
    ) -> CNNTrainer:
        """Return what trains children on `fit` and scores them on `score`."""
        flat = fit.x.reshape(len(fit), fit.x.shape[1], -1).astype(np.float64)
        mean, scale = flat.mean(axis=(0, 2)), flat.std(axis=(0, 2))
        scale[scale == 0] = 1.0
        pairs = [_tensors(split, device) for split in (fit, score)]
        return CNNTrainer(
            self,
            pairs[0],
            pairs[1],
            tuple(map(float, mean)),
            tuple(map(float, scale)),
            training,
            seed,
            device,
        )

    def equivariance(
        self, model: nn.Module, child: Child, samples: NDArray[Any]
    ) -> EquivarianceError | None:
        """Measure how far the network is from being invariant."""
        group = self.group(child.members)
        if group.order == 1:
            return None
        x = torch.from_numpy(np.ascontiguousarray(samples)).float()
        grid = Grid(*x.shape[-2:])
        actions = {name: group.action(name, grid) for name in group.members}
        return equivariance_error(model.cpu(), x, actions, dtype=torch.float32)


def _tensors(split: Split, device: torch.device) -> tuple[Tensor, Tensor]:
    x = torch.from_numpy(np.ascontiguousarray(split.x)).to(device, torch.float32)
    return x, torch.from_numpy(split.y).to(device)
