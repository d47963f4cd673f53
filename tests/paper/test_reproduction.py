"""A workspace trains what is not recorded, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from autoequivariant.errors import SettingsError
from autoequivariant.paper.evaluation_file import EvaluationFile
from autoequivariant.paper.reproduction import (
    Reproduction,
    Workspace,
    refuse,
    refuse_unknown,
    reproduce,
)
from autoequivariant.training.child import Child
from autoequivariant.training.clock import Clock, Interrupted
from autoequivariant.training.executors.executor import Executor
from autoequivariant.training.executors.local import LocalExecutor
from autoequivariant.training.progress import NoProgress

CHILDREN = [Child((k,), (k,), 1) for k in range(5)]


class Advances(NoProgress):
    def __init__(self) -> None:
        self.total = 0.0

    def advance(self, networks: float) -> None:
        self.total += networks


def test_what_is_recorded_is_not_trained_again(tmp_path: Path, fake_evaluator: Any) -> None:
    evaluator, progress = fake_evaluator(2), Advances()
    workspace = Workspace(tmp_path, progress, lambda problem: None, LocalExecutor())
    workspace.evaluations("none", CHILDREN[:3], lambda executor: evaluator, 0)
    assert evaluator.batches == [2, 1]
    twice = [*CHILDREN, CHILDREN[0]]
    found = workspace.evaluations("none", twice, lambda executor: evaluator, 0)
    assert evaluator.trained == [child.key for child in CHILDREN]
    assert [e.to_json() for e in found] == [evaluator.score(c).to_json() for c in twice]
    assert progress.total == 3 + 5

    def refuse_to_train(executor: Executor) -> Any:
        raise AssertionError("everything is recorded")

    workspace.evaluations("none", CHILDREN, refuse_to_train, 0)


def test_an_interruption_keeps_the_parts_that_ended(
    tmp_path: Path, fake_evaluator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    checks = iter([None, Interrupted()])

    def check(clock: Clock) -> None:
        if (trouble := next(checks)) is not None:
            raise trouble

    monkeypatch.setattr(Clock, "check", check)
    workspace = Workspace(tmp_path, NoProgress(), lambda problem: None, LocalExecutor())
    with pytest.raises(KeyboardInterrupt):
        workspace.evaluations("none", CHILDREN[:3], lambda executor: fake_evaluator(2), 0)
    path = tmp_path / "records" / "none.json"
    assert EvaluationFile(path).missing(CHILDREN[:3]) == CHILDREN[2:3]
    assert list(path.parent.iterdir()) == [path]


def test_the_records_and_files_are_written(tmp_path: Path) -> None:
    reproduction = Reproduction(
        "mine", {"seed": 0}, lambda workspace: {"a": 1}, lambda results: {"a.md": "A\n"}, list
    )
    done = reproduce(reproduction, tmp_path / "run")
    assert done.results["a"] == 1
    assert done.files == ["results.json", "a.md"]
    names = {path.name for path in done.folder.iterdir()}
    assert names == {"config.json", "results.json", "a.md"}
    assert (done.folder / "a.md").read_text() == "A\n"


def test_all_bad_options_are_named_at_once() -> None:
    def check() -> None:
        raise SettingsError("--c must be 1.")

    bad = [*refuse_unknown("--a", "xyz", "az"), *refuse_unknown("--b", ["a"], "a")]
    with pytest.raises(SettingsError, match=r"^--a must be one of a, z; got 'x', 'y'\. --c must"):
        refuse(bad, check)
    refuse([], lambda: None)
