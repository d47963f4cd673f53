"""What is given up: by the curves of what was scored before, and nothing else."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import optuna
import pytest
from optuna.trial import TrialState

from autoequivariant.searching.experiment import make_experiment
from autoequivariant.searching.exploring.explore import explore
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.searching.storage.study import SearchStudy
from autoequivariant.training.child import Child, Key
from autoequivariant.training.clock import Clock, Interrupted
from autoequivariant.training.evaluation import Evaluation
from autoequivariant.training.progress import NoProgress
from autoequivariant.training.pruning import STARTUP, Pruning

CURVES = tuple((0.1 * k, 0.1 * k + 0.05, 0.1 * k + 0.1, 0.1 * k + 0.15) for k in range(STARTUP))
"""After two epochs 0.05, 0.15, ... 0.75."""

CASES = [
    # pruner, curve so far, whether it is given up
    ("median", (0.0,), False),  # in the first half of the epochs none is
    ("median", (0.0, 0.1), True),
    ("median", (0.3, 0.39), True),
    ("median", (0.3, 0.41), False),
    ("quartile", (0.3, 0.41), True),
    ("quartile", (0.7, 0.74), False),
    ("median", (0.9, 0.1, 0.1), False),  # its best epoch counts
    ("median", (0.0, 0.0, 0.0, 0.0), False),  # it is whole already
    ("median", (), False),
]


@pytest.mark.parametrize(("pruner", "curve", "expected"), CASES)
def test_what_is_pruned(pruner: str, curve: tuple[float, ...], expected: bool) -> None:
    assert Pruning(pruner, 4, CURVES).should_prune(curve) is expected


def test_nothing_is_pruned_before_enough_is_known() -> None:
    assert Pruning("median", 4, CURVES).should_prune((0.0, 0.0))
    assert not Pruning("median", 4, CURVES[1:]).should_prune((0.0, 0.0))


def test_the_order_of_what_is_known_does_not_matter() -> None:
    for curve in ((0.3, 0.39), (0.3, 0.41)):
        verdicts = {
            Pruning("median", 4, some).should_prune(curve) for some in (CURVES, CURVES[::-1])
        }
        assert len(verdicts) == 1


def test_optuna_says_as_much_as_before() -> None:
    before = optuna.logging.get_verbosity()
    Pruning("median", 4, CURVES).should_prune((0.0, 0.0))
    assert optuna.logging.get_verbosity() == before


# --- in a search ----------------------------------------------------------------------------------

EPOCHS, BUDGET = 4, 33


class Curves:
    """Gives each child a curve by its key alone, three children at once, and heeds the pruner."""

    steps = 1
    n_workers = 3

    def __init__(self) -> None:
        self.known: list[tuple[tuple[float, ...], ...]] = []

    def evaluate(
        self,
        children: Sequence[Child],
        replicate: int,
        on_step: Callable[[int], None],
        pruning: Pruning | None = None,
    ) -> Iterator[tuple[list[Child], list[Evaluation]]]:
        assert pruning is not None
        self.known.append(pruning.curves)
        for first in range(0, len(children), 3):
            some = list(children[first : first + 3])
            on_step(len(some))
            yield some, [scored(child, pruning) for child in some]


def curve_of(child: Child) -> list[float]:
    rng = np.random.default_rng((child.width, *child.members))
    return np.sort(rng.integers(100, 900, EPOCHS) / 1000).tolist()


def scored(child: Child, pruning: Pruning) -> Evaluation:
    curve = curve_of(child)
    lengths = range(EPOCHS // 2, EPOCHS) if child.members else ()
    pruned = next((n for n in lengths if pruning.should_prune(curve[:n])), None)
    reached = tuple(curve[:pruned])
    correct = np.arange(1000) < 1000 * reached[-1]
    return Evaluation(correct, 9, 0.01, reached, pruned is not None)


class Stopping(Clock):
    """Stops after some checks: one before each round, and one before each three children."""

    def __init__(self, checks: int) -> None:
        super().__init__()
        self.left = checks

    def check(self, reserve: float = 0.0) -> None:
        if self.left == 0:
            raise Interrupted
        self.left -= 1


def make(folder: Path, sampler: str) -> Problem:
    path = folder / "noise.npz"
    x = np.random.default_rng(0).random((40, 8, 8), np.float32)
    np.savez(path, x_train=x, y_train=np.arange(40) % 2)
    return make_experiment(
        SearchSettings(
            str(path), network="cnn", sampler=sampler, budget=BUDGET, epochs=EPOCHS, tests=False
        )
    ).problem


def search(
    problem: Problem, path: Path, clock: Clock, evaluator: Curves
) -> tuple[str, dict[Key, tuple[tuple[float, ...], bool]], list[tuple[Key, TrialState]]]:
    """Search, perhaps not to the end; return how it ended, what was scored and all trials."""
    study = SearchStudy(path, problem.space.distributions)
    try:
        status = explore(problem, evaluator, study, clock, NoProgress(), lambda: 0.0)  # type: ignore[arg-type]
        trials = [(problem.space.child_at(t.params).key, t.state) for t in study.optuna.trials]
        return status, {k: (e.curve, e.pruned) for k, e in study.trained().items()}, trials
    finally:
        study.close()


@pytest.mark.slow
@pytest.mark.parametrize("sampler", ["lattice", "random"])
def test_a_search_that_was_stopped_within_a_round_gives_up_the_same(
    tmp_path: Path, sampler: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autoequivariant.searching.samplers.lattice.MIN_IMPROVEMENT", -1.0)
    problem = make(tmp_path, sampler)
    status, whole, trials = search(problem, tmp_path / "whole.db", Clock(), Curves())
    assert (status, len(whole)) == ("budget", BUDGET)
    pruned = {key for key, (_, pruned) in whole.items() if pruned}
    assert 5 <= len(pruned) <= BUDGET - STARTUP
    assert problem.space.baseline.key not in pruned
    assert {key for key, state in trials if state == TrialState.PRUNED} == pruned
    path = tmp_path / "stopped.db"
    trained = []
    for checks in (11, 2):  # after the first round, when children are given up
        status, found, _ = search(problem, path, Stopping(checks), Curves())
        assert status == "interrupted"
        assert {key: whole[key] for key in found} == found
        trained.append(len(found))
    assert STARTUP < trained[0] < trained[1] < BUDGET
    status, found, again = search(problem, path, Clock(), Curves())
    assert (status, found, again) == ("budget", whole, trials)


@pytest.mark.slow
def test_what_is_under_way_decides_nothing(tmp_path: Path) -> None:
    """Within a round all are compared with the same curves: those of earlier rounds."""
    evaluator = Curves()
    _, found, trials = search(make(tmp_path, "random"), tmp_path / "s.db", Clock(), evaluator)
    assert evaluator.known[:2] == [(), ()]  # of the plain network, and of the first round
    order = list(dict.fromkeys(key for key, _ in trials))
    for known in evaluator.known[2:]:
        assert list(known) == [found[key][0] for key in order[: len(known)]]
    sizes = [len(known) for known in evaluator.known]
    assert sizes == sorted(sizes)
    assert len(set(sizes[1:])) == len(sizes) - 1  # each round knows more
