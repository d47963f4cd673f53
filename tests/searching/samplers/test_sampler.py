"""Every registered sampler keeps the contract, and so does a new one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autoequivariant.searching.exploring.explore import explore
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.samplers.registry import SAMPLERS
from autoequivariant.searching.samplers.sampler import BATCH_SIZE, samplers_for
from autoequivariant.searching.storage.study import SearchStudy
from autoequivariant.training.clock import Clock
from autoequivariant.training.progress import NoProgress

from .spaces import CANDIDATES, ONE, proposals


@pytest.mark.parametrize("name", SAMPLERS)
def test_the_same_seed_and_round_propose_the_same(name: str) -> None:
    found = proposals(name, 3, 16)
    assert found == proposals(name, 3, 16)
    assert all(set(point) == set(ONE.names) for point in found)


@pytest.mark.parametrize("name", samplers_for(2))
def test_with_two_objectives_and_widths_too(name: str) -> None:
    found = proposals(name, 3, 16, ("maximize", "minimize"))
    assert found == proposals(name, 3, 16, ("maximize", "minimize"))
    assert all(point["channels"] in (1, 2, 4) for point in found)


@pytest.mark.parametrize("other", [(4, 16), (2**100, 17)])
def test_the_lattice_proposes_the_same_whatever_the_seed(other: tuple[int, int]) -> None:
    found = proposals("lattice", 3, 16)
    assert found == proposals("lattice", *other)
    assert len({tuple(point.values()) for point in found}) == 6


def searched(
    problem: Problem, folder: Path, evaluator: Any
) -> tuple[str, list[tuple[tuple[int, ...], int]]]:
    study = SearchStudy(folder / "study.db", problem.space.distributions, problem.directions)
    try:
        status = explore(problem, evaluator, study, Clock(), NoProgress(), lambda: 0.0)
        return status, list(study.trained())
    finally:
        study.close()


@pytest.mark.usefixtures("toys")
def test_a_new_sampler_searches(
    tmp_path: Path, small_problem: Callable[..., Problem], fake_evaluator: Callable[..., Any]
) -> None:
    problem = small_problem(CANDIDATES, sampler="toy")
    evaluator = fake_evaluator()
    evaluator.at_once = 100
    status, trained = searched(problem, tmp_path, evaluator)
    assert status == "converged"
    assert evaluator.batches[0] == 1  # the baseline
    assert max(evaluator.batches) <= 3 < BATCH_SIZE
    assert 7 <= len(trained) < 10


@pytest.mark.usefixtures("toys")
def test_a_new_order_is_followed(
    tmp_path: Path, small_problem: Callable[..., Problem], fake_evaluator: Callable[..., Any]
) -> None:
    problem = small_problem(sampler="backwards")
    status, trained = searched(problem, tmp_path, fake_evaluator())
    assert status == "complete"
    assert trained == [child.key for child in problem.space.children[::-1]]
