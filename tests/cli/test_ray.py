"""Commands and estimators on a Ray cluster, killed drivers, and what is refused."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_digits
from typer.testing import CliRunner

from autoequivariant import AutoEquivariantClassifier, test_symmetries
from autoequivariant.cli import app

from .moments import NEVER, aen_at
from .test_interruption import ARGUMENTS, check_same, complete, in_search, recorded

PATIENCE = 120  # seconds, on a machine that is busy with other things
DIGITS = ["test", "digits", "--symmetries", "hflip,vflip,swap_left_right", "--plant", "hflip"]


def wait_until(is_met: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not is_met():
        assert time.monotonic() < end
        time.sleep(0.05)


def aen(*words: str, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "autoequivariant", *words]
    everything = os.environ | {"OMP_NUM_THREADS": "1"} | env
    return subprocess.run(command, capture_output=True, text=True, env=everything)


def patiently(script: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a script that waits for Ray as long as it takes, whatever else the machine does."""
    waits = (
        "from autoequivariant.training.executors import ray_connection, ray_executor\n"
        f"ray_connection.CONNECT_SECONDS = ray_executor._PATIENCE_SECONDS = {PATIENCE}\n"
    )
    command = [sys.executable, "-c", waits + script, *words]
    env = os.environ | {"OMP_NUM_THREADS": "1"}
    return subprocess.run(command, capture_output=True, text=True, env=env)


@pytest.fixture
def on_ray(ray_cluster: Any) -> list[str]:
    """The options for two workers, one on each node."""
    address = ray_cluster.address
    return ["--executor", "ray", "--ray-address", address, "--cpus-per-child", "2"]


@pytest.fixture
def connected(ray_cluster: Any) -> Iterator[Any]:
    """Ray, in this process."""
    import ray

    ray.init(ray_cluster.address, log_to_driver=False)
    yield ray
    ray.shutdown()


@pytest.mark.slow
def test_a_search_whose_driver_is_killed_and_interrupted_gives_the_same_answer(
    on_ray: list[str], connected: Any, tmp_path: Path
) -> None:
    whole, out = tmp_path / "whole", tmp_path / "run"
    complete("exhaustive", whole)
    words: list[str | Path] = [*ARGUMENTS["exhaustive"], *on_ray, "--out", out]

    def workers_have_ended() -> bool:
        free, there = connected.available_resources(), connected.cluster_resources()
        return bool(free.get("CPU") == there["CPU"])

    killed = aen_at(signal.SIGKILL, "record", 4, *words)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    first = recorded(out)
    assert 4 <= in_search(first) < 16
    wait_until(workers_have_ended)
    stopped = aen_at(signal.SIGINT, "record", 2, *words, group=True)
    assert (stopped.returncode, stopped.stderr) == (130, "")
    assert "interrupted" in stopped.stdout
    second = recorded(out)
    assert {key: second[key] for key in first} == first
    wait_until(workers_have_ended)
    done = aen_at(0, "record", NEVER, *words)
    assert (done.returncode, done.stderr.count("\n")) == (0, 1), done.stderr
    check_same(out, whole, second)


def plain(answer: str) -> Any:
    found = json.loads(answer)
    assert found.pop("seconds") > 0
    return found


@pytest.mark.slow
def test_direct_tests_give_the_same_verdicts(ray_cluster: Any) -> None:
    here = aen(*DIGITS, "--json")
    for address in (ray_cluster.address, ray_cluster.client_address):
        options = ["--executor", "ray", "--ray-address", address, "--cpus-per-child", "2"]
        there = patiently(
            "from autoequivariant.cli import main; main()", *DIGITS, "--json", *options
        )
        assert (there.returncode, there.stderr) == (0, ""), there.stderr
        assert plain(here.stdout) == plain(there.stdout)


@pytest.mark.slow
def test_an_estimator_predicts_the_same_bits(connected: Any) -> None:
    x, y = load_digits(return_X_y=True)
    x = x[:300].reshape(-1, 8, 8)
    options = {"epochs": 2, "fit_time": None, "budget": 3}
    found = [
        AutoEquivariantClassifier("hflip,vflip", executor=name, **options, **more)
        .fit(x, y[:300])
        .predict_proba(x)
        for name, more in (("serial", {}), ("ray", {"cpus_per_child": 2}))
    ]
    assert np.array_equal(*found)
    assert connected.is_initialized()  # what others connected stays so


