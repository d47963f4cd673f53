"""What matters most, on scores that are made up so that the answer is known."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from autoequivariant.nn.cnn.augmentation import AUGMENTATIONS
from autoequivariant.searching.experiment import make_experiment
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.selection.importance import FEWEST, importance
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.searching.storage.study import SearchStudy
from autoequivariant.training.child import Child
from autoequivariant.training.evaluation import Evaluation


@pytest.fixture(scope="module")
def problem() -> Problem:
    return make_experiment(
        SearchSettings("digits", network="cnn", sizes=("small", "large"))
    ).problem


def asked(
    problem: Problem,
    folder: Path,
    score: Callable[[Child], float],
    count: int,
    pruned: bool = False,
    backwards: bool = False,
) -> dict[str, float] | None:
    study = SearchStudy(folder / "study.db", problem.space.distributions)
    chosen = np.random.default_rng(0).permutation(len(problem.space.children))[:count]
    children = [problem.space.children[k] for k in chosen]
    evaluations = [
        Evaluation(np.arange(1000) < 1000 * score(child), 9, 0.1, (score(child),), pruned)
        for child in children
    ]
    order = slice(None, None, -1 if backwards else 1)
    study.record(children[order], 0, evaluations[order])
    try:
        return importance(problem, study)
    finally:
        study.close()


def test_the_group_can_have_all_importance(problem: Problem, tmp_path: Path) -> None:
    shares = asked(problem, tmp_path, lambda c: 0.5 + 0.4 * (0 in c.members), 120)
    assert shares is not None
    assert next(iter(shares)) == "group"
    assert shares["group"] > 0.9
    assert set(shares) == {"group", *problem.augmentations(range(10)), "size"}
    assert sum(shares.values()) == pytest.approx(1)


def test_an_augmentation_or_the_size_can_have_all_importance(
    problem: Problem, tmp_path: Path
) -> None:
    shear = problem.space.names.index("augment_shear")
    shares = asked(problem, tmp_path, lambda c: 0.5 + 0.4 * (shear in c.members), 120)
    assert shares is not None
    assert shares["shear"] > 0.9
    (tmp_path / "second").mkdir()
    shares = asked(problem, tmp_path / "second", lambda c: 0.5 + 0.4 * (c.width > 16), 120)
    assert shares is not None
    assert shares["size"] > 0.9


def test_no_importance_of_few_equal_or_pruned_networks(problem: Problem, tmp_path: Path) -> None:
    for number, (score, count, pruned) in enumerate(
        (
            (lambda c: 0.5 + 0.4 * (0 in c.members), FEWEST - 1, False),
            (lambda c: 0.5, 60, False),
            (lambda c: 0.5 + 0.4 * (0 in c.members), 60, True),
        )
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        assert asked(problem, folder, score, count, pruned) is None


def by_chance(child: Child) -> float:
    return int(np.random.default_rng((child.width, *child.members)).integers(1000)) / 1000


@pytest.mark.slow
def test_the_order_of_training_does_not_matter(problem: Problem, tmp_path: Path) -> None:
    """With two processes it depends on which is faster."""
    found = []
    for name, backwards in (("one", False), ("other", True)):
        (tmp_path / name).mkdir()
        found.append(asked(problem, tmp_path / name, by_chance, 40, backwards=backwards))
    assert found[0] is not None
    assert found[0] == found[1]
    assert asked(problem, tmp_path, by_chance, 41) != found[0]


@pytest.mark.slow
@pytest.mark.parametrize("seed", [7, 2**32 - 1, 2**32, 2**200])
def test_any_seed(tmp_path: Path, seed: int) -> None:
    problem = make_experiment(SearchSettings("digits", network="cnn", seed=seed)).problem
    shares = asked(problem, tmp_path, lambda c: 0.5 + 0.4 * (0 in c.members), 60)
    assert shares is not None
    assert shares["group"] > 0.5


def test_constant_factors_are_left_out(tmp_path: Path) -> None:
    settings = SearchSettings("digits", network="cnn", symmetries=())
    shares = asked(make_experiment(settings).problem, tmp_path, by_chance, 64)
    assert set(shares or ()) == set(AUGMENTATIONS)  # one group, one size
