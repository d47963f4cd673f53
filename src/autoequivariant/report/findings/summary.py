"""What a search found, as plain values that the terminal and the page render."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from autoequivariant.report.findings.coding import coding_sentence
from autoequivariant.report.findings.rivals import RivalFindings, rival_findings
from autoequivariant.report.findings.symmetries.ablation import Ablated, ablated_of
from autoequivariant.report.findings.symmetries.claims import Claims, claims_of
from autoequivariant.report.findings.test_scores import TestFindings, test_findings
from autoequivariant.report.render.formatting import named
from autoequivariant.report.render.symmetry_names import listed, strongest
from autoequivariant.searching.named import child_of
from autoequivariant.searching.outcome import LEADING_ROWS, Outcome
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.storage.results import Leader, Results
from autoequivariant.training.child import Child

ENDS: Mapping[str, str] = {
    "complete": "every closed state was trained",
    "decided": "no network beside that of what holds is clearly better",
    "converged": "no remaining state is expected to improve",
    "budget": "the budget is spent",
    "repeats": "the sampler proposes nothing new",
    "timeout": "the time limit is reached",
    "interrupted": "interrupted",
}
ONE_AT_A_TIME = "no neighbour of the leading network looks better"
"""Why a search that tries neighbours of its leading network alone has converged."""
BASELINE_IS_LEVEL = (
    "The baseline predicts as well, as far as these samples tell: the symmetries do no harm, and "
    "the network needs them only to be small."
)


@dataclass(frozen=True)
class Compared:
    """A finalist: how far it is behind the best, with the standard error, after so many folds."""

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
    """The comparison of the finalists, which are retrained for it.

    Attributes:
        grounds: what was compared, in a sentence.
        compared_by: the metric, `log loss` or `squared error`.
        rows: the finalists, best first.
        pruned: number of finalists that were pruned.
        verdict: why one is chosen, in a sentence; None if there is a single finalist.
        is_baseline_level: whether symmetries are chosen although the baseline scores as well.
    """

    grounds: str
    compared_by: str
    rows: tuple[Compared, ...]
    pruned: int
    verdict: str | None
    is_baseline_level: bool


@dataclass(frozen=True)
class Best:
    """The chosen network, or the best so far."""

    name: str
    symmetries: tuple[str, ...]
    augmentations: tuple[str, ...]
    n_parameters: int
    score: float | None


@dataclass(frozen=True)
class Findings:
    """What a search found.

    Attributes:
        metric, loss: names of the score, and of the loss that networks are compared by.
        trained: number of closed states that were trained.
        seconds: duration of the search.
        status, end: why the search ended, as a word and as a phrase.
        leaders: the leading networks, best first.
        on_front: whether they are a Pareto front of score and parameters.
        width_name: name of the widths; None if there is a single one.
        validation_size: number of validation samples.
        best: the chosen network, or the best so far.
        comparison, test, claims: None if the search was interrupted.
        ablation: the chosen network without each of its symmetries.
        claims: what is said of its symmetries.
        importance: shares of the variance of the score, largest first; empty if not measured.
        planted: the planted symmetries; empty if there are none.
        coding: how the coding of columns of few whole numbers was chosen; empty without a choice.
        was_asked: whether the data were asked.
        folder: of the run.
        rivals: the chosen network among its rivals.
    """

    metric: str
    loss: str
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
    claims: Claims | None
    test: TestFindings | None
    importance: tuple[tuple[str, float], ...]
    planted: str
    coding: str
    was_asked: bool
    folder: str
    rivals: RivalFindings

    @property
    def shows_test(self) -> bool:
        """Whether test scores have a table of their own: that of the rivals says less."""
        return self.test is not None and (not self.rivals.rows or len(self.test.rows) > 2)

    @property
    def headline(self) -> str:
        """What holds or helps of the chosen network's symmetries; those of the best so far."""
        if self.claims is None:
            return listed(strongest(self.best.symmetries)) or "none"
        return self.claims.headline

    @property
    def notes(self) -> tuple[str, ...]:
        """What to know beside the headline, in sentences."""
        if self.claims is None or self.comparison is None:
            return ()
        helps = self.claims.holds_and_helps or self.claims.helps
        is_level = self.comparison.is_baseline_level and not helps
        return (*[BASELINE_IS_LEVEL] * is_level, *self.claims.notes)


