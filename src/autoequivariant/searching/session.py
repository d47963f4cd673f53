"""What a run works with while it lasts: data, folder, study, executor and clock."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from autoequivariant.data.registry import short_name
from autoequivariant.data.samples import Samples
from autoequivariant.searching.asking.verdicts import recorded_verdicts
from autoequivariant.searching.coding import KEY as CODING
from autoequivariant.searching.coding import recorded_coding
from autoequivariant.searching.data_card import DataCard
from autoequivariant.searching.experiment import Experiment, make_experiment
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.proposals import KEY as PROPOSALS
from autoequivariant.searching.proposals import recorded_proposals, to_records
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.searching.sharing.address import Address
from autoequivariant.searching.sharing.evaluations import publish_recorded
from autoequivariant.searching.sharing.store import Store
from autoequivariant.searching.storage.consistency import check_study
from autoequivariant.searching.storage.results import version
from autoequivariant.searching.storage.run_folder import RunFolder
from autoequivariant.searching.storage.study import SearchStudy
from autoequivariant.training.clock import Clock, Interrupted
from autoequivariant.training.executors.executor import Executor
from autoequivariant.training.executors.registry import make_executor
from autoequivariant.training.progress import HeardProgress, NoProgress, Progress

SecondsNeeded = Callable[[], float | None]
"""Returns the seconds that a run may take, after about a second of training; None if they are not
known.
"""


@dataclass(frozen=True)
class Session:
    """What a run works with.

    Attributes:
        experiment: the problem, after the direct tests if there are any, and its data.
        folder, study: where the run is recorded.
        executor: trains networks.
        clock, progress: stop the run, and show it.
        store: where its work is shared with other processes; None if it works alone.
    """

    experiment: Experiment
    folder: RunFolder
    study: SearchStudy
    executor: Executor
    clock: Clock
    progress: Progress
    store: Store | None = None


def default_folder(settings: SearchSettings) -> Path:
    """Return the folder of a run without `--out`: `runs/NAME`, or `runs/fit-NAME` for a fit."""
    name = short_name(settings.data) or settings.command
    return Path("runs") / (f"fit-{name}" if settings.given else name)


@contextmanager
def open_session(
    settings: SearchSettings,
    out: Path | str | None,
    progress: Progress | None,
    samples: Samples | None,
    executor: Executor | None,
    begin: Callable[[DataCard], None] | None = None,
) -> Iterator[Session]:
    """Open a run, new or to be resumed, and close it at the end; arguments are as of `search`."""
    if executor is None:
        with (
            make_executor(settings.executor) as made,
            open_session(settings, out, progress, samples, made, begin) as session,
        ):
            yield session
        return
    clock = Clock(settings.timeout)
    progress = progress or NoProgress()
    path = default_folder(settings) if out is None else Path(out)
    coding = None if settings.coding is not None else recorded_coding(path)
    experiment = make_experiment(settings, samples, coding, recorded_proposals(path), executor)
    problem, data = experiment.problem, experiment.data
    names = {
        "classes": list(data.classes),
        "columns": list(data.columns),
        "categories": list(map(list, data.categories)),
        "few_values": list(map(list, experiment.few_values)),
        "knots": list(map(list, experiment.knots)),
        PROPOSALS: to_records(experiment.proposals),
    }
    command = {**problem.settings.to_json(), **names, "version": version()}
    if problem.coding is not None:
        command[CODING] = asdict(problem.coding)
    with clock, ExitStack() as opened:
        store = _store(problem, clock)
        if store is not None:
            opened.callback(store.close)
            progress = HeardProgress(progress, store.progressed)
        folder = RunFolder(path, problem.identity(), command, settings.command)
        opened.callback(folder.close)
        if begin is not None:
            begin(problem.card)
        start = clock.elapsed
        if settings.tests:
            experiment = _tested(experiment, folder, clock, progress, executor, store)
        asked = clock.elapsed - start
        problem = experiment.problem
        study = SearchStudy(folder.study, problem.space.distributions, problem.directions)
        opened.callback(study.close)
        check_study(problem, study)
        study.add_seconds("tests", asked)
        if store is not None:
            publish_recorded(store, problem, study)
        yield Session(experiment, folder, study, executor, clock, progress, store)


def _store(problem: Problem, clock: Clock) -> Store | None:
    """Open the store that the settings name; all processes of a search find the same study."""
    if problem.settings.storage is None:
        return None
    identity = json.dumps([version(), problem.identity()], sort_keys=True)
    return Store(
        Address.parse(problem.settings.storage),
        f"aen-{hashlib.sha256(identity.encode()).hexdigest()[:16]}",
        problem.space.distributions,
        problem.directions,
        problem.card.name,
        clock.check,
    )


def _tested(
    experiment: Experiment,
    folder: RunFolder,
    clock: Clock,
    progress: Progress,
    executor: Executor,
    store: Store | None,
) -> Experiment:
    """Return the experiment with the verdicts of the direct tests."""
    try:
        verdicts = recorded_verdicts(experiment, folder, clock, progress, executor, store)
        return experiment.with_verdicts(verdicts)
    except Interrupted:
        raise KeyboardInterrupt from None
