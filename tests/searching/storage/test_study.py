"""The record of a search survives restarts, without partial writes."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from optuna.distributions import CategoricalDistribution
from optuna.samplers import RandomSampler
from optuna.trial import TrialState

from autoequivariant.errors import RunError
from autoequivariant.searching.storage.recorded import ASKED
from autoequivariant.searching.storage.study import SearchStudy
from autoequivariant.training.child import Child
from autoequivariant.training.evaluation import Evaluation

BASELINE, FLIP = Child((), (), 2), Child((0,), (0,), 2)


def switches(names: str) -> dict[str, CategoricalDistribution]:
    return {name: CategoricalDistribution((False, True)) for name in names.split(",")}


SPACE = switches("hflip,vflip,translate_x:2")


def evaluation(text: str, n_parameters: int = 7) -> Evaluation:
    return Evaluation(np.array([c == "1" for c in text]), n_parameters, 0.5)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "study.db"


@pytest.fixture
def study(path: Path) -> Iterator[SearchStudy]:
    made = SearchStudy(path, SPACE)
    yield made
    made.close()


def reopened(study: SearchStudy) -> SearchStudy:
    study.close()
    return SearchStudy(study.path, SPACE)


def test_evaluations_are_kept_to_the_bit(study: SearchStudy) -> None:
    assert study.evaluation(BASELINE) is None
    study.record([BASELINE, FLIP], 0, [evaluation("1101100111"), evaluation("0000000001", 5)])
    study.record([FLIP], 1, [evaluation("111")])
    study.record([], 1, [])
    for again in (study, reopened(study)):
        assert set(again.trained()) == {BASELINE.key, FLIP.key}
        found = again.evaluation(FLIP)
        assert found is not None
        assert found.scores.tolist() == [False] * 9 + [True]
        assert (found.n_parameters, found.score) == (5, 0.1)
        other = again.evaluation(FLIP, 1)
        assert other is not None
        assert other.score == 1.0
        assert again.evaluation(BASELINE, 1) is None
        again.close()


def test_networks_trained_together_are_recorded_in_one_step(study: SearchStudy) -> None:
    study.record([BASELINE, FLIP], 0, [evaluation("1"), evaluation("0")])
    with closing(sqlite3.connect(study.path)) as connection:
        rows = connection.execute(
            "SELECT count(*) FROM study_user_attributes WHERE key LIKE 'evaluations%'"
        )
        assert rows.fetchone() == (1,)


def test_a_child_of_another_width_is_another(study: SearchStudy) -> None:
    wide = Child(FLIP.members, FLIP.generators, 4)
    study.record([FLIP, wide], 0, [evaluation("10"), evaluation("11", 9)])
    again = reopened(study)
    assert [again.trained()[child.key].n_parameters for child in (FLIP, wide)] == [7, 9]
    same = Child(FLIP.members, (), 4)
    assert again.evaluation(same) is not None  # whatever its generators
    again.close()


def test_proposals_are_points_and_get_a_value_once(study: SearchStudy) -> None:
    asked = study.ask(RandomSampler(seed=0), 4)
    assert study.proposed() == [proposal.point for proposal in asked]
    assert all(set(proposal.point) == set(SPACE) for proposal in asked)
    for proposal in asked:
        study.tell(proposal, [0.5], evaluation("10"))
        study.tell(proposal, [0.9], evaluation("10"))  # too late
    assert [trial.value for trial in study.optuna.trials] == [0.5] * 4


def test_with_two_objectives_a_proposal_gets_two_values(path: Path) -> None:
    widths = SPACE | {"channels": CategoricalDistribution((1, 2))}
    for number in range(2):
        again = SearchStudy(path, widths, ("maximize", "minimize"))
        (asked,) = again.ask(RandomSampler(seed=number), 1)
        again.tell(asked, [0.5, 70.0 + number], evaluation("10"))
        again.close()
    again = SearchStudy(path, widths, ("maximize", "minimize"))
    assert [trial.values for trial in again.optuna.trials] == [[0.5, 70.0], [0.5, 71.0]]
    assert [trial.number for trial in again.optuna.best_trials] == [0]
    assert {point["channels"] for point in again.proposed()} <= {1, 2}
    again.close()


def test_open_proposals_of_a_complete_round_are_resumed(study: SearchStudy) -> None:
    asked = study.ask(RandomSampler(seed=0), 3)
    study.tell(asked[1], [0.5], evaluation("10"))
    again = reopened(study)
    assert again.pending == [asked[0], asked[2]]
    assert again.proposed() == [proposal.point for proposal in asked]
    again.close()


def test_an_incomplete_round_is_discarded(study: SearchStudy) -> None:
    complete = study.ask(RandomSampler(seed=0), 2)
    study.ask(RandomSampler(seed=1), 4)
    study._set_attribute(ASKED, 2)  # as if it had ended before the last step
    again = reopened(study)
    assert again.pending == complete
    assert len(again.proposed()) == 2
    assert [trial.state for trial in again.optuna.trials[2:]] == [TrialState.FAIL] * 4
    again.close()


def test_seconds_add_up_across_restarts(study: SearchStudy) -> None:
    assert study.add_seconds("search", 1.5) == 1.5
    again = reopened(study)
    assert again.add_seconds("search", 2.0) == 3.5
    assert again.add_seconds("total", 0.0) == 0.0
    again.close()


def test_closing_leaves_one_file(study: SearchStudy) -> None:
    study.ask(RandomSampler(seed=0), 1)
    study.close()
    assert [p.name for p in study.path.parent.iterdir()] == ["study.db"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("names", "accepted"),
    [
        ("hflip,vflip,translate_x:2", True),
        ("hflip,vflip", False),
        ("vflip,hflip,translate_x:2", False),
        ("hflip,vflip,translate_x:4", False),
        ("hflip,vflip,translate_x:2,channels", False),
    ],
)
def test_a_study_of_other_candidates_is_refused(
    study: SearchStudy, names: str, accepted: bool
) -> None:
    study.ask(RandomSampler(seed=0), 1)
    study.close()
    if accepted:
        SearchStudy(study.path, switches(names)).close()
        return
    with pytest.raises(RunError, match="it is the study of another search.*move it away"):
        SearchStudy(study.path, switches(names))


def test_a_study_in_use_is_refused(study: SearchStudy, monkeypatch: pytest.MonkeyPatch) -> None:
    study.close()
    monkeypatch.setattr("autoequivariant.searching.storage.study_file._SECONDS_TO_WAIT", 0.05)
    again = SearchStudy(study.path, SPACE)
    message = "locked.*another process uses it; wait"
    with closing(sqlite3.connect(study.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(RunError, match=message):
            again.add_seconds("search", 1.0)
        with pytest.raises(RunError, match=message):
            SearchStudy(study.path, SPACE)
        other.execute("ROLLBACK")
    assert again.add_seconds("search", 1.0) == 1.0
    again.close()


@pytest.mark.parametrize("folder", ["plain", "what? {a}%20#[b]", "ü ß"])
def test_folders_with_any_name(tmp_path: Path, folder: str) -> None:
    (tmp_path / folder).mkdir()
    for expected in (1.0, 2.0):
        again = SearchStudy(tmp_path / folder / "study.db", SPACE)
        assert again.add_seconds("search", 1.0) == expected
        again.close()


def test_a_pruned_child_has_a_pruned_trial(study: SearchStudy) -> None:
    whole = Evaluation(np.array([True, False]), 7, 0.5, (0.25, 0.5))
    pruned = Evaluation(np.array([True, False]), 7, 0.5, (0.5,), pruned=True)
    asked = study.ask(RandomSampler(seed=0), 2)
    study.tell(asked[0], [0.5], whole)
    study.tell(asked[1], [0.5], pruned)
    study.add([asked[0].point], [[0.5]], [pruned])
    found = study.optuna.get_trials()
    assert [t.state for t in found] == [TrialState.COMPLETE, TrialState.PRUNED, TrialState.PRUNED]
    assert [t.intermediate_values for t in found] == [{1: 0.25, 2: 0.5}, {1: 0.5}, {1: 0.5}]
    assert [t.value for t in found] == [0.5, 0.5, 0.5]
    assert len(study.settled()) == len(study.proposed()) == 3


def test_running_proposals_are_not_settled(study: SearchStudy) -> None:
    asked = study.ask(RandomSampler(seed=0), 2)
    study.tell(asked[1], [0.5], evaluation("10"))
    assert study.settled() == [asked[1].point]
    assert len(study.proposed()) == 2


@pytest.mark.slow
def test_a_pruned_child_keeps_its_curve(study: SearchStudy) -> None:
    pruned = Evaluation(np.array([True, False]), 7, 0.5, (0.25, 0.5), pruned=True)
    asked = study.ask(RandomSampler(seed=0), 3)
    study.record([FLIP, BASELINE], 0, [pruned, evaluation("11")])
    study.tell(asked[1], [0.5], pruned)
    again = reopened(study)
    assert again.pending == [asked[0], asked[2]]
    assert again.settled() == [asked[1].point]
    found = again.trained()
    assert (found[FLIP.key].curve, found[FLIP.key].pruned) == ((0.25, 0.5), True)
    assert (found[BASELINE.key].curve, found[BASELINE.key].pruned) == ((), False)
    # A process that was killed while it recorded scores resumes with the others.
    again.tell(asked[1], [0.9], evaluation("11"))
    again.tell(asked[2], [1.0], evaluation("11"))
    states = [trial.state for trial in again.optuna.trials]
    assert states == [TrialState.RUNNING, TrialState.PRUNED, TrialState.COMPLETE]
    assert again.optuna.trials[1].intermediate_values == {1: 0.25, 2: 0.5}
    again.close()
