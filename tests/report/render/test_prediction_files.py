"""CSV and Parquet hold the same table."""

import csv
import io

import numpy as np
import pyarrow.parquet
import pytest

from autoequivariant.inference.predict import ClassPredictions, RegressionPredictions
from autoequivariant.report.render.prediction_files import predictions_csv, predictions_parquet

ROWS = np.array([3, 5])
CLASSES = ClassPredictions(
    "d", "all", ("a", "b, c"), ROWS, np.array([[0.25, 0.75], [0.5, 0.5]], np.float32)
)
NUMBERS = RegressionPredictions(
    "d", "all", ("y", "sample"), ROWS, np.array([[1.5, np.nan], [1e-9, 2.0]], np.float32)
)


@pytest.mark.parametrize(
    ("predictions", "expected"),
    [
        (
            CLASSES,
            [
                ["sample", "predicted", "probability_a", "probability_b, c"],
                ["3", "b, c", "0.25", "0.75"],
                ["5", "a", "0.5", "0.5"],
            ],
        ),
        (
            NUMBERS,
            [["sample", "y", "predicted_sample"], ["3", "1.5", "nan"], ["5", "1e-09", "2"]],
        ),
    ],
    ids=["classes", "numbers"],
)
def test_a_row_for_each_sample(
    predictions: ClassPredictions | RegressionPredictions, expected: list[list[str]]
) -> None:
    assert list(csv.reader(io.StringIO(predictions_csv(predictions)))) == expected
    content = io.BytesIO(predictions_parquet(predictions))
    table = pyarrow.parquet.read_table(content)
    assert table.column_names == expected[0]
    assert table["sample"].to_pylist() == ROWS.tolist()


FORMULAS = ("=1+1", "-a", "@x", "+1 2", "\tx", "\uff1dx", "-1", "+2.5e3", "a=1", "1-a")
SAFE = ["'=1+1", "'-a", "'@x", "'+1 2", "'\tx", "'\uff1dx", "-1", "+2.5e3", "a=1", "1-a"]


@pytest.mark.parametrize(("is_safe", "expected"), [(False, list(FORMULAS)), (True, SAFE)])
def test_classes_that_a_spreadsheet_would_compute(is_safe: bool, expected: list[str]) -> None:
    each = np.eye(len(FORMULAS), dtype=np.float32)
    predictions = ClassPredictions("d", "all", FORMULAS, np.arange(len(FORMULAS)), each)
    rows = list(csv.reader(io.StringIO(predictions_csv(predictions, is_safe))))
    assert [row[1] for row in rows[1:]] == expected
    assert rows[0][2:] == [f"probability_{name}" for name in FORMULAS]
    table = pyarrow.parquet.read_table(io.BytesIO(predictions_parquet(predictions)))
    assert table["predicted"].to_pylist() == list(FORMULAS)


@pytest.mark.parametrize("is_safe", [False, True])
def test_negative_numbers_stay_numbers(is_safe: bool) -> None:
    values = np.array([[-1.5, -2.0], [-1e-9, np.nan]], np.float32)
    predictions = RegressionPredictions("d", "all", ("=y", "-3"), ROWS, values)
    rows = list(csv.reader(io.StringIO(predictions_csv(predictions, is_safe))))
    assert rows == [
        ["sample", "'=y" if is_safe else "=y", "-3"],
        ["3", "-1.5", "-2"],
        ["5", "-1e-09", "nan"],
    ]
