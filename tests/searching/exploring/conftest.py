"""What the tests of searches share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .searches import Run


@pytest.fixture
def run(tmp_path: Path, fake_evaluator: Callable[..., Any]) -> Run:
    return Run(tmp_path, fake_evaluator)


@pytest.fixture
def no_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lattice search never converges."""
    monkeypatch.setattr("autoequivariant.searching.samplers.lattice.MIN_IMPROVEMENT", -1.0)
