"""How far a module is from being equivariant, measured on samples."""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from autoequivariant.errors import SettingsError
from autoequivariant.groups.permutation import Permutation

_LEAST_SPREAD = {torch.float32: 5e-2, torch.float64: 1e-4}
"""Share of the largest output below which a spread may be rounding alone."""
_ROUNDED = 2
"""Rounding may separate two numbers near the mean by twice its precision."""


@dataclass(frozen=True)
class EquivarianceError:
    """The largest deviation from equivariance.

    Attributes:
        worst: name of the action with the largest error.
        error: its `max |f(g.x) - g.f(x)| / spread of f(x)` (`Yardstick`).
        by_action: the same for every action.
    """

    worst: str
    error: float
    by_action: Mapping[str, float]

    def __str__(self) -> str:
        return f"{self.error:.2e} ({self.worst})"


@dataclass(frozen=True, eq=False)
class Units:
    """The units of a network's targets (`Network.rescale`), one number for each output.

    Attributes:
        mean, scale: outputs are `z * scale + mean` with `z` of order 1.
    """

    mean: Tensor
    scale: Tensor

    @classmethod
    def of(cls, model: nn.Module) -> Units | None:
        """Return the units of a network's targets; None where it has none, as for classes."""
        mean, scale = getattr(model, "output_mean", None), getattr(model, "output_scale", None)
        return None if mean is None or scale is None else cls(mean, scale)


class Yardstick:
    """The unit of deviations: the spread of the outputs over the samples.

    The size of the outputs would not do: numbers near 1e6 that differ by 1 would agree within 1e-6.
    The spread is the largest standard deviation of an output, each in its own units. If it is so
    small that it may be rounding, it is `_LEAST_SPREAD` of the largest output; if nothing varies,
    the largest output. Differences within the precision of the mean, up to `_ROUNDED` times it, are
    no deviation.

    Args:
        outputs: shape `(n, ...)`, in the precision that is measured.
        units: of the outputs. Default: all have the same.
    """

    def __init__(self, outputs: Tensor, units: Units | None = None) -> None:
        flat = outputs.flatten(1)
        zero, one = flat.new_zeros(1), flat.new_ones(1)
        mean, self._scale = (zero, one) if units is None else (units.mean, units.scale)
        mean, self._scale = mean.to(flat), self._scale.to(flat)
        self._rounding = _ROUNDED * torch.finfo(flat.dtype).eps * mean.abs()
        scaled = (flat - mean) / self._scale
        largest = scaled.abs().max()
        spread = scaled.std(dim=0, correction=0).max()
        least = _LEAST_SPREAD.get(flat.dtype, 0.0) * largest
        found = torch.maximum(spread, least) if float(spread) else largest
        self._spread = found.clamp_min(torch.finfo(flat.dtype).tiny)

    def deviation(self, found: Tensor, expected: Tensor) -> float:
        """Return the largest deviation as a share of the spread; infinity where one is NaN."""
        return float(self.deviations(found, expected).max())

    def deviations(self, found: Tensor, expected: Tensor) -> Tensor:
        """Return the largest deviation of each sample, shape `(n,)`."""
        away = (found - expected).flatten(1).abs()
        shares = ((away - self._rounding).clamp_min(0) / self._scale).amax(dim=1) / self._spread
        return shares.nan_to_num(math.inf, math.inf)  # NaN would compare as small


def errors_of_actions(
    module: nn.Module,
    x: Tensor,
    inputs: Mapping[str, Permutation],
    outputs: Mapping[str, Permutation] | None = None,
    dtype: torch.dtype = torch.float64,
    units: Units | None = None,
) -> EquivarianceError:
    """Measure `max |f(g.x) - g.f(x)| / spread of f(x)` for each action, in evaluation mode.

    Args:
        module: maps `(n, ..., *in)` to `(n, ..., out)`; it is copied, not changed.
        x: samples, shape `(n, ...)`; the trailing axes, flattened, end with the input's domain.
        inputs: how each action permutes the input's domain.
        outputs: how it permutes the output's last axis. Default: not at all, which measures
            invariance.
        dtype: the module and the samples are converted to it; an exact layer has an error of about
            1e-7 in float32 and 1e-16 in float64.
        units: of the outputs (`Yardstick`). Default: all have the same.

    Raises:
        SettingsError: no action is given, or one does not fit the samples or the outputs.
    """
    if not inputs:
        raise SettingsError("errors_of_actions needs at least one action.")
    missing = [] if outputs is None else [name for name in inputs if name not in outputs]
    if missing:
        raise SettingsError(
            f"outputs must have an action for each input action; {', '.join(missing)} has none."
        )
    probe = copy.deepcopy(module).to(dtype).eval()
    samples = x.to(dtype)
    with torch.no_grad():
        still = probe(samples)
        yardstick = Yardstick(still, units)
        errors = {}
        for name, action in inputs.items():
            moved = probe(_acted(action, samples.flatten(1), name).view_as(samples))
            expected = still
            if outputs is not None:
                expected = _acted(outputs[name], still.flatten(1), name).view_as(still)
            errors[name] = yardstick.deviation(moved, expected)
    worst = max(errors, key=lambda name: errors[name])
    return EquivarianceError(worst, errors[worst], errors)


def _acted(action: Permutation, x: Tensor, name: str) -> Tensor:
    """Act on the last axis of `x`, block by block where it holds several channels."""
    if x.shape[-1] % action.size:
        raise SettingsError(
            f"Action {name} permutes {action.size} indices, which does not divide the "
            f"{x.shape[-1]} values of a sample."
        )
    back = action.inverse()
    blocks = x.unflatten(-1, (-1, action.size))
    moved = blocks[..., torch.from_numpy(back.image.copy()).to(x.device)]
    signs = torch.from_numpy(back.signs.copy()).to(x.device, x.dtype)
    spec: Tensor = (moved * signs).flatten(-2)
    return spec
