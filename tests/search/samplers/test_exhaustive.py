"""Each point once, in order, in any storage, and across restarts."""

from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution
from optuna.samplers import BaseSampler

from autoequivariant.search.samplers import ExhaustiveSampler

POINTS = [{"a": True, "b": "x"}, {"a": False, "b": "y"}, {"a": False, "b": "x"}]


@pytest.fixture(params=["memory", "sqlite", "journal"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    if request.param == "memory":
        yield optuna.storages.InMemoryStorage()
    elif request.param == "sqlite":
        found = optuna.storages.RDBStorage(f"sqlite:///{tmp_path}/study.db")
        yield found
        found.remove_session()
        found.engine.dispose()
    else:
        backend = optuna.storages.journal.JournalFileBackend(str(tmp_path / "journal"))
        yield optuna.storages.JournalStorage(backend)


def ask(study: optuna.Study, n: int) -> list[dict[str, Any]]:
    space = {
        "a": CategoricalDistribution((True, False)),
        "b": CategoricalDistribution(("x", "y")),
    }
    return [study.ask(space).params for _ in range(n)]


def test_each_point_once_in_order_across_restarts(storage: Any) -> None:
    sampler = ExhaustiveSampler(POINTS)
    study = optuna.create_study(study_name="s", storage=storage, sampler=sampler)
    assert sampler.remaining(study) == 3
    assert ask(study, 1) == POINTS[:1]
    again = ExhaustiveSampler(POINTS)
    study = optuna.load_study(study_name="s", storage=storage, sampler=again)
    assert again.remaining(study) == 2
    assert ask(study, 2) == POINTS[1:]
    assert again.remaining(study) == 0
    assert ask(study, 1)[0] in POINTS  # all were proposed: it starts again


def test_a_failed_trial_is_proposed_again_and_others_are_not() -> None:
    study = optuna.create_study(sampler=ExhaustiveSampler(POINTS))
    ask(study, 2)
    study.tell(0, state=optuna.trial.TrialState.FAIL)
    study.tell(1, 1.0)
    assert ask(study, 2) == [POINTS[0], POINTS[2]]


def test_a_point_that_someone_else_proposed_is_left_out() -> None:
    study = optuna.create_study(sampler=ExhaustiveSampler(POINTS))
    study.enqueue_trial(POINTS[0])
    assert ask(study, 1) == POINTS[:1]
    assert ask(study, 2) == POINTS[1:]


def test_with_suggest_and_optimize() -> None:
    seen: list[tuple[bool, str]] = []

    def objective(trial: optuna.Trial) -> float:
        a = trial.suggest_categorical("a", (True, False))
        seen.append((a, trial.suggest_categorical("b", ("x", "y"))))
        return float(a)

    optuna.create_study(sampler=ExhaustiveSampler(POINTS)).optimize(objective, n_trials=3)
    assert seen == [(p["a"], p["b"]) for p in POINTS]


def test_choices_may_be_more_than_occur() -> None:
    study = optuna.create_study(sampler=ExhaustiveSampler([{"a": True}], {"a": (False, True)}))
    space = {"a": CategoricalDistribution((False, True))}
    assert study.ask(space).params == {"a": True}


@pytest.mark.parametrize("points", [[], [{"a": 1}, {"b": 1}], [{"a": 1}, {"a": 1, "b": 2}]])
def test_points_that_are_none(points: list[dict[str, Any]]) -> None:
    with pytest.raises(ValueError, match="needs points, all with the same names"):
        ExhaustiveSampler(points)


def test_a_parameter_that_no_point_has() -> None:
    study = optuna.create_study(sampler=ExhaustiveSampler(POINTS))
    with pytest.raises(ValueError, match="no point|No point"):
        study.ask({"c": FloatDistribution(0, 1)})


shipped = pytest.importorskip(
    "optuna.testing.pytest_samplers", reason="not here: Optuna's test suite for samplers"
)


class TestOptunasSuite:
    """The part of Optuna's suite without numbers and without parameters made up on the way:
    like its own GridSampler, this one refuses those.
    """

    @pytest.fixture
    def sampler(self) -> Callable[[], BaseSampler]:
        values = product((1, 10, 100), (-1, -10, -100))
        return lambda: ExhaustiveSampler([{"x": x, "y": y} for x, y in values])

    test_categorical_together = shipped.RelativeSamplerTestCase.test_sample_relative_categorical
