"""A run loaded from disk: its identity, settings, results and model."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

from msgspec import Meta

from autoequivariant.errors import AutoequivariantError, ModelError, RunError
from autoequivariant.groups.custom.proposal import Proposal
from autoequivariant.jsonio import to_type
from autoequivariant.memory import machine_memory
from autoequivariant.nn.network import Network
from autoequivariant.searching.experiment import Experiment, make_experiment
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.proposals import proposals_from
from autoequivariant.searching.settings.checks import MOST_CHANNELS
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.searching.storage.config_file import read_config
from autoequivariant.searching.storage.consistency import check_study
from autoequivariant.searching.storage.results import Results, read_results
from autoequivariant.searching.storage.run_folder import CONFIG, RESULTS, STUDY, VERDICTS
from autoequivariant.searching.storage.study import SearchStudy
from autoequivariant.searching.storage.verdicts_file import read_verdicts
from autoequivariant.training.families.model_files import load_model

_Samples = Annotated[int, Meta(ge=1, le=2**40)]


@dataclass(frozen=True)
class TypedIdentity:
    """The part of `Problem.identity` that all kinds of networks have, checked."""

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
    """Names that a run records, for reports without its data.

    Attributes:
        classes: names of the classes; empty for regression.
        columns: names of the columns of a table.
        categories, few_values: of these columns, as in `DataSpec`.
        knots: of pairs, as in `DataSpec`.
    """

    classes: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    categories: tuple[tuple[str, ...], ...] = ()
    few_values: tuple[tuple[float, ...], ...] = ()
    knots: tuple[tuple[float, ...], ...] = ()


@dataclass(frozen=True)
class _Command:
    """What `config.json` records besides the settings."""

    version: str
    classes: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    categories: tuple[tuple[str, ...], ...] = ()
    few_values: tuple[tuple[float, ...], ...] = ()
    knots: tuple[tuple[float, ...], ...] = ()
    proposals: Any = ()


@dataclass(frozen=True)
class Run:
    """A run loaded from disk.

    Attributes:
        folder: its path.
        identity: what decides its results (`Problem.identity`), as plain values.
        typed_identity: the common part of the identity.
        settings: of the search.
        results: contents of `results.json`; None until the search ends.
        version: version of the package that wrote the run.
        names: of classes and columns.
        proposals: what led to candidates that nobody listed.
    """

    folder: Path
    identity: dict[str, Any]
    typed_identity: TypedIdentity
    settings: SearchSettings
    results: Results | None
    version: str
    names: Names = Names()
    proposals: tuple[Proposal, ...] = ()

    @property
    def is_finished(self) -> bool:
        """Whether the run has a trained and saved network."""
        return self.results is not None and self.results.is_finished

    @property
    def memory_limit(self) -> int | None:
        """Bytes that reading its data may take: as recorded, but no more than this machine has."""
        limit = self.settings.memory_limit
        return None if limit is None else min(limit, machine_memory())

    def model(self) -> Network:
        """Return the chosen network, in evaluation mode.

        Raises:
            ModelError: the model is missing or cannot be read.
            RunError: the search is not finished.
        """
        if not self.is_finished:
            raise RunError(
                f"{self.folder} has no model yet: rerun the same aen {self.settings.command} "
                "command to resume it."
            )
        return load_model(self.folder)

    def experiment(self) -> Experiment:
        """Read the data again and return the experiment.

        Raises:
            AutoequivariantError: the data cannot be read, or have changed.
        """
        experiment = make_experiment(self.settings, proposals=self.proposals)
        self.refuse_other_data(experiment.data.fingerprint)
        return replace(experiment, problem=self.with_verdicts(experiment.problem))

    def with_verdicts(self, problem: Problem) -> Problem:
        """Return the problem with the recorded verdicts; without any, as it is.

        Raises:
            RunError: the verdicts cannot be read, or are of other candidates.
        """
        names = [str(candidate) for candidate in problem.candidates]
        if self.results is None:
            verdicts = read_verdicts(self.folder / VERDICTS, names)
            return problem if verdicts is None else problem.with_verdicts(verdicts)
        if [one.name for one in self.results.verdicts] != names:
            raise RunError(
                f"{self.folder / RESULTS} has verdicts on other candidates than were searched: "
                "give the whole folder of one run."
            )
        return problem.with_verdicts(self.results.verdicts)

    def refuse_other_data(self, fingerprint: str) -> None:
        """Raise `RunError` if the data have changed since the search."""
        if fingerprint != self.typed_identity.data_fingerprint:
            raise RunError(
                f"The contents of {self.settings.data} have changed since {self.folder} was "
                "written: start a new search, or restore the data."
            )

    @contextmanager
    def study(self, problem: Problem) -> Iterator[SearchStudy]:
        """Open the study with all evaluations.

        Raises:
            RunError: `study.db` is missing or cannot be read.
        """
        path = self.folder / STUDY
        if not path.exists():
            raise RunError(f"{self.folder} has no {STUDY}: give the whole folder of a run.")
        study = SearchStudy(path, problem.space.distributions, problem.directions)
        try:
            check_study(problem, study)
            yield study
        finally:
            study.close()


def open_run(folder: Path | str, needs_results: bool = True) -> Run:
    """Load a run from its folder.

    Args:
        folder: as written by `aen search`.
        needs_results: whether to refuse a run whose search was killed or is still in progress.

    Raises:
        RunError: the folder holds no run, or the run cannot be read.
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
        identity = to_type(config.identity, TypedIdentity, "identity")
        settings = SearchSettings.from_json(config.command)
        proposals = proposals_from(command.proposals)
    except (AutoequivariantError, AttributeError, OSError, LookupError, TypeError, ValueError) as e:
        raise RunError(
            f"{path / CONFIG} cannot be read as the settings of a search{_reason(e)}: give the "
            "folder of another run, or search again with another --out."
        ) from e
    names = Names(
        command.classes, command.columns, command.categories, command.few_values, command.knots
    )
    has_results = needs_results or (path / RESULTS).exists()
    results = _results(path, settings.command) if has_results else None
    version = command.version
    return Run(path, config.identity, identity, settings, results, version, names, proposals)


def _results(path: Path, command: str) -> Results:
    if not (path / RESULTS).exists():
        raise RunError(
            f"{path} has no {RESULTS} yet: rerun the same aen {command} command to resume it."
        )
    try:
        return read_results(path / RESULTS)
    except (ModelError, RunError, OSError) as error:
        raise RunError(
            f"{path / RESULTS} cannot be read{_reason(error)}: rerun the same aen {command} "
            "command, which writes it again."
        ) from error


def _reason(error: Exception) -> str:
    """Return why a file cannot be read, in parentheses, or nothing if the error has no text."""
    is_ours = isinstance(error, AutoequivariantError)
    reason = str(error) if is_ours else str(getattr(error, "strerror", None) or "")
    return f" ({reason.rstrip('.')})" if reason else ""
