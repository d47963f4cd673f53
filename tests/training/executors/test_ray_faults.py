"""How many workers a node holds, and what keeps them from working, as sentences."""

from collections.abc import Mapping

import pytest

pytest.importorskip("ray", reason="not here: ray")

import ray

from autoequivariant.errors import SettingsError
from autoequivariant.training.executors.options import ExecutorOptions
from autoequivariant.training.executors.ray_faults import (
    check_resources,
    host_fault,
    start_fault,
    workers_on,
)
from autoequivariant.training.executors.ray_worker import Host, this_host


@pytest.mark.parametrize(
    ("cpus", "gpus", "node", "expected"),
    [
        (1, 0, {"CPU": 4.0}, 4),
        (3, 0, {"CPU": 4.0}, 1),
        (0.1, 0, {"CPU": 1.0}, 10),
        (1, 0, {"GPU": 1.0}, 0),
        (1, 1, {"CPU": 8.0, "GPU": 2.0}, 2),
        (0, 2, {"CPU": 8.0, "GPU": 5.0}, 2),
        (1, 0.25, {"CPU": 3.0, "GPU": 1.0}, 3),
        (1, 0.4, {"CPU": 9.0, "GPU": 2.0}, 4),  # a share does not span two GPUs
    ],
)
def test_a_node_holds_what_fits(
    cpus: float, gpus: float, node: Mapping[str, float], expected: int
) -> None:
    options = ExecutorOptions("ray", cpus_per_child=cpus, gpus_per_child=gpus)
    assert workers_on(node, options) == expected


@pytest.mark.parametrize(
    ("cpus", "gpus", "phrase"),
    [
        (4, 0, None),
        (5, 0, r"--cpus-per-child 5 is more than any node of this Ray has \(4\)"),
        (1, 2, r"--gpus-per-child 2 is more than any node of this Ray has \(1\)"),
        (4, 1, "No node of this Ray has the 4 cores and the 1 GPUs"),
    ],
)
def test_what_no_node_has_is_refused(cpus: float, gpus: float, phrase: str | None) -> None:
    nodes = [{"CPU": 4.0}, {"CPU": 2.0, "GPU": 1.0}]
    options = ExecutorOptions("ray", cpus_per_child=cpus, gpus_per_child=gpus)
    if phrase is None:
        check_resources(nodes, options)
    else:
        with pytest.raises(SettingsError, match=phrase):
            check_resources(nodes, options)


def test_a_worker_of_another_version_or_without_gpu_is_refused() -> None:
    here = this_host()
    older = Host({**here.versions, "autoequivariant": "0.0.1"}, has_gpu=True)
    assert "autoequivariant 0.0.1" in str(host_fault(older, needs_gpu=False))
    python = Host({**here.versions, "Python": "3.9.1"}, has_gpu=True)
    assert "Python 3.9.1" in str(host_fault(python, needs_gpu=False))
    plain = Host(here.versions, has_gpu=False)
    assert "no GPU" in str(host_fault(plain, needs_gpu=True))
    assert host_fault(plain, needs_gpu=False) is None
    assert host_fault(Host(here.versions, has_gpu=True), needs_gpu=True) is None


def test_a_package_that_is_missing_is_named_and_a_death_is_not() -> None:
    found = start_fault(ModuleNotFoundError("No module named 'autoequivariant'"))
    assert isinstance(found, SettingsError)
    assert "cannot start (ModuleNotFoundError: No module named" in str(found)
    died = ray.exceptions.ActorDiedError()
    assert start_fault(died) is died
    failed = RuntimeError("in its creation task\nModuleNotFoundError: No module named 'x'")
    failed.actor_init_failed = True  # type: ignore[attr-defined]  # as Ray's error has it
    assert "(ModuleNotFoundError: No module named 'x')" in str(start_fault(failed))
