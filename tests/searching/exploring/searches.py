"""A search with an evaluator that trains nothing."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autoequivariant.searching.exploring.explore import explore
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.storage.study import SearchStudy
from autoequivariant.training.child import Child
from autoequivariant.training.clock import Clock, Interrupted
from autoequivariant.training.evaluation import Evaluation
from autoequivariant.training.progress import NoProgress


class Run:
    """One folder in which a problem is searched, perhaps several times."""

    def __init__(self, folder: Path, fake: Callable[..., Any]) -> None:
        self.folder = folder
        self.evaluator = fake()

    def search(self, problem: Problem, clock: Clock | None = None) -> str:
        study = SearchStudy(
            self.folder / "study.db", problem.space.distributions, problem.directions
        )
        clock = clock or Clock()
        try:
            return explore(problem, self.evaluator, study, clock, NoProgress(), lambda: 0.0)
        finally:
            self.proposed = study.proposed()
            self.trained = study.trained()
            self.values = [trial.values for trial in study.optuna.trials]
            study.close()


def check_each_trained_once(run: Run, problem: Problem) -> None:
    assert set(Counter(run.evaluator.trained).values()) <= {1}
    assert set(run.evaluator.trained) == set(run.trained)
    for point, values in zip(run.proposed, run.values, strict=True):
        child = problem.space.child_at(point)
        assert tuple(values) == problem.values(run.evaluator.score(child))


def check_each_trained_once_so_far(run: Run) -> None:
    assert set(run.evaluator.trained) == set(run.trained)


def make_easy(run: Run, monkeypatch: pytest.MonkeyPatch, good: Callable[[Child], int]) -> None:
    """Scores without noise: so many points more or less in a hundred."""

    def score(child: Child) -> Evaluation:
        hits = 60 + good(child)
        return Evaluation(np.arange(100) < hits, 1000 - len(child.members), 0.01)

    monkeypatch.setattr(run.evaluator, "score", score)


class Stopping(Clock):
    """Stops after some checks; two are enough to train something."""

    def __init__(self, checks: int) -> None:
        super().__init__()
        self.left = checks

    def check(self, reserve: float = 0.0) -> None:
        if self.left == 0:
            raise Interrupted
        self.left -= 1
