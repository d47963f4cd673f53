"""A run's folder read from disk: what was searched, the settings, the results and the model."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from msgspec import Meta

from autoequivariant.errors import AutoequivariantError, ModelError, RunError
from autoequivariant.jsonio import to_type
from autoequivariant.nn.network import Network
from autoequivariant.searching.experiment import Experiment, make_experiment
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.settings.checks import MOST_CHANNELS
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.searching.storage.config_file import read_config
from autoequivariant.searching.storage.results import Results, read_results
from autoequivariant.searching.storage.run_folder import CONFIG, RESULTS, STUDY
from autoequivariant.searching.storage.study import SearchStudy
from autoequivariant.training.families.model_files import load_model

_Samples = Annotated[int, Meta(ge=1, le=2**40)]


@dataclass(frozen=True)
class Record:
    """What a run's identity says of its data and its kind of network (`Problem.identity`)."""

    data: str
    data_fingerprint: str
    targets: tuple[str, ...]
    domain: str
    channels_in: Annotated[int, Meta(ge=1, le=MOST_CHANNELS)]
    network: str
    symmetries: tuple[str | dict[str, Any], ...]
    train_size: _Samples
    validation_size: _Samples
    test_size: _Samples


@dataclass(frozen=True)
class Names:
    """Names that a run keeps beside its settings, so that it can be reported without its data.

    Attributes:
        classes: of the outputs; empty for regression.
        columns: of a table.
    """

    classes: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Command:
    """What `aen search` keeps beside the settings."""

    version: str
    classes: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Run:
    """A run's folder, read.

    Attributes:
        folder: its path.
        identity: what decided its answer (`Problem.identity`), as plain values.
        record: part of it, checked.
        settings: what was asked.
        results: what `results.json` holds; None where the search did not end yet.
        version: of the package that wrote it.
        names: of classes and columns.
    """

    folder: Path
    identity: dict[str, Any]
    record: Record
    settings: SearchSettings
    results: Results | None
    version: str
    names: Names = Names()

    @property
    def is_finished(self) -> bool:
        """Whether a network was chosen, trained and saved."""
        return self.results is not None and self.results.is_finished

    def model(self) -> Network:
        """Return the chosen network, in evaluation mode.

        Raises:
            ModelError: it is missing or cannot be read.
            RunError: the search was interrupted before there was one.
        """
        if not self.is_finished:
            raise RunError(
                f"{self.folder} has no model yet because its search was interrupted: rerun the "
                "same aen search command to resume it."
            )
        return load_model(self.folder)

    def experiment(self) -> Experiment:
        """Return what was searched, with its data read again.

        Raises:
            AutoequivariantError: the data cannot be read, or have changed.
        """
        experiment = make_experiment(self.settings)
        self.refuse_other_data(experiment.data.fingerprint)
        return experiment

    def refuse_other_data(self, fingerprint: str) -> None:
        """Raise `RunError` if data have changed since they were searched."""
        if fingerprint != self.record.data_fingerprint:
            raise RunError(
                f"The contents of {self.settings.data} have changed since {self.folder} was "
                "written: search them again, or restore the former data."
            )

    @contextmanager
    def study(self, problem: Problem) -> Iterator[SearchStudy]:
        """Open the study, which holds every evaluation.

        Raises:
            RunError: it is missing or cannot be read.
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
    """Read the folder of a run of `aen search`.

    Args:
        folder: its path.
        needs_results: refuse a run without results, which is one that was killed or still runs.

    Raises:
        RunError: there is no run, or it cannot be read.
    """
    path = Path(folder)
    if not (path / CONFIG).is_file():
        raise RunError(
            f"{path} is not the folder of a run (it has no {CONFIG}): give a folder that aen "
            "search wrote, such as runs/NAME."
        )
    try:
        config = read_config(path / CONFIG)
        command = to_type(config.command, _Command, "command")
        record = to_type(config.identity, Record, "identity")
        settings = SearchSettings.from_json(config.command)
    except (AutoequivariantError, AttributeError, OSError, LookupError, TypeError, ValueError) as e:
        raise RunError(
            f"{path / CONFIG} cannot be read as the settings of a search{_reason(e)}: give the "
            "folder of another run, or search again with another --out."
        ) from e
    names = Names(command.classes, command.columns)
    has_results = needs_results or (path / RESULTS).exists()
    results = _results(path) if has_results else None
    return Run(path, config.identity, record, settings, results, command.version, names)


def _results(path: Path) -> Results:
    if not (path / RESULTS).exists():
        raise RunError(
            f"{path} has no {RESULTS} yet because its search did not end: rerun the same aen "
            "search command to resume it."
        )
    try:
        return read_results(path / RESULTS)
    except (ModelError, RunError, OSError) as error:
        raise RunError(
            f"{path / RESULTS} cannot be read{_reason(error)}: rerun the same aen search command, "
            "which writes it again."
        ) from error


def _reason(error: Exception) -> str:
    """Why a file cannot be read, in parentheses, if that is known in words."""
    in_words = isinstance(error, AutoequivariantError)
    reason = str(error) if in_words else str(getattr(error, "strerror", None) or "")
    return f" ({reason.rstrip('.')})" if reason else ""
