"""The order of the packages, read from the imports; beside each rule, a source that breaks it."""

import ast
import sys
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src"
NAME = "autoequivariant"
ORDER = (
    *("errors", "files", "jsonio", "groups", "data", "nn", "training", "evidence", "searching"),
    *("runs", "inference", "report", "paper", "estimator", "cli"),
)
ALLOWED_IN_GROUPS = {"numpy", "scipy", NAME} | sys.stdlib_module_names


def part_of(path: str) -> str:
    """The package or module of ORDER that a path such as 'autoequivariant/nn/export.py' is in."""
    return PurePosixPath(path).parts[1].removesuffix(".py")


def imported(node: ast.Import | ast.ImportFrom) -> list[str]:
    """The full dotted names that an import statement brings in."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [f"{node.module}.{alias.name}" for alias in node.names]


def fault_of_import(part: str, name: str) -> str | None:
    """What is wrong with importing `name` in a file of `part`, or None."""
    top, _, rest = name.partition(".")
    if part == "groups" and top not in ALLOWED_IN_GROUPS:
        return f"groups imports {top}: NumPy and SciPy only"
    if part == "data" and top == "torch":
        return "data imports torch"
    if top != NAME or part in ("__init__", "__main__"):
        return None
    other = rest.partition(".")[0]
    if other not in ORDER:
        return f"imports {name} from the top: import it from where it is defined"
    if part in ORDER and ORDER.index(other) > ORDER.index(part):
        return f"{part} imports {other}, which is above it"
    return None


def faults(path: str, text: str) -> list[str]:
    """Every broken rule of one source file; `path` is relative to src/ and has forward slashes."""
    part, found = part_of(path), []
    if PurePosixPath(path).name == "utils.py" or "common" in PurePosixPath(path).parts:
        found.append("is named utils.py or lies in common/: name it after what it does")
    if part not in (*ORDER, "__init__", "__main__"):
        found.append(f"{part} has no place in the order of the packages")
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Name | ast.Attribute) and "TYPE_CHECKING" in ast.unparse(node):
            found.append(f"line {node.lineno}: TYPE_CHECKING hides an import")
        if not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        if isinstance(node, ast.ImportFrom) and node.level:
            found.append(f"line {node.lineno}: relative import: write the full name")
            continue
        if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
            found.append(f"line {node.lineno}: wildcard import")
            continue
        wrong = {fault for name in imported(node) if (fault := fault_of_import(part, name))}
        found.extend(f"line {node.lineno}: {fault}" for fault in sorted(wrong))
    return found


def test_every_source_file_keeps_the_rules() -> None:
    paths = sorted(SOURCE.joinpath(NAME).rglob("*.py"))
    assert paths
    broken = []
    for path in paths:
        relative = path.relative_to(SOURCE).as_posix()
        broken += [f"{relative}: {f}" for f in faults(relative, path.read_text("utf-8"))]
    assert not broken, "\n".join(broken)


BAD = [
    ("groups/orbits.py", "import torch", "groups imports torch"),
    ("groups/orbits.py", "import sklearn.datasets", "groups imports sklearn"),
    ("groups/orbits.py", "from autoequivariant.nn.export import save", "nn, which is above it"),
    ("errors.py", "import autoequivariant.groups", "groups, which is above it"),
    ("data/plant.py", "def late():\n    from torch import nn", "data imports torch"),
    ("searching/space.py", "from autoequivariant.cli import main", "cli, which is above it"),
    ("searching/space.py", "from autoequivariant import report", "report, which is above it"),
    ("nn/export.py", "from autoequivariant import Grid", "from the top"),
    ("nn/export.py", "from .networks import Mlp", "relative import"),
    ("nn/export.py", "from numpy import *", "wildcard import"),
    ("nn/utils.py", "", "utils.py"),
    ("common/names.py", "", "common/"),
    ("helpers.py", "", "no place in the order"),
    ("nn/export.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING: import torch", "hides"),
    ("nn/export.py", "import typing\nif typing.TYPE_CHECKING: import torch", "hides"),
]

GOOD = [
    ("groups/orbits.py", "import math\nimport numpy as np\nfrom scipy.sparse import coo_array"),
    ("groups/orbits.py", "from autoequivariant.groups.domain import Grid"),
    ("groups/orbits.py", "from autoequivariant.errors import SymmetryError"),
    ("data/plant.py", "import numpy as np\nfrom PIL import Image"),
    ("nn/export.py", "import torch\nfrom autoequivariant import groups"),
    ("cli.py", "from autoequivariant.searching.storage.study import search"),
    ("__init__.py", "from autoequivariant.cli import main"),
]


@pytest.mark.parametrize(("path", "text", "message"), BAD)
def test_a_source_that_breaks_a_rule_is_flagged(path: str, text: str, message: str) -> None:
    assert any(message in fault for fault in faults(f"{NAME}/{path}", text))


@pytest.mark.parametrize(("path", "text"), GOOD)
def test_a_source_that_keeps_the_rules_is_not_flagged(path: str, text: str) -> None:
    assert faults(f"{NAME}/{path}", text) == []
