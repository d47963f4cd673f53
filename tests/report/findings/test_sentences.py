"""The three sentences say what the data show of each symmetry."""

from pathlib import Path

import pytest

from autoequivariant.report.findings.sentences import sentences_of
from autoequivariant.report.findings.summary import findings_of
from autoequivariant.search.open_run import open_run
from autoequivariant.search.recorded import recorded

ROW = {"lost": 0.1, "interval": [0.0, 0.2], "without": {"weights": 9}}
SHOWN = ROW | {"left_out": ["hflip"], "shown": True}
ALLOWED = ROW | {"left_out": ["vflip"], "shown": False}


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], ": with"),
        ([SHOWN], " (shown by the data): with"),
        ([ALLOWED], " (allowed, not shown): with"),
        ([SHOWN, ALLOWED], " (shown by the data: hflip; allowed, not shown: vflip): with"),
        ([ALLOWED, SHOWN | {"left_out": ["hflip", "vflip"]}], " (shown together only): with"),
    ],
    ids=["not measured", "shown", "allowed", "one of each", "together"],
)
def test_what_was_found(run_folder: Path, rows: list[dict[str, object]], said: str) -> None:
    with recorded(open_run(run_folder)) as record:
        record.outcome.results["ablation"] = rows
        sentences = sentences_of(record.outcome, findings_of(record.outcome))
    assert said in sentences.found


@pytest.mark.parametrize(("guessing", "warned"), [(0.0, False), (1.0, True)])
def test_what_it_means(run_folder: Path, guessing: float, warned: bool) -> None:
    with recorded(open_run(run_folder)) as record:
        record.outcome.results["guessing"] = guessing
        meaning = sentences_of(record.outcome, findings_of(record.outcome)).meaning
    assert meaning.startswith("But no network is shown to be better on test") == warned
