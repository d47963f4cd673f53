"""What was searched and found, in three sentences."""

from __future__ import annotations

from dataclasses import dataclass

from autoequivariant.report.findings.summary import Findings
from autoequivariant.report.render.formatting import ACCURACY, counted, interval, score
from autoequivariant.report.render.symmetry_names import listed
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.run import Outcome


@dataclass(frozen=True)
class Sentences:
    """Three sentences: what was searched, what was found, and how far that is to be trusted."""

    searched: str
    found: str
    meaning: str


def sentences_of(outcome: Outcome, findings: Findings) -> Sentences:
    """Return the three sentences."""
    return Sentences(
        _searched(outcome.problem, findings),
        _found(outcome.problem, findings),
        _meaning(findings),
    )


def _searched(problem: Problem, findings: Findings) -> str:
    data, space = problem.data, problem.space
    distinct = problem.distinct_networks
    least = len(space.children)
    networks = counted(least if distinct is None else distinct, "distinct network")
    parts = [counted(len(problem.candidates), "candidate")]
    augmentations = len(space.names) - len(problem.candidates)
    if augmentations:
        parts.append(counted(augmentations, "augmentation"))
    planted = listed(list(map(str, problem.settings.plant)))
    where = f" with {planted} planted in it" if planted else ""
    return (
        f"On {data.name} (samples of {data.domain}, {len(data.train):,} to train on and "
        f"{len(data.validation):,} to validate){where}, {' and '.join(parts)} give "
        f"{counted(problem.states, 'state')}: {'more than ' * (distinct is None)}{networks}, "
        f"of which {findings.trained:,} were trained, and then {_END[findings.status]}."
    )


_END = {
    "complete": "none was left",
    "converged": "no other was expected to be better",
    "budget": "the budget was spent",
    "repeats": "the sampler proposed nothing new any more",
    "timeout": "the time was over",
    "interrupted": "the search was interrupted",
}


def _found(problem: Problem, findings: Findings) -> str:
    best, metric = findings.best, findings.metric
    what = listed(best.symmetries) or "no symmetry"
    if findings.ablation.rows:
        what += f" ({findings.ablation.verdict})"
    if best.augmentations:
        what += f" and is trained with {', '.join(best.augmentations)}"
    if findings.test is None:
        reached = "" if best.score is None else f": {_reached(best.score, metric)} on validation"
        return f"The best network so far has {what}{reached}."
    chosen, plain = findings.test.rows[:2]
    text = (
        f"The chosen network has {what}: with {chosen.n_parameters:,} weights it reaches "
        f"{_reached(chosen.score, metric)} on {findings.test.samples:,} test samples (95% interval "
        f"{interval(chosen.interval, metric)})"
    )
    if not best.symmetries and not best.augmentations:
        return f"{text}."
    return (
        f"{text}, the plain network with {plain.n_parameters:,} weights "
        f"{score(plain.score, metric)} ({interval(plain.interval, metric)})."
    )


def _reached(value: float, metric: str) -> str:
    """A score in a sentence, where a bare number would not say what it is."""
    return score(value, metric) if metric == ACCURACY else f"{metric} {score(value, metric)}"


def _meaning(findings: Findings) -> str:
    if findings.test is None or findings.comparison is None:
        return (
            "The search is not finished: nothing was compared with other seeds yet and test was "
            "not touched, so give the same command again to go on."
        )
    chosen, plain = findings.test.rows[:2]
    best = findings.best
    if findings.test.warning is not None:
        return f"But {findings.test.warning}"
    if not best.symmetries and not best.augmentations:
        return "Nothing that was searched made the network better, or smaller and as good."
    if chosen.interval[0] > plain.interval[1]:
        return (
            "The two intervals do not overlap: on these samples it is better, as far as one "
            "training of each can tell; how the finalists compare stands below."
        )
    ratio = plain.n_parameters / chosen.n_parameters
    smaller = f" needs {ratio:.1f} times fewer weights, and" if ratio >= 1.05 else ""
    return (
        f"The chosen network{smaller} is not told apart from the plain one by test alone, as the "
        "two intervals overlap: how the finalists compare on more samples stands below."
    )
