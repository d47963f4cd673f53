"""What all tests share."""

import os
import socket
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from autoequivariant.data.registry import SOURCES
from autoequivariant.groups.domain import Grid
from autoequivariant.groups.symmetry import parse_symmetries
from autoequivariant.searching.experiment import Experiment, make_experiment
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.samplers.registry import SAMPLERS
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.training.child import Child, Key
from autoequivariant.training.clock import Clock
from autoequivariant.training.evaluation import Evaluation
from autoequivariant.training.evaluator import Request
from autoequivariant.training.executors.registry import EXECUTORS
from autoequivariant.training.families.registry import KINDS
from autoequivariant.training.pruning import Pruning

from .postgresql import Server, running

if "PYTEST_XDIST_WORKER" in os.environ:  # the cores are shared by test processes, not by threads
    os.environ["OMP_NUM_THREADS"] = "1"
    torch.set_num_threads(1)

os.environ.setdefault("RAY_AUTH_MODE", "disabled")  # tests make no token for the user's clusters
os.environ.update(RAY_memory_monitor_refresh_ms="0")  # it ends workers for what others take
# Ray gives a client half a minute, which is short where tests use all cores.
os.environ.update(RAY_CLIENT_SERVER_CHECK_CHANNEL_TIMEOUT_S="120")
os.environ.update(RAY_CLIENT_INITIAL_CONNECTION_TIMEOUT_S="30")


@pytest.fixture(scope="session")
def ray_cluster() -> Iterator[Any]:
    """A Ray cluster of two nodes with two cores each, all on this machine; skips without Ray."""
    pytest.importorskip("ray", reason="not here: ray")
    from ray.cluster_utils import Cluster

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    small = {"num_cpus": 2, "object_store_memory": 80 * 2**20}
    head = {**small, "include_dashboard": False, "ray_client_server_port": port}
    cluster = Cluster(True, head_node_args=head)
    cluster.add_node(**small)
    cluster.client_address = f"ray://127.0.0.1:{port}"
    yield cluster
    cluster.shutdown()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with MNIST, Fashion-MNIST and the CIFAR-10 subset; skips where it is absent."""
    folder = Path(__file__).resolve().parents[1].parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"not here: shared data sets ({folder})")
    return folder


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A PostgreSQL server; skips where there is none."""
    with running() as server:
        yield server


class FakeEvaluator:
    """Scores a child by its key alone, and remembers what was asked of it."""

    steps = 1
    n_workers = 2

    def __init__(self, at_once: int = 4) -> None:
        self.at_once = at_once
        self.trained: list[Key] = []
        self.batches: list[int] = []

    def evaluate(
        self,
        children: Sequence[Child],
        replicate: int,
        on_step: Callable[[int], None],
        pruning: Pruning | None = None,
    ) -> Iterator[tuple[list[Child], list[Evaluation]]]:
        for first in range(0, len(children), self.at_once):
            some = list(children[first : first + self.at_once])
            on_step(len(some))
            self.trained += [child.key for child in some]
            self.batches.append(len(some))
            yield some, [self.score(child) for child in some]

    def evaluate_each(
        self, request: Callable[[], Request | None], on_step: Callable[[int], None]
    ) -> Iterator[tuple[Child, Evaluation]]:
        """Train as many at a time as there are workers; they do not end in order."""
        running: list[Child] = []
        while True:
            while len(running) < self.n_workers and (found := request()) is not None:
                running.append(found[0])
                self.trained.append(found[0].key)
            if not running:
                return
            on_step(1)
            self.batches.append(len(running))
            child = running.pop(len(self.trained) % len(running))
            yield child, self.score(child)

    @staticmethod
    def score(child: Child) -> Evaluation:
        rng = np.random.default_rng((child.width, *child.members))
        correct = rng.random(50) < 0.5 + 0.03 * len(child.members)
        return Evaluation(correct, child.width * 1000 - len(child.members), 0.01)


class StoppingClock(Clock):
    """Raises an error at a check, after so many that it lets pass."""

    def __init__(self, checks: int, error: type[Exception]) -> None:
        super().__init__()
        self.left, self.error = checks, error

    def check(self, reserve: float = 0.0) -> None:
        self.left -= 1
        if self.left < 0:
            raise self.error


@pytest.fixture
def stopping_clock() -> type[StoppingClock]:
    return StoppingClock


@pytest.fixture
def fake_evaluator() -> type[FakeEvaluator]:
    return FakeEvaluator


@pytest.fixture(scope="session")
def small_experiment() -> Callable[..., Experiment]:
    """Make a small experiment on digits; the options are those of `SearchSettings`."""

    def make(symmetries: str = "hflip,vflip,swap_left_right", **options: object) -> Experiment:
        settings = {
            "symmetries": parse_symmetries(symmetries),
            "layers": (Grid(4, 4),),
            "channels": 1,
            "epochs": 1,
            "train_size": 60,
            "validation_size": 40,
        }
        return make_experiment(SearchSettings("digits", **settings | options))  # type: ignore[arg-type]

    return make


@pytest.fixture(scope="session")
def small_problem(small_experiment: Callable[..., Experiment]) -> Callable[..., Problem]:
    """Make the problem of a small experiment."""
    return lambda *symmetries, **options: small_experiment(*symmetries, **options).problem


@pytest.fixture
def registries() -> Iterator[tuple[dict[str, Any], ...]]:
    """The registries of the seams, which are as before once the test ends."""
    found: tuple[dict[str, Any], ...] = (KINDS, SAMPLERS, SOURCES, EXECUTORS)
    before = [dict(registry) for registry in found]
    yield found
    for registry, entries in zip(found, before, strict=True):
        registry.clear()
        registry.update(entries)
