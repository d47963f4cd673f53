"""A few samples, as users give them."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from autoequivariant.errors import SettingsError


def samples_for(module: nn.Module, samples: Any) -> Tensor:
    """Return samples as a tensor; arrays get the type and the device of the module's parameters.

    Raises:
        SettingsError: they are no samples.
    """
    if isinstance(samples, Tensor):
        x = samples
    else:
        try:
            x = torch.as_tensor(np.asarray(samples))
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
