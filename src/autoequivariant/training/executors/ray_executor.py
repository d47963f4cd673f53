"""Workers on all machines of a Ray cluster, one actor each; the calling process only waits.

Ray places actors, moves objects and notices what dies; nothing here schedules. Results and steps
come as futures, so that no thread has to ask for them.
"""

from __future__ import annotations

import logging
import math
import sys
import threading
import time
from collections.abc import Mapping
from concurrent.futures import BrokenExecutor, Future, wait
from contextlib import suppress
from typing import Any

from autoequivariant.errors import AutoequivariantError, RunError, SettingsError
from autoequivariant.training.executors.executor import (
    REPORT_SECONDS,
    Executor,
    Job,
    OnStep,
    Part,
    Result,
)
from autoequivariant.training.executors.local import STOP_SECONDS
from autoequivariant.training.executors.options import ExecutorOptions
from autoequivariant.training.executors.ray_actor import ActorHandle, Events
from autoequivariant.training.executors.ray_connection import connect, import_ray
from autoequivariant.training.executors.ray_faults import check_resources, start_fault, workers_on
from autoequivariant.training.executors.ray_worker import CONTROL, RayWorker
from autoequivariant.training.executors.sharing import SharedArrays

MOST_DEATHS = 5
"""Of workers that die while they run the same part."""
_PATIENCE_SECONDS = 30.0  # in which a worker should have started
_NODES_SECONDS = 1.0  # for which the number of nodes is taken to stay
_USED = ("training", "evidence")  # packages that jobs use, with what these import
_REPORTS_A_SECOND = 200  # that the calling process gets from all workers together
_LOGGER = logging.getLogger(__name__)


