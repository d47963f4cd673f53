"""The fit of given symmetries: nothing is tested, searched or chosen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from autoequivariant.data.samples import Samples
from autoequivariant.searching.experiment import Experiment
from autoequivariant.searching.fit.fit import Fit
from autoequivariant.searching.outcome import Outcome, make_results
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.session import SecondsNeeded, Session, open_session
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.searching.storage.results import Seconds, write_results
from autoequivariant.searching.time_needed import seconds_of_full_fit
from autoequivariant.training.child import Child
from autoequivariant.training.clock import Interrupted
from autoequivariant.training.executors.executor import Executor
from autoequivariant.training.progress import Progress

Announce = Callable[[Experiment, SecondsNeeded | None], None]


@dataclass(frozen=True)
class GivenNetwork:
    """The network with everything that is given; it has no score on validation."""

    child: Child
    n_parameters: int
    score: None = None


def fit(
    settings: SearchSettings,
    out: Path | str | None = None,
    progress: Progress | None = None,
    announce: Announce | None = None,
    samples: Samples | None = None,
    executor: Executor | None = None,
    refits: int = 0,
) -> Outcome:
    """Train the network that has exactly the given symmetries, and its baseline, in full.

    The data are not asked whether the symmetries hold, and settings of the search do not count.
    A second call with the same settings and folder trains nothing again; with another
    `SearchSettings.fit` it trains both networks again.

    Args:
        settings: its symmetries and augmentations are those of the network. Default: none of
            either, which fits the baseline.
        out: the folder. Default: `runs/fit-NAME`.
        progress: shows the progress. Default: nothing.
        announce: called before the training, with the problem and its data, and with a function
            that estimates the seconds that it may take, None if the folder has a result.
        samples, executor, refits: as of `searching.run.search`.

    Raises:
        AutoequivariantError: the data, the settings or the folder cannot be used.
        KeyboardInterrupt: the user stopped the fit; a further call resumes it.
    """
    settings = replace(settings, given=True, tests=False, symmetries=settings.symmetries or ())
    with open_session(settings, out, progress, samples, executor) as session:
        experiment, study, folder = session.experiment, session.study, session.folder
        problem = experiment.problem
        training = _fit_of(session, refits)
        if announce is not None:
            has_result = folder.read_results() is not None
            announce(experiment, None if has_result else lambda: _seconds(training))
        start = session.clock.elapsed
        try:
            tested = training.tested([given_network(problem)])
        except Interrupted:
            raise KeyboardInterrupt from None
        finally:
            fitting = study.add_seconds("fit", session.clock.elapsed - start)
        seconds = Seconds(study.add_seconds("total", session.clock.elapsed), 0.0, 0.0, fitting)
        results = make_results(problem, study, "given", seconds, tested=tested)
        results = replace(results, states=1, distinct_networks=1, sampler="none")
        write_results(folder.results, results)
        folder.checkpoints.clear()
        return Outcome(problem, results, folder.path)


def given_network(problem: Problem) -> GivenNetwork:
    """Return the network with the closure of all given symmetries, and all augmentations."""
    child = problem.space.child(range(len(problem.space.names)))
    return GivenNetwork(child, problem.space.count_parameters(child))


def _fit_of(session: Session, refits: int) -> Fit:
    experiment, executor = session.experiment, session.executor
    data = experiment.data
    return Fit(
        experiment,
        experiment.problem.evaluator(data.train, data.validation, executor),
        session.study,
        session.folder,
        executor,
        session.clock,
        session.progress,
        refits,
        session.store,
    )


def _seconds(training: Fit) -> float | None:
    """Return how long the fit may take; None if a few steps say little, as in `seconds_needed`."""
    experiment, problem = training.experiment, training.experiment.problem
    if problem.settings.fits != "full":
        return None if problem.most_together > 1 else training.seconds
    child, workers = given_network(problem).child, training.executor.n_workers
    networks = len({child, problem.space.baseline_of(child)})
    tried = seconds_of_full_fit(experiment, training.seconds_of_one, networks, workers)
    return tried + training.seconds_of_refits
