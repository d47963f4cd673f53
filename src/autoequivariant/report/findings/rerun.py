"""How a run can be made again: its settings, versions, and the command line."""

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
from autoequivariant.searching.run import default_folder
from autoequivariant.searching.settings.settings import SearchSettings

PACKAGES = (
    "torch",
    "numpy",
    "scipy",
    "optuna",
    "scikit-learn",
    "kornia",
    "plotly",
)
_OPTIONS = {"sizes": "size"}
"""Options that are called otherwise than the setting."""
_REPEATED = ("target", "drop")
"""Options that are given again for each, as a name may have a comma."""
_FILES = {"symmetries": "symmetries.yaml", "plant": "plant.yaml"}
"""Files for those that are no names."""


@dataclass(frozen=True)
class Rerun:
    """What is needed to make a run again.

    Attributes:
        command: the whole line, quoted for a shell.
        files: what it reads that is no option: for each symmetry file its name and its content.
        settings: what was decided, by name.
        version: of this package, that searched.
        versions: of this package, Python and others, that wrote the report.
    """

    command: str
    files: tuple[tuple[str, str], ...]
    settings: tuple[tuple[str, str], ...]
    version: str
    versions: tuple[tuple[str, str], ...]


def rerun_of(run: Run, problem: Problem) -> Rerun:
    """Return how to make a run again, with what was decided where the settings say `auto`."""
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


def command_of(settings: SearchSettings, folder: Path | None = None) -> str:
    """Return the command line of a search: what differs from the defaults, quoted for a shell.

    Args:
        settings: of the search.
        folder: where it was written. Default: where `aen search` writes when nobody says.
    """
    words = ["aen", "search", _data(settings.data)]
    for field in fields(settings):
        value = getattr(settings, field.name)
        if field.name == "data" or (field.default is not MISSING and value == field.default):
            continue
        name = _OPTIONS.get(field.name, field.name.replace("_", "-"))
        given = value if field.name in _REPEATED else [_argument(field.name, value)]
        for argument in given:
            words += [f"--{name}", argument]
    if folder is not None and folder != default_folder(settings):
        words += ["--out", str(folder.absolute())]
    return shlex.join(words)


def files_of(settings: SearchSettings) -> tuple[tuple[str, str], ...]:
    """Return the symmetry files that the command of `command_of` reads, by name and content."""
    return tuple(
        (file, yaml.safe_dump([c.to_json() for c in given], sort_keys=False, allow_unicode=True))
        for name, file in _FILES.items()
        if (given := getattr(settings, name)) and _has_own(given)
    )


def _has_own(candidates: Sequence[Candidate]) -> bool:
    """Whether some have no name that says all."""
    return any(not isinstance(candidate.to_json(), str) for candidate in candidates)


def versions() -> tuple[tuple[str, str], ...]:
    """Return what is installed here."""
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
    return f"{value:,}" if isinstance(value, int) else str(value)