class RayExecutor(Executor):
    """Actors on the nodes of a Ray cluster, as many as its cores and GPUs hold.

    Nodes that join later are used. Large arrays of jobs and parts are put into the object store
    once for each executor, and read there without a copy.

    Args:
        options: address of the cluster, and what a worker needs.

    Raises:
        SettingsError: Ray is not installed, nobody answers, or no node has what a worker needs.
    """

    caller_works = False

    def __init__(self, options: ExecutorOptions) -> None:
        self._options = options
        self.has_gpus = options.has_gpus
        self._is_connected = self._disconnects = False
        self._workers: list[ActorHandle] = []
        self._job: object = None
        self._job_number = 0
        self._pickled: list[Any] = []
        self._deaths: dict[int, int] = {}  # by the identity of a part
        self._failed_starts, self._waiting_since = 0, math.inf
        self._capacity: list[int] = []  # of each node
        self._counted_at = -math.inf
        self._events, self._arrays = Events(), SharedArrays(_nowhere)
        self._connect()

    @property
    def n_workers(self) -> int:  # type: ignore[override]
        """How many workers the present nodes hold, at least 1."""
        return max(1, sum(self._capacities()))

    @property
    def workers_per_machine(self) -> int:
        """How many workers the largest node holds, at least 1."""
        return max(1, *self._capacities())

    def available(self, parts: int) -> int:
        """Return the number of idle workers; start some for parts that have none."""
        self._connect()
        for worker in [worker for worker in self._workers if worker.is_lost]:
            if isinstance(worker.error, AutoequivariantError):
                raise worker.error
            worker.end()
            self._workers.remove(worker)
            self._failed_starts += not worker.is_ready
        if any(worker.is_ready for worker in self._workers):
            self._failed_starts, self._waiting_since = 0, math.inf
        elif time.monotonic() - self._waiting_since > _PATIENCE_SECONDS:
            self._waiting_since = math.inf  # said once
            _LOGGER.warning(
                "Ray has found no room for a worker yet: other programs may hold its cores."
            )
        if self._failed_starts >= MOST_DEATHS * self.n_workers:
            self._failed_starts = 0
            raise RunError(
                f"Ray workers die as they start, {MOST_DEATHS} times each: their machines may be "
                "short of memory, so give more --cpus-per-child, or free some."
            )
        wanted = min(parts, self.n_workers)
        if wanted and not self._workers:
            self._waiting_since = time.monotonic()
        while len(self._workers) < wanted:
            self._workers.append(ActorHandle(self._make, self._events))
        return sum(worker.is_idle for worker in self._workers)

    def submit(self, job: Job[Part, Result], part: Part, on_step: OnStep) -> Future[Result]:
        """Send a part to an idle worker, and a reference to the job."""
        if self._deaths.get(id(part), 0) >= MOST_DEATHS:
            raise RunError(
                f"{MOST_DEATHS} Ray workers died, one after the other, over the same networks: "
                "they may need more memory than a node has, so give more --cpus-per-child."
            )
        if job is not self._job:
            pickled, references = self._arrays.dumps(job)
            self._job, self._job_number = job, self._job_number + 1
            self._pickled = [import_ray().put(pickled), references]
        worker = next(worker for worker in self._workers if worker.is_idle)
        rate = REPORT_SECONDS + len(self._workers) / _REPORTS_A_SECOND
        sent = self._job_number, self._pickled, self._arrays.dumps(part)
        future: Future[Result] = worker.submit(sent, on_step, rate)
        future.add_done_callback(lambda done: self._count(id(part), done))
        return future

    def cancel(self) -> None:
        """Stop the running parts; the workers stay for the next run.

        Waits a moment for their current steps, so that they can leave checkpoints.
        """
        self._job, self._pickled = None, []
        self._deaths.clear()
        for worker in self._workers:
            worker.stop()
        wait([worker.future for worker in self._workers], STOP_SECONDS)

    def shutdown(self) -> None:
        """End all workers, and Ray if it was started here."""
        while self._workers:
            self._workers.pop().end()
        if not self._is_connected:
            return
        self._is_connected = False
        self._events.put(None)
        self._arrays = SharedArrays(_nowhere)
        self._job, self._pickled = None, []
        if self._disconnects:
            import_ray().shutdown()

    def _connect(self) -> None:
        if self._is_connected:
            return
        self._disconnects = connect(self._options.ray_address)
        ray = import_ray()
        self._is_connected = True
        try:
            check_resources(self._nodes(), self._options)
        except SettingsError:
            if self._disconnects:
                ray.shutdown()
            self._is_connected = False
            raise
        self._arrays = SharedArrays(ray.put)
        self._events = Events()
        threading.Thread(target=_listen, args=(self._events,), daemon=True).start()

    def _capacities(self) -> list[int]:
        """Return how many workers each node holds."""
        self._connect()
        if time.monotonic() - self._counted_at > _NODES_SECONDS:
            self._capacity = [workers_on(node, self._options) for node in self._nodes()]
            self._counted_at = time.monotonic()
        return self._capacity

    def _nodes(self) -> list[Mapping[str, float]]:
        """Return the resources of each node that is alive."""
        try:
            nodes = import_ray().nodes()
        except Exception as error:  # of its client or its control store, of many classes
            raise RunError(
                "Ray no longer answers: see to its head node, and rerun the command to resume."
            ) from error
        return [node["Resources"] for node in nodes if node["Alive"]]

    def _make(self) -> Any:
        """Start an actor."""
        package = __name__.partition(".")[0]
        used = tuple(f"{package}.{name}." for name in _USED)
        modules = [name for name in sys.modules if name.startswith(used)]
        actor = import_ray().remote(
            num_cpus=self._options.cpus_per_child,
            num_gpus=self._options.gpus_per_child,
            concurrency_groups={CONTROL: 2},
            max_restarts=0,
            max_task_retries=0,
        )(RayWorker)
        try:
            return actor.remote(modules), self.has_gpus
        except ImportError as error:  # of Ray's client, whose server unpickles
            raise start_fault(error) from None

    def _count(self, part: int, future: Future[Any]) -> None:
        if isinstance(future.exception(), BrokenExecutor):
            self._deaths[part] = self._deaths.get(part, 0) + 1
        else:
            self._deaths.pop(part, None)


def _listen(events: Events) -> None:
    while (event := events.get()) is not None:
        with suppress(Exception):  # Ray was shut down meanwhile
            event()


def _nowhere(array: Any) -> Any:
    raise RuntimeError("the executor is shut down")
