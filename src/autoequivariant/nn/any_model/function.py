"""Any model as a function of samples in a chosen precision."""

from __future__ import annotations

import contextlib
import copy
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from autoequivariant.errors import ModelError, SettingsError
from autoequivariant.nn.any_model.samples import GivenSamples, is_frame

_METHODS = ("predict_proba", "decision_function", "predict")
_LONGEST_REASON = 300
_NUMPY = {torch.float32: np.float32, torch.float64: np.float64}


class Function(ABC):
    """A model as a function of samples.

    Attributes:
        classes: names of its classes, if it knows them.
        is_classifier: whether it predicts classes; None if it does not say.
        at_once: number of samples that it is called with.
    """

    classes: tuple[str, ...] | None = None
    is_classifier: bool | None = None
    at_once: int = 256

    def outputs(self, samples: GivenSamples, dtype: torch.dtype) -> Tensor | None:
        """Return the outputs, computed in this precision; None if the model cannot.

        Whole numbers and booleans, such as predicted labels, are exact in every precision, and half
        precision counts as float32.

        Raises:
            ModelError: the outputs are not one array with a row for each sample.
        """
        parts = []
        with self._in(dtype), torch.no_grad():
            for start in range(0, len(samples), self.at_once):
                some = samples.part(slice(start, start + self.at_once))
                rows = min(self.at_once, len(samples) - start)
                parts.append(_checked(self._call(some, dtype), rows))
        found = torch.cat(parts)
        if not found.is_floating_point():
            return found.to(dtype)
        if found.dtype in (torch.float16, torch.bfloat16):
            found = found.float()
        return found if found.dtype == dtype else None

    @abstractmethod
    def _call(self, samples: Any, dtype: torch.dtype) -> Any:
        """Return the outputs for some samples, given in this precision."""

    @contextlib.contextmanager
    def _in(self, dtype: torch.dtype) -> Iterator[None]:
        """Convert the model to a precision meanwhile."""
        yield


class ModuleFunction(Function):
    """A `torch.nn.Module` in evaluation mode, on its own device.

    A copy is converted. A module that cannot be copied is measured itself: its mode, and the
    precision of its parameters, are then restored.
    """

    def __init__(self, module: nn.Module) -> None:
        self._module = self._probe = module

    @contextlib.contextmanager
    def _in(self, dtype: torch.dtype) -> Iterator[None]:
        try:
            self._probe = copy.deepcopy(self._module).to(dtype).eval()
        except Exception:  # whatever forbids copies
            with _restored(self._module) as self._probe:
                self._probe.to(dtype).eval()
                yield
        else:
            yield

    def _call(self, samples: Any, dtype: torch.dtype) -> Any:
        if is_frame(samples):
            samples = samples.to_numpy()
        x = torch.as_tensor(np.ascontiguousarray(samples) if _is_array(samples) else samples)
        own = next(self._probe.parameters(), next(self._probe.buffers(), None))
        x = x if own is None else x.to(own.device)
        return _called(self._probe, x, dtype)


class CallableFunction(Function):
    """A callable that takes and returns what the samples are: arrays, tensors or data frames."""

    def __init__(self, call: Callable[[Any], Any]) -> None:
        self.call = call

    def _call(self, samples: Any, dtype: torch.dtype) -> Any:
        return _called(self.call, samples, dtype)


class EstimatorFunction(CallableFunction):
    """A fitted estimator of scikit-learn: its probabilities, else scores, else predictions.

    Predicted classes become rows of zeros with a one.
    """

    def __init__(self, estimator: Any) -> None:
        name = next(name for name in _METHODS if hasattr(estimator, name))
        super().__init__(getattr(estimator, name))
        labels = getattr(estimator, "classes_", None)
        self.is_classifier = labels is not None
        self._labels = None if labels is None else np.asarray(labels)
        if self._labels is not None:
            if (
                self._labels.ndim != 1
                or self._labels.dtype == object
                and any(isinstance(one, np.ndarray) for one in self._labels)
            ):
                raise ModelError("An estimator of several targets at once is not supported.")
            self.classes = tuple(map(str, self._labels.tolist()))
        self._predict = estimator.predict if hasattr(estimator, "predict") else self.call

    def _call(self, samples: Any, dtype: torch.dtype) -> Any:
        found = super()._call(samples, dtype)
        if self._labels is None:
            return found
        scores = np.asarray(found)
        if scores.ndim == 1 and scores.dtype.kind == "f" and len(self._labels) == 2:
            return np.stack([-scores, scores], axis=1)
        if scores.ndim != 2 or scores.shape[1] != len(self._labels):
            labels = np.asarray(_called(self._predict, samples, dtype))
            return labels[:, np.newaxis] == self._labels
        return scores


