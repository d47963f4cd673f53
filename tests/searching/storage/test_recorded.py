"""Attributes of a study are typed, complete and recorded once."""

import json
from typing import Any

import numpy as np
import pytest

from autoequivariant.searching.storage import recorded
from autoequivariant.searching.storage.recorded import evaluations_key, read_recorded
from autoequivariant.training.evaluation import Evaluation, keyed_record

RIGHT = Evaluation(np.array([True, False, True]), 7, 0.5, (0.5, 1.0), pruned=True)
NUMBERS = Evaluation(np.array([0.5, -np.inf], np.float32), 7, 0.5)


def rows(*evaluations: Evaluation, first: int = 0, replicate: int = 0) -> tuple[str, Any]:
    records = [keyed_record(((first + k,), 1), e) for k, e in enumerate(evaluations)]
    return evaluations_key(replicate, first), records


def read(*attributes: tuple[str, Any]) -> recorded.Recorded:
    return read_recorded([(key, json.dumps(value)) for key, value in attributes])


def test_what_is_recorded_is_read() -> None:
    found = read(
        rows(RIGHT, first=2),  # SQLite keeps no order
        rows(RIGHT, NUMBERS),
        ("parameters", ["hflip", "channels"]),
        ("asked", 16),
        ("seconds search", 1.5),
        ("seconds total", 2),
    )
    assert list(found.evaluations) == [(((k,), 1), 0) for k in range(3)]
    assert found.evaluations[((1,), 1), 0].score == -np.inf
    assert found.parameters == ("hflip", "channels")
    assert (found.asked, found.seconds) == (16, {"search": 1.5, "total": 2.0})
    assert read() == recorded.Recorded()


BAD: list[tuple[str, Any]] = [
    *(("asked", value) for value in (None, -1, 2**70, "7", True, [7], 1.5)),
    *(("parameters", value) for value in (None, "hflip", [1], {})),
    *(("seconds search", value) for value in (None, "1", -1, float("inf"), float("nan"), [])),
    *(("evaluations 0 from 0", value) for value in (None, {}, "x", [[]], [None], [{}])),
    ("evaluations", []),
    ("evaluations -1 from 0", []),
    ("evaluations 0 from 0 more", []),
    ("evaluations 99999999999 from 0", []),
    ("other", 1),
]


@pytest.mark.parametrize(("key", "value"), BAD)
def test_other_attributes_are_refused(key: str, value: Any) -> None:
    with pytest.raises(ValueError) as error:
        read((key, value))
    assert len(str(error.value)) < 200


FIELDS = [
    *(("score", value) for value in (None, "1", float("inf"), 0.5, -0.1, 1e308)),
    *(("n_parameters", value) for value in (None, -1, 1.5, 2**70, float("inf"), True)),
    *(("seconds", value) for value in (None, -1, float("inf"), float("nan"), "1")),
    *(("n", value) for value in (None, 0, 9, 2**70, "3")),
    *(("correct", value) for value in (None, "", "!", "oA", 5, "oKA=" * 9)),
    *(("curve", value) for value in (None, [], [1.5], [-0.5], ["1"], [float("inf")], {})),
    *(("pruned", value) for value in (None, 1, "no")),
    *(("state", value) for value in (None, [-1], ["0"], [2**70], 0, [1.5])),
    *(("width", value) for value in (None, 0, 1.5, "1", 2**70)),
]


@pytest.mark.parametrize(("field", "value"), FIELDS)
def test_a_field_of_an_evaluation_that_is_wrong(field: str, value: Any) -> None:
    key, (record,) = rows(RIGHT)
    assert read((key, [record])).evaluations  # the twin
    with pytest.raises(ValueError) as error:
        read((key, [{**record, field: value}]))
    assert "\n" not in str(error.value)


def test_lost_and_repeated_evaluations_are_refused() -> None:
    first, second = rows(RIGHT, RIGHT), rows(RIGHT, first=2)
    assert len(read(first, second).evaluations) == 3
    with pytest.raises(ValueError, match="evaluations are missing"):
        read(second)
    again = (evaluations_key(0, 2), first[1])
    with pytest.raises(ValueError, match="recorded twice"):
        read(first, again)
    fold = (evaluations_key(1, 2), first[1])
    assert len(read(first, fold).evaluations) == 4


def test_json_of_many_values_is_not_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorded, "MOST_VALUES", 10)
    assert read(("parameters", ["a"] * 10)).parameters == ("a",) * 10
    with pytest.raises(ValueError, match="'parameters' has more than 10 values"):
        read(("parameters", ["a"] * 11))
