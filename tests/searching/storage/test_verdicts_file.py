"""`verdicts.json` gives back what was written, to the bit, and nothing else."""

import json
from pathlib import Path
from typing import Any

import pytest

from autoequivariant.errors import RunError
from autoequivariant.evidence.verdict import Inputs, Task, Trained, Verdict
from autoequivariant.searching.storage.verdicts_file import read_verdicts, write_verdicts

VERDICTS = (
    Verdict(
        "hflip",
        "holds",
        "p = .1",
        Inputs(0.1 + 0.2, 1 / 3, 0.25, ("six",)),
        Task(-0.1, (-0.2, 1e-17), 0.7, 0.9),
        "helps",
        Trained(0.1, (0.05, 0.15)),
    ),
    Verdict("vflip", "undecided", "not tested"),
)
NAMES = ["hflip", "vflip"]


def test_verdicts_come_back(tmp_path: Path) -> None:
    path = tmp_path / "verdicts.json"
    assert read_verdicts(path, NAMES) is None
    write_verdicts(path, VERDICTS)
    assert read_verdicts(path, NAMES) == VERDICTS


CHANGES: list[tuple[dict[str, Any], str]] = [
    ({"format": 2}, "has the format 2"),
    ({"verdicts": []}, "it is of other candidates"),
    ({"verdicts": [{"name": "hflip"}]}, "has no 'verdict'"),
    ({"verdicts": [{"name": "hflip", "verdict": "found", "reason": ""}]}, "'found'"),
    ({"verdicts": [{"name": "hflip", "verdict": "holds", "reason": 1}]}, "expected a string"),
]


@pytest.mark.parametrize(("change", "phrase"), CHANGES)
def test_other_content_is_refused(tmp_path: Path, change: dict[str, Any], phrase: str) -> None:
    path = tmp_path / "verdicts.json"
    write_verdicts(path, VERDICTS)
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(RunError, match=phrase) as caught:
        read_verdicts(path, NAMES)
    assert str(path) in str(caught.value)


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="none/verdicts.json cannot be written"):
        write_verdicts(tmp_path / "none" / "verdicts.json", VERDICTS)
