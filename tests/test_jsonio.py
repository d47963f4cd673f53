"""Untrusted JSON becomes typed values, or is refused by file, field and what was found there."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from msgspec import Meta, Struct

from autoequivariant.errors import ModelError, RunError
from autoequivariant.jsonio import parse, read_json, to_type

Count = Annotated[int, Meta(ge=1, le=10)]


class Inner(Struct, frozen=True, forbid_unknown_fields=True):
    count: Count
    share: Annotated[float, Meta(ge=0, lt=1)] = 0.5


@dataclass(frozen=True)
class Outer:
    name: str
    inner: Inner | None = None
    counts: tuple[Count, ...] = ()
    pairs: tuple[tuple[float, float], ...] = ()
    either: tuple[str | dict[str, Any], ...] = ()
    shares: dict[str, float] | None = None
    status: Literal["complete", "interrupted"] = "complete"


SOUND: list[tuple[dict[str, Any], Outer]] = [
    ({"name": "a"}, Outer("a")),
    ({"name": "a", "inner": {"count": 10, "share": 0}}, Outer("a", Inner(10, 0.0))),
    ({"name": "a", "counts": [1, 10]}, Outer("a", counts=(1, 10))),
    ({"name": "a", "pairs": [[1, 2.5]]}, Outer("a", pairs=((1.0, 2.5),))),
    ({"name": "a", "either": ["b", {"c": 1}]}, Outer("a", either=("b", {"c": 1}))),
    ({"name": "a", "shares": {"b c": 0.5}}, Outer("a", shares={"b c": 0.5})),
    ({"name": "a", "unknown": 1}, Outer("a")),  # a dataclass may leave fields unread
    ({"name": "a", "status": "interrupted"}, Outer("a", status="interrupted")),
]
WRONG: list[tuple[Any, str]] = [
    ([], "file: expected an object, got a list of 0"),
    ({}, "file has no 'name'"),
    ({"name": 1}, "file: name: expected a string, got 1"),
    ({"name": None}, "file: name: expected a string, got None"),
    ({"name": "a", "inner": {"count": 0}}, "file: inner.count: expected an integer >= 1, got 0"),
    ({"name": "a", "inner": {"count": True}}, "inner.count: expected an integer, got True"),
    ({"name": "a", "inner": {"count": 1.0}}, "inner.count: expected an integer, got 1.0"),
    ({"name": "a", "inner": {"count": "1"}}, "inner.count: expected an integer, got '1'"),
    ({"name": "a", "inner": {"count": 10**300}}, "got a number of more than 60 digits"),
    ({"name": "a", "inner": {"count": 1, "share": 1}}, "inner.share: expected a number < 1.0"),
    ({"name": "a", "inner": {"count": 1, "note": 1}}, "inner holds the unknown field 'note'"),
    ({"name": "a", "inner": {"count": 1, "n" * 99: 1}}, "unknown field 'nnn"),
    ({"name": "a", "inner": []}, "file: inner: expected an object or null, got a list of 0"),
    ({"name": "a", "counts": [1, 11]}, "file: counts[1]: expected an integer <= 10, got 11"),
    ({"name": "a", "pairs": [[1]]}, "pairs[0]: expected a list of length 2, got a list of 1"),
    ({"name": "a", "either": [1]}, "either[0]: expected a string or an object, got 1"),
    ({"name": "a", "shares": {"b": "c"}}, "shares[...]: expected a number, got another value"),
    ({"name": "a", "status": "done"}, "file: status: 'done' is not an allowed value"),
]


@pytest.mark.parametrize(("value", "expected"), SOUND)
def test_sound_values_are_converted(value: dict[str, Any], expected: Outer) -> None:
    assert to_type(value, Outer, "file") == expected


@pytest.mark.parametrize(("value", "message"), WRONG)
def test_the_first_wrong_field_is_named(value: Any, message: str) -> None:
    with pytest.raises(ModelError) as error:
        to_type(value, Outer, "file")
    assert message in str(error.value) and len(str(error.value)) < 150


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"name": "a", "name": "b"}', "the key 'name' appears twice"),
        (b'{"name": NaN}', "NaN is not allowed"),
        (b'{"name": ' + b"9" * 10_000 + b"}", "a number has 10,000 digits, more than 4,000"),
        (b'{"name": -Infinity}', "-Infinity is not allowed"),
        (b"[" * 100_000, "nested too deeply"),
        (b"", "Expecting value"),
        (b'{"name": "\xff"}', "can't decode"),
    ],
)
def test_what_is_not_strict_json_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        parse(content, "file")


def test_half_of_a_surrogate_pair_is_refused() -> None:
    whole, half = r'{"\ud83d\ude00": 1}', r'{"\ud83d": 1}'
    assert to_type(parse(whole.encode(), "file"), dict[str, int], "file") == {"\U0001f600": 1}
    with pytest.raises(ModelError, match="^file holds a text with half of a surrogate pair"):
        to_type(parse(b'{"name": "a", ' + half[1:].encode(), "file"), Outer, "file")


def test_scores_may_be_no_numbers() -> None:
    found = to_type(parse(b"[NaN, Infinity, 1]", "file", allow_nan=True), list[float], "file")
    assert found[0] != found[0] and found[1:] == [float("inf"), 1.0]


def test_a_file_is_read_up_to_its_limit(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    path.write_text('{"name": "a"}')
    assert read_json(path, Outer, 13) == Outer("a")
    with pytest.raises(RunError, match="more than 12 bytes"):
        read_json(path, Outer, 12)
    with pytest.raises(RunError, match="is missing"):
        read_json(tmp_path / "none.json", Outer, 12)