def findings_of(outcome: Outcome) -> Findings:
    """Return what an outcome says."""
    problem, results = outcome.problem, outcome.results
    best, is_finished = results.best, results.is_finished
    test = test_findings(outcome) if is_finished else None
    return Findings(
        metric=results.metric,
        loss=problem.family.task.loss_name,
        trained=results.networks_trained,
        seconds=results.seconds.search,
        status=results.status,
        end=_end(problem, results),
        leaders=results.leading[:LEADING_ROWS],
        on_front=problem.has_two_objectives,
        width_name=problem.family.width_name if problem.space.has_widths else None,
        validation_size=problem.card.validation_size,
        best=Best(
            named(best.symmetries, best.generators, best.augmentations),
            best.symmetries,
            best.augmentations,
            best.n_parameters,
            best.validation_score,
        ),
        comparison=_comparison(problem, results) if is_finished else None,
        ablation=ablated_of(results.ablation if is_finished else ()),
        claims=claims_of(problem, results) if is_finished else None,
        test=test,
        importance=tuple((results.importance or {}).items()),
        planted=listed(list(map(str, problem.settings.plant))),
        coding=coding_sentence(results.coding, results.metric),
        was_asked=problem.settings.tests,
        folder=str(outcome.folder),
        rivals=rival_findings(results.rivals, bool(test.balance))
        if test is not None
        else rival_findings(()),
    )


def _end(problem: Problem, results: Results) -> str:
    is_local = problem.space.one_at_a_time and problem.sampler == "lattice"
    return ONE_AT_A_TIME if results.status == "converged" and is_local else ENDS[results.status]


def child_name(problem: Problem, child: Child) -> str:
    """Name a child by its generators, augmentations and, if searched, its width."""
    generators = problem.symmetries(problem.space.smallest_generators(child))
    augmentations = problem.augmentations(child.members)
    name = named(problem.symmetries(child.members), generators, augmentations)
    return _with_width(problem, name, child.width)


def _with_width(problem: Problem, name: str, width: int) -> str:
    return f"{name}, {problem.family.width_name} {width}" if problem.space.has_widths else name


def _comparison(problem: Problem, results: Results) -> Comparison:
    finalists, best = results.finalists, results.best
    whole = [row for row in finalists if row.folds == results.folds]
    rows = tuple(
        Compared(
            _with_width(problem, named(f.symmetries, f.generators, f.augmentations), f.width),
            f.n_parameters,
            f.validation_score,
            f.behind_best,
            f.standard_error,
            f.folds,
            is_chosen=f.key == best.key,
            is_best=number == 0,
        )
        for number, f in enumerate(finalists)
    )
    level = [row for row in whole if not row.is_distinguishable]
    verdict = _verdict(problem, results, len(level)) if len(finalists) > 1 else None
    is_level = bool(best.symmetries) and any(
        not (row.symmetries or row.augmentations or row.is_distinguishable) for row in finalists
    )
    pruned = len(finalists) - len(whole)
    grounds = _grounds(results, pruned)
    return Comparison(grounds, results.compared_by, rows, pruned, verdict, is_level)


def _grounds(results: Results, pruned: int) -> str:
    if results.folds:
        most = "up to " if pruned else ""
        return (
            f"The leading networks and the baseline, retrained on {most}{results.folds} folds with "
            f"other seeds and scored on {results.compared_samples:,} samples."
        )
    if len(results.finalists) > 1:
        return "There was no time to retrain the leading networks."
    return "There is a single network, so nothing to compare it with."


def _preferred(problem: Problem, results: Results) -> str:
    """Say which of several finalists that are not distinguishable from the best is chosen."""
    if problem.settings.smallest:
        return problem.family.simplest
    is_start = child_of(problem, results.best).key == problem.space.start.key
    if is_start and not results.dropped:
        return "the closure of what holds" if problem.space.holding else "the baseline"
    return "the one with the fewest undecided symmetries"


def _verdict(problem: Problem, results: Results, equal: int) -> str:
    """Say why one is chosen of `equal` finalists that are not distinguishable from the best."""
    dropped = ", and what is of no use is dropped from it" if results.dropped else ""
    limit = "one standard error of the paired differences"
    if equal == 1:
        return f"All others are behind the best by more than {limit}, so it is chosen{dropped}."
    others = "1 other is" if equal == 2 else f"{equal - 1} others are"
    return (
        f"{others} not distinguishable from the best (within {limit}); of these and the best, "
        f"{_preferred(problem, results)} is chosen{dropped}."
    )
