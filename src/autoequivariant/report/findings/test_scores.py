"""Scores of the final networks on the test samples, and whether to trust them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from autoequivariant.report.render.formatting import ACCURACY, R2, counted, percent, score
from autoequivariant.searching.outcome import Outcome
from autoequivariant.searching.storage.results import Results

QUESTIONS: Mapping[str, str] = {
    "smallest_as_good_as_baseline": "smallest that is as good as the baseline",
    "best_no_larger_than_baseline": "best that is no larger than the baseline",
}
BASELINE_IS_BETTER_THAN_GIVEN = (
    "the baseline is better on test, so ask the data whether they have what was given: aen test."
)
BASELINE_IS_BETTER = (
    "the baseline is better on test, so do not trust this result: give more --epochs, more samples "
    "or a larger --budget."
)
NO_BETTER_THAN_CONSTANT: Mapping[str, str] = {
    ACCURACY: "no network is better on test than always predicting the commonest class",
    R2: "no network is better on test than always predicting the mean",
}
MEANS_NOTHING = (
    "so this result says nothing about symmetries: give more samples, more --epochs or more "
    "informative inputs."
)
TOO_SHORT = ", whose time was too short to try another training"


@dataclass(frozen=True)
class TestRow:
    """A network on the test samples; `balanced_accuracy` is None for regression."""

    name: str
    n_parameters: int
    score: float
    interval: tuple[float, float]
    balanced_accuracy: float | None


@dataclass(frozen=True)
class TestFindings:
    """The final networks on the test samples.

    Attributes:
        samples: number of test samples.
        rows: the chosen network, the baseline, and with two objectives the answers to `QUESTIONS`;
            of a fit the given network, unless that is the baseline.
        warning: why not to trust the result; None where nothing speaks against it.
        error: largest equivariance error and its symmetry; None without symmetries.
        measured: what the error is of.
        training: on what and for how long the networks were trained, in a sentence; empty if that
            is not recorded.
        balance: what to compare beside the accuracy, in a sentence; empty unless the classes are
            unbalanced.
    """

    samples: int
    rows: tuple[TestRow, ...]
    warning: str | None
    error: tuple[float, str] | None
    measured: str
    training: str
    balance: str

    @property
    def details(self) -> str:
        """How the networks were trained, and the largest equivariance error."""
        return " ".join(part for part in (self.training, self.error_sentence) if part)

    @property
    def error_sentence(self) -> str:
        """The largest equivariance error in a sentence; empty without symmetries."""
        if self.error is None:
            return ""
        return (
            f"Largest equivariance error of {self.measured}: {self.error[0]:.0e} "
            f"({self.error[1]}, float32)."
        )


def _warning(results: Results) -> str | None:
    if results.fit is not None and results.fit.share < 1:
        left_out = max(1, round(100 * (1 - results.fit.share)))
        return f"the time limit left out {left_out}% of the training steps: give more time."
    best, baseline, constant = results.best, results.baseline, results.constant_score
    if best.test_interval is None or baseline is None:
        return None
    ends = best.test_interval[0], baseline.test_interval[0]
    if constant is not None and max(ends) <= constant:
        reached = score(constant, results.metric)
        return f"{NO_BETTER_THAN_CONSTANT[results.metric]} ({reached}), {MEANS_NOTHING}"
    if best.test_interval[1] >= baseline.test_interval[0]:
        return None
    return BASELINE_IS_BETTER_THAN_GIVEN if results.status == "given" else BASELINE_IS_BETTER


def _training(results: Results) -> str:
    fit = results.fit
    if fit is None:
        return ""
    epochs = f"{fit.epochs}"
    if fit.baseline_epochs != fit.epochs:
        epochs += f" (the baseline {fit.baseline_epochs})"
    samples = (
        f"{fit.samples:,} samples of the search"
        if fit.kind == "none"
        else (f"all {fit.samples:,} samples outside of the test set")
    )
    wide = (fit.width or results.best.width) / results.best.width
    width = "" if wide == 1 else f", {wide:g} times as wide as in the search,"
    kind = f"--fit {fit.kind}"
    if fit.kind == "full":
        kind += f", {counted(fit.tried, 'other training')} tried" if fit.tried else TOO_SHORT
    return f"Trained for {epochs} epochs{width} on {samples} ({kind})."


def _balance(results: Results) -> str:
    shares, best, baseline = results.class_shares, results.best, results.baseline
    if shares is None or not shares.is_unbalanced:
        return ""
    text = (
        f"{percent(shares.largest)} of the test samples are of one class and "
        f"{percent(shares.smallest)} of another, so also compare the balanced accuracy, the "
        "mean recall over classes."
    )
    if best.auc is not None and baseline is not None and baseline.auc is not None:
        has_more = best.symmetries or best.augmentations
        is_baseline = not has_more and best.n_parameters == baseline.n_parameters
        other = "" if is_baseline else f" (baseline {baseline.auc:.3f})"
        text += f" The area under the ROC curve: AUC {best.auc:.3f}{other}."
    return text


def test_findings(outcome: Outcome) -> TestFindings:
    """Return the test scores of an outcome."""
    problem, results = outcome.problem, outcome.results
    name = f"baseline ({problem.family.kind.upper()} of the same layers)"
    is_given = results.status == "given"
    own = "network as given" if is_given else "chosen network"
    tested = [(own, results.best), (name, results.baseline)]
    if is_given and not (results.best.symmetries or results.best.augmentations):
        del tested[0]
    tested += [(words, getattr(results, key)) for key, words in QUESTIONS.items()]
    rows = tuple(
        TestRow(name, row.n_parameters, row.test_score, row.test_interval, row.balanced_accuracy)
        for name, row in tested
        if row is not None and row.test_score is not None and row.test_interval is not None
    )
    error = results.best.equivariance_error
    return TestFindings(
        problem.card.test_size,
        rows,
        _warning(results),
        None if error is None else (error.float32, error.worst),
        "its hidden layers"
        if not problem.family.is_invariant
        else ("the network" if is_given else "the chosen network"),
        _training(results),
        _balance(results),
    )
