"""The executors, by the name that `aen search --executor` takes. To add one, add it here."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from autoequivariant.errors import SettingsError, shown
from autoequivariant.training.executors.executor import Executor
from autoequivariant.training.executors.local import LocalExecutor
from autoequivariant.training.executors.options import ExecutorOptions

RAY = "ray"


def _ray(options: ExecutorOptions) -> Executor:
    from autoequivariant.training.executors.ray_connection import import_ray

    import_ray()  # refuses before anything else imports it
    from autoequivariant.training.executors.ray_executor import RayExecutor

    return RayExecutor(options)


EXECUTORS: dict[str, Callable[[ExecutorOptions], Executor]] = {
    "local": lambda options: LocalExecutor(),
    "serial": lambda options: LocalExecutor(1),
    RAY: _ray,
}
"""`local` uses a process for each core, `serial` the calling process alone, `ray` many machines."""


def executor_problems(options: ExecutorOptions, device: str) -> Iterator[str]:
    """Yield a sentence for each reason why networks cannot be trained so on a device."""
    if options.name not in EXECUTORS:
        known = ", ".join(EXECUTORS)
        yield f"--executor must be one of {known}; got {shown(options.name)}."
    if options.name == RAY and device.startswith("cuda") and not options.has_gpus:
        yield (
            f"--device {device} with --executor ray requires --gpus-per-child: add that, as in 1 "
            "or 0.25."
        )
    if options.has_gpus and device != "cuda":
        yield f"--gpus-per-child requires --device cuda; got {device}."


def make_executor(options: ExecutorOptions) -> Executor:
    """Return a new executor, to be shut down by the caller.

    Raises:
        SettingsError: it is unknown, or cannot run with these options.
    """
    if options.name not in EXECUTORS:
        raise SettingsError(" ".join(executor_problems(options, "cpu")))
    return EXECUTORS[options.name](options)
