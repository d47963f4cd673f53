"""What reading may take, beside what it may not."""

import os
import subprocess
import sys

import pytest

from autoequivariant.errors import DataError
from autoequivariant.memory import MemoryBudget, default_memory_limit

GIB = 2**30


def test_what_is_reserved_adds_up() -> None:
    memory = MemoryBudget("x.npz", 3 * GIB)
    memory.reserve(GIB)
    memory.reserve(2 * GIB)
    assert memory.left == 0
    message = (
        r"x.npz may take 3.01 GiB .* above the 3 GiB of --memory-limit: raise it, or give fewer"
    )
    with pytest.raises(DataError, match=message):
        memory.reserve(1)


def test_a_limit_of_the_number_shown_is_enough() -> None:
    needed = round(1.2345 * GIB)
    with pytest.raises(DataError, match="may take 1.24 GiB"):
        MemoryBudget("x", needed - 1).reserve(needed)
    MemoryBudget("x", round(1.24 * GIB)).reserve(needed)


def test_the_default_is_a_quarter_of_the_machine() -> None:
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    assert MemoryBudget().limit == default_memory_limit() == whole // 4
    MemoryBudget("x").reserve(whole // 4)
    message = r"above a quarter of this machine's memory \(.* GiB\): raise --memory-limit, or give"
    with pytest.raises(DataError, match=message):
        MemoryBudget("x").reserve(whole // 4 + 1)


def test_a_machine_that_does_not_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str) -> int:
        raise ValueError(name)

    monkeypatch.setattr(os, "sysconf", refuse)
    assert default_memory_limit() == 2 * GIB


def test_a_process_that_trains_keeps_freed_memory() -> None:
    """In a process of its own. Steps of training reuse what the last freed."""
    code = (
        "import gc, resource, numpy as np\n"
        "from autoequivariant.memory import suit_training\n"
        "def faults():\n"
        "    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt\n"
        "    for _ in range(20):\n"
        "        np.ones(2**21, np.float32), np.ones(2**20, np.float32)\n"
        "    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before\n"
        "before = faults()\n"
        "suit_training()\n"
        "faults()\n"
        "print(before, faults(), gc.get_threshold()[0])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    before, after, threshold = map(int, done.stdout.split())
    assert threshold == 50_000
    if sys.platform == "linux":
        assert after < before / 10
