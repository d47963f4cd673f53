"""How far a module is from being equivariant, measured on samples."""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from autoequivariant.errors import SettingsError
from autoequivariant.groups import Permutation


@dataclass(frozen=True)
class EquivarianceError:
    """The largest deviation found.

    Attributes:
        worst: name of the action with the largest error.
        error: its `max |f(g.x) - g.f(x)| / max |f(x)|`.
        by_action: the same for every action.
    """

    worst: str
    error: float
    by_action: Mapping[str, float]

    def __str__(self) -> str:
        return f"{self.error:.2e} ({self.worst})"


def equivariance_error(
    module: nn.Module,
    x: Tensor,
    inputs: Mapping[str, Permutation],
    outputs: Mapping[str, Permutation] | None = None,
    dtype: torch.dtype = torch.float64,
) -> EquivarianceError:
    """Measure `max |f(g.x) - g.f(x)| / max |f(x)|` for each action, in evaluation mode.

    Args:
        module: maps `(n, ..., *in)` to `(n, ..., out)`; it is copied, not changed.
        x: samples, shape `(n, ...)`; the trailing axes, flattened, end with the input's domain.
        inputs: how each action permutes the input's domain.
        outputs: how it permutes the output's last axis. Default: not at all, so invariance is
            measured.
        dtype: the module and the samples are converted to it; measure in float32 as well as in
            float64, where an exact layer has an error of about 1e-7 and 1e-16.

    Raises:
        SettingsError: no action is given, or one does not fit the samples or the outputs.
    """
    if not inputs:
        raise SettingsError("equivariance_error needs at least one action to measure.")
    missing = [] if outputs is None else [name for name in inputs if name not in outputs]
    if missing:
        raise SettingsError(f"{', '.join(missing)} has no action on the outputs: give one to each.")
    probe = copy.deepcopy(module).to(dtype).eval()
    samples = x.to(dtype)
    with torch.no_grad():
        plain = probe(samples)
        scale = float(plain.abs().max().clamp_min(torch.finfo(dtype).tiny))
        errors = {}
        for name, action in inputs.items():
            moved = probe(_acted(action, samples.flatten(1), name).view_as(samples))
            expected = plain
            if outputs is not None:
                expected = _acted(outputs[name], plain.flatten(1), name).view_as(plain)
            error = float((moved - expected).abs().max()) / scale
            errors[name] = math.inf if math.isnan(error) else error  # never hidden by a number
    worst = max(errors, key=lambda name: errors[name])
    return EquivarianceError(worst, errors[worst], errors)


def _acted(action: Permutation, x: Tensor, name: str) -> Tensor:
    """Act on the last axis of `x`, block by block where it holds several copies (channels) of the
    domain.
    """
    if x.shape[-1] % action.size:
        raise SettingsError(
            f"Action {name} permutes {action.size} indices, which does not fit "
            f"{x.shape[-1]} values a sample."
        )
    back = action.inverse()
    blocks = x.unflatten(-1, (-1, action.size))
    moved = blocks[..., torch.from_numpy(back.image.copy()).to(x.device)]
    signs = torch.from_numpy(back.signs.copy()).to(x.device, x.dtype)
    acted: Tensor = (moved * signs).flatten(-2)
    return acted
