"""What a user's module returns, checked: outputs of each sample or of each of its positions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from autoequivariant.errors import SettingsError, shortened

_LONGEST = 200  # of a message of the module


def outputs_of(module: nn.Module, x: Tensor) -> Tensor:
    """Return a module's outputs.

    Raises:
        SettingsError: they are not a tensor of real numbers with an entry for each sample.
    """
    y = module(x)
    if not isinstance(y, Tensor):
        raise SettingsError(
            f"The module must return a tensor; {type(module).__name__} returns a "
            f"{type(y).__name__}: wrap it in a module that returns one."
        )
    if not y.is_floating_point() or y.ndim < 1 or y.shape[0] != x.shape[0]:
        raise SettingsError(
            f"The module must return real numbers for each sample, shape (n, ...); for samples of "
            f"shape {tuple(x.shape)} it returns {y.dtype} of shape {tuple(y.shape)}."
        )
    return y


def output_shape(module: nn.Module, x: Tensor) -> tuple[int, ...]:
    """Return the shape of the outputs of one sample, in evaluation mode.

    Args:
        module: in any mode, which it keeps.
        x: samples, shape `(n, *shape)`.

    Raises:
        SettingsError: the module cannot take them, or as in `outputs_of`.
    """
    one = x[:1] if len(x) else x.new_zeros((1, *x.shape[1:]))
    with evaluating(module), torch.no_grad():
        try:
            return tuple(outputs_of(module, one).shape[1:])
        except (RuntimeError, TypeError, ValueError, IndexError) as error:
            if isinstance(error, SettingsError):
                raise
            raise SettingsError(
                f"The module cannot take samples of shape {tuple(one.shape)} and type {one.dtype}: "
                f"{shortened(str(error), _LONGEST)}"
            ) from error


def output_count(shape: tuple[int, ...], outputs_per: str, sample: tuple[int, ...]) -> int:
    """Return the number of outputs that have a name.

    Args:
        shape: of the outputs of one sample.
        outputs_per: as in `symmetrize`.
        sample: the shape of a sample, as `(channels, *positions)`.

    Raises:
        SettingsError: the shape does not fit.
    """
    if outputs_per == "value":
        if sample not in (shape, (1, *shape)):
            raise SettingsError(
                f"With outputs_per='value', outputs must have the shape of a sample, {sample}; got "
                f"{shape}."
            )
        return sample[0]
    if outputs_per == "position":
        positions = sample[1:]
        if shape == positions:
            return 1
        if len(shape) != len(positions) + 1 or shape[1:] != positions:
            raise SettingsError(
                f"With outputs_per='position', outputs must have shape (n, k, "
                f"{', '.join(map(str, positions))}); the module returns (n, "
                f"{', '.join(map(str, shape))})."
            )
        return shape[0]
    if len(shape) > 1:
        raise SettingsError(
            f"The module returns outputs of shape (n, {', '.join(map(str, shape))}) instead of "
            "(n, outputs): if they belong to positions of the input, set outputs_per='position', "
            "or 'value' where they are values like those of the input."
        )
    return shape[0] if shape else 1


@contextmanager
def evaluating(module: nn.Module) -> Iterator[None]:
    """Set a module and its parts to evaluation, and restore the mode of each."""
    modes = [(part, part.training) for part in module.modules()]
    module.eval()
    try:
        yield
    finally:
        for part, mode in modes:
            part.training = mode