def function_of(model: Any) -> Function:
    """Return a model as a function.

    Raises:
        SettingsError: it is neither a module, an estimator nor callable.
    """
    if isinstance(model, Function):
        return model
    if isinstance(model, nn.Module):
        return ModuleFunction(model)
    if any(hasattr(model, name) for name in _METHODS) and not isinstance(model, type):
        return EstimatorFunction(model)
    if callable(model):
        return CallableFunction(model)
    raise SettingsError(
        "model must be a torch module, a fitted estimator or a callable; got "
        f"{type(model).__name__}."
    )


def _called(call: Callable[[Any], Any], samples: Any, dtype: torch.dtype) -> Any:
    """Call a model with samples as numbers of a precision, or as whole numbers if it wants them."""
    try:
        return call(_in_precision(samples, dtype))
    except Exception:
        if not _are_whole(samples):
            raise
        return call(samples)


def _in_precision(samples: Any, dtype: torch.dtype) -> Any:
    if isinstance(samples, Tensor):
        return samples.to(dtype)
    if is_frame(samples):
        floats = {
            name: _NUMPY[dtype]
            for name, kind in samples.dtypes.items()
            if getattr(kind, "kind", "O") == "f"
        }
        return samples.astype(floats) if samples.columns.is_unique else samples
    return samples.astype(_NUMPY[dtype])


def _are_whole(samples: Any) -> bool:
    if isinstance(samples, Tensor):
        return not samples.is_floating_point()
    return _is_array(samples) and samples.dtype.kind in "biu"


def _is_array(samples: Any) -> bool:
    return isinstance(samples, np.ndarray)


@contextlib.contextmanager
def _restored(module: nn.Module) -> Iterator[nn.Module]:
    """Put back modes and precisions at the end."""
    modes = [(part, part.training) for part in module.modules()]
    tensors = [*module.parameters(), *module.buffers()]
    kinds = [tensor.dtype for tensor in tensors]
    try:
        yield module
    finally:
        for tensor, kind in zip(tensors, kinds, strict=True):
            tensor.data = tensor.data.to(kind)
        for part, mode in modes:
            part.training = mode


def _checked(found: Any, rows: int) -> Tensor:
    """Return outputs as a tensor on the CPU, shape `(rows, ...)` with two axes or more."""
    if is_frame(found):
        found = found.to_numpy()
    if not isinstance(found, Tensor):
        if isinstance(found, tuple | list | dict):
            raise ModelError(
                f"The model returns a {type(found).__name__}: wrap it so that it returns one "
                "array, as in lambda x: model(x)[0]."
            )
        try:
            found = torch.as_tensor(np.array(found))
        except (TypeError, ValueError, RuntimeError):
            raise ModelError(
                f"The model returns {type(found).__name__}, which is not an array of numbers."
            ) from None
    tensor: Tensor = found.detach().cpu()
    if not tensor.dim() or len(tensor) != rows:
        raise ModelError(
            f"The model returns shape {tuple(tensor.shape)} for {rows} samples: it must return a "
            "row for each."
        )
    while tensor.dim() > 2 and tensor.shape[-1] == 1:
        tensor = tensor.squeeze(-1)
    return tensor.unsqueeze(1) if tensor.dim() == 1 else tensor


def reason_of(error: Exception) -> str:
    """Return the first line of an error of a model, shortened."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0][:_LONGEST_REASON].rstrip(".")
