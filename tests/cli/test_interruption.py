"""A search that was killed or interrupted goes on where it was and ends with the same answer."""

import json
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from autoequivariant.searching.fit.final import FINAL_REPLICATE
from autoequivariant.searching.fit.rivals import (
    AUGMENTED_SECONDS,
    BASELINE_SECONDS,
    replicate_of,
)
from autoequivariant.searching.fit.trials import FIRST_REPLICATE
from autoequivariant.searching.storage.results import read_results

from .moments import NEVER, aen_at

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

Records = dict[tuple[int, tuple[int, ...]], Any]


def complete(sampler: str, out: Path) -> str:
    done = aen_at(0, "record", NEVER, *ARGUMENTS[sampler], "--out", out)
    assert (done.returncode, done.stderr.count("\n")) == (0, 1), done.stderr
    return done.stdout


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


def killed(sampler: str, out: Path, after: int) -> Records:
    """Kill a search once it has recorded so many evaluations."""
    done = aen_at(signal.SIGKILL, "record", after, *ARGUMENTS[sampler], "--out", out)
    assert done.returncode == -signal.SIGKILL
    assert not (out / "results.json").exists()
    return recorded(out)


def as_long(out: Path) -> set[int]:
    """Replicates of rivals that are trained for as many seconds as another, so that runs differ."""
    fit = read_results(out / "results.json").fit
    assert fit is not None
    return {replicate_of(name, fit) for name in (BASELINE_SECONDS, AUGMENTED_SECONDS)}


def answer(out: Path) -> dict[str, Any]:
    results: dict[str, Any] = json.loads((out / "results.json").read_text())
    assert set(results.pop("seconds")) == {"total", "search", "tests", "fit"}
    # Seconds differ, and so do the rivals that are trained for as many.
    results["rivals"] = [one for one in results["rivals"] if "seconds" not in one["name"]]
    for one in results["rivals"]:
        assert one.pop("seconds") > 0
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
    for records in (after, expected):
        for key in [key for key in records if key[0] in as_long(whole)]:
            del records[key]
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
    first = killed(sampler, out, 4)
    assert 4 <= in_search(first) < NETWORKS[sampler]
    assert in_search(first) == len(first)
    second = killed(sampler, out, NETWORKS[sampler] - len(first) + 1)
    assert in_search(second) == NETWORKS[sampler]
    assert {key: second[key] for key in first} == first
    complete(sampler, out)
    check_same(out, uninterrupted(sampler), second)

    # Once more after the end: nothing is trained, and the same is said.
    model = (out / "model.safetensors").stat().st_mtime_ns
    printed = complete(sampler, out)
    check_same(out, uninterrupted(sampler), recorded(out))
    assert (out / "model.safetensors").stat().st_mtime_ns == model
    assert "test samples, used once" in printed


@pytest.mark.slow
@pytest.mark.parametrize("sampler", ["tpe", "lattice"])
def test_kill_a_sampler_that_learns(
    tmp_path: Path, uninterrupted: Callable[[str], Path], sampler: str
) -> None:
    out = tmp_path / "run"
    before = killed(sampler, out, 3)
    assert 3 <= in_search(before) <= NETWORKS[sampler]
    complete(sampler, out)
    check_same(out, uninterrupted(sampler), before)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_gives_the_best_so_far_and_the_same_command_goes_on(
    tmp_path: Path, uninterrupted: Callable[[str], Path], number: signal.Signals
) -> None:
    sampler, out = "exhaustive", tmp_path / "run"
    done = aen_at(number, "record", 4, *ARGUMENTS[sampler], "--out", out)
    assert (done.returncode, done.stderr) == (128 + number, "")
    assert "interrupted" in done.stdout
    assert "Best so far" in done.stdout
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


FIT = [
    *("search", "digits", "--symmetries", "hflip", "--plant", "hflip", "--layers", "4x4"),
    *("--channels", "1", "--epochs", "3", "--train-size", "200", "--validation-size", "100"),
    *("--no-rivals", "--fit", "full", "--fit-time", "0.5s", "--executor", "serial"),
]
"""A full fit."""


@pytest.mark.slow
def test_kill_within_a_long_training(tmp_path: Path) -> None:
    """Once while trainings are tried, and once in the final training."""
    whole, out = tmp_path / "whole", tmp_path / "run"

    def fit(folder: Path, number: int, at: int) -> subprocess.CompletedProcess[str]:
        done = aen_at(number, "checkpoint", at, *FIT, "--out", folder)
        assert done.returncode == -number, done.stderr
        return done

    def kept() -> list[int]:
        """Replicates of the trainings that have a checkpoint."""
        return [int(path.name.split("-")[0]) for path in (out / "checkpoints").iterdir()]

    written = int(fit(whole, 0, NEVER).stderr.split()[-1])
    assert not (whole / "checkpoints").exists()
    fit(out, signal.SIGKILL, 10)
    (replicate,) = kept()
    assert replicate >= FIRST_REPLICATE
    fit(out, signal.SIGKILL, written - 30)
    assert kept() == [FINAL_REPLICATE]
    assert not (out / "results.json").exists()
    before = recorded(out)
    assert any(replicate >= FIRST_REPLICATE for replicate, _ in before)
    assert int(fit(out, 0, NEVER).stderr.split()[-1]) == 20
    assert not (out / "checkpoints").exists()
    check_same(out, whole, before)


