"""Samples, as users give them."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from autoequivariant.errors import SettingsError, listed
from autoequivariant.nn.any_model.samples import is_frame


def samples_for(module: nn.Module, samples: Any) -> Tensor:
    """Return samples as a tensor; arrays get the type and the device of the module's parameters.

    Args:
        module: that takes them.
        samples: a tensor, an array, or a data frame of numbers.

    Raises:
        SettingsError: they are no samples.
    """
    if isinstance(samples, Tensor):
        x = samples
    else:
        try:
            x = torch.as_tensor(_array_of(samples))
        except SettingsError:
            raise
        except (TypeError, ValueError) as error:
            raise SettingsError(
                f"samples must be a tensor or an array of numbers: {error}"
            ) from None
        parameter = next((p for p in module.parameters() if p.is_floating_point()), None)
        if parameter is not None:
            x = x.to(parameter.device, parameter.dtype if x.is_floating_point() else x.dtype)
    if x.ndim < 2 or not len(x):
        raise SettingsError(
            f"samples must have shape (n, ...), with at least one; got shape {tuple(x.shape)}."
        )
    return x


def check_input(x: object) -> None:
    """Raise `SettingsError` if a symmetrised module is called with anything but a tensor."""
    if not isinstance(x, Tensor):
        raise SettingsError(
            f"A symmetrised module takes a tensor; got {type(x).__name__}: give torch.as_tensor(x)."
        )
    if x.ndim < 2:
        raise SettingsError(f"Samples must have shape (n, ...); got shape {tuple(x.shape)}.")


def _array_of(samples: Any) -> NDArray[Any]:
    """Return a copy of samples, which torch may write to."""
    if not is_frame(samples):
        return np.array(samples)
    from pandas.api.types import is_numeric_dtype  # here: arrays do without it

    texts = [str(k) for k, dtype in samples.dtypes.items() if not is_numeric_dtype(dtype)]
    if texts:
        raise SettingsError(
            f"samples must be numbers, as the module takes a tensor; {listed(texts)} "
            f"{'hold' if len(texts) > 1 else 'holds'} none: code such columns first."
        )
    found: NDArray[Any] = samples.to_numpy()
    return found.astype(float) if found.dtype == object else found.copy()
