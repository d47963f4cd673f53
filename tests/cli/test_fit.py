"""`aen fit`: trains what is given, and what the other commands do with its folder."""

import json
import signal
from pathlib import Path

import numpy as np
import pytest

from .command import aen
from .moments import NEVER, aen_at

SMALL = ["fit", "digits", "--symmetries", "rot90,hflip", "--channels", "1", "--epochs", "2"]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    out = tmp_path_factory.mktemp("cli") / "run"
    return out, aen(*SMALL, "--out", str(out), "--executor", "serial")


def test_help_names_every_option() -> None:
    printed = aen("fit", "--help")
    for option in (
        "symmetries augmentations fit fit-time fit-size source target drop task kind plant network "
        "size backbone layers channels final coding epochs timeout seed device executor out "
        "memory-limit"
    ).split():
        assert f"--{option}" in printed
    for option in "sampler budget rivals tests smallest objective".split():
        assert f"--{option}" not in printed


def test_what_is_printed_and_written(run: tuple[Path, str]) -> None:
    out, printed = run
    assert "given: rot90, hflip\n" in printed
    assert "aen test digits --symmetries rot90,hflip\n" in printed
    names = {"study.db", "model.safetensors", "model.json", "config.json", "results.json"}
    assert {path.name for path in out.iterdir()} == names
    config = json.loads((out / "config.json").read_text())
    assert config["kind"] == "fit"
    results = json.loads((out / "results.json").read_text())
    assert results["status"] == "given"
    assert json.loads((out / "model.json").read_text())["generators"] == ["rot90", "hflip"]


def test_a_second_run_prints_the_same_and_writes_no_model(run: tuple[Path, str]) -> None:
    out, printed = run
    model = out / "model.safetensors"
    before = model.stat().st_mtime_ns
    again = aen(*SMALL, "--out", str(out), "--executor", "serial")
    assert again == "".join(
        line for line in printed.splitlines(keepends=True) if not line.startswith("final: ")
    )
    assert model.stat().st_mtime_ns == before


def test_the_other_commands_take_its_folder(run: tuple[Path, str], tmp_path: Path) -> None:
    out = str(run[0])
    assert aen("predict", out, "digits").startswith("sample,predicted,")
    accuracy = json.loads((run[0] / "results.json").read_text())["best"]["test_score"]
    assert json.loads(aen("evaluate", out, "--json"))["accuracy"] == pytest.approx(accuracy)
    assert "rot90" in aen("verify", out)
    exported = tmp_path / "network.py"
    aen("export", out, "--format", "torch", "--out", str(exported))
    assert exported.exists()


@pytest.mark.parametrize("command", ["report", "dashboard"])
def test_there_is_no_search_to_show(run: tuple[Path, str], command: str) -> None:
    complaint = aen(command, str(run[0]), code=2)
    assert "is a fit of given symmetries, so it has no search to show" in complaint
    assert not (run[0] / "report.html").exists()


def test_a_table_and_the_baseline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    x = np.random.default_rng(0).normal(size=(60, 3))
    table = np.c_[x, x.max(1)]
    np.savetxt("sizes.csv", table, delimiter=",", header="a,b,c,price", comments="")
    arguments = ["fit", "sizes.csv", "--target", "price", "--epochs", "1"]
    printed = aen(*arguments, "--symmetries", "swap:0-1,swap:1-2")
    assert "given: exchange of columns 0, 1, 2\n" in printed
    assert "aen test sizes.csv --target price --symmetries swap:0-1,swap:1-2\n" in printed
    assert Path("runs/fit-sizes/model.json").exists()
    for symmetries in ([], ["--symmetries", "none"]):
        printed = aen(*arguments, *symmetries, "--out", "alone")
        assert "given: no symmetry\n" in printed
        assert "network as given" not in printed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["fit", "nowhere"], "nowhere"),
        (["fit", "digits", "--fit", "none"], "--fit must be quick or full; got none"),
        (["fit", "digits", "--fit-time", "5m"], "--fit-time requires --fit full: add that, or"),
        (["fit", "digits", "--fit", "full", "--fit-time", "x"], "--fit-time must be a time of"),
        (["fit", "digits", "--fit", "slow"], "--fit must be one of"),
        (["fit", "digits", "--size", "small,large"], "--size must be one of small, large"),
        (["fit", "digits", "--symmetries", "rot91"], "rot91"),
        (["fit", "digits", "--symmetries", "hflip", "--sampler", "tpe"], "--sampler"),
        (["fit", "empty.csv", "--target", "a"], "empty"),
    ],
)
def test_bad_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty.csv").write_text("a,b\n")
    assert message in aen(*arguments, code=2)
    assert [path.name for path in tmp_path.iterdir()] == ["empty.csv"]


def test_a_search_and_a_fit_do_not_share_a_folder(run: tuple[Path, str]) -> None:
    searched = ["search", "digits", "--symmetries", "rot90,hflip", "--out", str(run[0])]
    assert "as the settings of a search (it is a fit)" in aen(*searched, code=2)


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_fit_says_how_to_resume(tmp_path: Path, number: int, status: int) -> None:
    out = tmp_path / "run"
    arguments = [*SMALL, "--executor", "serial", "--out", out]
    done = aen_at(number, "step", 5, *arguments)
    assert done.returncode == status, done.stderr
    assert done.stderr == "aen: interrupted; rerun the command to resume.\n"
    assert not (out / "results.json").exists()
    assert "rerun the same aen fit command" in aen("evaluate", str(out), "digits", code=2)
    resumed = aen_at(0, "step", NEVER, *arguments)
    assert resumed.returncode == 0, resumed.stderr
    assert (out / "results.json").exists()