SMALL = [
    *("digits", "--symmetries", "hflip,vflip", "--channels", "1", "--epochs", "2"),
    *("--train-size", "100", "--validation-size", "50"),
]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run."""
    out = tmp_path_factory.mktemp("small") / "run"
    assert aen_at(0, "", NEVER, "search", *SMALL, "--out", out).returncode == 0
    return out


def contents(folder: Path) -> dict[str, Any]:
    """What a command wrote, but not seconds and where it is."""
    found: dict[str, Any] = {}
    for path in sorted(folder.rglob("*")):
        if path.name == "results.json":
            found[path.name] = answer(path.parent)
        elif path.is_file() and path.name != "study.db":
            content = path.read_bytes()
            found[path.name] = content.replace(bytes(folder), b"").replace(b"results.json", b"")
    return found


COMMANDS = {
    "search": ["search", *SMALL, "--executor", "serial", "--out", "{out}/run"],
    "report": ["report", "{run}", "--out", "{out}/report.html"],
    "predict": ["predict", "{run}", "digits", "--out", "{out}/p.csv"],
    "symmetries": ["symmetries", "digits", "--json"],
    "test": ["test", "digits", "--symmetries", "hflip", "--json"],
}
MOMENTS = 4
"""Of each command, spread over its events from the first to the last; the more, the longer."""


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
def test_a_signal_at_any_moment(command: str, small: Path, tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"

    def run(out: Path, number: int = 0, at: int = NEVER) -> subprocess.CompletedProcess[str]:
        out.mkdir(parents=True, exist_ok=True)
        temporary.mkdir(exist_ok=True)
        words = [word.format(run=small, out=out) for word in COMMANDS[command]]
        return aen_at(number, "", at, *words, TMPDIR=str(temporary))

    whole = run(tmp_path / "whole" / "o")
    events = int(whole.stderr.split()[-1])
    assert whole.returncode == 0
    usual = {path.name for path in temporary.iterdir()}  # what torch leaves
    for k in range(MOMENTS):
        number = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)[k % 3]
        out = tmp_path / str(k) / "o"
        # Not to the very last: how many there are depends a little on threads.
        done = run(out, number, 1 + int(0.97 * events * k / (MOMENTS - 1)))
        assert done.returncode == 128 + number, done.stderr
        assert done.stderr.startswith("aen: interrupted") or "interrupted" in done.stdout
        assert done.stderr.count("\n") <= 1
        assert not list(out.rglob(".*.part"))
        assert {path.name for path in temporary.iterdir()} <= usual
        again = run(out)
        assert again.returncode == 0, again.stderr
        assert contents(out) == contents(tmp_path / "whole" / "o")


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_to_the_whole_group(number: signal.Signals, tmp_path: Path) -> None:
    """As `timeout`, systemd and a terminal send it: workers print nothing."""
    words = ["search", *SMALL, "--epochs", "1000", "--out", tmp_path / "run"]
    done = aen_at(number, "step", 4000, *words, group=True, OMP_NUM_THREADS="2")
    assert done.returncode == 128 + number
    assert (done.stdout + done.stderr).count("interrupted") == 1
    assert "Traceback" not in done.stderr and "ignored" not in done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
@pytest.mark.parametrize("at", [1, 300, 700])
def test_a_signal_while_the_command_line_is_imported(number: int, at: int) -> None:
    done = aen_at(number, "import", at, "search", "digits")
    assert (done.returncode, done.stdout) == (128 + number, "")
    assert done.stderr == "aen: interrupted.\n"


def test_without_a_signal_nothing_is_interrupted() -> None:
    done = aen_at(0, "import", NEVER, "--version")
    assert done.returncode == 0
    assert done.stdout.startswith("aen ")
    assert int(done.stderr) > 300


def test_what_is_ignored_stays_ignored() -> None:
    """As under `nohup`."""
    code = "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN); " + NOHUP
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    code = NOHUP  # its twin
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (129, "aen: interrupted.\n")


NOHUP = """
import os, sys
from autoequivariant.signals import handle_stop_signals
handle_stop_signals()
os.kill(os.getpid(), 1)
"""


SEARCH = """
import os, sys
from pathlib import Path
from autoequivariant import SearchSettings, search
from autoequivariant.groups.symmetry import parse_symmetries
from autoequivariant.training.progress import NoProgress

class Stopping(NoProgress):
    def best(self, text):
        os.kill(os.getpid(), {number})

settings = SearchSettings(
    "digits", symmetries=parse_symmetries("hflip,vflip"), channels=1, epochs=1,
    train_size=100, validation_size=50,
)
print(search(settings, Path(sys.argv[1]), Stopping()).results.status)
"""


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, -15), (signal.SIGINT, 0)])
def test_a_script_ends_by_sigterm_once_its_search_is_recorded(
    number: signal.Signals, status: int, tmp_path: Path
) -> None:
    code = "import signal; signal.signal(2, signal.default_int_handler)" + SEARCH
    done = subprocess.run(
        [sys.executable, "-c", code.format(number=int(number)), str(tmp_path / "run")],
        capture_output=True,
        text=True,
    )
    assert (done.returncode, "Traceback" in done.stderr) == (status, False)
    assert done.stdout == ("" if status else "interrupted\n")
    assert answer(tmp_path / "run")["status"] == "interrupted"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("event", "at"), [("os.rename", 1), ("os.rename", 3), ("os.rename", 4), ("step", 5)]
)
def test_a_signal_in_a_write_and_in_a_training_step(event: str, at: int, small: Path) -> None:
    out = small.with_name(f"{event}{at}")
    words = ["search", *SMALL, "--executor", "serial", "--out", out]
    done = aen_at(signal.SIGTERM, event, at, *words)
    assert done.returncode == 143
    assert "Traceback" not in done.stderr
    assert not list(out.glob(".*.part"))
    assert aen_at(0, event, NEVER, *words).returncode == 0
    names = ("model.safetensors", "model.json")
    assert answer(out) == answer(small)
    assert all((out / name).read_bytes() == (small / name).read_bytes() for name in names)
