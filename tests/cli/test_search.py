"""`aen search`: what it prints, what it writes, and how it ends."""

import importlib.metadata
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from autoequivariant.cli import app
from autoequivariant.report.page.write import write_report
from autoequivariant.searching.storage.results import read_results

from .command import aen

AEN = [sys.executable, "-m", "autoequivariant"]
SMALL = [
    *("search", "digits", "--symmetries", "hflip,vflip,swap_left_right", "--layers", "4x4"),
    *("--channels", "2", "--train-size", "200", "--validation-size", "100", "--epochs", "2"),
]


def test_version() -> None:
    assert aen("--version") == f"aen {importlib.metadata.version('autoequivariant')}\n"


def test_help_is_quick_and_names_the_commands() -> None:
    assert "search" in aen("--help")
    assert "symmetries" in aen("--help")
    assert heavy_modules_after("main()", "--help") == []


def test_first_line_of_a_search_is_quick(tmp_path: Path) -> None:
    """The data are named before anything is imported that this does without."""
    stopped = "from autoequivariant.report.render import search_text; search_text.print_data = stop"
    loaded = heavy_modules_after(f"{stopped}; main()", "search", "digits", "--out", str(tmp_path))
    assert loaded == ["optuna", "torch"]


def heavy_modules_after(code: str, *arguments: str) -> list[str]:
    """Which modules are loaded when a process that runs this code ends, or calls `stop`."""
    heavy = "torch torch._dynamo optuna sqlalchemy sklearn pandas scipy.stats plotly kornia PIL"
    frame = (
        "import sys, os\n"
        "def stop(*_):\n"
        f"    found = sorted(set({heavy.split()}) & set(sys.modules))\n"
        "    print(*found, file=sys.stderr, flush=True)\n"
        "    os._exit(0)\n"
        "from autoequivariant.__main__ import main\n"
        f"try:\n    {code}\nfinally:\n    stop()"
    )
    command = [sys.executable, "-c", frame, *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return done.stderr.split()


@pytest.mark.parametrize(
    ("command", "options"),
    [
        (
            "search",
            "symmetries plant sampler budget timeout epochs train-size validation-size seed device "
            "out preset layers channels final kind memory-limit source target drop task rivals "
            "no-rivals",
        ),
        ("symmetries", "shape layers preset symmetries kind limit json source target drop task"),
    ],
)
def test_help_of_a_command_names_every_option(command: str, options: str) -> None:
    printed = aen(*command.split(), "--help")
    for option in options.split():
        assert f"--{option}" in printed


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """One search through the real command, not on a terminal."""
    out = tmp_path_factory.mktemp("cli") / "a [red] name"
    done = subprocess.run([*AEN, *SMALL, "--out", str(out)], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    return out, done.stdout


@pytest.mark.slow
def test_what_is_written(run: tuple[Path, str]) -> None:
    out, _ = run
    names = {"study.db", "model.safetensors", "model.json", "config.json", "results.json"}
    assert {path.name for path in out.iterdir()} == names | {"verdicts.json"}


@pytest.mark.slow
def test_results(run: tuple[Path, str]) -> None:
    results = json.loads((run[0] / "results.json").read_text())
    best, baseline = results["best"], results["baseline"]
    assert (results["status"], results["seed"]) == ("complete", 0)
    assert results["version"] == importlib.metadata.version("autoequivariant")
    assert results["states"] == results["distinct_networks"] == results["networks_trained"] == 8
    assert 0 < results["seconds"]["search"] < results["seconds"]["total"]
    assert set(best["generators"]) <= set(best["symmetries"])
    assert set(best["symmetries"]) <= {"hflip", "vflip", "swap_left_right"}
    assert 0 < best["n_parameters"] <= baseline["n_parameters"]
    assert 0 <= best["validation_score"] <= 1
    for scores in (best, baseline):
        low, high = scores["test_interval"]
        assert 0 <= low <= scores["test_score"] <= high <= 1


def test_what_is_printed(run: tuple[Path, str]) -> None:
    out, printed = run
    for phrase in (
        "data: digits, 8x8, 10 classes; 200 train, 100 validation, 359 test",
        "space: 3 candidates, 8 states, 8 closed states; MLPs, 2 epochs",
        "search: exhaustive sampler, accuracy, at most 250 networks, seed 0",
        "The chosen network and its rivals on 359 test samples, used once by each",
        "95% interval",
        "baseline",
        "report: aen report ",
    ):
        assert phrase in printed
    assert "Leading networks" not in printed
    assert f"written to {out}: model.safetensors" in printed.replace("\n", "")
    assert "[I " not in printed  # Optuna's log


def test_rivals_are_compared_unless_they_are_declined(
    run: tuple[Path, str], tmp_path: Path
) -> None:
    out, printed = run
    found = read_results(out / "results.json")
    assert found.rivals[0].name == "chosen network" and len(found.rivals) > 1
    assert found.rivals[0].score == found.best.test_score
    title = "The chosen network and its rivals on 359 test samples, used once by each"
    assert title in printed
    page = write_report(out, tmp_path / "report.html").read_text("utf-8")
    assert title in page
    without = aen(*SMALL, "--no-rivals", "--out", str(tmp_path / "run"))
    assert "its rivals" not in without and "On 359 test samples, used once" in without
    assert "baseline (MLP of the same layers)" in without
    assert read_results(tmp_path / "run" / "results.json").rivals == ()


def test_verbose_adds_details(run: tuple[Path, str]) -> None:
    out, printed = run
    details = aen(*SMALL, "--out", str(out), "--verbose")  # nothing is trained
    for phrase in (
        "networks: MLPs, 8x8 -> 4x4, 2 channels, invariant final layer",
        "Leading networks, on 100 validation samples",
        "Finalists",
        "behind in log",
    ):
        assert phrase in details
        assert phrase not in printed
    lines = details.splitlines()
    assert [line for line in printed.splitlines() if line not in lines] == []


def test_what_is_printed_has_no_control_characters_and_fits(run: tuple[Path, str]) -> None:
    out, printed = run
    assert not [c for c in printed if ord(c) < 32 and c != "\n"]
    too_long = [line for line in printed.splitlines() if len(line.rstrip()) > 80]
    assert not [line for line in too_long if out.name not in line]
    assert "\n\n\n" not in printed


def test_the_model_is_what_results_say(run: tuple[Path, str]) -> None:
    model = json.loads((run[0] / "model.json").read_text())
    best = json.loads((run[0] / "results.json").read_text())["best"]
    assert (model["generators"], model["n_parameters"]) == (
        best["generators"],
        best["n_parameters"],
    )
    assert model["classes"] == list("0123456789")


def test_config_holds_the_settings(run: tuple[Path, str]) -> None:
    config = json.loads((run[0] / "config.json").read_text())
    assert config["identity"]["symmetries"] == ["hflip", "vflip", "swap_left_right"]
    assert config["identity"]["train_size"] == 200
    assert config["command"]["budget"] == 250


@pytest.mark.slow
def test_on_a_terminal_a_bar_moves(run: tuple[Path, str], tmp_path: Path) -> None:
    mine, its = pty.openpty()
    process = subprocess.Popen(
        [*AEN, *SMALL, "--out", str(tmp_path / "run")],
        stdin=its,
        stdout=its,
        stderr=its,
        env=os.environ | {"TERM": "xterm-256color", "COLUMNS": "80", "LINES": "40"},
    )
    os.close(its)
    shown = b""
    while True:
        try:
            piece = os.read(mine, 4096)
        except OSError:  # Linux says so when the other end is closed
            break
        if not piece:
            break
        shown += piece
    os.close(mine)
    assert process.wait(timeout=60) == 0
    text = shown.decode()
    for phrase in ("ask", "search", "compare", "final", "3/3", "8/8", "\x1b[", "used once"):
        assert phrase in text
    assert "Traceback" not in text


def test_without_out_it_goes_to_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    aen(*SMALL)
    assert (tmp_path / "runs" / "digits" / "results.json").exists()
    complaint = aen(*SMALL, "--plant", "hflip", code=2)
    assert "runs/digits holds another search (plant was none and is now hflip)" in complaint
    assert "such as runs/digits-2" in complaint
    aen(*SMALL, "--plant", "hflip", "--out", "runs/digits-2")
    assert "such as runs/digits-3" in aen(*SMALL, "--seed", "1", code=2)


@pytest.mark.parametrize("sampler", ["random", "tpe"])
def test_no_log_of_optuna_is_seen(tmp_path: Path, sampler: str) -> None:
    done = CliRunner().invoke(
        app, [*SMALL, "--sampler", sampler, "--budget", "4", "--out", str(tmp_path / "run")]
    )
    assert (done.exit_code, done.stderr) == (0, "")
    assert "4 networks in" in done.stdout
    assert "the budget is spent" in done.stdout


@pytest.mark.slow
def test_names_of_classes_may_be_any_text(tmp_path: Path) -> None:
    x = np.random.default_rng(0).integers(0, 255, (60, 4, 4), np.uint8)
    labels = np.array(["kätzchen", "[bold]", "猫"])[np.arange(60) % 3]
    np.savez(tmp_path / "[red] ü.npz", x_train=x, y_train=labels)
    arguments = ["--symmetries", "hflip", "--layers", "2x2", "--epochs", "1"]
    out = ["--out", str(tmp_path / "run")]
    printed = aen("search", f"{tmp_path}/[red] ü.npz", *arguments, *out)
    assert "data: [red] ü, 4x4, 3 classes" in printed
    model = json.loads((tmp_path / "run" / "model.json").read_text("utf-8"))
    assert model["classes"] == ["[bold]", "kätzchen", "猫"]
    assert aen("search", f"{tmp_path}/[red] ü.npz", *arguments, *out) != ""
