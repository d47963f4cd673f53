"""Predictions as CSV and as Parquet: one row a sample."""

from __future__ import annotations

import csv
import io

from autoequivariant.errors import SettingsError
from autoequivariant.search.predict import Predictions

PREFIX = "probability_"
"""How the names of the columns of probabilities begin; the name of the class follows."""


def predictions_csv(predictions: Predictions) -> str:
    """Return a table with the columns `sample`, `predicted` and one of probabilities a class."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["sample", "predicted", *_columns(predictions)])
    rows = zip(
        predictions.rows.tolist(),
        predictions.predicted,
        predictions.probabilities.tolist(),
        strict=True,
    )
    writer.writerows(
        [number, name, *(f"{value:.6g}" for value in values)] for number, name, values in rows
    )
    return text.getvalue()


def predictions_parquet(predictions: Predictions) -> bytes:
    """Return the same table as the contents of a Parquet file.

    Raises:
        SettingsError: pyarrow is not installed.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise SettingsError(
            "To write Parquet, pyarrow is needed: pip install -c constraints.txt pyarrow, or give "
            "an --out that ends in .csv."
        ) from None
    columns = dict(zip(_columns(predictions), predictions.probabilities.T, strict=True))
    table = pyarrow.table(
        {"sample": predictions.rows, "predicted": predictions.predicted, **columns}
    )
    sink = pyarrow.BufferOutputStream()
    pyarrow.parquet.write_table(table, sink)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def _columns(predictions: Predictions) -> list[str]:
    return [f"{PREFIX}{name}" for name in predictions.classes]
