"""What a search came to, as plain records: the terminal and the HTML report print these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autoequivariant.report.exchanges import listed
from autoequivariant.report.words import ACCURACY, R2, metric_of, named, score
from autoequivariant.search import LEADING_ROWS, Child, Choice, Leader, Outcome, Problem

ENDS: Mapping[str, str] = {
    "complete": "every distinct network was trained",
    "converged": "no other network is expected to be better",
    "budget": "the budget is spent",
    "repeats": "the sampler proposes nothing new any more",
    "timeout": "the time is over",
    "interrupted": "interrupted",
}
QUESTIONS: Mapping[str, str] = {
    "smallest_as_accurate_as_plain": "as accurate as plain, fewest weights",
    "best_no_larger_than_plain": "most accurate, no larger than plain",
}
LEFT_OUT = "Each left out in turn, on the same samples"
SHOWN = "shown by the data"
ALLOWED = "allowed, not shown"
TOGETHER = "shown together only"
MEANING_OF_ALLOWED = (
    "Allowed: without any one of these the network is as accurate, as far as these samples tell."
)
MEANING_OF_TOGETHER = (
    "Together: without any one of these the network is as accurate, as far as these samples tell, "
    "and without all of them it is not."
)
PLAIN_IS_LEVEL = (
    "The plain network is as accurate: the data allow these symmetries, but a network "
    "needs them only to be small."
)
PLAIN_IS_BETTER = (
    "the plain network is better on test: do not trust what was found; "
    "give more --epochs, more samples or a larger --budget."
)

NO_BETTER_THAN_GUESSING: Mapping[str, str] = {
    ACCURACY: "no network is shown to be better on test than always giving the commonest class",
    R2: "no network is shown to be better on test than always giving the mean",
}
"""By the metric."""
MEANS_NOTHING = (
    "so what was found says nothing of symmetries; give more samples, more --epochs or data that "
    "tell more about the answer."
)


@dataclass(frozen=True)
class Compared:
    """A finalist of the comparison: its name, weights and score, and how far it is behind the best,
    with the standard error.
    """

    name: str
    weights: int
    score: float
    behind: float
    standard_error: float
    trainings: int
    is_chosen: bool
    is_best: bool


@dataclass(frozen=True)
class Comparison:
    """How the leading networks compared when they were trained again.

    Attributes:
        grounds: what was done, in a sentence.
        rows: the finalists, best first.
        given_up: how many were given up early.
        verdict: why one is chosen, in a sentence; None where there was nothing to choose from.
        is_plain_level: whether symmetries are chosen although the plain network is as accurate.
    """

    grounds: str
    rows: tuple[Compared, ...]
    given_up: int
    verdict: str | None
    is_plain_level: bool


@dataclass(frozen=True)
class Ablated:
    """The chosen network without one of its symmetries, or without all.

    Attributes:
        names: of what is left out.
        weights: of the network without it.
        lost: what the chosen network is ahead on the same samples.
        interval: its 95% interval.
        is_shown: whether that is above 0.
    """

    names: tuple[str, ...]
    weights: int
    lost: float
    interval: tuple[float, float]
    is_shown: bool

    @property
    def name(self) -> str:
        """What a row of a table calls it."""
        return self.names[0] if len(self.names) == 1 else "all of them"


@dataclass(frozen=True)
class TestRow:
    """A network on the test samples, or with other words the answer to a question."""

    name: str
    weights: int
    score: float
    interval: tuple[float, float]


@dataclass(frozen=True)
class TestFindings:
    """What the final trainings came to.

    Attributes:
        samples: number of test samples.
        rows: the chosen network, the plain one, and the answers to the questions of two objectives.
        warning: why what was found is not to be trusted; None where nothing speaks against it.
        error: largest equivariance error and the symmetry it belongs to; None without symmetries.
        measured: whose error that is.
    """

    samples: int
    rows: tuple[TestRow, ...]
    warning: str | None
    error: tuple[float, str] | None
    measured: str


@dataclass(frozen=True)
class Best:
    """The network that was chosen, or the best so far."""

    name: str
    symmetries: tuple[str, ...]
    augmentations: tuple[str, ...]
    weights: int
    score: float | None


@dataclass(frozen=True)
class Findings:
    """What a search came to.

    Attributes:
        metric: the word for the score.
        trained: how many distinct networks.
        seconds: how long the search took.
        status, end: why it ended, as a word and as a phrase.
        leaders: the leading networks, best first, as many as are shown.
        on_front: whether they are the front of two objectives.
        width_name: what their widths are called; None where all have the same.
        validation_size: how many samples they were scored on.
        best: the network that was chosen, or the best so far.
        comparison, test: None where the search was interrupted.
        ablation: the chosen network without each of its symmetries; empty where that was not
            trained.
        importance: shares of the variance of the score, largest first; empty where not measured.
        folder: where everything was written.
    """

    metric: str
    trained: int
    seconds: float
    status: str
    end: str
    leaders: tuple[Leader, ...]
    on_front: bool
    width_name: str | None
    validation_size: int
    best: Best
    comparison: Comparison | None
    ablation: tuple[Ablated, ...]
    test: TestFindings | None
    importance: tuple[tuple[str, float], ...]
    folder: str

    @property
    def headline(self) -> str:
        """The symmetries that were found, in one line."""
        names = listed(self.best.symmetries) or "none"
        return f"{names} ({self.verdict})" if self.ablation and not self.shown else names

    @property
    def verdict(self) -> str:
        """What the data say of all symmetries that were found, in a few words."""
        if not self.allowed:
            return SHOWN
        if self.shown:
            return f"{SHOWN}: {listed(self.shown)}; {ALLOWED}: {listed(self.allowed)}"
        return TOGETHER if any(row.is_shown for row in self.ablation) else ALLOWED

    @property
    def meaning(self) -> str | None:
        """What that verdict means; None where it speaks for itself."""
        if self.comparison is not None and self.comparison.is_plain_level:
            return PLAIN_IS_LEVEL
        if not self.allowed:
            return None
        return MEANING_OF_TOGETHER if self.verdict == TOGETHER else MEANING_OF_ALLOWED

    @property
    def shown(self) -> tuple[str, ...]:
        """Symmetries without which the network is less accurate beyond doubt."""
        return tuple(row.name for row in self._single if row.is_shown)

    @property
    def allowed(self) -> tuple[str, ...]:
        """Symmetries without any one of which it may be as accurate."""
        return tuple(row.name for row in self._single if not row.is_shown)

    @property
    def _single(self) -> tuple[Ablated, ...]:
        return tuple(row for row in self.ablation if len(row.names) == 1)

    @property
    def has_implied(self) -> bool:
        """Whether a name in the leading table counts symmetries that follow."""
        return any(len(row.symmetries) > len(row.generators) for row in self.leaders)


def findings_of(outcome: Outcome) -> Findings:
    """Return what an outcome came to."""
    problem, results, choice = outcome.problem, outcome.results, outcome.choice
    best = results["best"]
    return Findings(
        metric=metric_of(results),
        trained=results["networks_trained"],
        seconds=results["seconds"]["search"],
        status=outcome.status,
        end=ENDS[outcome.status],
        leaders=tuple(outcome.leaders[:LEADING_ROWS]),
        on_front=problem.has_two_objectives,
        width_name=problem.family.width_name if problem.space.has_widths else None,
        validation_size=len(problem.data.validation),
        best=Best(
            named(best["symmetries"], best["generators"], best["augmentations"]),
            tuple(best["symmetries"]),
            tuple(best["augmentations"]),
            best["weights"],
            best.get("validation_accuracy"),
        ),
        comparison=None if choice is None else _comparison(problem, choice, best["symmetries"]),
        ablation=() if choice is None else _ablation(results.get("ablation", ())),
        test=None if choice is None else _test(outcome),
        importance=tuple((results.get("importance") or {}).items()),
        folder=str(outcome.folder),
    )


def child_name(problem: Problem, child: Child) -> str:
    """Name a child by its generators, augmentations and, where that is searched, width."""
    generators = problem.symmetries(problem.space.smallest_generators(child))
    augmentations = problem.augmentations(child.members)
    name = named(problem.symmetries(child.members), generators, augmentations)
    width = f"{problem.family.width_name} {child.channels}"
    return f"{name}, {width}" if problem.space.has_widths else name


def _comparison(problem: Problem, choice: Choice, symmetries: list[str]) -> Comparison:
    count = len(choice.finalists)
    whole = [f for f in choice.finalists if f.trainings == choice.trainings]
    times = f"{'' if len(whole) == count else 'up to '}{choice.trainings} more times"
    grounds = (
        f"The leading and the plain network: trained {times} with other seeds and splits, "
        f"scored on {choice.samples:,} samples."
        if choice.trainings
        else "There was no time to train the leading ones with other seeds."
        if count > 1
        else "It is the only network, so there is nothing to compare it with."
    )
    rows = tuple(
        Compared(
            child_name(problem, f.child),
            f.weights,
            f.accuracy,
            f.behind.mean,
            f.behind.standard_error,
            f.trainings,
            f is choice.chosen,
            f is choice.best,
        )
        for f in choice.finalists
    )
    equal = sum(not f.behind.is_distinguishable for f in whole)
    verdict = _verdict(equal, problem.family.simplest) if count > 1 else None
    is_level = bool(symmetries) and _is_level(choice, problem.space.plain)
    return Comparison(grounds, rows, count - len(whole), verdict, is_level)


def _ablation(rows: Sequence[Mapping[str, Any]]) -> tuple[Ablated, ...]:
    return tuple(
        Ablated(
            tuple(row["left_out"]),
            row["without"]["weights"],
            row["lost"],
            tuple(row["interval"]),
            row["shown"],
        )
        for row in rows
    )


def _is_level(choice: Choice, child: Child) -> bool:
    """Whether a finalist is not distinguishable from the best."""
    return any(f.child == child and not f.behind.is_distinguishable for f in choice.finalists)


def _verdict(equal: int, simplest: str) -> str:
    """Say why one is chosen of `equal` finalists that cannot be told apart, the best among them."""
    limit = "one standard error of the paired differences"
    if equal == 1:
        return f"All others are behind the best by more than {limit}, so it is chosen:"
    others = "1 other is" if equal == 2 else f"{equal - 1} others are"
    return (
        f"{others} not distinguishable from the best (within {limit}); of these and the best, "
        f"{simplest} is chosen:"
    )


def _warning(results: dict[str, Any]) -> str | None:
    """Why what was found is not to be trusted, by its scores on test."""
    best, baseline = results["best"]["test_interval"], results["baseline"]["test_interval"]
    guessing = results.get("guessing")  # runs of older versions do not say
    if guessing is not None and best[0] <= guessing and baseline[0] <= guessing:
        metric = metric_of(results)
        reached = score(guessing, metric)
        return f"{NO_BETTER_THAN_GUESSING[metric]} ({reached}), {MEANS_NOTHING}"
    return PLAIN_IS_BETTER if best[1] < baseline[0] else None


def _test(outcome: Outcome) -> TestFindings:
    problem, results = outcome.problem, outcome.results
    best, baseline = results["best"], results["baseline"]
    plain = f"plain {problem.family.name.upper()} of the same layers"
    records = [("chosen", best), (plain, baseline)]
    records += [(words, results[key]) for key, words in QUESTIONS.items() if key in results]
    rows = tuple(
        TestRow(name, row["weights"], row["test_accuracy"], tuple(row["test_interval"]))
        for name, row in records
    )
    error = best.get("equivariance_error")
    return TestFindings(
        len(problem.data.test),
        rows,
        _warning(results),
        None if not error else (error["float32"], error["worst"]),
        "the chosen network" if problem.family.is_invariant else "its hidden layers",
    )
