"""Actors on a Ray cluster: the contract of executors, deaths, nodes that come and go, shared data.

Jobs are nested functions: those are pickled whole, as other processes cannot import this file.
"""

import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

pytest.importorskip("ray", reason="not here: ray")

from autoequivariant import SearchSettings, search
from autoequivariant.errors import RunError, SettingsError
from autoequivariant.groups.symmetry import parse_symmetries
from autoequivariant.training.executors import ray_executor
from autoequivariant.training.executors.executor import OnStep
from autoequivariant.training.executors.local import LocalExecutor
from autoequivariant.training.executors.options import ExecutorOptions
from autoequivariant.training.executors.ray_executor import RayExecutor
from autoequivariant.training.executors.registry import make_executor

from .test_executor import (  # noqa: F401
    job_of,
    nothing,
    test_all_steps_are_counted,
    test_an_exception_of_a_part_stops_all,
    test_an_exception_of_on_step_stops_all_and_the_executor_can_be_used_again,
    test_every_part_is_done_once,
    test_results_come_one_by_one,
    test_torch_uses_one_thread_and_gets_the_others_back,
)

pytestmark = pytest.mark.slow

PATIENCE = 120  # seconds, on a machine that is busy with other things
FINISHED: Future[None] = Future()
FINISHED.set_result(None)
OF_TWO = 2  # cores of a worker, so that each node holds one


@pytest.fixture(scope="module")
def executor(ray_cluster: Any) -> Iterator[RayExecutor]:
    """Two workers, one on each node."""
    options = ExecutorOptions("ray", ray_cluster.address, cpus_per_child=OF_TWO)
    with make_executor(options) as found:
        assert isinstance(found, RayExecutor)
        yield found


def wait_until(is_met: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not is_met():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_large_arrays_are_put_once_and_read_without_a_copy(
    executor: RayExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    put: list[int] = []
    store = executor._arrays._store
    monkeypatch.setattr(
        executor._arrays, "_store", lambda array: put.append(array.nbytes) or store(array)
    )

    def job(x: Any, y: Any, part: Any, on_step: OnStep) -> tuple[float, bool, float, bool]:
        on_step(1)
        return float(x.sum()), x.flags.writeable, float(y.sum()), part is x

    x, y = np.ones(200_000), torch.ones(300_000)
    for _ in range(2):
        found = dict(executor.run(partial(job, x, y), [x, 1, 2, 3], nothing))
        assert set(found.values()) == {(200_000, False, 300_000, False)}
    assert sorted(put) == [1_200_000, 1_600_000]


def test_a_worker_ignores_ctrl_c(executor: RayExecutor) -> None:
    def handler(part: int, on_step: OnStep) -> bool:
        import signal

        return signal.getsignal(signal.SIGINT) == signal.SIG_IGN

    assert all(ignores for _, ignores in executor.run(handler, range(4), nothing))


def test_the_part_of_a_killed_worker_runs_again(executor: RayExecutor, tmp_path: Path) -> None:
    def job(part: int, on_step: OnStep) -> int:
        on_step(1)
        if part == 1 and not (tmp_path / "killed").exists():
            (tmp_path / "killed").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return part

    assert sorted(executor.run(job, range(4), nothing)) == [(k, k) for k in range(4)]
    assert (tmp_path / "killed").exists()


def test_a_part_that_kills_every_worker_is_given_up(
    executor: RayExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def job(part: int, on_step: OnStep) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr(ray_executor, "MOST_DEATHS", 2)
    with pytest.raises(RunError, match="2 Ray workers died, one after the other"):
        list(executor.run(job, [0], nothing))


def test_workers_that_die_as_they_start_are_given_up(
    executor: RayExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stillborn:
        is_ready, is_lost, is_idle, error = False, True, False, None

        def __init__(self, *_: Any) -> None:
            self.future = FINISHED

        def end(self) -> None:
            pass

        stop = end

    monkeypatch.setattr(ray_executor, "ActorHandle", Stillborn)
    monkeypatch.setattr(executor, "_workers", [])
    with pytest.raises(RunError, match="Ray workers die as they start"):
        list(executor.run(job_of(1), [0], nothing))


def test_a_node_that_joins_is_used_and_one_that_leaves_is_not_missed(
    executor: RayExecutor, ray_cluster: Any, tmp_path: Path
) -> None:
    def job(part: int, on_step: OnStep) -> int:
        import ray

        node = ray.get_runtime_context().get_node_id()
        Path(tmp_path, f"{part} {node}").touch()
        while not Path(tmp_path, "go").exists():
            on_step(1)
            time.sleep(0.02)
        return part

    assert (executor.n_workers, executor.workers_per_machine) == (2, 1)
    node = ray_cluster.add_node(num_cpus=OF_TWO, object_store_memory=80 * 2**20)
    wait_until(lambda: executor.n_workers == 3)
    left: list[Any] = [node]

    def on_step(count: int) -> None:
        started = {path.name.split()[-1] for path in tmp_path.iterdir()}
        if len(started) == 3 and left:
            assert node.node_id in started
            ray_cluster.remove_node(left.pop())
            (tmp_path / "go").touch()

    assert sorted(executor.run(job, range(3), on_step)) == [(k, k) for k in range(3)]
    nodes = [path.name.split()[-1] for path in tmp_path.iterdir() if path.name != "go"]
    assert nodes.count(node.node_id) == 1
    wait_until(lambda: executor.n_workers == 2)


def test_a_search_gives_the_same_bits_as_in_one_process(
    executor: RayExecutor, tmp_path: Path
) -> None:
    settings = SearchSettings(
        "digits",
        symmetries=parse_symmetries("hflip,swap_left_right"),
        plant=parse_symmetries("hflip"),
        channels=1,
        epochs=2,
        train_size=200,
        validation_size=100,
    )
    others = {"ray": executor, "local": LocalExecutor(1)}
    for name, one in others.items():
        search(settings, tmp_path / name, executor=one, rivals=True)
    for file in ("model.safetensors", "model.json", "verdicts.json"):
        first, second = (Path(tmp_path, name, file).read_bytes() for name in others)
        assert first == second, file


@pytest.mark.skipif(torch.cuda.is_available(), reason="not here: no machine without CUDA")
def test_a_gpu_is_asked_for_and_has_to_be_one(executor: RayExecutor, ray_cluster: Any) -> None:
    """Ray believes what it is told of GPUs; torch looks."""
    with pytest.raises(SettingsError, match="--gpus-per-child 1 is more than any node"):
        RayExecutor(ExecutorOptions("ray", gpus_per_child=1))
    node = ray_cluster.add_node(num_cpus=1, num_gpus=1, object_store_memory=80 * 2**20)
    try:
        options = ExecutorOptions("ray", cpus_per_child=0.5, gpus_per_child=0.5)
        with RayExecutor(options) as on_gpus:
            assert (on_gpus.n_workers, on_gpus.has_gpus) == (2, True)
            with pytest.raises(SettingsError, match="PyTorch finds no GPU on a worker"):
                list(on_gpus.run(job_of(1), [1], nothing))
    finally:
        ray_cluster.remove_node(node)
