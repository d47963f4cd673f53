"""A search that was killed or interrupted goes on where it was and ends with the same answer."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

WHAT = [
    *("search", "digits", "--symmetries", "hflip,vflip,swap_left_right,swap_top_bottom"),
    *("--plant", "hflip", "--layers", "4x4", "--channels", "2", "--seed", "3", "--epochs", "15"),
    *("--train-size", "200", "--validation-size", "100"),
    *("--memory-limit", "0.0006"),  # three networks at once: many moments at which to stop
]
ARGUMENTS = {
    "exhaustive": [*WHAT, "--sampler", "exhaustive"],
    "tpe": [*WHAT, "--sampler", "tpe", "--budget", "9"],
    "lattice": [
        *(*WHAT, "--sampler", "lattice", "--budget", "9"),
        *("--objective", "score,parameters", "--widths", "1,2,4"),
    ],
}
NETWORKS = {"exhaustive": 16, "tpe": 9, "lattice": 9}
PATIENCE = 120  # seconds, on a machine that is busy with other things

Records = dict[tuple[int, tuple[int, ...]], Any]


def hear_ctrl_c() -> None:
    """What a shell starts in the background ignores Ctrl-C, and so would what that starts."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def start(sampler: str, out: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "autoequivariant", *ARGUMENTS[sampler], "--out", str(out)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        preexec_fn=hear_ctrl_c,
    )


def complete(sampler: str, out: Path) -> str:
    process = start(sampler, out)
    printed, complaint = process.communicate(timeout=PATIENCE)
    assert (process.returncode, complaint) == (0, "")
    return printed


def recorded(out: Path) -> Records:
    """Every evaluation in the study, by replicate and network; each is there once."""
    try:
        with closing(sqlite3.connect(f"file:{out}/study.db?mode=ro", uri=True)) as connection:
            rows = connection.execute("SELECT key, value_json FROM study_user_attributes")
            found = [(key.split(), json.loads(value)) for key, value in rows]
    except sqlite3.OperationalError:
        return {}
    records: Records = {}
    for words, values in found:
        for record in values if words[0] == "evaluations" else []:
            key = int(words[1]), (*record["state"], record["width"])
            assert key not in records, "trained twice"
            records[key] = record
    return records


def in_search(records: Records) -> int:
    return sum(replicate == 0 for replicate, _ in records)


def stop(
    process: subprocess.Popen[str],
    out: Path,
    when: Callable[[Records], bool],
    number: signal.Signals,
) -> tuple[str, str]:
    deadline = time.monotonic() + PATIENCE
    while not when(recorded(out)):
        assert process.poll() is None, f"it ended first: {process.communicate()}"
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(number)
    return process.communicate(timeout=PATIENCE)


def killed(sampler: str, out: Path, when: Callable[[Records], bool]) -> Records:
    process = start(sampler, out)
    stop(process, out, when, signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert not (out / "results.json").exists()
    return recorded(out)


def answer(out: Path) -> dict[str, Any]:
    results: dict[str, Any] = json.loads((out / "results.json").read_text())
    assert set(results.pop("seconds")) == {"total", "search"}
    return results


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    done: dict[str, Path] = {}

    def folder(sampler: str) -> Path:
        if sampler not in done:
            done[sampler] = tmp_path_factory.mktemp("whole") / sampler
            complete(sampler, done[sampler])
        return done[sampler]

    return folder


def check_same(out: Path, whole: Path, before: Records) -> None:
    after, expected = recorded(out), recorded(whole)
    assert {key: after[key] for key in before} == before
    assert answer(out) == answer(whole)
    bits = {key: record["correct"] for key, record in expected.items()}
    assert {key: record["correct"] for key, record in after.items()} == bits
    for name in ("model.safetensors", "model.json"):
        assert (out / name).read_bytes() == (whole / name).read_bytes()


@pytest.mark.slow
def test_kill_while_searching_and_while_comparing(
    tmp_path: Path, uninterrupted: Callable[[str], Path]
) -> None:
    sampler, out = "exhaustive", tmp_path / "run"
    first = killed(sampler, out, lambda records: in_search(records) >= 4)
    assert 4 <= in_search(first) < NETWORKS[sampler]
    assert in_search(first) == len(first)
    second = killed(sampler, out, lambda records: len(records) > NETWORKS[sampler])
    assert in_search(second) == NETWORKS[sampler]
    assert {key: second[key] for key in first} == first
    complete(sampler, out)
    check_same(out, uninterrupted(sampler), second)

    # Once more after the end: nothing is trained, and the same is said.
    model = (out / "model.safetensors").stat().st_mtime_ns
    printed = complete(sampler, out)
    check_same(out, uninterrupted(sampler), recorded(out))
    assert (out / "model.safetensors").stat().st_mtime_ns == model
    assert "symmetries found:" in printed


@pytest.mark.slow
@pytest.mark.parametrize("sampler", ["tpe", "lattice"])
def test_kill_a_sampler_that_learns(
    tmp_path: Path, uninterrupted: Callable[[str], Path], sampler: str
) -> None:
    out = tmp_path / "run"
    before = killed(sampler, out, lambda records: in_search(records) >= 3)
    assert 3 <= in_search(before) <= NETWORKS[sampler]
    complete(sampler, out)
    check_same(out, uninterrupted(sampler), before)


@pytest.mark.slow
def test_ctrl_c_gives_the_best_so_far_and_the_same_command_goes_on(
    tmp_path: Path, uninterrupted: Callable[[str], Path]
) -> None:
    sampler, out = "exhaustive", tmp_path / "run"
    process = start(sampler, out)
    printed, complaint = stop(process, out, lambda r: in_search(r) >= 4, signal.SIGINT)
    assert (process.returncode, complaint) == (130, "")
    assert "interrupted" in printed
    assert "Best so far" in printed
    results = answer(out)
    assert results["status"] == "interrupted"
    assert 4 <= results["networks_trained"] < NETWORKS[sampler]
    best = results["best"]
    scores = [record["score"] for record in recorded(out).values()]
    assert best["validation_score"] == max(scores)
    assert (best["test_score"], results["baseline"]) == (None, None)  # test was not touched
    assert not (out / "model.safetensors").exists()

    before = recorded(out)
    complete(sampler, out)
    check_same(out, uninterrupted(sampler), before)


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0.05, 1.0])
def test_ctrl_c_before_anything_was_trained_says_so(tmp_path: Path, seconds: float) -> None:
    out = tmp_path / "run"
    process = start("exhaustive", out)
    time.sleep(seconds)  # while Python starts, and while torch is imported
    process.send_signal(signal.SIGINT)
    _, complaint = process.communicate(timeout=PATIENCE)
    assert process.returncode in (130, -signal.SIGINT)
    if seconds > 0.5:
        assert "Traceback" not in complaint


IMPORTING = """
import sys

class Interrupted:
    def find_spec(self, name, path=None, target=None):
        if name == {interrupted!r}:
            raise KeyboardInterrupt

sys.meta_path.insert(0, Interrupted())
sys.argv = ["aen", "--version"]
from autoequivariant.__main__ import main
main()
"""


@pytest.mark.parametrize(
    ("interrupted", "status"), [("autoequivariant.cli", 130), ("scipy.sparse", 130), ("nothing", 0)]
)
def test_ctrl_c_while_the_command_line_is_imported(interrupted: str, status: int) -> None:
    code = IMPORTING.format(interrupted=interrupted)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == status
    assert done.stderr == ""
