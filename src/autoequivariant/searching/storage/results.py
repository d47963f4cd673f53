"""`results.json`: the results of a search, with one writer and one strict reader."""

from __future__ import annotations

import importlib.metadata
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from msgspec import Meta

from autoequivariant.evidence.class_balance import ClassShares
from autoequivariant.evidence.verdict import Verdict
from autoequivariant.jsonio import to_type
from autoequivariant.searching.storage.coding import CodingRecord
from autoequivariant.searching.storage.config_file import FORMAT, read_formatted, write_json
from autoequivariant.searching.storage.fit import FitRecord
from autoequivariant.searching.storage.rivals import RivalRecord
from autoequivariant.training.tasks import LossName, Metric

Status = Literal[
    "complete", "decided", "converged", "budget", "repeats", "timeout", "interrupted", "given"
]
Measure = Metric | LossName
Count = Annotated[int, Meta(ge=0, le=2**53)]
Folds = Annotated[int, Meta(ge=0, le=1000)]
Names = tuple[str, ...]
Interval = tuple[float, float]


@dataclass(frozen=True)
class State:
    """A closed state and its network, by name.

    Attributes:
        symmetries: the whole closure.
        generators: a smallest set of symmetries that gives it.
        augmentations: what it is trained with.
        width: its width (`Family.width_name`).
        n_parameters: number of trainable parameters.
    """

    symmetries: Names
    generators: Names
    augmentations: Names
    width: Count
    n_parameters: Count

    @property
    def key(self) -> tuple[frozenset[str], frozenset[str], int]:
        """Identifies the network, whatever its generators."""
        return frozenset(self.symmetries), frozenset(self.augmentations), self.width


@dataclass(frozen=True)
class Leader(State):
    """A network that leads on validation in the search.

    Attributes:
        score: validation score, accuracy or R².
        interval: its 95% interval.
    """

    score: float
    interval: Interval


@dataclass(frozen=True)
class FinalistRecord(State):
    """A leading network, retrained on folds of train and validation.

    Attributes:
        validation_score: score on samples that it was not fitted on.
        behind_best: mean paired difference from the best finalist, on the same samples, in what
            finalists are compared by (`Results.compared_by`).
        standard_error: of that difference.
        folds: number of folds it was retrained on; fewer than others' if it was pruned.
    """

    validation_score: float
    behind_best: float
    standard_error: float
    folds: Folds

    @property
    def is_distinguishable(self) -> bool:
        """Whether it is behind the best by more than one standard error."""
        # One differing answer is exactly one standard error: rounding must not decide that.
        return self.behind_best > self.standard_error * (1 + 1e-9)


@dataclass(frozen=True)
class EquivarianceRecord:
    """Largest equivariance error of a model in float32, and the symmetry it belongs to."""

    float32: float
    worst: str


@dataclass(frozen=True)
class Best(State):
    """The chosen network; the leader after an interruption.

    Attributes:
        validation_score: from the comparison of finalists, else from the search; None without one.
        test_score, test_interval: score on test with its 95% interval; None before the final
            training.
        equivariance_error: of the trained model; None without symmetries.
        balanced_accuracy: mean recall over the classes that occur in test; None for regression.
        auc: area under the ROC curve on test; None unless there are two classes.
    """

    validation_score: float | None
    test_score: float | None = None
    test_interval: Interval | None = None
    equivariance_error: EquivarianceRecord | None = None
    balanced_accuracy: float | None = None
    auc: float | None = None


@dataclass(frozen=True)
class Baseline:
    """The network without symmetries, trained and tested like the chosen one (`Best`)."""

    n_parameters: Count
    test_score: float
    test_interval: Interval
    balanced_accuracy: float | None = None
    auc: float | None = None


@dataclass(frozen=True)
class Without(State):
    """The chosen network without some of its symmetries, and its score on the folds."""

    validation_score: float


