"""The model: fitted on the best, calm where all scores are equal, aware of two objectives."""

from collections.abc import Sequence

import numpy as np
import pytest

from autoequivariant.searching.samplers import surrogate
from autoequivariant.training.child import Child

from .lattice_search import Search, by_hash, few, gains


def test_scores_that_are_all_the_same_do_no_harm() -> None:
    run = Search(few(), lambda _: 0.5)
    run.go_on(12)
    assert len(set(run.asked)) == 12
    assert run.sampler.largest_improvement(run.study) < 1e-3


def test_with_two_objectives_it_finds_the_front() -> None:
    """Accuracy grows with the width and with the right symmetries; the front is known."""
    space = few(widths=(1, 2, 4, 8))
    score = gains(space, (0, 2), noise=0.0)

    def by_width(child: Child) -> float:
        return score(child) + 0.01 * float(np.log2(child.width))

    def front(children: Sequence[Child]) -> set[Child]:
        pairs = {c: (by_width(c), -space.count_parameters(c)) for c in children}
        return {
            c
            for c, (a, w) in pairs.items()
            if not any(x >= a and y >= w and (x, y) != (a, w) for x, y in pairs.values())
        }

    run = Search(space, by_width, ("maximize", "minimize"))
    run.go_on(len(space.children) // 2)
    expected = front(space.children)
    assert len(expected) >= 3
    assert expected <= set(run.asked)


def test_it_is_fitted_on_the_best_where_there_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surrogate, "MOST_FITTED", 8)
    space = few()
    run = Search(space, by_hash)
    run.go_on(len(space.children))
    assert set(run.asked) == set(space.children)
