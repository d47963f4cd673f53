"""Two samplers that are in no registry but that of a test."""

from __future__ import annotations

import pytest

from autoequivariant.searching.samplers.registry import SAMPLERS

from .spaces import Backwards, Toy


@pytest.fixture
def toys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SAMPLERS, "toy", Toy)
    monkeypatch.setitem(SAMPLERS, "backwards", Backwards)