@pytest.mark.slow
def test_a_ray_on_this_machine_starts_and_ends_without_a_word(tmp_path: Path) -> None:
    pytest.importorskip("ray", reason="not here: ray")
    mark = uuid.uuid4().hex
    env = {"AEN_TEST_MARK": mark, "HOME": str(tmp_path), "RAY_AUTH_MODE": "token"}
    done = aen(*DIGITS, "--json", "--executor", "ray", **env)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(plain(done.stdout)["verdicts"]) == 3  # and nothing but JSON
    if sys.platform == "linux":
        wait_until(lambda: not processes_with(mark.encode()))
    assert not list(tmp_path.rglob("auth_token"))


@pytest.mark.slow
def test_symmetries_of_arrays_are_tested_on_ray(ray_cluster: Any) -> None:
    x, y = load_digits(return_X_y=True)
    x, candidates = x.reshape(-1, 8, 8), "hflip,vflip,swap_left_right"
    script = (
        "import sys, numpy as np\n"
        "from sklearn.datasets import load_digits\n"
        "from autoequivariant import test_symmetries\n"
        "x, y = load_digits(return_X_y=True)\n"
        f"found = test_symmetries(x.reshape(-1, 8, 8), y, {candidates!r}, random_state=0,\n"
        "    executor='ray', ray_address=sys.argv[1], cpus_per_child=2)\n"
        "print(found.verdicts.to_json())"
    )
    here = test_symmetries(x, y, candidates, random_state=0)
    for address in (ray_cluster.address, ray_cluster.client_address):
        there = patiently(script, address)
        assert (there.returncode, there.stderr) == (0, ""), there.stderr
        assert there.stdout.strip() == here.verdicts.to_json()


def processes_with(mark: bytes) -> list[str]:
    """Processes in whose environment a mark is."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (folder / "environ").read_bytes():
                found.append((folder / "comm").read_text().strip())
        except OSError:  # it has ended, or is another user's
            continue
    return found


REFUSED = """
import socket, sys, threading
from autoequivariant.errors import SettingsError
from autoequivariant.training.executors import ExecutorOptions, make_executor, ray_connection
address = sys.argv[1]
servers = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]

def speak():
    while True:
        servers[1].accept()[0].sendall(b"HTTP/1.0 400 Bad Request")

threading.Thread(target=speak, daemon=True).start()
silent, speaking = (f"127.0.0.1:{server.getsockname()[1]}" for server in servers)
ray_connection.PROBE_SECONDS = 0.5


def refused(address=None, **options):
    try:
        make_executor(ExecutorOptions("ray", address, **options)).shutdown()
        print("accepted")
    except SettingsError as error:
        print(error)

refused(silent)
refused(speaking)
refused("ray://" + speaking)
refused("nowhere")
refused("http://127.0.0.1:1")
refused(address, cpus_per_child=3)
refused(address, gpus_per_child=1)
refused(address)
import ray
version, ray.__version__ = ray.__version__, "0.1.0"
refused(address)
ray.__version__ = version
ray_connection.CONNECT_SECONDS = 3
refused("ray://" + address)  # the port is not that of clients
"""
EXPECTED = [
    "Nobody answers at --ray-address '127.0.0.1:",
    "Nobody answers at --ray-address '127.0.0.1:",
    "Nobody answers at --ray-address 'ray://127.0.0.1:",
    "--ray-address must be auto, ray://HOST:PORT or HOST:PORT; got 'nowhere'.",
    "--ray-address must be auto, ray://HOST:PORT or HOST:PORT; got 'http://127.0.0.1:1'.",
    "--cpus-per-child 3 is more than any node of this Ray has (2): give less",
    "--gpus-per-child 1 is more than any node of this Ray has (0): give less",
    "accepted",
    "here Ray 0.1.0 with Python",
    "does not let this process in: give HOST:PORT as ray start prints it",
]


@pytest.mark.slow
def test_each_fault_is_one_sentence(ray_cluster: Any) -> None:
    command = [sys.executable, "-c", REFUSED, ray_cluster.address]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == len(EXPECTED)
    for line, phrase in zip(lines, EXPECTED, strict=True):
        assert phrase in line


def refused(*words: str) -> str:
    done = CliRunner().invoke(app, [*words])
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("aen: ") and done.stderr.count("\n") == 1
    return str(done.stderr)


@pytest.mark.parametrize("command", ["search", "test", "fit"])
def test_without_ray_a_command_says_how_to_get_it(
    command: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "ray", None)
    said = refused(command, "digits", "--executor", "ray")
    assert "install it with pip install 'autoequivariant[ray]'" in said
    assert not list(tmp_path.iterdir())


def test_an_address_nobody_answers_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pytest.importorskip("ray", reason="not here: ray")
    monkeypatch.chdir(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    said = refused("search", "digits", "--executor", "ray", "--ray-address", f"127.0.0.1:{port}")
    assert "Nobody answers at --ray-address" in said
    assert not list(tmp_path.iterdir())
