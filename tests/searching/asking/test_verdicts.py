"""The direct tests of a run: asked once, recorded, and stopped by the clock."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autoequivariant.errors import SettingsError
from autoequivariant.evidence.direct import NO_TIME, DirectTests
from autoequivariant.evidence.verdict import Answer, Verdict
from autoequivariant.groups.domain import Grid
from autoequivariant.groups.symmetry import parse_symmetries
from autoequivariant.runs.replay import replay_run
from autoequivariant.runs.run import open_run
from autoequivariant.searching.asking import verdicts as module
from autoequivariant.searching.asking.verdicts import recorded_verdicts
from autoequivariant.searching.experiment import Experiment
from autoequivariant.searching.run import search
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.searching.storage.run_folder import RunFolder
from autoequivariant.training.clock import Clock, DeadlineReached, Interrupted
from autoequivariant.training.progress import NoProgress

SMALL: dict[str, Any] = {
    "symmetries": parse_symmetries("hflip,vflip,swap_left_right"),
    "layers": (Grid(4, 4),),
    "channels": 1,
    "epochs": 1,
    "train_size": 60,
    "validation_size": 40,
}


class Asked:
    """Stands in for the data: fixed answers, and how often they were asked."""

    def __init__(self, **answers: Answer) -> None:
        self.answers = answers
        self.times = 0

    def __call__(
        self,
        data: Any,
        family: Any,
        seed: int,
        proposals: Any,
        *,
        on_tested: Callable[[], None],
        is_late: Any,
        executor: Any,
    ) -> DirectTests:
        self.times += 1
        names = [str(one) for one in family.candidates]
        for _ in names:
            on_tested()
        found = [Verdict(name, self.answers.get(name, "undecided"), "said so") for name in names]
        return DirectTests(tuple(found), None, 0.0)


def folder_of(experiment: Experiment, path: Path) -> RunFolder:
    return RunFolder(path, experiment.problem.identity(), {})


def test_the_data_are_asked_once(
    tmp_path: Path, small_experiment: Callable[..., Experiment], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = Asked(hflip="holds", vflip="does not hold")
    monkeypatch.setattr(module, "ask_data", asked)
    experiment = small_experiment()
    folder = folder_of(experiment, tmp_path / "run")
    first = recorded_verdicts(experiment, folder, Clock(), NoProgress())
    assert [one.verdict for one in first] == ["holds", "does not hold", "undecided"]
    asked.answers.clear()  # another machine might answer otherwise
    assert recorded_verdicts(experiment, folder, Clock(), NoProgress()) == first
    assert asked.times == 1


def test_an_interruption_records_nothing(
    tmp_path: Path,
    small_experiment: Callable[..., Experiment],
    monkeypatch: pytest.MonkeyPatch,
    stopping_clock: Callable[..., Clock],
) -> None:
    monkeypatch.setattr(module, "ask_data", Asked())
    experiment = small_experiment()
    folder = folder_of(experiment, tmp_path / "run")
    with pytest.raises(Interrupted):
        recorded_verdicts(experiment, folder, stopping_clock(2, Interrupted), NoProgress())
    assert not folder.verdicts.exists()


def test_a_search_trains_nothing_that_does_not_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ask_data", Asked(hflip="holds", vflip="does not hold"))
    shown = []
    outcome = search(
        SearchSettings("digits", **SMALL), tmp_path / "run", announce=lambda p, _: shown.append(p)
    )
    problem, results = outcome.problem, outcome.results
    assert shown == [problem]
    assert list(problem.space.distributions) == ["hflip", "swap_left_right"]
    assert (results.states, results.distinct_networks) == (4, 4)
    assert results.networks_trained >= 3  # the baseline, what holds, and its neighbour
    assert all("vflip" not in row.symmetries for row in results.leading)
    assert [one.verdict for one in results.verdicts] == ["holds", "does not hold", "undecided"]
    with replay_run(open_run(outcome.folder)) as replay:
        assert replay.outcome.results == results
        assert replay.outcome.problem.space.numbers == (0, 2)


def test_without_tests_nothing_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Asked(hflip="does not hold")
    monkeypatch.setattr(module, "ask_data", asked)
    outcome = search(SearchSettings("digits", tests=False, **SMALL), tmp_path / "run")
    assert not asked.times
    assert not (tmp_path / "run/verdicts.json").exists()
    assert [(v.verdict, v.reason) for v in outcome.problem.verdicts] == [
        ("undecided", "not tested")
    ] * 3
    assert outcome.results.networks_trained == 8


def test_a_run_without_results_is_replayed_with_its_verdicts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ask_data", Asked(vflip="does not hold"))
    folder = search(SearchSettings("digits", **SMALL), tmp_path / "run").folder
    (folder / "results.json").unlink()  # as after a kill
    with replay_run(open_run(folder, needs_results=False)) as replay:
        assert replay.outcome.problem.space.numbers == (0, 2)
        assert replay.outcome.results.status == "interrupted"


def test_results_with_verdicts_on_other_candidates_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ask_data", Asked())
    folder = search(SearchSettings("digits", **SMALL), tmp_path / "run").folder
    record = json.loads((folder / "results.json").read_text())
    record["verdicts"].pop()
    (folder / "results.json").write_text(json.dumps(record))
    with (
        pytest.raises(Exception, match=r"results\.json has verdicts on other candidates"),
        replay_run(open_run(folder)),
    ):
        pass


def test_what_there_was_no_time_to_test_is_undecided(
    tmp_path: Path,
    small_experiment: Callable[..., Experiment],
    stopping_clock: Callable[..., Clock],
) -> None:
    experiment = small_experiment()
    folder = folder_of(experiment, tmp_path / "run")
    clock = stopping_clock(0, DeadlineReached)
    found = recorded_verdicts(experiment, folder, clock, NoProgress())
    assert {(one.verdict, one.reason) for one in found} == {("undecided", NO_TIME)}
    # A run that resumes with more time searches the same space.
    assert recorded_verdicts(experiment, folder, Clock(), NoProgress()) == found


def test_half_of_the_time_is_kept_for_training(
    tmp_path: Path, small_experiment: Callable[..., Experiment]
) -> None:
    reserves: list[float] = []

    class Watched(Clock):
        def check(self, reserve: float = 0.0) -> None:
            reserves.append(reserve)

    experiment = small_experiment()
    folder = folder_of(experiment, tmp_path / "run")
    recorded_verdicts(experiment, folder, Watched(1000.0), NoProgress())
    kept = [reserve for reserve in reserves if reserve]
    assert len(kept) == 3
    assert 400 < kept[0] == kept[2] <= 500


def test_a_timeout_that_leaves_no_time_for_a_network_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ask_data", Asked())
    with pytest.raises(SettingsError, match="ended before the first network was trained"):
        search(SearchSettings("digits", timeout=1e-6, **SMALL), tmp_path / "run")


def test_a_run_that_trained_nothing_asks_again(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with pytest.raises(SettingsError):
        search(SearchSettings("digits", timeout=1e-6, **SMALL), folder)
    found = search(SearchSettings("digits", **SMALL), folder).results.verdicts
    assert NO_TIME not in {one.reason for one in found}
