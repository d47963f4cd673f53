"""Devices to train on, and whether one network fits their memory."""

from __future__ import annotations

import torch

from autoequivariant.errors import SettingsError
from autoequivariant.memory import default_memory_limit
from autoequivariant.training.families.family import Family

MEMORY_ELSEWHERE = 4 * 2**30
"""A quarter of the memory of a small GPU."""


def check_memory(
    family: Family,
    widths: tuple[int, ...],
    batch_size: int,
    device: torch.device,
    limit: int | None,
) -> None:
    """Raise `SettingsError` if a single network needs too much memory.

    Args:
        family: of the networks.
        widths: that are trained, beside the family's default.
        batch_size: the largest of any training.
        device, limit: where, and how many bytes training may take there.
    """
    widest = max(family.default_width, *widths, 1)
    required = family.bytes_per_child(widest, batch_size)
    available = memory_for_one(device, limit)
    if required > available:
        raise SettingsError(
            f"One network needs about {required / 2**30:.2g} GiB to train, but "
            + (
                f"there are {available / 2**30:.2g} GiB: use {family.remedy}."
                if limit is None
                else f"--memory-limit is {available / 2**30:.2g} GiB: raise it, or use "
                f"{family.remedy}."
            )
        )


def memory_for_one(device: torch.device, limit: int | None) -> int:
    """Return the bytes that the training of a single network may take.

    The default limit is for children that train together; one that exceeds it is trained alone.
    """
    return 4 * default_limit_of(device) if limit is None else limit


def default_limit_of(device: torch.device) -> int:
    """Return a quarter of the device's memory in bytes; `MEMORY_ELSEWHERE` of a GPU that this
    machine does not have, or 2 GiB if it is unknown.
    """
    if device.type == "cuda" and not torch.cuda.is_available():
        return MEMORY_ELSEWHERE
    if device.type == "cuda":
        return int(torch.cuda.get_device_properties(device).total_memory // 4)
    return default_memory_limit()


def parse_device(name: str, is_elsewhere: bool = False) -> torch.device:
    """Return the device of a name such as `cpu`, `cuda` or `cuda:1`.

    Args:
        name: of the device.
        is_elsewhere: whether it is a worker's, so that this machine need not have it. Default: no.

    Raises:
        SettingsError: the name is unknown, or the machine has no such device.
    """
    unknown = f"--device must be cpu or cuda; got {name!r}."
    try:
        device = torch.device(name)
    except RuntimeError:
        raise SettingsError(unknown) from None
    if device.type not in ("cpu", "cuda"):
        raise SettingsError(unknown)
    if is_elsewhere:
        return device
    if device.type == "cuda" and not torch.cuda.is_available():
        raise SettingsError(f"There is no CUDA device for --device {name}: use --device cpu.")
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        last = torch.cuda.device_count() - 1
        raise SettingsError(f"--device must be cuda:{last} at most; got {name!r}.")
    return device
