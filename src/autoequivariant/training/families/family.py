"""A kind of network, as a search sees it: MLPs (`mlp.py`) and group CNNs (`cnn.py`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from numpy.typing import NDArray

from autoequivariant.data.split import Split
from autoequivariant.groups.closure.lattice import Enumeration
from autoequivariant.groups.symmetry import Symmetry
from autoequivariant.nn.network import Network
from autoequivariant.nn.sharing_map import SharingMap
from autoequivariant.training.child import Child
from autoequivariant.training.evaluation import Evaluation
from autoequivariant.training.loop import Training
from autoequivariant.training.pruning import Pruning
from autoequivariant.training.tasks import Task
from autoequivariant.training.workers import OnStep

AUGMENT = "augment_"
"""How the names of augmentations begin, which otherwise may be those of symmetries."""


@dataclass(frozen=True)
class TrainedNetwork:
    """A trained network that is handed over.

    Attributes:
        model: it takes samples as they are in the data set.
        scores: how well it did on each sample, shape `(n,)`, as in `Evaluation`.
        weights: its number of trainable numbers.
    """

    model: Network
    scores: NDArray[Any]
    n_parameters: int


class Trainer(Protocol):
    """Trains children on one split and scores them on another.

    All randomness of a child comes from the run's seed, the replicate and the child, so results do
    not depend on what is trained together or in which order. It is pickled for other processes.
    """

    @property
    def steps(self) -> int:
        """Training steps of one child."""

    def evaluations(
        self,
        replicate: int,
        pruning: Pruning | None,
        children: Sequence[Child],
        on_step: OnStep,
    ) -> list[Evaluation]:
        """Train children of one width and score them.

        Args:
            replicate: 0 in the search; others give the same child other random numbers.
            pruning: when to give a child up. Default: never.
            children: what to train.
            on_step: called before every step with the number of children that it is for.
        """

    def finished(
        self, replicate: int, children: Sequence[Child], on_step: OnStep
    ) -> list[TrainedNetwork]:
        """Train children of one width to the end, score them, and hand them over."""


class Family(Protocol):
    """What is known of all networks of a kind before one is chosen.

    A state is a set of on/off parameters by their numbers: the candidates come first, and after
    them whatever else is switched on and off.
    """

    @property
    def name(self) -> str:
        """`mlp` or `cnn`."""

    @property
    def task(self) -> Task:
        """What is asked of the networks."""

    @property
    def candidates(self) -> tuple[Symmetry, ...]:
        """The symmetries that a search switches on and off."""

    @property
    def names(self) -> tuple[str, ...]:
        """The on/off parameters by name."""

    @property
    def width_name(self) -> str:
        """What the width is called: `channels` or `size`."""

    @property
    def default_width(self) -> int:
        """The width where none is searched, and that of the baseline."""

    @property
    def is_invariant(self) -> bool:
        """Whether whole networks are invariant, or only equivariant in their hidden layers."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the user should know before the search starts."""

    @property
    def remedy(self) -> str:
        """What to give where memory is too small for one network."""

    def summary(self, widths: Sequence[int]) -> str:
        """Say in a few words what the networks are."""

    def identity(self) -> dict[str, Any]:
        """What decides results, as plain values."""

    def closure(self, state: Iterable[int]) -> frozenset[int]:
        """The one state that stands for all that are the same network."""

    def closed_states(self, limit: int) -> Enumeration:
        """Distinct networks, fewest generators first."""

    def smallest_generators(self, members: Iterable[int], limit: int) -> tuple[int, ...]:
        """A smallest set with this closure; a small one where `limit` states do not show it."""

    def count_parameters(self, generators: tuple[int, ...], width: int) -> int:
        """Number of trainable numbers."""

    def allows_width(self, generators: tuple[int, ...], width: int) -> bool:
        """Whether a network of this width is searched."""

    @property
    def simplest(self) -> str:
        """What `simplicity` goes by, in words: `the one with ...`."""

    def simplicity(self, child: Child) -> tuple[int, ...]:
        """Smaller for what is chosen of networks that cannot be told apart."""

    def baseline_width(self, width: int) -> int:
        """Width of the plain network that a network of this width is compared with."""

    def bytes_per_child(self, width: int, batch_size: int) -> int:
        """About how much memory a child takes while it trains."""

    def at_once(self, width: int, batch_size: int, device: torch.device, memory: int) -> int:
        """How many children of a width to train together within so many bytes; 1 at least."""

    def trainer(
        self, fit: Split, score: Split, training: Training, seed: int, device: torch.device
    ) -> Trainer:
        """What trains children on `fit` and scores them on `score`."""

    def sharing_maps(self, child: Child) -> tuple[SharingMap, ...]:
        """Pictures of the weights that a child's layers share; empty where there are none."""
