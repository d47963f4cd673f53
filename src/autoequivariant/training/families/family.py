"""The interface between a search and its networks: `Family` and `Trainer`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from numpy.typing import NDArray

from autoequivariant.data.split import Split
from autoequivariant.groups.closure.lattice import Enumeration
from autoequivariant.groups.symmetry import Symmetry
from autoequivariant.nn.network import Network
from autoequivariant.nn.sharing_map import SharingMap
from autoequivariant.training.child import Child
from autoequivariant.training.evaluation import Evaluation
from autoequivariant.training.executors.executor import OnStep
from autoequivariant.training.loop import Training
from autoequivariant.training.pruning import Pruning
from autoequivariant.training.tasks import Task
from autoequivariant.training.variant import LONGER, Variant


@dataclass(frozen=True)
class TrainedNetwork:
    """A network trained to the end.

    Attributes:
        model: takes samples as they are in the data set.
        scores: score of each sample, shape `(n,)`, as in `Evaluation`.
        n_parameters: number of trainable parameters.
        seconds: to train and to score it, alone on a worker (`Singles.train` measures it); from a
            trainer, those of earlier processes. Default: 0.
        share: of the training steps, those that the time allowed. Default: 1, all.
    """

    model: Network
    scores: NDArray[Any]
    n_parameters: int
    seconds: float = 0.0
    share: float = 1.0


class Trainer(ABC):
    """Trains children on one split and scores them on another.

    All randomness of a child comes from the run's seed, the replicate and the child, so results do
    not depend on which children are trained together or in which order. Trainers are pickled and
    sent to other processes.
    """

    @property
    @abstractmethod
    def steps(self) -> int:
        """Training steps of one child."""

    @abstractmethod
    def evaluate(
        self,
        replicate: int,
        pruning: Pruning | None,
        children: Sequence[Child],
        on_step: OnStep,
    ) -> list[Evaluation]:
        """Train children of one width and score them.

        Args:
            replicate: 0 in the search; other values give a child other random numbers.
            pruning: when to stop a child early. Default: never.
            children: what to train.
            on_step: called before every step with the number of children that take it; first, where
                a checkpoint is resumed (`Training.checkpoints`), with the steps made by all.
        """

    @abstractmethod
    def train(
        self, replicate: int, children: Sequence[Child], on_step: OnStep
    ) -> list[TrainedNetwork]:
        """Train children of one width to the end, score them and return the networks."""


class Family(ABC):
    """All networks of one kind that a search may train.

    A state is a set of on/off parameters, given by their numbers. The candidates come first, then
    the augmentations, if the kind has any.

    Attributes:
        kind: name of the kind of network, as in `registry.KINDS`.
        width_name: what users call the width, such as `channels`.
        remedy: what reduces the memory that one network needs.
        simplest: what `simplicity` prefers, to complete "... is chosen".
        has_importance: whether a search reports the importance of each parameter (fANOVA).
        task: loss and score.
    """

    kind: ClassVar[str]
    width_name: ClassVar[str] = "width"
    remedy: ClassVar[str] = "smaller data"
    simplest: ClassVar[str] = "the one with the fewest parameters"
    has_importance: ClassVar[bool] = False
    task: Task

    @property
    @abstractmethod
    def candidates(self) -> tuple[Symmetry, ...]:
        """The symmetries that a search switches on and off."""

    @property
    def augmentations(self) -> tuple[str, ...]:
        """The augmentations that a search switches on and off, by name. Default: none."""
        return ()

    @property
    def names(self) -> tuple[str, ...]:
        """The on/off parameters by name, in the order of their numbers."""
        return tuple(map(str, self.candidates))

    @property
    @abstractmethod
    def default_width(self) -> int:
        """Width of the baseline, and of all networks if no width is searched."""

    @property
    def is_invariant(self) -> bool:
        """Whether whole networks are invariant, or only their hidden layers equivariant."""
        return True

    @property
    def coded_columns(self) -> int:
        """Number of columns of a table with a unit for each of their values. Default: none."""
        return 0

    @property
    def numbers_per_value(self) -> int:
        """Number of numbers that networks read for each value of a sample. Default: one."""
        return 1

    @property
    def warnings(self) -> tuple[str, ...]:
        """Warnings to show before the search starts. Default: none."""
        return ()

    def proxy(self, training: Training, n_samples: int) -> Training:
        """Return how these networks are trained in a search, given how those of the kind are.

        Args:
            training: of the kind.
            n_samples: number of training samples.

        Default: as the kind.
        """
        return training

    def full(self, training: Training, n_samples: int) -> Training:
        """Return how the network that is handed over is trained.

        Args:
            training: in the search.
            n_samples: number of training samples.

        Default: as in the search.
        """
        return training

    def recipe_for(self, child: Child) -> Variant:
        """Return how a network is fitted at first, beside `full`. Default: as `full` says."""
        return Variant()

    @property
    def moves(self) -> tuple[Variant, ...]:
        """How the fit of a network may change, one at a time. Default: trained twice as long."""
        return (LONGER,)

    def nominal_seconds(self, child: Child, training: Training, n_samples: int) -> float | None:
        """Return about how long a training takes, the same on every machine.

        Trainings are then tried within a time without a result that depends on the load of the
        machine. Default: None, not known; what they took counts.
        """
        return None

    @abstractmethod
    def summary(self, widths: Sequence[int]) -> str:
        """Describe the networks in a few words."""

    def identity(self) -> dict[str, Any]:
        """Return what decides results besides the candidates, as plain values. Default: nothing."""
        return {}

    @abstractmethod
    def closure(self, state: Iterable[int]) -> frozenset[int]:
        """Return the closed state of a state: the same for all states with the same network."""

    @abstractmethod
    def closed_states(self, limit: int, excluded: frozenset[int] = frozenset()) -> Enumeration:
        """Return the closed states, fewest generators first, at most `limit` of them.

        Args:
            limit: maximum number of closed states.
            excluded: candidates that no closed state may have. Default: none.
        """

    @abstractmethod
    def smallest_generators(self, members: Iterable[int], limit: int) -> tuple[int, ...]:
        """Return a smallest set with this closure, or a small one after trying `limit` states."""

    def weaker(self, number: int) -> int | None:
        """Return the candidate that asks for the next less than a candidate does, such as a
        symmetry of fewer layers. Default: None, there is no such.
        """
        return None

    def to_add(self, members: Iterable[int]) -> tuple[int, ...]:
        """Return the numbers of the on/off parameters that a neighbour of a state may have more.

        Default: all that it lacks.
        """
        known = frozenset(members)
        return tuple(number for number in range(len(self.names)) if number not in known)

    @abstractmethod
    def count_parameters(self, generators: tuple[int, ...], width: int) -> int:
        """Return the number of trainable parameters."""

    def allows_width(self, generators: tuple[int, ...], width: int) -> bool:
        """Whether a network of this width is searched. Default: yes."""
        return True

    def simplicity(self, child: Child) -> tuple[int, ...]:
        """Return the sort key that chooses among equally good networks, simplest first."""
        return (self.count_parameters(child.generators, child.width),)

    def baseline_width(self, width: int) -> int:
        """Return the width of the baseline for networks of this width. Default: `default_width`."""
        return self.default_width

    @property
    def trains_together(self) -> bool:
        """Whether a trainer trains children of one width as one batch. Default: no."""
        return False

    @abstractmethod
    def bytes_per_child(self, width: int, batch_size: int) -> int:
        """Return the approximate memory that a child needs while it trains."""

    def max_together(self, width: int, batch_size: int, device: torch.device, memory: int) -> int:
        """Return how many children to train together within `memory` bytes. Default: 1."""
        return 1

    @abstractmethod
    def trainer(
        self, fit: Split, score: Split, training: Training, seed: int, device: torch.device
    ) -> Trainer:
        """Return a trainer that fits children on `fit` and scores them on `score`."""

    def sharing_maps(self, child: Child) -> tuple[SharingMap, ...]:
        """Return which weights a child's layers share, for pictures. Default: none."""
        return ()
