"""The fuzz benchmark on few cases: its verdicts, its watch, and that a case can be run again."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

FUZZ = Path(__file__).resolve().parents[1] / "benchmarks" / "fuzz.py"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

_WATCHED = """
import os, pickle, socket, sys
sys.path.insert(0, {benchmarks!r})
from pathlib import Path
from fuzzing.watch import Watch

watch = Watch(Path.cwd() / "allowed")
watch.start()
open("allowed/inside", "w").close()
open("allowed/inside").close()
inside = len(watch.elsewhere)
open("outside", "w").close()
os.rename("outside", "allowed/moved")
with socket.socket() as one:
    try:
        one.connect(("127.0.0.1", 9))
    except OSError:
        pass
pickle.loads(pickle.dumps(Path))
peak = watch.stop()
open("after", "w").close()
print(inside, watch.elsewhere, len(watch.connections), len(watch.programs), peak > 10**6)
"""


def fuzz(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(FUZZ), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_what_the_watch_sees(tmp_path: Path) -> None:
    (tmp_path / "allowed").mkdir()
    script = _WATCHED.format(benchmarks=str(FUZZ.parent))
    command = [sys.executable, "-c", script]
    found = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert found.stdout.split("\n")[0] == "0 ['outside', 'outside'] 1 1 True"


@pytest.mark.slow
def test_a_few_cases_of_every_kind_are_clean() -> None:
    found = fuzz("--cases", "400", "--workers", str(os.cpu_count() or 1))
    assert found.returncode == 0, found.stdout
    last = found.stdout.splitlines()[-1]
    assert last.startswith("| all | 400 |")
    cells = [cell.strip() for cell in last.split("|")]
    refused, accepted = int(cells[3]), int(cells[4])
    assert refused + accepted == 400
    assert refused > 100
    assert accepted > 20


def test_a_case_gives_the_same_again(tmp_path: Path) -> None:
    keep = tmp_path / "kept"
    options = ("--kinds", "options", "--case", "3", "--keep", str(keep))
    one = fuzz(*options)
    assert one.returncode == 0, one.stderr
    (file,) = keep.iterdir()
    content = file.read_bytes()
    file.unlink()
    keep.rmdir()
    again = fuzz(*options)
    assert file.read_bytes() == content
    assert _verdict(one.stdout) == _verdict(again.stdout)


def test_an_unknown_kind_is_refused() -> None:
    found = fuzz("--kinds", "npz,nonsense")
    assert found.returncode == 2
    assert "there is no kind nonsense" in found.stderr


def _verdict(text: str) -> str:
    match = re.search(r"verdict='(\w+)'", text)
    assert match is not None, text
    return match[1]
