"""The examples run on their own and find what they planted."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

TINY = Path(__file__).resolve().parents[1] / "examples" / "tiny.py"


def test_tiny_stands_on_its_own() -> None:
    names = set()
    for node in ast.walk(ast.parse(TINY.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    assert {name.partition(".")[0] for name in names} == {"numpy", "sklearn", "torch"}


@pytest.mark.slow
def test_tiny_finds_what_it_planted(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-I", str(TINY)], cwd=tmp_path, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    head, _, tail = done.stdout.partition("Planted: ")
    assert head.startswith("64 states are 30 distinct networks.")
    planted, found = tail.splitlines()
    assert planted == "hflip, swap_left_right"
    assert found.startswith(f"Found:   {planted} (")
    assert list(tmp_path.iterdir()) == []
