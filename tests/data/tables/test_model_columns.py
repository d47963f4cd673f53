"""Tables for a trained model: columns by name, labels if there are any."""

from pathlib import Path

import numpy as np
import pytest

from autoequivariant.data.input_spec import InputSpec
from autoequivariant.data.registry import read
from autoequivariant.errors import DataError, SettingsError
from autoequivariant.inference.inputs import InferenceInput, read_inputs

CLASSES = InputSpec("features", "classification", ("a", "b c"), target=("kind",), drop=("id",))
NUMBERS = InputSpec("features", "regression", ("a", "b c"), ("u", "v"), target=("u,v",))


def inputs_of(
    tmp_path: Path, text: str, spec: InputSpec = CLASSES, part: str | None = None
) -> InferenceInput:
    path = tmp_path / "new.csv"
    path.write_text(text)
    return read_inputs(str(path), part, spec=spec)


ORDERS = [
    ("a,b c,kind\n1,2,x\n3,4,y\n", ()),
    ("b c,a,kind\n2,1,x\n4,3,y\n", ()),
    ("id,b c,kind,a\n7,2,x,1\n8,4,y,3\n", ()),
    ("note,b c,when,kind,a\nhm,2,,x,1\nhm,4,,y,3\n", ("note", "when")),
]


@pytest.mark.parametrize(("text", "ignored"), ORDERS)
def test_columns_are_matched_by_name(tmp_path: Path, text: str, ignored: tuple[str, ...]) -> None:
    found = inputs_of(tmp_path, text)
    assert found.x[:, 0].tolist() == [[1, 2], [3, 4]] and found.x.dtype == np.float32
    assert (found.part, found.ignored, found.rows.tolist()) == ("all", ignored, [0, 1])
    assert found.labels is not None and found.labels.tolist() == ["x", "y"]


UNLABELLED = [
    (CLASSES, "a,b c\n1,2\n", "has no column 'kind' to compare with"),
    (CLASSES, "a,b c,kind\n1,2,\n1,2,x\n", "The target 'kind' of"),
    (NUMBERS, "a,b c,u\n1,2,3\n", "has no column 'v' to compare with"),
    (NUMBERS, "a,b c\n1,2\n", "has no columns 'u' and 'v' to compare with"),
    (NUMBERS, "a,b c,u,v\n1,2,3,high\n", "'v' of"),
    (
        InputSpec("features", "classification", ("a", "b c")),
        "a,b c\n1,2\n",
        "not known which column",
    ),
]


@pytest.mark.parametrize(("spec", "text", "reason"), UNLABELLED)
def test_labels_need_not_be_there(tmp_path: Path, spec: InputSpec, text: str, reason: str) -> None:
    found = inputs_of(tmp_path, text, spec)
    assert found.x[0].tolist() == [[1, 2]] and found.labels is None
    assert reason in found.unlabelled


def test_targets_by_name(tmp_path: Path) -> None:
    found = inputs_of(tmp_path, "v,a,b c,u\n4,1,2,3\n", NUMBERS)
    assert found.labels is not None and found.labels.tolist() == [[3, 4]]


REFUSED = [
    ("a,kind\n1,x\n", "has no column 'b c', which the model reads: it has 2 columns (a, kind)."),
    ("A,b_c\n1,2\n", "has no columns 'a' and 'b c', which the model reads: did you mean 'A' for"),
    ("a,b c\n1,\n2,3\n", "missing values, in 1 of 2 rows: fill them or leave those rows out."),
    ("a,b c\n1,inf\n2,3\n", "in 1 of 2 rows: replace them or leave those rows out."),
    ("a,b c\n1,one\n", "into numbers (such as a column of 0 and 1 for each value)."),
    ("a,b c\n", "has columns but no rows"),
    ("a,b c,a\n1,2,3\n", "several columns called 'a'"),
]


@pytest.mark.parametrize(("text", "message"), REFUSED)
def test_what_is_missing_is_said_by_name(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(DataError) as refusal:
        inputs_of(tmp_path, text)
    assert message in str(refusal.value) and "--drop" not in str(refusal.value)


def test_without_names_columns_are_taken_by_their_places(tmp_path: Path) -> None:
    spec = InputSpec("sequence", "classification", target=("kind",), drop=("id",))
    found = inputs_of(tmp_path, "id,t0,t1,kind\n7,1,2,x\n8,3,4,y\n", spec)
    assert found.x[:, 0].tolist() == [[1, 2], [3, 4]] and str(found.domain) == "sequence:2"
    with pytest.raises(DataError, match="and no features"):
        inputs_of(tmp_path, "id,kind\n7,x\n", spec)


def test_what_was_searched_has_the_parts_that_it_had(tmp_path: Path) -> None:
    rows = "".join(f"{k},{k % 7},{k % 3},{'xy'[k % 2]}\n" for k in range(50))
    text = f"id,a,b c,kind\n{rows}"
    path = tmp_path / "new.csv"
    path.write_text(text)
    samples = read(path, target=["kind"], drop=["id"])
    named = {"target": ("kind",), "drop": ("id",)}
    spec = InputSpec(
        "features", "classification", samples.columns, searched=(samples.fingerprint(), 0), **named
    )
    held_out = inputs_of(tmp_path, text, spec)
    assert (held_out.part, len(held_out)) == ("test", 10)
    assert len(inputs_of(tmp_path, text, spec, "all")) == 50
    assert inputs_of(tmp_path, f"{text}50,1,1,x\n", spec).part == "all"
    with pytest.raises(SettingsError, match="has no parts: omit --part test"):
        inputs_of(tmp_path, f"{text}50,1,1,x\n", spec, "test")
