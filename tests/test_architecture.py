"""The order of the packages, the mirror of the tests, and sizes; beside each, what breaks it."""

import ast
import sys
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src"
NAME = "autoequivariant"
ORDER = (
    *(
        "errors",
        "signals",
        "files",
        "jsonio",
        "memory",
        "groups",
        "candidates",
        "data",
        "proposing",
        "nn",
        "training",
        "evidence",
        "searching",
    ),
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


# --- one way to the terminal ----------------------------------------------------------------------

PRINTS = {"print", "input", "sys.stdout", "sys.stderr", "sys.__stdout__", "sys.__stderr__"}
PRINTS |= {"os.write", "typer.echo", "typer.secho", "click.echo", "rich.print", "warnings.warn"}
MAY_PRINT = {
    "cli/console.py": "escapes what a terminal would obey",
    "signals.py": "a constant, while nothing else may run",
    "estimator/base.py": "warnings for a notebook, made printable",
    "nn/symmetrize/wrap.py": "a warning for a notebook, made printable",
}


def prints(text: str) -> list[str]:
    """What a source file writes to the standard output or the standard error."""
    nodes = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Name | ast.Attribute)]
    names = [ast.unparse(node) for node in nodes]
    return [name for name in names if name in PRINTS]


def test_only_the_console_prints() -> None:
    for path in SOURCE.joinpath(NAME).rglob("*.py"):
        if path.relative_to(SOURCE / NAME).as_posix() not in MAY_PRINT:
            assert not prints(path.read_text("utf-8")), path
    assert all(prints((SOURCE / NAME / path).read_text("utf-8")) for path in MAY_PRINT)


@pytest.mark.parametrize(
    ("text", "is_flagged"),
    [
        ("print(1)", True),
        ("import sys\nsys.stderr.write('x')", True),
        ("f = sys.stdout", True),
        ("typer.echo('x')", True),
        ("console.print('x')", False),
        ("print_table(console)", False),
        ("'print(1)'", False),
    ],
)
def test_what_prints_is_flagged(text: str, is_flagged: bool) -> None:
    assert bool(prints(text)) == is_flagged


# --- tests mirror the source ----------------------------------------------------------------------

