"""What a search came to, as plain records: the terminal and the HTML report print these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from autoequivariant.report.findings.ablation import AblationFindings, ablation_findings
from autoequivariant.report.findings.test_scores import TestFindings, test_findings
from autoequivariant.report.render.formatting import metric_of, named
from autoequivariant.report.render.symmetry_names import listed
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.run import Outcome
from autoequivariant.searching.selection.choice import Choice
from autoequivariant.searching.storage.results import LEADING_ROWS, Leader
from autoequivariant.training.child import Child

ENDS: Mapping[str, str] = {
    "complete": "every distinct network was trained",
    "converged": "no other network is expected to be better",
    "budget": "the budget is spent",
    "repeats": "the sampler proposes nothing new any more",
    "timeout": "the time is over",
    "interrupted": "interrupted",
}
PLAIN_IS_LEVEL = (
    "The plain network is as accurate: the data allow these symmetries, but a network "
    "needs them only to be small."
)


@dataclass(frozen=True)
class Compared:
    """A finalist of the comparison: its name, weights and score, and how far it is behind the best,
    with the standard error.
    """

    name: str
    n_parameters: int
    score: float
    behind: float
    standard_error: float
    folds: int
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
        is_baseline_level: whether symmetries are chosen although the plain network is as accurate.
    """

    grounds: str
    rows: tuple[Compared, ...]
    pruned: int
    verdict: str | None
    is_baseline_level: bool


@dataclass(frozen=True)
class Best:
    """The network that was chosen, or the best so far."""

    name: str
    symmetries: tuple[str, ...]
    augmentations: tuple[str, ...]
    n_parameters: int
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
        ablation: the chosen network without each of its symmetries.
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
    ablation: AblationFindings
    test: TestFindings | None
    importance: tuple[tuple[str, float], ...]
    folder: str

    @property
    def headline(self) -> str:
        """The symmetries that were found, in one line; where none is shown alone, it says so."""
        names = listed(self.best.symmetries) or "none"
        is_doubtful = bool(self.ablation.rows) and not self.ablation.shown
        return f"{names} ({self.ablation.verdict})" if is_doubtful else names

    @property
    def meaning(self) -> str | None:
        """What is to be said of symmetries that are not shown."""
        if self.comparison is not None and self.comparison.is_baseline_level:
            return PLAIN_IS_LEVEL
        return self.ablation.meaning

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
            best["n_parameters"],
            best.get("validation_score"),
        ),
        comparison=None if choice is None else _comparison(problem, choice, best["symmetries"]),
        ablation=ablation_findings(() if choice is None else results.get("ablation", ())),
        test=None if choice is None else test_findings(outcome),
        importance=tuple((results.get("importance") or {}).items()),
        folder=str(outcome.folder),
    )


def child_name(problem: Problem, child: Child) -> str:
    """Name a child by its generators, augmentations and, where that is searched, width."""
    generators = problem.symmetries(problem.space.smallest_generators(child))
    augmentations = problem.augmentations(child.members)
    name = named(problem.symmetries(child.members), generators, augmentations)
    width = f"{problem.family.width_name} {child.width}"
    return f"{name}, {width}" if problem.space.has_widths else name


def _comparison(problem: Problem, choice: Choice, symmetries: list[str]) -> Comparison:
    count = len(choice.finalists)
    whole = [f for f in choice.finalists if f.folds == choice.folds]
    times = f"{'' if len(whole) == count else 'up to '}{choice.folds} more times"
    grounds = (
        f"The leading and the plain network: trained {times} with other seeds and splits, "
        f"scored on {choice.samples:,} samples."
        if choice.folds
        else "There was no time to train the leading ones with other seeds."
        if count > 1
        else "It is the only network, so there is nothing to compare it with."
    )
    rows = tuple(
        Compared(
            child_name(problem, f.child),
            f.n_parameters,
            f.score,
            f.behind.mean,
            f.behind.standard_error,
            f.folds,
            f is choice.chosen,
            f is choice.best,
        )
        for f in choice.finalists
    )
    equal = sum(not f.behind.is_distinguishable for f in whole)
    verdict = _verdict(equal, problem.family.simplest) if count > 1 else None
    is_level = bool(symmetries) and _is_level(choice, problem.space.baseline)
    return Comparison(grounds, rows, count - len(whole), verdict, is_level)


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
