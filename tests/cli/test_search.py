"""The command line: what it prints, what it writes, and how it ends."""

import importlib.metadata
import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from autoequivariant.cli import app

AEN = [sys.executable, "-m", "autoequivariant"]
SMALL = [
    *("search", "digits", "--symmetries", "hflip,vflip,swap_left_right", "--layers", "4x4"),
    *("--channels", "2", "--train-size", "200", "--validation-size", "100", "--epochs", "2"),
]


def aen(*arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == code, (done.stderr, done.exception)
    return done.stderr if code else done.stdout


def symmetries(*arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(aen("symmetries", *arguments, "--json"))
    return found


# --- help and version -----------------------------------------------------------------------------


def test_version() -> None:
    assert aen("--version") == f"aen {importlib.metadata.version('autoequivariant')}\n"


def test_help_is_quick_and_names_the_commands() -> None:
    code = "import sys; from autoequivariant.cli import app; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
    printed = aen("--help")
    assert "search" in printed
    assert "symmetries" in printed


@pytest.mark.parametrize(
    ("command", "options"),
    [
        (
            "search",
            "symmetries plant sampler budget timeout epochs train-size validation-size seed device "
            "out preset layers channels final kind memory-limit source target drop task",
        ),
        ("symmetries", "shape layers preset symmetries kind limit json source target drop task"),
    ],
)
def test_help_of_a_command_names_every_option(command: str, options: str) -> None:
    printed = aen(*command.split(), "--help")
    for option in options.split():
        assert f"--{option}" in printed


# --- aen symmetries -------------------------------------------------------------------------------

COUNTS = [
    ("--shape 28x28 --layers 20x20,20x20 --preset paper", 12, 4096, 216),
    ("--shape 28x28 --preset paper", 12, 4096, 216),
    ("--shape 28x28 --layers 14x14,14x14", 12, 4096, 215),
    ("--shape 8x8 --layers 4x4", 12, 4096, 148),
    ("digits", 12, 4096, 148),
    ("tic_tac_toe --symmetries rot90,hflip", 2, 4, 4),
    ("motif --symmetries reverse,negate", 2, 4, 4),
    ("friedman1 --symmetries swap:0-1", 1, 2, 2),
    ("--shape 3x5 --symmetries hflip,vflip", 2, 4, 4),
    ("--shape sequence:12", 3, 8, 6),
    ("--shape sequence:12 --symmetries reverse,shift:3", 2, 4, 4),
    ("--shape features:4", 3, 8, 8),
    ("--shape 4x4x4 --symmetries flip_x,flip_y,flip_z", 3, 8, 8),
]


@pytest.mark.parametrize(("arguments", "candidates", "states", "networks"), COUNTS)
def test_counts(arguments: str, candidates: int, states: int, networks: int) -> None:
    found = symmetries(*arguments.split())
    assert len(found["candidates"]) == candidates
    assert (found["states"], found["distinct_networks"]) == (states, networks)


def test_the_papers_candidates_by_name_and_a_warning() -> None:
    found = symmetries("--shape", "28x28", "--layers", "20x20,20x20", "--preset", "paper")
    assert found["candidates"] == [
        "rot90",
        "hflip",
        "vflip",
        "translate_x:4",
        "translate_y:4",
        "cycle_quadrants",
        "swap_left_right",
        "swap_top_bottom",
        "swap_top_bottom_left",
        "swap_top_bottom_right",
        "swap_left_right_top",
        "swap_left_right_bottom",
    ]
    assert "order 7" in found["warnings"][0]
    printed = aen("symmetries", "--shape", "28x28", "--preset", "paper")
    for phrase in (*found["candidates"], "4,096", "216", "order 7", "█"):
        assert phrase in printed


@pytest.mark.parametrize(
    "shape", ["28x28", "8x8", "3x5", "1x4", "4x4x4", "sequence:9", "features:5", "100x100"]
)
def test_what_is_printed_fits_80_columns(shape: str) -> None:
    lines = aen("symmetries", "--shape", shape).splitlines()
    assert max(map(len, lines)) <= 80
    assert "\x1b" not in "".join(lines)


def test_a_limit_says_that_there_are_more() -> None:
    assert symmetries("--shape", "8x8", "--limit", "147")["distinct_networks"] is None
    assert symmetries("--shape", "8x8", "--limit", "148")["distinct_networks"] == 148
    assert "more than 147" in aen("symmetries", "--shape", "8x8", "--limit", "147")


def test_a_data_set_gives_the_shape(tmp_path: Path, shared_data: Path) -> None:
    assert symmetries(str(shared_data / "mnist"))["layers"][0] == "28x28"
    np.savez(tmp_path / "s.npz", x_train=np.zeros((4, 9)), y_train=[0, 1, 0, 1])
    assert symmetries(f"{tmp_path}/s.npz")["layers"][0] == "features:9"
    assert symmetries(f"{tmp_path}/s.npz", "--kind", "sequence")["layers"][0] == "sequence:9"


REFUSED = [
    ("--shape 3x5 --symmetries rot90", ["rot90 is not defined on 3x5"]),
    ("--shape 3x4 --symmetries swap_top_bottom", ["swap_top_bottom is not defined on 3x4"]),
    ("--shape 28x28 --symmetries rot09", ["'rot09'", "did you mean rot90"]),
    ("--shape 28x28 --symmetries xyzzy", ["'xyzzy'", "the names are rot90"]),
    (
        "--shape 28x28 --layers 20x20,20x20",
        ["translate_x:4", "order 7 on 28x28", "order 5 on 20x20", "14x14"],
    ),
    ("--shape 32x32 --preset paper", ["--preset paper needs images of 28x28"]),
    ("--shape 28x28 --preset papre", ["--preset must be one of paper"]),
    ("--shape 28", ["Shape '28' is not understood"]),
    ("--shape 0x3", ["1 or more; got 0"]),
    ("--shape 100000x100000", ["10,000,000,000 indices"]),
    ("--shape 8x8 --layers 99999x99999", ["smaller --layers"]),
    ("--shape 8x8 --limit 0", ["--limit must be 1 to 1,000,000; got 0"]),
    ("--shape 8x8 --limit 99999999999999999999", ["--limit must be"]),
    ("--shape 1x1", ["1x1"]),
    ("digits --shape 8x8", ["Give either a data set or --shape"]),
    ("", ["Give either a data set or --shape"]),
    ("nothere", ["nothere"]),
]


@pytest.mark.parametrize(("arguments", "phrases"), REFUSED)
def test_refused(arguments: str, phrases: list[str]) -> None:
    complaint = aen("symmetries", *arguments.split(), code=2)
    assert complaint.startswith("aen: ")
    assert complaint.count("\n") == 1
    for phrase in phrases:
        assert phrase in complaint


# --- aen search -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """One search through the real command, not on a terminal."""
    out = tmp_path_factory.mktemp("cli") / "a [red] name"
    done = subprocess.run([*AEN, *SMALL, "--out", str(out)], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    return out, done.stdout


def test_what_is_written(run: tuple[Path, str]) -> None:
    out, _ = run
    names = {"study.db", "model.safetensors", "model.json", "config.json", "results.json"}
    assert {path.name for path in out.iterdir()} == names


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
        "symmetries found:",
        "On 359 test samples, used once",
        "95% interval",
        "baseline (MLP of the same layers)",
        "report: aen report ",
    ):
        assert phrase in printed
    assert "Leading networks" not in printed
    assert f"written to {out}: model.safetensors" in printed.replace("\n", "")
    assert "[I " not in printed  # Optuna's log


def test_verbose_adds_details(run: tuple[Path, str]) -> None:
    out, printed = run
    details = aen(*SMALL, "--out", str(out), "--verbose")  # nothing is trained
    for phrase in (
        "networks: MLPs, 8x8 -> 4x4, 2 channels, invariant final layer",
        "Leading networks, on 100 validation samples",
        "Finalists",
        "one standard error",
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
    assert config["search"]["symmetries"] == ["hflip", "vflip", "swap_left_right"]
    assert config["search"]["train size"] == 200
    assert config["command"]["budget"] == 250


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
    for phrase in ("search", "compare", "final", "8/8", "2/2", "\x1b[", "symmetries found"):
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


@pytest.mark.parametrize(
    ("trouble", "status"),
    [
        (MemoryError(), 2),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried 9 bytes"), 2),
        (RuntimeError("a fault of our own"), 1),
    ],
)
def test_too_little_memory_is_said_and_faults_are_not_hidden(
    monkeypatch: pytest.MonkeyPatch, trouble: Exception, status: int
) -> None:
    def fail(*_: object) -> None:
        raise trouble

    monkeypatch.setattr("autoequivariant.searching.run.search", fail)
    result = CliRunner().invoke(app, ["search", "digits"])
    assert result.exit_code == status
    assert ("not enough memory" in result.stderr) == (status == 2)
