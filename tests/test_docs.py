"""Every block of the docs runs: Python prints the next block, and commands are accepted."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from autoequivariant.cli import app
from autoequivariant.data.synthetic.catalogue import SYNTHETIC
from autoequivariant.groups.catalogue import CANDIDATE_LISTS

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("registries")]

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = sorted([ROOT / "README.md", *DOCS.rglob("*.md")])
WALKED = sorted([DOCS / "index.md", *(DOCS / "how_to").glob("*.md")])  # commands run, too
NUMBER = re.compile(r"\d[\d,.]*")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
QUICKLY = ["--epochs", "1", "--budget", "2", "--train-size", "200", "--validation-size", "50"]


def blocks(page: Path, *languages: str) -> list[tuple[str, str]]:
    return [m for m in BLOCK.findall(page.read_text()) if m[0] in languages]


def commands(page: Path) -> list[str]:
    return [line for _, text in blocks(page, "sh") for line in lines_of(text)]


def lines_of(text: str) -> list[str]:
    return [line.split("#")[0].strip() for line in text.splitlines() if line.strip()]


def run_page(text_blocks: list[tuple[str, str]]) -> None:
    """Run the blocks. A text block is all output of Python, or some lines of that of commands.

    A yaml block is written to the file that its first line names.
    """
    names: dict[str, object] = {"__name__": "docs"}
    printed, is_whole = "", True
    for language, text in text_blocks:
        if language == "python":
            with contextlib.redirect_stdout(io.StringIO()) as out:
                exec(compile(text, "<docs>", "exec", dont_inherit=True), names)
            printed, is_whole = out.getvalue(), True
        elif language == "sh":
            printed, is_whole = "".join(map(run_command, lines_of(text))), False
        elif language == "yaml":
            write_file(text, Path())
        elif is_whole:
            assert printed == text
        else:
            assert_has_lines(printed, text)


def write_file(text: str, folder: Path) -> None:
    (name,) = re.findall(r"\A# (\w+\.yaml)\n", text)
    (folder / name).write_text(text)


def run_command(line: str) -> str:
    words = shlex.split(line)
    if words[0] == "ray":  # the cluster of the tests stands for what it starts
        assert words[1:2] == ["start"]
        return ""
    if words[0] != "aen":
        check_install(words)
        return ""
    result = CliRunner().invoke(app, words[1:], env={"COLUMNS": "80"})
    assert result.exit_code == 0, result.output
    return result.stdout


def assert_has_lines(printed: str, text: str) -> None:
    """Each line of `text` was printed, in this order, up to numbers and spaces."""
    left = iter([plain(line) for line in printed.splitlines()])
    for line in text.splitlines():
        assert plain(line) in left, f"{line!r} was not printed:\n{printed}"


def plain(line: str) -> str:
    return " ".join(NUMBER.sub("0", line).split())


@pytest.mark.parametrize("page", WALKED, ids=lambda page: page.name)
def test_a_page_runs_from_top_to_bottom(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.chdir(tmp_path)
    if "--executor ray" in page.read_text():
        monkeypatch.setenv("RAY_ADDRESS", request.getfixturevalue("ray_cluster").address)
    run_page(blocks(page, "python", "sh", "text", "yaml"))


OTHERS = [page for page in PAGES if page not in WALKED]


@pytest.mark.parametrize("page", OTHERS, ids=lambda page: page.name)
def test_python_blocks_print_the_next_block(
    page: Path, first_run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(first_run.parent.parent)  # where the README's first command was run
    run_page(blocks(page, "python", "text", "yaml"))


def test_wrong_output_fails() -> None:
    with pytest.raises(AssertionError):
        run_page([("python", "print(1)\n"), ("text", "2\n")])


def test_a_yaml_block_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run_page([("yaml", "# mine.yaml\n- hflip\n")])
    assert Path("mine.yaml").read_text() == "# mine.yaml\n- hflip\n"
    with pytest.raises(ValueError, match="not enough values"):
        run_page([("yaml", "- hflip\n")])


@pytest.mark.parametrize(
    ("text", "is_printed"),
    [
        ("one  2 three\n", True),
        ("one 4 three\nend\n", True),
        ("end\none 2 three\n", False),
        ("one 2\n", False),
        ("one two three\n", False),
    ],
)
def test_lines_of_a_command_are_found(text: str, is_printed: bool) -> None:
    with contextlib.nullcontext() if is_printed else pytest.raises(AssertionError):
        assert_has_lines("one 2   three\n\nmore\nend\n", text)


def test_every_block_is_tested() -> None:
    for page in PAGES:
        opened = re.findall(r"^```(.+)$", page.read_text(), re.MULTILINE)
        assert set(opened) <= {"python", "text", "sh", "yaml"}, page


@pytest.mark.parametrize(
    ("page", "command"),
    [pytest.param(page, c, id=f"{page.name}: {c}") for page in OTHERS for c in commands(page)],
)
def test_commands_of_the_docs_are_accepted(
    page: Path, command: str, tmp_path: Path, first_run: Path
) -> None:
    for _, text in blocks(page, "yaml"):
        write_file(text, tmp_path)
    for part in command.split("&&"):
        words = shlex.split(part)
        if words[:2] == ["pip", "install"]:
            check_install(words)
        elif words[0] == "aen":
            check_aen(words, tmp_path, first_run)
        elif words[0] == "python":
            assert (ROOT / words[1]).exists()
        else:
            assert words == ["pytest"] or (ROOT / words[0]).exists()


def check_install(words: list[str]) -> None:
    if words[2:] == ["torch", "safetensors"]:  # for an exported network
        return
    assert words[2:4] == ["-c", "constraints.txt"]
    extra = re.search(r"\[(\w+)\]", words[-1])
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert extra is None or extra[1] in project["optional-dependencies"]


def check_aen(words: list[str], folder: Path, first_run: Path) -> None:
    """Run commands on built-in data, searches of synthetic data for one epoch; the others must name
    the missing file."""
    if words[1] == "search" and SYNTHETIC.keys() & set(words):
        words = [*words, *QUICKLY]
    if "runs/first" in words:
        assert (first_run / "results.json").exists()
    elif {"digits", *SYNTHETIC} & set(words) or "--shape" in words or "-completion" in words[1]:
        run = subprocess.run(
            [sys.executable, "-m", "autoequivariant", *words[1:]],
            cwd=folder,
            env=os.environ | {"HOME": str(folder)},
            capture_output=True,
            text=True,
        )
        assert run.returncode == 0, run.stderr
    else:
        result = CliRunner().invoke(app, words[1:])
        assert result.exit_code == 2
        assert "Usage" not in result.output
        assert "path/to" in result.stderr or "measurements" in result.stderr


def test_every_ready_list_is_documented() -> None:
    page = (DOCS / "how_to" / "symmetries_of_your_own.md").read_text()
    part = page.split("## Ready lists")[1].split("\n## ")[0]
    assert dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", part, re.MULTILINE)) == CANDIDATE_LISTS


def test_the_first_command_writes_the_files_of_the_readme(first_run: Path) -> None:
    named = re.findall(r"`([\w.]+\.(?:safetensors|json|db))`", (ROOT / "README.md").read_text())
    assert set(named) == {path.name for path in first_run.iterdir()}


@pytest.fixture(scope="module")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    (command,) = [c for c in commands(ROOT / "README.md") if "--out runs/first" in c]
    words = shlex.split(command.split("&&")[1])
    folder = tmp_path_factory.mktemp("first")
    aen = [sys.executable, "-m", "autoequivariant", *words[1:]]
    subprocess.run(aen, cwd=folder, check=True, capture_output=True)
    return folder / words[-1]
