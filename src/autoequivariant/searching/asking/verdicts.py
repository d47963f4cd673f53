"""The verdicts on the candidates of a run: from its folder, or else from its data."""

from __future__ import annotations

from contextlib import suppress

from autoequivariant.evidence.verdict import Verdict
from autoequivariant.searching.asking.direct import ask_data, to_test
from autoequivariant.searching.experiment import Experiment
from autoequivariant.searching.sharing.store import Store
from autoequivariant.searching.sharing.work import agreed
from autoequivariant.searching.storage.run_folder import RunFolder
from autoequivariant.searching.storage.verdicts_file import (
    read_verdicts,
    verdicts_of,
    write_verdicts,
)
from autoequivariant.training.clock import Clock, DeadlineReached, Interrupted
from autoequivariant.training.executors.executor import Executor
from autoequivariant.training.progress import Progress


def recorded_verdicts(
    experiment: Experiment,
    folder: RunFolder,
    clock: Clock,
    progress: Progress,
    executor: Executor | None = None,
    store: Store | None = None,
) -> tuple[Verdict, ...]:
    """Return the verdicts on a run's candidates; they are recorded before they are used.

    A resumed run reads them, so that it searches the same space on any machine. Candidates that
    could not be tested within half of the time that is left are undecided. Of processes that share
    a store and have no time limit, one tests them for all.

    Raises:
        Interrupted: the user stopped the tests.
        RunError: the recorded verdicts cannot be read.
    """
    problem = experiment.problem
    names = [str(candidate) for candidate in problem.candidates]
    recorded = read_verdicts(folder.verdicts, names)
    if recorded is not None or not names:
        return recorded or ()
    progress.stage("ask", len(to_test(problem.candidates)), "candidate")

    reserve = 0.0 if clock.timeout is None else (clock.timeout - clock.elapsed) / 2

    def is_late() -> bool:
        try:
            clock.check(reserve)
        except (DeadlineReached, Interrupted):
            return True
        return False

    def on_tested() -> None:
        with suppress(DeadlineReached):
            clock.check()
        progress.advance(1)

    family, seed = problem.family, problem.settings.seed

    def ask() -> tuple[Verdict, ...]:
        return tuple(
            ask_data(
                experiment.data,
                family,
                seed,
                experiment.proposals,
                on_tested=on_tested,
                is_late=is_late,
                executor=executor,
            ).verdicts
        )

    verdicts = agreed(
        store if clock.timeout is None else None,
        "verdicts",
        ask,
        lambda found: [one.to_json() for one in found],
        lambda plain: verdicts_of(plain, names),
        lambda _: clock.check(),
    )
    write_verdicts(folder.verdicts, verdicts)
    # As read: what an interrupted run resumes from is what this process continues with.
    return read_verdicts(folder.verdicts, names) or ()
