"""A report has all records of a run, and the tables that the run came to."""

from dataclasses import replace
from pathlib import Path

from autoequivariant.report.findings.report import report_of
from autoequivariant.runs.replay import replay_run
from autoequivariant.runs.run import open_run

from ..outcomes import interrupted

ALWAYS = {"leading", "effects", "settings", "versions"}


def test_a_finished_run_and_an_interrupted_one(run_folder: Path) -> None:
    with replay_run(open_run(run_folder)) as record:
        whole = report_of(record)
        cut = report_of(replace(record, outcome=interrupted(record.outcome)))
    assert set(whole.tables) - {"ablation"} == {*ALWAYS, "finalists", "test"}
    assert ("ablation" in whole.tables) == bool(whole.findings.ablation)
    assert set(cut.tables) == ALWAYS
    assert whole.networks[0].name == cut.networks[0].name
    assert whole.title == "digits" and whole.missing is None and whole.augmented is None
    assert whole.moves.before


def test_a_run_whose_data_are_gone(cnn_folder: Path) -> None:
    with replay_run(open_run(cnn_folder)) as record:
        found = report_of(record)
    assert found.missing is not None
    assert not found.moves.before
    assert found.augmented is not None
