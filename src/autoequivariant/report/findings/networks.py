"""Every network that a search trained, in the order of training."""

from __future__ import annotations

from dataclasses import dataclass

from autoequivariant.evidence.intervals import mean_interval
from autoequivariant.report.findings.summary import child_name
from autoequivariant.searching.named import child_of
from autoequivariant.searching.outcome import Outcome
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.selection.choice import front
from autoequivariant.searching.storage.study import SearchStudy
from autoequivariant.training.child import Child, Key


@dataclass(frozen=True)
class NetworkRow:
    """A network and its score in the search.

    Attributes:
        number: its place in the order of training, from 1.
        name: its generators, augmentations and width.
        key: `Child.key`.
        generators: number of its generators.
        n_parameters: number of trainable parameters.
        score: on validation.
        interval: its 95% interval.
        best: the best score so far among unpruned networks; None before the first.
        epochs: the epochs after which it was pruned; 0 if it was not.
    """

    number: int
    name: str
    key: Key
    generators: int
    n_parameters: int
    score: float
    interval: tuple[float, float]
    best: float | None
    epochs: int
    is_baseline: bool
    is_chosen: bool
    on_front: bool

    @property
    def is_pruned(self) -> bool:
        """Whether its training was pruned."""
        return self.epochs > 0


def trained_networks(outcome: Outcome, study: SearchStudy) -> tuple[NetworkRow, ...]:
    """Return the networks of a search in the order of training."""
    problem, trained = outcome.problem, study.trained()
    leading = {child.key for child in front(problem, study, len(trained))}
    results = outcome.results
    chosen = child_of(problem, results.best).key if results.is_finished else None
    found: list[NetworkRow] = []
    best: float | None = None
    for number, child in enumerate(_in_order(problem, study), 1):
        evaluation = trained[child.key]
        if not evaluation.pruned:
            best = evaluation.score if best is None else max(best, evaluation.score)
        found.append(
            NetworkRow(
                number,
                child_name(problem, child),
                child.key,
                len(problem.space.smallest_generators(child)),
                evaluation.n_parameters,
                evaluation.score,
                mean_interval(evaluation.scores),
                best,
                len(evaluation.curve) if evaluation.pruned else 0,
                is_baseline=child.key == problem.space.baseline.key,
                is_chosen=child.key == chosen,
                on_front=child.key in leading,
            )
        )
    return tuple(found)


def _in_order(problem: Problem, study: SearchStudy) -> list[Child]:
    """Trained children by their first proposal.

    The baseline is trained before all proposals. Networks whose trial was not finished, as in a
    search that was killed, come last.
    """
    trained = study.trained()
    proposed = [problem.space.child_at(point).key for point in study.settled()]
    order = dict.fromkeys([problem.space.baseline.key, *proposed, *sorted(trained)])
    return [problem.space.child(*key) for key in order if key in trained]