MOST_FILES, MOST_LINES = 16, 300
WITHOUT_LOGIC = {
    *("__main__", "report/findings/table"),
    *("searching/data_card", "training/child"),  # records
    *("training/executors/registry", "training/families/registry"),
    *("training/families/family", "training/families/kind"),  # interfaces
}
TESTED_BY = {
    "searching/sharing/database": "searching/sharing/test_store",
    "searching/sharing/evaluations": "cli/test_storage",
    "searching/sharing/faults": "searching/sharing/test_store",
    "searching/sharing/journal": "searching/sharing/test_store",
    "searching/sharing/networks": "cli/test_storage",
    "searching/sharing/opening": "searching/sharing/test_store",
    "searching/sharing/patience": "searching/sharing/test_store",
    "searching/sharing/records": "searching/sharing/test_store",
    "searching/settings/checks": "searching/settings/test_settings",
    "searching/settings/choices": "searching/settings/test_settings",
    "searching/settings/duration": "searching/settings/test_settings",
    "data/copies/messages": "data/copies/test_find",
    "data/tables/column_faults": "data/tables/test_checker",
    "estimator/base": "estimator/test_fit",
    "paper/cnn_settings": "paper/test_cnn",
    "estimator/evidence": "estimator/test_fit",
    "estimator/symmetric/outputs": "estimator/symmetric/test_estimators",
    "evidence/testing/tester": "evidence/test_direct",
    "evidence/verdict": "evidence/testing/test_decision",
    "report/findings/symmetries/proposals": "report/findings/symmetries/test_verdicts",
    "inference/evaluate": "cli/test_model",
    "inference/predict": "cli/test_model",
    "inference/foreign": "cli/test_verify",
    "inference/run_symmetries": "cli/test_wrap",
    "inference/verify_foreign": "cli/test_verify",
    "inference/wrap": "cli/test_wrap",
    "inference/saved_model": "inference/test_export",
    "inference/verify": "inference/test_export",
    "nn/any_model/function": "nn/any_model/test_measure",
    "nn/any_model/records": "nn/any_model/test_measure",
    "nn/any_model/samples": "nn/any_model/test_measure",
    "nn/onnx_models/graph": "nn/onnx_models/test_wrapping",
    "nn/onnx_models/model_file": "nn/onnx_models/test_function",
    "nn/onnx_models/packages": "nn/onnx_models/test_function",
    "proposing/association/beam": "proposing/association/test_automorphisms",
    "proposing/association/certainty": "proposing/association/test_likelihood",
    "proposing/association/columns": "proposing/association/test_pattern",
    "report/page/worst": "cli/test_verify",
    "report/render/foreign_text": "cli/test_verify",
    "report/render/wrap_text": "cli/test_wrap",
    "runs/readable_study": "runs/test_replay",
    "searching/asking/direct": "searching/asking/test_answers",
    "searching/exploring/rounds": "searching/exploring/test_explore",
    "searching/exploring/trainings": "searching/exploring/test_explore",
    "searching/storage/coding": "searching/test_coding",
    "searching/experiment": "searching/test_problem",
    "searching/outcome": "searching/test_run",
    "searching/fit/final": "searching/test_run",
    "searching/fit/fit": "searching/test_run",
    "searching/fit/rival_training": "searching/fit/test_rivals",
    "searching/fit/tested": "searching/test_run",
    "searching/fit/trials": "searching/fit/test_tuning",
    "searching/storage/fit": "searching/fit/test_tuning",
    "searching/named": "searching/test_run",
    "searching/trainings": "searching/test_problem",
    "searching/selection/folds": "searching/selection/test_choice",
    "searching/selection/uses": "searching/selection/test_use",
    "searching/storage/config_file": "searching/test_run",
    "searching/storage/results": "searching/test_run",
    "searching/storage/run_folder": "searching/test_run",
    "searching/storage/rivals": "searching/fit/test_rivals",
    "nn/symmetrize/methods": "nn/symmetrize/test_wrap",
    "nn/symmetrize/samples": "nn/symmetrize/test_wrap",
    "nn/symmetrize/symmetrized": "nn/symmetrize/test_wrap",
    "training/devices": "searching/test_problem",
    "training/executors/ray_actor": "training/executors/test_ray_executor",
    "training/executors/ray_connection": "cli/test_ray",
    "training/executors/ray_worker": "training/executors/test_ray_executor",
    "training/evaluation": "searching/storage/test_study",
    "training/families/cnn/states": "training/families/cnn/test_family",
    "training/families/cnn/trainer": "training/families/cnn/test_family",
    "training/families/mlp/family": "training/test_evaluator",
    "training/families/mlp/kind": "searching/test_problem",
    "training/families/normalisation": "training/test_evaluator",
    "training/families/mlp/trainer": "training/test_evaluator",
    "training/families/model_files": "nn/io/test_model_files",
    "training/tasks": "searching/test_regression",
}
"""Modules that are tested as part of a larger one."""
CROSS_CUTTING = {
    "cli/test_bad_input": "whatever a user can get wrong, through all commands",
    "cli/test_interruption": "killed and resumed processes, and signals at any moment",
    "cli/test_ray": "commands and estimators on a Ray cluster, and what goes wrong with one",
    "cli/test_published_data": "published data sets, through several commands",
    "cli/test_search_cnn": "`aen search` over CNNs, which takes long",
    "cli/test_storage": "processes that share a search, through stores of all kinds",
    "cli/test_table_model": "models of tables, through several commands",
    "cli/test_text_columns": "tables with text, through several commands",
    "estimator/test_fit": "what fitting may be given, for both estimators",
    "estimator/test_save": "estimators and the command line read the same files",
    "nn/symmetrize/test_wrap_arguments": "what is refused before anything is wrapped",
    "searching/selection/test_partial_use": "which partial symmetries stay, beside `test_use`",
    "cli/test_partial": "searches and fits with partial symmetries, to the exported file",
    "nn/cnn/test_partial_networks": "groups that get smaller from level to level, through all CNNs",
    "nn/cnn/test_moved_samples": "groups that move channels and outputs, through all CNNs",
    "nn/mlp/test_custom_symmetries": "symmetries that move channels and outputs, through all MLPs",
    "paper/test_reproduction_page": "the page of the documentation holds the recorded numbers",
    "report/test_browser": "the page in a real browser",
    "searching/test_known_data": "searches whose answer is known",
    "searching/test_regression": "searches over tables of numbers",
}


