"""Predictions as CSV and Parquet, one row per sample."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoequivariant.errors import SettingsError
from autoequivariant.inference.predict import ClassPredictions, RegressionPredictions

PREFIX = "probability_"
"""Prefix of the columns of probabilities, before the name of the class."""


def predictions_csv(predictions: ClassPredictions | RegressionPredictions) -> str:
    """Return CSV with the columns `sample`, `predicted` and one probability per class; for
    regression `sample` and one column per target.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    columns = _columns(predictions)
    writer.writerow(columns)
    lists = [_texts(values) for values in columns.values()]
    writer.writerows(zip(*lists, strict=True))
    return text.getvalue()


def predictions_parquet(predictions: ClassPredictions | RegressionPredictions) -> bytes:
    """Return the same table as the content of a Parquet file.

    Raises:
        SettingsError: pyarrow is not installed.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise SettingsError(
            "Parquet needs pyarrow: pip install -c constraints.txt pyarrow, or give an --out that "
            "ends in .csv."
        ) from None
    table = pyarrow.table(dict(_columns(predictions)))
    sink = pyarrow.BufferOutputStream()
    pyarrow.parquet.write_table(table, sink)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def _columns(
    predictions: ClassPredictions | RegressionPredictions,
) -> Mapping[str, NDArray[Any] | list[str]]:
    found: dict[str, NDArray[Any] | list[str]] = {"sample": predictions.rows}
    if isinstance(predictions, ClassPredictions):
        found["predicted"] = predictions.predicted
        names = [f"{PREFIX}{name}" for name in predictions.classes]
        return found | dict(zip(names, predictions.probabilities.T, strict=True))
    for name, values in zip(predictions.targets, predictions.values.T, strict=True):
        found["predicted_sample" if name == "sample" else name] = values
    return found


def _texts(values: NDArray[Any] | list[str]) -> list[Any]:
    if isinstance(values, np.ndarray) and values.dtype.kind == "f":
        return [f"{value:.6g}" for value in values.tolist()]
    return list(values)