@dataclass(frozen=True)
class AblationRecord:
    """What leaving out symmetries of the chosen network costs.

    Attributes:
        left_out: one generator, or all of them.
        lost: how much larger the loss (`Trained.difference`) is without them, on the folds of the
            comparison.
        interval: of `lost`; those of all candidates hold together with 95% (Bonferroni).
        folds: number of folds both were trained on.
        without: the network that is left.
    """

    left_out: Names
    lost: float
    interval: Interval
    folds: Folds
    without: Without


@dataclass(frozen=True)
class Seconds:
    """Time that a search took, restarts included.

    Attributes:
        total: of all of it.
        search: of the networks that are compared on validation.
        tests: of the direct tests.
        fit: of the final training of the chosen network and the baseline.
    """

    total: float
    search: float
    tests: float = 0.0
    fit: float = 0.0


@dataclass(frozen=True)
class Results:
    """The results of a search.

    Attributes:
        status: why the search ended; `given` if nothing was searched, as the symmetries were given.
        data, network, task, metric: names of the data set, the kind of network, the task and the
            score.
        states: number of states.
        distinct_networks: number of closed states times widths; None if there are too many to list.
        widths: the widths searched.
        networks_trained: number of networks trained in the search.
        sampler, objective: as in the settings, with `auto` resolved.
        seconds: time taken.
        best: the chosen network.
        baseline: the network without symmetries; None before the final training.
        constant_score: test score of a constant predictor.
        smallest_as_good_as_baseline, best_no_larger_than_baseline: with two objectives.
        importance: share of each factor in the variance of the score, largest first; None if not
            measured.
        compared_samples: number of samples on which the finalists were compared.
        compared_by: what they were compared by: the metric, `log loss` or `squared error`.
        finalists: the compared networks, best first.
        dropped: symmetries that the choice had and that are of no use, in the order in which they
            were dropped.
        ablation: the chosen network without each of its symmetries, and without all.
        leading: the leading networks of the search, best first.
        verdicts: what the data say of each candidate, and what networks gain by it.
        warnings: warnings issued before the search.
        seed, version: of the run and of this package.
        coding: how validation chose the coding of columns of few whole numbers; None if there was
            no choice.
        rivals: the chosen network and what else the same effort buys; empty if not compared.
        fit: how the chosen network was trained; None before, and in older files.
        class_shares: how test samples spread over classes; None before the final training, for
            regression and in older files.
    """

    status: Status
    data: str
    network: str
    task: str
    metric: Metric
    states: int
    distinct_networks: Count | None
    widths: tuple[int, ...]
    networks_trained: Count
    sampler: str
    objective: str
    seconds: Seconds
    best: Best
    baseline: Baseline | None
    constant_score: float | None
    smallest_as_good_as_baseline: Best | None
    best_no_larger_than_baseline: Best | None
    importance: dict[str, float] | None
    compared_samples: Count
    compared_by: Measure
    finalists: tuple[FinalistRecord, ...]
    dropped: Names
    ablation: tuple[AblationRecord, ...]
    leading: tuple[Leader, ...]
    verdicts: tuple[Verdict, ...]
    warnings: Names
    seed: int
    version: str
    rivals: tuple[RivalRecord, ...] = ()
    fit: FitRecord | None = None
    coding: CodingRecord | None = None
    class_shares: ClassShares | None = None

    @property
    def is_finished(self) -> bool:
        """Whether a network was chosen, trained and tested."""
        return self.baseline is not None

    @property
    def folds(self) -> int:
        """Number of folds of the comparison; 0 without one."""
        return max((finalist.folds for finalist in self.finalists), default=0)

    def to_json(self) -> dict[str, Any]:
        """Return the contents of `results.json`."""
        return {"format": FORMAT, **asdict(self)}


def write_results(path: Path, results: Results) -> None:
    """Write `results.json` atomically."""
    write_json(path, results.to_json())


def read_results(path: Path) -> Results:
    """Read `results.json`, which is not trusted; errors are as in `read_config`."""
    return to_type(read_formatted(path, allow_nan=True), Results, path.name)


def version() -> str:
    """Return this package's version."""
    return importlib.metadata.version("autoequivariant")
