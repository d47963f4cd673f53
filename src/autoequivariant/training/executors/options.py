"""Which executor runs the parts of a job, and with what resources."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from numbers import Real

from autoequivariant.errors import SettingsError, shown

LOCAL = "local"
_MOST_RESOURCES = 100_000
"""More cores or GPUs than any machine has."""


@dataclass(frozen=True)
class ExecutorOptions:
    """Where networks are trained; no part of what a run is, so that it may resume elsewhere.

    Attributes:
        name: of the executor, as in `EXECUTORS`. Default: a process for each core.
        ray_address: of a running Ray: `auto` for the one on this machine, `ray://HOST:PORT` or
            `HOST:PORT`. Default: with `ray`, one is started on this machine and ended at the end.
        cpus_per_child: cores that Ray reserves for a worker, which uses one; fractions are allowed.
        gpus_per_child: GPUs that Ray reserves for a worker; fractions share a GPU. Default: none.

    Raises:
        SettingsError: names every invalid value.
    """

    name: str = LOCAL
    ray_address: str | None = None
    cpus_per_child: float = 1.0
    gpus_per_child: float = 0.0

    def __post_init__(self) -> None:
        problems = []
        if not isinstance(self.name, str) or not self.name:
            problems.append(f"--executor must be the name of one; got {shown(self.name)}.")
        if self.ray_address is not None and not isinstance(self.ray_address, str):
            problems.append(f"--ray-address must be a string; got {shown(self.ray_address)}.")
        for field in ("cpus_per_child", "gpus_per_child"):
            value, option = getattr(self, field), f"--{field.replace('_', '-')}"
            is_number = isinstance(value, Real) and not isinstance(value, bool)
            if not is_number or not 0 <= value <= _MOST_RESOURCES or math.isnan(value):
                problems.append(
                    f"{option} must be a number from 0 to {_MOST_RESOURCES:,}, as in 1 or 0.5; got "
                    f"{shown(value)}."
                )
            elif value > 1 and value != int(value):
                problems.append(f"{option} above 1 must be a whole number; got {value:g}.")
        if not problems and not self.cpus_per_child and not self.gpus_per_child:
            problems.append("--cpus-per-child must be more than 0 without --gpus-per-child; got 0.")
        if not problems and self.name in (LOCAL, "serial"):
            given = self._given()
            if given:
                problems.append(f"{given[0]} requires --executor ray: add that, or leave it out.")
        if problems:
            raise SettingsError(" ".join(problems))

    @property
    def has_gpus(self) -> bool:
        """Whether workers have GPUs of their own, whatever the calling process has."""
        return self.gpus_per_child > 0

    @property
    def arguments(self) -> list[str]:
        """The words of a command line that ask for this, without defaults."""
        words = [] if self.name == LOCAL else ["--executor", self.name]
        for option in self._given():
            value = getattr(self, option[2:].replace("-", "_"))
            words += [option, value if isinstance(value, str) else f"{value:g}"]
        return words

    def _given(self) -> list[str]:
        """Return the options beside the name that are not the default."""
        return [
            f"--{field.name.replace('_', '-')}"
            for field in fields(self)[1:]
            if getattr(self, field.name) != field.default
        ]
