"""A run that is there, opened for what comes after a search: its settings, results and model."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autoequivariant.errors import AutoequivariantError, ModelError, RunError
from autoequivariant.jsonio import Fields, read_object
from autoequivariant.nn.io.model_files import load_model
from autoequivariant.nn.network import Network
from autoequivariant.searching.problem import Problem, make_problem
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.searching.storage.results_file import MOST_BYTES, read_results
from autoequivariant.searching.storage.run_folder import CONFIG, RESULTS, STUDY
from autoequivariant.searching.storage.study import SearchStudy


@dataclass(frozen=True)
class Names:
    """Names that a run keeps beside its settings, so that it can be reported without its data.

    Attributes:
        classes: of the outputs; none of regression, or in a run that does not keep them.
        columns: of a table.
    """

    classes: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()

    @classmethod
    def read(cls, command: dict[str, Any]) -> Names:
        """Return what `aen search` kept; what is not there is empty."""
        return cls(*(tuple(map(str, command.get(name) or ())) for name in ("classes", "columns")))


@dataclass(frozen=True)
class Run:
    """A run's folder, read.

    Attributes:
        folder: where it is.
        identity: what decided its answer (`Problem.identity`).
        settings: what was asked.
        results: what `results.json` holds.
        version: of this package, when it was written.
        names: of what goes in and comes out.
    """

    folder: Path
    identity: dict[str, Any]
    settings: SearchSettings
    results: dict[str, Any]
    version: str
    names: Names = Names()

    @property
    def is_finished(self) -> bool:
        """Whether a network was chosen, trained and saved."""
        return bool(self.results.get("baseline"))

    def model(self) -> Network:
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
        config = Fields(read_object(path / CONFIG, MOST_BYTES), CONFIG)
        command, identity = config.mapping("command"), config.mapping("search")
        version = Fields(command, "command").text("version")
        said = Fields(identity, "search")
        if said.has("symmetries"):
            said.records("symmetries")
        settings, names = SearchSettings.from_json(command), Names.read(command)
    except (AutoequivariantError, AttributeError, OSError, LookupError, TypeError, ValueError) as e:
        raise RunError(
            f"{path / CONFIG} cannot be read as the settings of a search{_why(e)}: give the folder "
            "of another run, or search again with another --out."
        ) from e
    found = needs_results or (path / RESULTS).exists()
    results = _results(path) if found else {}
    return Run(path, identity, settings, results, version, names)


def _results(path: Path) -> dict[str, Any]:
    if not (path / RESULTS).exists():
        raise RunError(
            f"{path} has no {RESULTS} yet: its search did not come to an end, so give the same "
            "aen search command again."
        )
    try:
        return read_results(path / RESULTS)
    except (ModelError, OSError) as error:
        raise RunError(
            f"{path / RESULTS} cannot be read{_why(error)}: give the same aen search command "
            "again, which writes it anew."
        ) from error


def _why(error: Exception) -> str:
    """Why a file cannot be read, in brackets, where that is said in words."""
    is_said = isinstance(error, AutoequivariantError)
    reason = str(error) if is_said else str(getattr(error, "strerror", None) or "")
    return f" ({reason.rstrip('.')})" if reason else ""
