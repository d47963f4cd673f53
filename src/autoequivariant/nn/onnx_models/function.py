"""An ONNX model of any origin as a function of samples."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from autoequivariant.errors import DataError, ModelError, SettingsError, listed
from autoequivariant.nn.any_model.function import Function, reason_of
from autoequivariant.nn.any_model.samples import GivenSamples
from autoequivariant.nn.onnx_models.layout import Layout, layout_for
from autoequivariant.nn.onnx_models.model_file import ModelFile
from autoequivariant.nn.onnx_models.packages import onnx_package, session_of

_PRECISIONS = {np.dtype(np.float32): torch.float32, np.dtype(np.float64): torch.float64}


class OnnxFunction(Function):
    """An ONNX model as a function of samples, shape `(n, channels, *shape)`, run on the CPU.

    Args:
        file: the model.
        first: some samples, to see how the model takes them.
        output: name of the output. Default: the first that is an array of floats with one row for
            each sample.
        layout: one of `LAYOUTS`. Default: the first that fits.
        divide: samples are divided by this first.

    Attributes:
        file, layout, divide: as given or found.
        output: name of the output.
        others: outputs that would do as well.
        batch: number of samples that the model takes at once; None for any.
        dtype: of the input.

    Raises:
        ModelError: the model cannot be run on the samples, or has no such output.
        SettingsError: an argument does not fit.
    """

    def __init__(
        self,
        file: ModelFile,
        first: NDArray[Any],
        output: str | None = None,
        layout: str | None = None,
        divide: float = 1.0,
    ) -> None:
        if not divide > 0 or not np.isfinite(divide):
            raise SettingsError(f"--divide must be more than 0, as in 255; got {divide:g}.")
        if output is not None and output not in file.outputs:
            raise SettingsError(
                f"{file.path} has no output {output!r}; it has {listed(file.outputs)}."
            )
        self.file, self.divide = file, divide
        self.batch = file.sides[0] if file.sides else None
        self.layout: Layout = layout_for(first.shape[1:], file.sides[1:], str(file.path), layout)
        self.dtype = np.dtype(onnx_package().helper.tensor_dtype_to_np_dtype(file.input_type))
        try:
            self._session = session_of(file.proto.SerializeToString())
        except SettingsError:
            raise
        except Exception as error:
            raise ModelError(f"{file.path} cannot be run: {reason_of(error)}.") from None
        self.output, *self.others = self._outputs_of(first[:2], output)
        if file.classes:
            self.classes, self.is_classifier = file.classes, True

    def outputs(self, samples: GivenSamples, dtype: torch.dtype) -> Tensor | None:
        """See `Function.outputs`; a model of floats computes in its own precision."""
        own = _PRECISIONS.get(self.dtype, dtype)
        return super().outputs(samples, dtype) if own == dtype else None

    def run(self, samples: NDArray[Any], names: list[str]) -> list[NDArray[Any]]:
        """Return outputs by name for samples, shape `(n, channels, *shape)`.

        Raises:
            DataError: samples are not of the model's type.
            ModelError: the model fails.
        """
        x = self.arranged(samples)
        parts = [self._run(some, names) for some in self._batches(x)]
        return [np.concatenate(part)[: len(x)] for part in zip(*parts, strict=True)]

    def arranged(self, samples: NDArray[Any]) -> NDArray[Any]:
        """Return samples as the model takes them.

        Raises:
            DataError: it takes whole numbers, and these are others.
        """
        x = self.layout.arranged(samples)
        if self.divide != 1.0:
            x = x / self.divide
        cast = x.astype(self.dtype)
        if self.dtype.kind in "biu" and not np.array_equal(cast, x):
            raise DataError(
                f"{self.file.path} takes {self.dtype}, but some samples have other values, such "
                f"as {x[cast != x][0]:g}."
            )
        return cast

    def _call(self, samples: Any, dtype: torch.dtype) -> Any:
        return self.run(samples, [self.output])[0]

    def _batches(self, x: NDArray[Any]) -> list[NDArray[Any]]:
        if self.batch is None:
            return [x]
        count = -(-len(x) // self.batch)
        filled = x[np.arange(count * self.batch) % len(x)]
        return np.split(filled, count)

    def _run(self, x: NDArray[Any], names: list[str]) -> list[NDArray[Any]]:
        try:
            found = self._session.run(names, {self.file.input_name: x})
        except Exception as error:
            raise ModelError(
                f"{self.file.path} fails on the samples: {reason_of(error)}."
            ) from None
        return [np.asarray(one) for one in found]

    def _outputs_of(self, first: NDArray[Any], output: str | None) -> list[str]:
        """Return the outputs with one row of floats for each sample, the chosen one first."""
        named = [output] if output is not None else list(self.file.float_outputs)
        rows = self.batch or len(first)
        arrays = self._run(self._batches(self.arranged(first))[0], named) if named else []
        found = [
            name
            for name, array in zip(named, arrays, strict=True)
            if array.dtype.kind == "f" and array.shape[:1] == (rows,)
        ]
        if found:
            return found
        what = repr(output) if output is not None else "no output"
        raise ModelError(
            f"{self.file.path}: {what} {'is not' if output is not None else 'is'} an array of "
            f"floats with one row for each sample; its outputs are {listed(self.file.outputs)}."
        )
