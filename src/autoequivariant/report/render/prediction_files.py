"""Predictions as CSV and Parquet, one row per sample."""

from __future__ import annotations

import io
import re

import numpy as np
import pandas as pd
import pyarrow
import pyarrow.parquet

from autoequivariant.inference.predict import ClassPredictions, RegressionPredictions

PREFIX = "probability_"
"""Prefix of the columns of probabilities, before the name of the class."""
# https://owasp.org/www-community/attacks/CSV_Injection; the last four are full-width.
_STARTS_OF_FORMULAS = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def predictions_csv(
    predictions: ClassPredictions | RegressionPredictions, is_safe: bool = False
) -> str:
    """Return CSV with the columns `sample`, `predicted` and one probability per class; for
    regression `sample` and one column per target.

    Args:
        predictions: what to write.
        is_safe: write an apostrophe before names that a spreadsheet would compute, such as `=1+1`.
            Default: names as they are.
    """
    frame = _frame(predictions)
    if is_safe:
        frame.columns = pd.Index(map(_inert, frame.columns))
        if isinstance(predictions, ClassPredictions):
            frame["predicted"] = [_inert(name) for name in predictions.predicted]
    text: str = frame.to_csv(index=False, float_format="%.6g", na_rep="nan", lineterminator="\n")
    return text


def _inert(name: str) -> str:
    is_formula = name.startswith(_STARTS_OF_FORMULAS) and not _NUMBER.fullmatch(name)
    return f"'{name}" if is_formula else name


def predictions_parquet(predictions: ClassPredictions | RegressionPredictions) -> bytes:
    """Return the same table as the content of a Parquet file."""
    frame = _frame(predictions)
    buffer = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table({n: frame[n].to_numpy() for n in frame}), buffer)
    return buffer.getvalue()


def _frame(predictions: ClassPredictions | RegressionPredictions) -> pd.DataFrame:
    if isinstance(predictions, ClassPredictions):
        names = [f"{PREFIX}{name}" for name in predictions.classes]
        columns = {"predicted": np.array(predictions.predicted, object)}
        columns |= dict(zip(names, predictions.probabilities.T, strict=True))
    else:
        names = ["predicted_sample" if n == "sample" else n for n in predictions.targets]
        columns = dict(zip(names, predictions.values.T, strict=True))
    return pd.DataFrame({"sample": predictions.rows, **columns})
