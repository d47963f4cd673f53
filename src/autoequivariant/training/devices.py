"""Where networks are trained, and whether one fits there."""

from __future__ import annotations

import torch

from autoequivariant.errors import SettingsError
from autoequivariant.training.evaluator import default_memory_limit
from autoequivariant.training.families.family import Family
from autoequivariant.training.loop import Training


def check_memory(
    family: Family,
    widths: tuple[int, ...],
    training: Training,
    device: torch.device,
    limit: int | None,
) -> None:
    """Refuse networks of which one alone needs too much memory.

    Raises:
        SettingsError: says how much there is, and what to give.
    """
    widest = max(family.default_width, *widths, 1)
    needed = family.bytes_per_child(widest, training.batch_size)
    # Not the default limit: what is only too large to train beside others is trained alone.
    there = 4 * default_memory_limit(device) if limit is None else limit
    if needed > there:
        raise SettingsError(
            f"One network needs about {needed / 2**30:.2g} GiB to train, but "
            + (
                f"there are {there / 2**30:.2g} GiB: give {family.remedy}."
                if limit is None
                else f"--memory-limit is {there / 2**30:.2g} GiB: give more, or {family.remedy}."
            )
        )


def parse_device(name: str) -> torch.device:
    """Return `cpu` or `cuda`, or `cuda:1`, as a device that is there.

    Raises:
        SettingsError: there is none of this name.
    """
    try:
        device = torch.device(name)
    except RuntimeError:
        raise SettingsError(f"--device knows cpu and cuda, not {name!r}.") from None
    if device.type not in ("cpu", "cuda"):
        raise SettingsError(f"--device knows cpu and cuda, not {name!r}.")
    if device.type == "cuda" and not torch.cuda.is_available():
        raise SettingsError(
            "--device cuda was asked for, but there is no CUDA device: use --device cpu."
        )
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise SettingsError(
            f"--device {name} was asked for, but the last one is cuda:"
            f"{torch.cuda.device_count() - 1}: use that or another."
        )
    return device
