"""A run that is there, opened for what comes after a search: its settings, results and model."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autoequivariant.errors import AutoequivariantError, RunError
from autoequivariant.nn import Model, load_model
from autoequivariant.search.problem import Problem, make_problem
from autoequivariant.search.run_folder import CONFIG, RESULTS, STUDY
from autoequivariant.search.settings import SearchSettings
from autoequivariant.search.study import SearchStudy


@dataclass(frozen=True)
class Run:
    """A run's folder, read.

    Attributes:
        folder: where it is.
        identity: what decided its answer (`Problem.identity`).
        settings: what was asked.
        results: what `results.json` holds.
        version: of this package, when it was written.
    """

    folder: Path
    identity: dict[str, Any]
    settings: SearchSettings
    results: dict[str, Any]
    version: str

    @property
    def is_finished(self) -> bool:
        """Whether a network was chosen, trained and saved."""
        return bool(self.results.get("baseline"))

    def model(self) -> Model:
        """Return the chosen network, in evaluation mode.

        Raises:
            ModelError: it is missing or cannot be read.
            RunError: the search was interrupted before there was one.
        """
        if not self.is_finished:
            raise RunError(
                f"{self.folder} has no model yet, as its search was interrupted: give the same "
                "aen search command again to end it."
            )
        return load_model(self.folder)

    def problem(self) -> Problem:
        """Return the problem that was searched, with its data read again.

        Raises:
            AutoequivariantError: the data cannot be read, or are not what they were.
        """
        problem = make_problem(self.settings)
        now = problem.identity().get("data fingerprint")
        if now != self.identity.get("data fingerprint"):
            raise RunError(
                f"The contents of {self.settings.data} are not what they were when {self.folder} "
                "was written: search them again, or put the former data back."
            )
        return problem

    @contextmanager
    def study(self, problem: Problem) -> Iterator[SearchStudy]:
        """Open what was recorded of each network that was trained.

        Raises:
            RunError: it cannot be read.
        """
        path = self.folder / STUDY
        if not path.exists():
            raise RunError(f"{self.folder} has no {STUDY}: give the whole folder of a run.")
        study = SearchStudy(path, problem.space.distributions, problem.directions)
        try:
            yield study
        finally:
            study.close()


def open_run(folder: Path | str, needs_results: bool = True) -> Run:
    """Open the folder of a run of `aen search`.

    Args:
        folder: where it is.
        needs_results: refuse a run without results, as a killed search leaves it or one that is
            still under way; otherwise its results are empty.

    Raises:
        RunError: there is none, or it cannot be read.
    """
    path = Path(folder)
    if not (path / CONFIG).is_file():
        raise RunError(
            f"{path} is not the folder of a run (it has no {CONFIG}): give what aen search wrote, "
            "such as runs/NAME."
        )
    try:
        config = json.loads((path / CONFIG).read_bytes())
        command = dict(config["command"])
        version = str(command.pop("version"))
        identity = dict(config["search"])
        settings = SearchSettings.from_json(command)
    except (AutoequivariantError, OSError, LookupError, TypeError, ValueError) as error:
        raise RunError(
            f"{path / CONFIG} cannot be read as the settings of a search: give the folder of "
            "another run, or search again with another --out."
        ) from error
    found = needs_results or (path / RESULTS).exists()
    return Run(path, identity, settings, _results(path) if found else {}, version)


def _results(path: Path) -> dict[str, Any]:
    try:
        found = json.loads((path / RESULTS).read_bytes())
        if not isinstance(found, dict):
            raise TypeError
    except FileNotFoundError:
        raise RunError(
            f"{path} has no {RESULTS} yet: its search did not come to an end, so give the same "
            "aen search command again."
        ) from None
    except (OSError, TypeError, ValueError) as error:
        raise RunError(
            f"{path / RESULTS} cannot be read: give the same aen search command again, which "
            "writes it anew."
        ) from error
    return found
