"""The file keeps evaluations, and one that cannot be read is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from autoequivariant.errors import RunError
from autoequivariant.paper.evaluation_file import EvaluationFile
from autoequivariant.training.child import Child
from autoequivariant.training.evaluation import Evaluation

CHILDREN = [Child((k,), (k,), width) for width in (1, 2) for k in range(3)]


def scored(child: Child) -> Evaluation:
    return Evaluation(np.arange(10) < child.members[0] + child.width, 100, 0.5)


def test_what_is_added_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "records" / "none.json"
    for some in (CHILDREN[:2], CHILDREN[2:3], CHILDREN[3:]):
        file = EvaluationFile(path)
        assert file.missing([*CHILDREN, CHILDREN[5]]) == CHILDREN[CHILDREN.index(some[0]) :]
        file.add(some, [scored(child) for child in some])
    file = EvaluationFile(path)
    assert file.missing(CHILDREN) == []
    found = [evaluation.to_json() for evaluation in file.recorded(CHILDREN)]
    assert found == [scored(child).to_json() for child in CHILDREN]


@pytest.mark.parametrize(
    "content",
    ["", "{", "{}x", "[1]", '[{"state": [0], "width": 1}]', '{"state": [0]}', "[null]"],
)
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "none.json"
    path.write_text(content)
    with pytest.raises(RunError, match=r"none\.json cannot be read as evaluations: remove it"):
        EvaluationFile(path)


def test_its_twin_that_can(tmp_path: Path) -> None:
    path = tmp_path / "none.json"
    record = {"state": [0], "width": 1, **scored(CHILDREN[0]).to_json()}
    path.write_text(json.dumps([record]))
    assert EvaluationFile(path).missing(CHILDREN[:2]) == CHILDREN[1:2]
