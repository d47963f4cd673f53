"""The three sentences say what the data show of each symmetry."""

from pathlib import Path

import pytest

from autoequivariant.report.findings.headline import sentences_of
from autoequivariant.report.findings.summary import findings_of
from autoequivariant.runs.replay import replay_run
from autoequivariant.runs.run import open_run

ROW = {"lost": 0.1, "interval": [0.0, 0.2], "without": {"n_parameters": 9}}
SUPPORTED = ROW | {"left_out": ["hflip"], "shown": True}
UNSUPPORTED = ROW | {"left_out": ["vflip"], "shown": False}


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], ". With"),
        ([SUPPORTED], " (supported by the data). With"),
        ([UNSUPPORTED], " (not supported: harmless here). With"),
        (
            [SUPPORTED, UNSUPPORTED],
            " (supported by the data: hflip; not supported: vflip). With",
        ),
        (
            [UNSUPPORTED, SUPPORTED | {"left_out": ["hflip", "vflip"]}],
            " (supported together only). With",
        ),
    ],
    ids=["not measured", "supported", "not supported", "one of each", "together"],
)
def test_what_was_found(run_folder: Path, rows: list[dict[str, object]], said: str) -> None:
    with replay_run(open_run(run_folder)) as record:
        record.outcome.results["ablation"] = rows
        sentences = sentences_of(record.outcome.problem, findings_of(record.outcome))
    assert said in sentences.found


@pytest.mark.parametrize(("constant_score", "warned"), [(0.0, False), (1.0, True)])
def test_what_it_means(run_folder: Path, constant_score: float, warned: bool) -> None:
    with replay_run(open_run(run_folder)) as record:
        record.outcome.results["constant_score"] = constant_score
        meaning = sentences_of(record.outcome.problem, findings_of(record.outcome)).meaning
    assert meaning.startswith("But no network is better on test") == warned
