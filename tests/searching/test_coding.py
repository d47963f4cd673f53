"""Validation decides once whether few whole numbers are categories; all networks follow."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autoequivariant.data.arrays import Arrays
from autoequivariant.data.samples import Samples, make_samples
from autoequivariant.errors import RunError, SettingsError
from autoequivariant.groups.custom.definition import candidate_of
from autoequivariant.report.findings.summary import findings_of
from autoequivariant.runs.replay import replay_run
from autoequivariant.runs.run import open_run
from autoequivariant.searching import coding, experiment
from autoequivariant.searching.experiment import make_experiment
from autoequivariant.searching.run import search
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.searching.storage.coding import CodingRecord
from autoequivariant.training.executors.local import LocalExecutor
from autoequivariant.training.families.mlp.family import MLPFamily

N = 600
RNG = np.random.default_rng(0)
FACES = RNG.integers(1, 7, (N, 3))


def samples_of(x: np.ndarray, y: np.ndarray) -> Samples:
    return make_samples("table", Arrays(x, y, columns=tuple("abcd")[: x.shape[1]]))


SPECIAL = samples_of(FACES, np.isin(FACES, [2, 5]).sum(axis=1) >= 2)
"""Two of six faces count: categories."""
LARGE = samples_of(
    np.concatenate([FACES, RNG.normal(size=(N, 1))], axis=1),
    0.4 * FACES.sum(axis=1) + RNG.normal(size=N),
)
"""Their sum counts, with noise: numbers."""


def settings_of(**options: Any) -> SearchSettings:
    return SearchSettings("table", **{"epochs": 12, "symmetries": None} | options)


def coded_columns(settings: SearchSettings, samples: Samples) -> tuple[int, CodingRecord | None]:
    problem = make_experiment(settings, samples).problem
    assert isinstance(problem.family, MLPFamily)
    return problem.family.coded_columns, problem.coding


def test_validation_decides() -> None:
    count, record = coded_columns(settings_of(), SPECIAL)
    assert record is not None and record.columns == count == 3
    assert record.one_hot > record.numbers + 0.05 and record.chosen == "one-hot"
    count, record = coded_columns(settings_of(), LARGE)
    assert record is not None and record.columns == 3 and count == 0
    assert record.numbers > record.one_hot and record.chosen == "numbers"


@pytest.mark.parametrize(("named", "count"), [("one-hot", 3), ("numbers", 0)])
def test_settings_decide_if_they_say(named: str, count: int) -> None:
    assert coded_columns(settings_of(coding=named), SPECIAL) == (count, None)


def test_there_may_be_nothing_to_decide() -> None:
    numbers = samples_of(RNG.normal(size=(N, 3)), FACES.sum(axis=1) > 10)
    assert coded_columns(settings_of(), numbers) == (0, None)
    with pytest.raises(SettingsError, match="--coding must be one of numbers, one-hot; got 'both'"):
        settings_of(coding="both")
    with pytest.raises(SettingsError, match="--coding requires --network mlp"):
        settings_of(coding="one-hot", network="cnn")


def test_a_signed_column_is_a_number_and_exchanged_ones_share_their_values() -> None:
    faces = np.concatenate([FACES[:, :1], FACES[:, 1:2].clip(2), FACES[:, 2:], FACES], axis=1)[
        :, :4
    ]
    samples = samples_of(faces, FACES.sum(axis=1) > 10)
    candidates = tuple(map(candidate_of, ("swap:0-1", "negate_column:2")))
    problem = make_experiment(settings_of(coding="one-hot", symmetries=candidates), samples).problem
    assert isinstance(problem.family, MLPFamily)
    architecture = problem.family.architecture
    every = (1, 2, 3, 4, 5, 6)
    assert architecture.coding is not None
    assert architecture.coding.values == (every, every, (), every)
    exchanged = make_experiment(
        settings_of(coding="one-hot", symmetries=(candidate_of({"swap": "a <-> d"}),)),
        samples_of(np.concatenate([FACES, RNG.normal(size=(N, 1))], axis=1), samples.y == 0),
    ).problem.family
    assert isinstance(exchanged, MLPFamily) and exchanged.coded_columns == 2


def test_too_little_time_leaves_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coding, "_MOST_OF_TIME", -1)
    assert coded_columns(settings_of(timeout=60.0), SPECIAL) == (0, None)


def test_a_resumed_run_has_the_coding_that_it_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_of(budget=3, epochs=4)
    with LocalExecutor(1) as executor:
        first = search(settings, tmp_path / "run", samples=SPECIAL, executor=executor)
        record = first.results.coding
        assert record is not None and record.chosen == "one-hot"
        config = json.loads((tmp_path / "run" / "config.json").read_text())
        assert config["command"]["coding"] == config["identity"]["coding"] == "one-hot"

        def fail(*_: object) -> None:
            raise AssertionError("it decides again")

        monkeypatch.setattr(experiment, "decide_coding", fail)
        again = search(settings, tmp_path / "run", samples=SPECIAL, executor=executor)
        assert replace(again.results, seconds=first.results.seconds) == first.results
        with pytest.raises(RunError, match="coding was one-hot and is now numbers"):
            monkeypatch.undo()
            other = replace(settings, coding="numbers")
            search(other, tmp_path / "run", samples=SPECIAL, executor=executor)

    run = open_run(tmp_path / "run")
    assert run.results is not None and run.results.coding == record
    with replay_run(run) as replay:  # there is no file called table
        assert replay.data_error is not None
        family = replay.outcome.problem.family
        assert isinstance(family, MLPFamily) and family.coded_columns == 3
        assert findings_of(replay.outcome).coding.startswith("3 columns of few whole numbers are")
