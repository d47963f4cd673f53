"""What keeps workers on Ray from computing what the calling process would, as sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from autoequivariant.errors import SettingsError, shortened
from autoequivariant.training.executors.options import ExecutorOptions
from autoequivariant.training.executors.ray_worker import Host, this_host

_LONGEST_REASON = 300
_TOLERANCE = 1e-9  # of fractions: Ray counts in ten-thousandths


def start_fault(error: BaseException) -> BaseException:
    """Return a sentence if a worker cannot start, and the error itself if it has died."""
    text = str(error)
    if isinstance(error, ImportError):
        text = f"{type(error).__name__}: {error}"
    elif not getattr(error, "actor_init_failed", False):
        return error
    lines = text.strip().splitlines() or [type(error).__name__]
    last = shortened(lines[-1].strip(), _LONGEST_REASON)
    version = this_host().versions["autoequivariant"]
    return SettingsError(
        f"A worker of Ray cannot start ({last}): install autoequivariant {version} on every "
        "machine."
    )


def host_fault(host: Host, needs_gpu: bool) -> str | None:
    """Return what keeps a worker from computing what this process would."""
    for name, here in this_host().versions.items():
        there = host.versions.get(name)
        if there != here:
            return (
                f"A worker of Ray has {name} {there}, this process {here}: use the same for both."
            )
    if needs_gpu and not host.has_gpu:
        return (
            "PyTorch finds no GPU on a worker to which Ray gave one: install a PyTorch with CUDA "
            "there, or leave --gpus-per-child out and use --device cpu."
        )
    return None


def workers_on(node: Mapping[str, float], options: ExecutorOptions) -> int:
    """Return how many workers a node holds; a GPU is shared by fractions that fit into it."""
    counts = []
    cpus, gpus = options.cpus_per_child, options.gpus_per_child
    if cpus:
        counts.append(int(node.get("CPU", 0) / cpus + _TOLERANCE))
    if gpus >= 1:
        counts.append(int(node.get("GPU", 0) / gpus + _TOLERANCE))
    elif gpus:
        counts.append(int(node.get("GPU", 0)) * int(1 / gpus + _TOLERANCE))
    return min(counts)


def check_resources(nodes: Sequence[Mapping[str, float]], options: ExecutorOptions) -> None:
    """Raise `SettingsError` if no node has what a worker needs."""
    if any(workers_on(node, options) for node in nodes):
        return
    for option, resource, wanted in (
        ("--gpus-per-child", "GPU", options.gpus_per_child),
        ("--cpus-per-child", "CPU", options.cpus_per_child),
    ):
        most = max((node.get(resource, 0) for node in nodes), default=0)
        if wanted > most:
            raise SettingsError(
                f"{option} {wanted:g} is more than any node of this Ray has ({most:g}): give less, "
                "or add such a node."
            )
    raise SettingsError(
        f"No node of this Ray has the {options.cpus_per_child:g} cores and the "
        f"{options.gpus_per_child:g} GPUs of a child: give less --cpus-per-child or "
        "--gpus-per-child."
    )
