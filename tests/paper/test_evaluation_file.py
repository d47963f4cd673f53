"""What is in the file is not trained again, and a file that cannot be read is refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from autoequivariant.errors import RunError
from autoequivariant.paper.evaluation_file import EvaluationFile
from autoequivariant.training.child import Child
from autoequivariant.training.evaluation import Evaluation

CHILDREN = [Child((k,), (k,), channels) for channels in (1, 2) for k in range(3)]


def scored(child: Child) -> Evaluation:
    return Evaluation(np.arange(10) < child.members[0] + child.width, 100, 0.5)


class TwoAtOnce:
    """Scores a child by its key alone, and remembers what was asked of it."""

    def __init__(self) -> None:
        self.trained: list[Child] = []

    def evaluate(
        self, children: Sequence[Child], replicate: int, on_step: Callable[[int], None]
    ) -> Iterator[tuple[Sequence[Child], list[Evaluation]]]:
        for first in range(0, len(children), 2):
            some = children[first : first + 2]
            on_step(len(some))
            self.trained += some
            yield some, [scored(child) for child in some]


def test_what_is_recorded_is_not_trained_again(tmp_path: Path) -> None:
    path = tmp_path / "records" / "none.json"
    evaluator, steps = TwoAtOnce(), list[int]()
    EvaluationFile(path).train(CHILDREN[:3], evaluator, 0, steps.append)  # type: ignore[arg-type]
    assert steps == [2, 1]

    again = EvaluationFile(path)
    assert again.missing([*CHILDREN, CHILDREN[5]]) == CHILDREN[3:]
    again.train(CHILDREN, evaluator, 0, steps.append)  # type: ignore[arg-type]
    assert evaluator.trained == CHILDREN
    found = EvaluationFile(path).recorded(CHILDREN)
    assert [e.to_json() for e in found] == [scored(child).to_json() for child in CHILDREN]


def test_a_part_that_ended_is_kept_where_the_next_fails(tmp_path: Path) -> None:
    path = tmp_path / "none.json"

    def stop_at_the_last(count: int) -> None:
        if count == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        EvaluationFile(path).train(CHILDREN[:3], TwoAtOnce(), 0, stop_at_the_last)  # type: ignore[arg-type]
    assert EvaluationFile(path).missing(CHILDREN[:3]) == CHILDREN[2:3]
    assert [p.name for p in tmp_path.iterdir()] == ["none.json"]


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
