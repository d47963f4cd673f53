"""Completion by the shell: the protocol, real shells where they are, and the scripts."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autoequivariant.cli.completion import (
    complete_data,
    complete_executors,
    complete_samplers,
    complete_symmetries,
)
from autoequivariant.data.registry import data_names
from autoequivariant.searching.samplers.registry import sampler_names

AEN = [sys.executable, "-m", "autoequivariant"]


def aen(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*AEN, *words], env=os.environ | variables, capture_output=True, text=True
    )


@pytest.mark.slow
def test_help_names_the_data_sets_and_samplers() -> None:
    help_of_search = " ".join(aen("search", "--help", COLUMNS="200").stdout.split())
    assert ", ".join(sampler_names()) in help_of_search
    assert all(name in help_of_search for name in data_names())
    assert "{samplers}" not in help_of_search
    assert data_names()[-1] in aen("symmetries", "--help", COLUMNS="200").stdout


def test_executors_are_completed() -> None:
    assert complete_executors("") == ["local", "serial", "ray"]
    assert complete_executors("r") == ["ray"]


@pytest.mark.parametrize(
    ("text", "holds", "lacks"),
    [
        ("", ["rot90", "translate_x:", "swap:"], ["translate_x"]),
        ("hf", ["hflip"], ["vflip"]),
        ("hflip,v", ["hflip,vflip"], ["vflip"]),
        ("hflip,", ["hflip,vflip"], ["hflip,hflip"]),
        ("hflip;v", [], ["hflip;vflip"]),
    ],
)
def test_symmetries_are_completed(text: str, holds: list[str], lacks: list[str]) -> None:
    found = complete_symmetries(text)
    assert set(holds) <= set(found)
    assert not set(lacks) & set(found)


def test_data_sets_and_samplers_are_completed() -> None:
    assert complete_data("") == list(data_names())
    assert complete_data("mn") == ["mnist"]
    assert complete_data("./") == []
    assert complete_samplers("l") == ["lattice"]
    assert complete_samplers("") == list(sampler_names())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "holds"),
    [
        ("aen ", {"search", "symmetries", "data", "reproduce"}),
        ("aen search --sym", {"--symmetries"}),
        ("aen search --sampler ", set(sampler_names())),
        ("aen search digits --symmetries hflip,v", {"hflip,vflip"}),
        ("aen search dig", {"digits"}),
    ],
)
def test_bash_is_answered(line: str, holds: set[str]) -> None:
    count = line.count(" ")
    done = aen(_AEN_COMPLETE="complete_bash", COMP_WORDS=line, COMP_CWORD=str(count))
    assert holds <= set(done.stdout.split("\n")), done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("shell", "said"),
    [("bash", "complete -o default"), ("zsh", "#compdef aen"), ("fish", "complete --command aen")],
)
def test_a_script_is_shown_and_installed(shell: str, said: str, tmp_path: Path) -> None:
    shown = aen("--show-completion", shell)
    assert shown.returncode == 0
    assert said in shown.stdout
    installed = aen("--install-completion", shell, HOME=str(tmp_path))
    assert installed.returncode == 0
    written = [path.read_text() for path in tmp_path.rglob("*") if path.is_file()]
    assert any(said in text for text in written)


def test_a_shell_that_is_not_known_is_refused() -> None:
    done = aen("--show-completion", "tcsh")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == ("aen: --show-completion must be one of bash, zsh, fish; got 'tcsh'.\n")


@pytest.mark.skipif(shutil.which("bash") is None, reason="not here: no bash")
def test_bash_itself_completes(tmp_path: Path) -> None:
    program = tmp_path / "aen"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m autoequivariant "$@"\n')
    program.chmod(0o755)
    script = (
        "source <(aen --show-completion bash); COMP_WORDS=(aen search --sampler la); COMP_CWORD=3; "
        '_aen_completion aen; echo "${COMPREPLY[@]}"'
    )
    path = f"{tmp_path}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", script], env=os.environ | {"PATH": path}, capture_output=True, text=True
    )
    assert done.stdout == "lattice\n", done.stderr
