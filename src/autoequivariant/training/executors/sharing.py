"""Pickling that leaves large arrays out, so that many jobs share one copy of the data."""

from __future__ import annotations

import io
import pickle
import warnings
import weakref
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from joblib.externals.loky.backend.reduction import get_loky_pickler
from torch import Tensor

LEAST_BYTES = 2**16
"""Smaller arrays are pickled like everything else."""
_ARRAY, _TENSOR = "array", "tensor"
_AnyPickler: Any = get_loky_pickler()  # of functions of scripts, too


class SharedArrays:
    """Stores each large array once, and pickles what refers to it.

    Arrays and tensors must not change as long as they live; those that are trained are pickled.

    Args:
        store: keeps an array for all processes and returns what refers to it.
    """

    def __init__(self, store: Callable[[Any], Any]) -> None:
        self._store = store
        # By identity; an entry goes when its array does, before another can have the same one.
        self._known: dict[int, tuple[weakref.ref[Any], Any]] = {}

    def dumps(self, value: Any) -> tuple[bytes, list[Any]]:
        """Return a pickled value, and what refers to the arrays that it leaves out."""
        file, references = io.BytesIO(), list[Any]()
        _Pickler(file, self.reference, references).dump(value)
        return file.getvalue(), references

    def reference(self, owner: Any, array: Any) -> Any:
        """Return what refers to the array of `owner`, which is the array or a tensor on it."""
        key = id(owner)
        known = self._known.get(key)
        if known is not None and known[0]() is owner:
            return known[1]
        reference = self._store(array)
        self._known[key] = weakref.ref(owner, partial(self._forget, key)), reference
        return reference

    def _forget(self, key: int, owner: weakref.ref[Any]) -> None:
        if key in self._known and self._known[key][0] is owner:
            del self._known[key]


def loads(pickled: bytes, arrays: Sequence[Any]) -> Any:
    """Read what `SharedArrays.dumps` returned, with the arrays, which may be read-only."""
    return _Unpickler(io.BytesIO(pickled), arrays).load()


class _Pickler(_AnyPickler):  # type: ignore[misc]  # it has no types
    def __init__(
        self,
        file: io.BytesIO,
        reference: Callable[[Any, Any], Any],
        references: list[Any],
    ) -> None:
        super().__init__(file)
        self._reference, self._references = reference, references
        self._numbers: dict[int, int] = {}  # of owners in this pickle, which keeps them alive

    def persistent_id(self, value: Any) -> tuple[str, int] | None:
        array = _array_of(value)
        if array is None:
            return None
        number = self._numbers.get(id(value))
        if number is None:
            number = self._numbers[id(value)] = len(self._references)
            self._references.append(self._reference(value, array))
        return (_TENSOR if isinstance(value, Tensor) else _ARRAY), number


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, arrays: Sequence[Any]) -> None:
        super().__init__(file)
        self._arrays = arrays

    def persistent_load(self, pid: Any) -> Any:
        kind, number = pid
        array = self._arrays[number]
        if kind == _ARRAY:
            return array
        with warnings.catch_warnings():  # nothing writes to it
            warnings.filterwarnings("ignore", message=".*not writable", category=UserWarning)
            return torch.from_numpy(array)


def _array_of(value: Any) -> Any:
    """Return the large plain array that a value is, or that a tensor stands on; None for others."""
    if type(value) is Tensor:
        is_plain = (
            value.device.type == "cpu"
            and not value.requires_grad
            and value.layout == torch.strided
            and value.is_contiguous()
            and value.dtype != torch.bfloat16
            and not (value.is_conj() or value.is_neg())
        )
        value = value.numpy() if is_plain and value.nbytes >= LEAST_BYTES else None
    if type(value) is not np.ndarray or value.nbytes < LEAST_BYTES:
        return None
    return value if value.flags.c_contiguous and not value.dtype.hasobject else None
