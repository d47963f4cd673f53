"""The package loads its names late, and its stub says the same."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from autoequivariant import searching


def test_every_public_name_is_there() -> None:
    for name in searching.__all__:
        assert getattr(searching, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'searcher'"):
        _ = searching.searcher  # type: ignore[attr-defined]


def test_the_stub_has_the_same_names() -> None:
    tree = ast.parse(Path(searching.__file__).with_suffix(".pyi").read_text("utf-8"))
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    homes = {alias.name: node.module for node in imports for alias in node.names}
    assert homes == {name: getattr(searching, name).__module__ for name in searching.__all__}
