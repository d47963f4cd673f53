"""How to repeat a run: its command line, settings and versions."""

from __future__ import annotations

import importlib.metadata
import platform
import shlex
from collections.abc import Sequence
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any

import yaml

from autoequivariant.groups.custom.definition import Candidate
from autoequivariant.runs.run import Run
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.session import default_folder
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.training.executors.options import ExecutorOptions

PACKAGES = ("torch", "numpy", "scipy", "optuna", "scikit-learn", "kornia", "plotly")
_OPTIONS = {"sizes": "size"}
"""Options whose names differ from those of their settings."""
_REPEATED = ("target", "drop")
"""Options that are repeated for each value, because a value may contain a comma."""
_FILES = {"symmetries": "symmetries.yaml", "plant": "plant.yaml"}
"""Files for candidates that are not just names."""


@dataclass(frozen=True)
class Rerun:
    """What is needed to repeat a run.

    Attributes:
        command: the command line, quoted for a shell.
        files: name and content of each symmetry file that it reads.
        settings: names and values, with the decisions that the settings leave open.
        version: of this package during the search.
        versions: of this package, Python and other packages now.
    """

    command: str
    files: tuple[tuple[str, str], ...]
    settings: tuple[tuple[str, str], ...]
    version: str
    versions: tuple[tuple[str, str], ...]


def rerun_of(run: Run, problem: Problem) -> Rerun:
    """Return how to repeat a run."""
    chosen = {"sampler": problem.sampler, "pruner": problem.pruner}
    decided = [(name, _shown(value)) for name, value in {**run.identity, **chosen}.items()]
    limits = [
        ("budget", f"{run.settings.budget:,}"),
        ("timeout", "none" if run.settings.timeout is None else f"{run.settings.timeout:g} s"),
    ]
    return Rerun(
        command_of(run.settings, run.folder),
        files_of(run.settings),
        (*decided, *limits),
        run.version,
        versions(),
    )


def command_of(
    settings: SearchSettings, folder: Path | None = None, command: str = "search"
) -> str:
    """Return a command line, without defaults, quoted for a shell.

    Args:
        settings: of the search.
        folder: of the run. Default: the default of the command.
        command: that takes these settings.
    """
    words = ["aen", command, _data(settings.data)]
    for field in fields(settings):
        value = getattr(settings, field.name)
        if field.name in ("data", "storage") or (  # which may hold a password
            field.default is not MISSING and value == field.default
        ):
            continue
        if isinstance(value, ExecutorOptions):
            words += value.arguments
            continue
        name = _OPTIONS.get(field.name, field.name.replace("_", "-"))
        if isinstance(value, bool):
            words.append(f"--{name}" if value else f"--no-{name}")
            continue
        given = value if field.name in _REPEATED else [_argument(field.name, value)]
        for argument in given:
            words += [f"--{name}", argument]
    if folder is not None and folder != default_folder(settings):
        words += ["--out", str(folder.absolute())]
    return shlex.join(words)


def files_of(settings: SearchSettings) -> tuple[tuple[str, str], ...]:
    """Return name and content of the symmetry files that the command reads."""
    return tuple(
        (file, yaml.safe_dump([c.to_json() for c in given], sort_keys=False, allow_unicode=True))
        for name, file in _FILES.items()
        if (given := getattr(settings, name)) and _has_own(given)
    )


def _has_own(candidates: Sequence[Candidate]) -> bool:
    """Whether some are not fully described by a name."""
    return any(not isinstance(candidate.to_json(), str) for candidate in candidates)


def versions() -> tuple[tuple[str, str], ...]:
    """Return the installed versions."""
    found = [("autoequivariant", importlib.metadata.version("autoequivariant"))]
    found.append(("Python", platform.python_version()))
    return (*found, *((name, importlib.metadata.version(name)) for name in PACKAGES))


def _data(data: str) -> str:
    return f"./{data}" if data.startswith("-") else data


def _argument(name: str, value: Any) -> str:
    if name == "timeout":
        return f"{value:.6f}".rstrip("0").rstrip(".") + "s"
    if name == "memory_limit":
        return repr(value / 2**30)
    if name in _FILES and _has_own(value):
        return _FILES[name]
    if isinstance(value, tuple):
        return ",".join(map(str, value)) or "none"
    return str(value)


def _shown(value: Any) -> str:
    if isinstance(value, list):
        texts = (one.get("name", one) if isinstance(one, dict) else one for one in value)
        return ", ".join(map(str, texts)) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else str(value)
