"""The equivariance error of an ONNX model of any origin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from autoequivariant.inference.foreign import ForeignModel
from autoequivariant.nn.any_model.measure import measured, outputs_in_precisions, rows_of
from autoequivariant.nn.any_model.records import EquivarianceErrors, MeasuredSymmetry
from autoequivariant.nn.claimed_symmetries import TOLERANCES


@dataclass(frozen=True, eq=False)
class ForeignVerification:
    """The equivariance errors of a model that claims nothing.

    Attributes:
        model: name of its file.
        output: name of the output that is measured.
        data: name of the data.
        part: `train`, `test` or `all`.
        kind: of the domain.
        outputs: names of the outputs.
        is_classifier: whether outputs are classes.
        errors: what was measured.
        rows: number of each measured sample in its part of the data, from 0.
        columns: names of the columns of a table.
        notes: what is worth knowing, in sentences.
    """

    model: str
    output: str
    data: str
    part: str
    kind: str
    outputs: tuple[str, ...]
    is_classifier: bool
    errors: EquivarianceErrors
    rows: tuple[int, ...]
    columns: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def worst(self) -> MeasuredSymmetry:
        """The symmetry with the largest error."""
        return self.errors[self.errors.worst]

    def row_of(self, one: MeasuredSymmetry) -> int:
        """Return the number of its worst sample in the part of the data."""
        return self.rows[one.worst.index]

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "model": self.model,
            "output": self.output,
            "data": self.data,
            "part": self.part,
            "samples": self.errors.samples,
            "tolerance": {name: TOLERANCES[getattr(torch, name)] for name in _NAMES},
            "symmetries": [
                {
                    "name": one.name,
                    "float32": one.float32,
                    "float64": one.float64,
                    "holds": one.holds,
                    "changed": one.changed,
                    "worst_sample": self.row_of(one),
                }
                for one in self.errors
            ],
        }


_NAMES = ("float32", "float64")


def verify_foreign(model: ForeignModel, symmetries: Any) -> ForeignVerification:
    """Measure symmetries of an ONNX model on its samples, 256 at most.

    Args:
        model: from `open_foreign`.
        symmetries: as for `equivariance_error`.

    Raises:
        SymmetryError: names the one that does not fit.
        ModelError: the model fails.
    """
    acting, samples, data = model.acting(symmetries), model.samples, model.data
    still = outputs_in_precisions(model.function, samples)
    still = {dtype: rows_of(values) for dtype, values in still.items()}
    errors = measured(model.function, acting, samples, still, model.is_classifier)
    return ForeignVerification(
        model.function.file.path.name,
        model.function.output,
        data.name,
        data.part,
        data.domain.kind,
        model.classes,
        model.is_classifier,
        errors,
        tuple(data.rows[: len(samples)].tolist()),
        data.columns,
        model.notes,
    )
