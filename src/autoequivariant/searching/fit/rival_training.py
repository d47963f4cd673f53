"""Rivals that are trained side by side, each resumable on its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from autoequivariant.data.split import Split
from autoequivariant.searching.fit.final import FINAL_REPLICATE, trained_by_any
from autoequivariant.searching.fit.fit import Fit
from autoequivariant.searching.sharing.evaluations import evaluations
from autoequivariant.searching.sharing.work import Done, Work, shared
from autoequivariant.training.child import Child
from autoequivariant.training.evaluation import Evaluation
from autoequivariant.training.families.family import TrainedNetwork
from autoequivariant.training.loop import Training
from autoequivariant.training.singles import Single, Singles

SAME = 0.25
"""Trainings whose seconds differ by a smaller share are taken to last equally long."""
Make = Callable[[Sequence[str]], Iterable[Done[str, Evaluation]]]
"""Makes evaluations of rivals by name."""


@dataclass(frozen=True)
class RivalTraining:
    """A rival that is to be trained.

    Attributes:
        name: of the rival.
        replicate: under which it is recorded.
        child: its network, as wide as it is fitted.
        samples: to train on.
        training: how it is trained.
        seconds: that its samples took. Default: none.
    """

    name: str
    replicate: int
    child: Child
    samples: Split
    training: Training
    seconds: float = 0.0


def epochs_as_long(epochs: int, seconds: float, allowed: float) -> int:
    """Return for how many epochs to train what takes some seconds for other epochs.

    Args:
        epochs, seconds: of the training.
        allowed: seconds that it may take.

    Returns:
        The same epochs if the seconds are about the same (`SAME`).
    """
    ratio = allowed / max(seconds, 1e-9)
    return epochs if abs(ratio - 1) <= SAME else max(1, round(epochs * ratio))


def train_rivals(
    fit: Fit, trainings: Sequence[RivalTraining], shares: bool = False
) -> Iterator[tuple[RivalTraining, TrainedNetwork]]:
    """Train rivals side by side and score them on test; yield each as soon as it is ready.

    The caller records it before it asks for the next one, and then its checkpoint is removed. All
    have the random numbers of the final training.

    Args:
        fit: of the chosen network; its executor trains.
        trainings: of the rivals.
        shares: whether they are the networks of the final training, which processes share. Default:
            no; the caller shares what follows.

    Raises:
        DeadlineReached, Interrupted: it is time to stop.
    """
    if not trainings:
        return
    problem, data = fit.experiment.problem, fit.experiment.data
    singles = {}
    for number, one in enumerate(trainings):
        # Another rival may be the same network with the same recipe on other samples.
        kept = replace(fit.folder.checkpoints, name=str(one.replicate))
        training = replace(one.training, checkpoints=kept)
        singles[Single(one.child, training, FINAL_REPLICATE, number)] = one, kept
    splits = [(one.samples, data.test) for one in trainings]
    trainer = Singles(problem.family, splits, problem.settings.seed, problem.device, fit.executor)

    def on_part(part: float) -> None:
        fit.clock.check(fit.seconds_of_refits)
        fit.progress.advance(part)

    fit.clock.check(fit.seconds_of_refits)
    store = fit.store if shares else None
    for single, network in trained_by_any(fit.experiment, trainer, list(singles), on_part, store):
        one, kept = singles[single]
        yield one, network
        kept.remove(single.replicate, [single.child])


def record_rivals(fit: Fit, chosen: Child, replicates: Mapping[str, int], make: Make) -> None:
    """Make and record rivals, or take over those that other processes have made.

    Args:
        fit: of the chosen network.
        chosen: the chosen network, under which they are recorded.
        replicates: of the rivals by name.
        make: makes evaluations.

    Raises:
        DeadlineReached, Interrupted: it is time to stop.
    """
    problem, data = fit.experiment.problem, fit.experiment.data

    def on_part(part: float) -> None:
        fit.clock.check(fit.seconds_of_refits)
        fit.progress.advance(part)

    work: Work[str, Evaluation] = evaluations(
        problem, len(data.test), lambda name: (chosen, replicates[name])
    )
    parts = shared(fit.store, list(replicates), work, make, on_part, fit.executor.n_workers)
    for names, found in parts:
        for name, evaluation in zip(names, found, strict=True):
            fit.study.record([chosen], replicates[name], [evaluation])