def mirror_faults(modules: set[str], tests: set[str], tested_by: dict[str, str]) -> list[str]:
    """What keeps tests from mirroring modules, whose paths have no ending: `nn/network`."""
    mirrors = {str(PurePosixPath(m).with_name(f"test_{PurePosixPath(m).name}")) for m in modules}
    folders = {str(PurePosixPath(module).parent) for module in modules} - {"."}
    found = [
        f"{test} mirrors no module"
        for test in sorted(tests - mirrors - set(CROSS_CUTTING))
        if str(PurePosixPath(test).parent) in folders
    ]
    for module in sorted(modules - WITHOUT_LOGIC - set(tested_by)):
        path = PurePosixPath(module)
        if str(path.with_name(f"test_{path.name}")) not in tests:
            found.append(f"{module} has no test")
    found += [
        f"{m} is tested by {t}, which is gone" for m, t in tested_by.items() if t not in tests
    ]
    return found


def stems(folder: Path, pattern: str) -> set[str]:
    paths = (p for p in folder.rglob(pattern) if p.name != "__init__.py")
    return {path.relative_to(folder).with_suffix("").as_posix() for path in paths}


def test_tests_mirror_modules() -> None:
    modules, tests = stems(SOURCE / NAME, "*.py"), stems(ROOT / "tests", "test_*.py")
    assert not mirror_faults(modules, tests, TESTED_BY)
    assert not (WITHOUT_LOGIC | set(TESTED_BY)) - modules  # none is gone
    assert not set(CROSS_CUTTING) - tests


@pytest.mark.parametrize(
    ("modules", "tests", "tested_by", "fault"),
    [
        ({"nn/a"}, {"nn/test_a"}, {}, None),
        ({"nn/a"}, {"nn/test_a", "test_docs", "laws/test_law"}, {}, None),
        ({"nn/a"}, set(), {}, "nn/a has no test"),
        ({"nn/a"}, {"test_a"}, {}, "nn/a has no test"),
        ({"nn/a"}, {"nn/test_a", "nn/test_b"}, {}, "nn/test_b mirrors no module"),
        ({"nn/a", "nn/b"}, {"nn/test_a"}, {"nn/b": "nn/test_a"}, None),
        ({"nn/a", "nn/b"}, {"nn/test_a"}, {"nn/b": "nn/test_c"}, "which is gone"),
        ({"__main__"}, set(), {}, None),
        ({"cli/a"}, {"cli/test_a", "cli/test_interruption"}, {}, None),
    ],
)
def test_a_test_without_a_module_and_a_module_without_a_test_are_flagged(
    modules: set[str], tests: set[str], tested_by: dict[str, str], fault: str | None
) -> None:
    found = mirror_faults(modules, tests, tested_by)
    assert found == [] if fault is None else any(fault in each for each in found)


def test_files_and_folders_are_small() -> None:
    for folder in [SOURCE / NAME, *SOURCE.joinpath(NAME).rglob("*/")]:
        assert len(list(folder.glob("*.py"))) <= MOST_FILES, f"{folder} has too many files"
    for path in SOURCE.rglob("*.py"):
        lines = path.read_text("utf-8").count("\n")
        assert lines <= MOST_LINES, f"{path} has {lines} lines"
