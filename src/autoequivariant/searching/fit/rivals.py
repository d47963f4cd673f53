"""Rivals of the chosen network: what else the same effort buys, on test.

All are trained as the network that is handed over: on all samples outside of test. Each is scored
on test once, and nothing is chosen by these scores. They are recorded in the study under the chosen
network, so that they belong to its group; what is recorded is not retrained, and what was begun
resumes at its checkpoint.
"""

from __future__ import annotations

import math
import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial

import numpy as np

from autoequivariant.evidence.class_balance import balanced_accuracy
from autoequivariant.evidence.intervals import mean_interval, paired_difference
from autoequivariant.groups.element import element_of, members_of
from autoequivariant.searching.fit.fit import Fit
from autoequivariant.searching.fit.moved_copies import (
    MOST_ELEMENTS,
    averaged_scores,
    copies_within,
    moved_copies,
)
from autoequivariant.searching.fit.rival_training import (
    Make,
    RivalTraining,
    epochs_as_long,
    record_rivals,
    train_rivals,
)
from autoequivariant.searching.fit.tested import ScoredOnTest
from autoequivariant.searching.fit.yardstick import CLASSES, suitable_yardstick, yardstick_scores
from autoequivariant.searching.selection.folds import recorded_evaluation
from autoequivariant.searching.storage.fit import FitRecord
from autoequivariant.searching.storage.rivals import RIVALS_FROM, RivalRecord
from autoequivariant.training.child import Child
from autoequivariant.training.clock import DeadlineReached
from autoequivariant.training.devices import default_limit_of
from autoequivariant.training.elsewhere import executor_for
from autoequivariant.training.evaluation import Evaluation
from autoequivariant.training.families.family import TrainedNetwork

CHOSEN, BASELINE, BASELINE_SECONDS = "chosen network", "baseline", "baseline, same seconds"
AVERAGED = "baseline, averaged"
AUGMENTED, AUGMENTED_SECONDS = "baseline, augmented", "augmented, same seconds"
NAMES = (CHOSEN, BASELINE, AVERAGED, AUGMENTED, BASELINE_SECONDS, AUGMENTED_SECONDS, *CLASSES)
"""All rivals, in the order in which they are shown."""
SHORTER: Mapping[str, str] = {BASELINE_SECONDS: BASELINE, AUGMENTED_SECONDS: AUGMENTED}
"""What is trained for as many seconds as the chosen network."""
_STREAM = 17  # of random numbers
_PART_FOR_COPIES = 4  # moved copies take at most one part in so many of the memory for training
_FITS = 9_000_000  # that have replicates of their own, which have at most nine digits


def replicate_of(name: str, fit: FitRecord) -> int:
    """Return the replicate of a rival; those of another fit are others."""
    return RIVALS_FROM + zlib.crc32(repr(fit).encode()) % _FITS * 100 + NAMES.index(name)


class Rivals:
    """The chosen network and its rivals.

    They are the baseline, also averaged over the group of the chosen network when it predicts; the
    baseline trained with augmentation by that group, for as many epochs as the longer of the two
    trainings, and with the augmentations of the chosen network; both again for as many seconds as
    the chosen network takes; and a yardstick. Without symmetries only the baseline (if it is
    another network) and the yardstick are left.

    Args:
        fit: of the chosen network; its executor trains the rivals.
        chosen: the chosen network.
        tested: how it was trained.
    """

    def __init__(self, fit: Fit, chosen: Child, tested: ScoredOnTest) -> None:
        self.fit, self.chosen, self.fitted = fit, chosen, tested.fit
        self.networks = dict(tested.networks)
        self.problem, self.data = fit.experiment.problem, fit.experiment.data
        self.known = fit.experiment.known
        space, first = self.problem.space, len(self.problem.candidates)
        self.baseline = space.baseline_of(chosen)
        augmentations = [number for number in chosen.members if number >= first]
        self.augmented = space.child(augmentations, self.baseline.width)
        generators = space.smallest_generators(chosen)
        self.symmetries = [self.problem.candidates[k] for k in generators if k < first]

    def train(self) -> None:
        """Train, score and record what is not recorded; after the deadline the rest is left out.

        Raises:
            Interrupted: the user stopped the run.
        """
        handed_over = len({self.chosen, self.baseline})
        others = 1 + sum(map(len, self._rounds)) if self.symmetries else 0
        self.fit.progress.stage("rivals", handed_over + others + 1)
        with suppress(DeadlineReached):
            self._hand_over()
            if self.symmetries:
                self._record(AVERAGED, self._averaged)
            name = self._yardstick()
            self._record(name, partial(self._measured, name))
            for names in self._rounds if self.symmetries else ():
                self._train(names)

    def records(self) -> tuple[RivalRecord, ...]:
        """Return those that are recorded, the chosen network first; empty if it is not."""
        names = [name for name in NAMES if self._is_recorded(name)]
        return tuple(map(self._row, names)) if CHOSEN in names else ()

    def epochs(self, name: str) -> int:
        """Return for how many epochs a rival is trained; of the longer ones, to take as long."""
        if name in SHORTER:
            epochs = self.epochs(SHORTER[name])
            return epochs_as_long(epochs, self._seconds(SHORTER[name]), self._seconds(CHOSEN))
        each = self.fitted.epochs, self.fitted.baseline_epochs
        return {CHOSEN: each[0], AUGMENTED: max(each)}.get(name, each[1])

    def _row(self, name: str) -> RivalRecord:
        found, chosen = self._recorded(name), self._recorded(CHOSEN)
        ahead = paired_difference(chosen.scores[None], found.scores[None], self.data.test.clusters)
        is_network, has_classes = name not in CLASSES, bool(self.data.classes)
        return RivalRecord(
            name,
            found.score,
            mean_interval(found.scores),
            ahead.mean,
            ahead.interval(),
            found.n_parameters if is_network else None,
            self.epochs(name) if is_network else None,
            found.seconds,
            len(found.scores),
            balanced_accuracy(found.scores, self.data.test.y) if has_classes else None,
        )

    def _recorded(self, name: str) -> Evaluation:
        return recorded_evaluation(self.fit.study, self.chosen, replicate_of(name, self.fitted))

    def _is_recorded(self, name: str) -> bool:
        replicate = replicate_of(name, self.fitted)
        return self.fit.study.evaluation(self.chosen, replicate) is not None

    def _seconds(self, name: str) -> float:
        return self._recorded(name).seconds

    def _record(self, name: str, make: Callable[[], Evaluation], part: float = 1.0) -> None:
        """Record a rival, which makes up a part of the progress, unless it is recorded."""
        if self._is_recorded(name):
            self.fit.progress.advance(part)
            return

        def made(names: Sequence[str]) -> Iterator[tuple[Sequence[str], list[Evaluation]]]:
            evaluation = make()
            self.fit.progress.advance(part)
            yield names, [evaluation]

        self._record_all([name], made)

    def _record_all(self, names: Sequence[str], make: Make) -> None:
        replicates = {name: replicate_of(name, self.fitted) for name in names}
        record_rivals(self.fit, self.chosen, replicates, make)

    def _check(self, seconds: float = 0.0) -> None:
        """Raise if it is time to stop, or there is no time for what takes so many seconds."""
        self.fit.clock.check(self.fit.seconds_of_refits + seconds)

    def _seed(self, number: int) -> int:
        seed = (self.problem.settings.seed, _STREAM, number)
        return int(np.random.SeedSequence(seed).generate_state(1)[0])

    @property
    def _rounds(self) -> tuple[tuple[str, ...], ...]:
        """Which rivals are trained side by side. What is to take as long as another comes later."""
        problem, batch_size = self.problem, self.problem.training.batch_size
        executor = executor_for(problem.device, self.fit.executor, problem.family, batch_size)
        if executor.n_workers > 1:
            return (AUGMENTED, BASELINE_SECONDS), (AUGMENTED_SECONDS,)
        return (AUGMENTED,), (BASELINE_SECONDS,), (AUGMENTED_SECONDS,)

    def _hand_over(self) -> None:
        """Record the networks of the final training; retrain what an earlier process trained."""
        children = {CHOSEN: self.chosen}
        if self.baseline != self.chosen:
            children[BASELINE] = self.baseline
        needed = {child for name, child in children.items() if not self._is_recorded(name)}
        if self.symmetries and not self._is_recorded(AVERAGED):
            needed.add(self.baseline)
        missing = {
            name: self._as_fitted(name, child, self.epochs(name))
            for name, child in children.items()
            if child in needed and child not in self.networks
        }
        for one, network in train_rivals(self.fit, list(missing.values()), shares=True):
            self.networks[children[one.name]] = network
            self._record(one.name, partial(_evaluation, network, one.seconds), part=0.0)
        for name, child in children.items():
            if name not in missing:
                self._record(name, partial(self._handed_over, child))

    def _train(self, names: Sequence[str]) -> None:
        """Train those rivals for which there is time, and record each as soon as it is ready."""
        wanted = []
        for name in names:
            first = SHORTER.get(name)
            if first is not None and not self._is_recorded(first):
                continue
            if self._is_recorded(name) or (first and self.epochs(name) == self.epochs(first)):
                self.fit.progress.advance(1)
                continue
            with suppress(DeadlineReached):
                self._check(self._seconds_needed(name))
                wanted.append(name)
        if wanted:
            self._record_all(wanted, self._trained)

    def _trained(self, names: Sequence[str]) -> Iterator[tuple[list[str], list[Evaluation]]]:
        for one, network in train_rivals(self.fit, [self._prepared(name) for name in names]):
            yield [one.name], [_evaluation(network, one.seconds)]

    def _seconds_needed(self, name: str) -> float:
        if name == BASELINE_SECONDS:
            return self._seconds(CHOSEN)
        return self._seconds(BASELINE) * self.epochs(name) / self.epochs(BASELINE)

    def _prepared(self, name: str) -> RivalTraining:
        """Return how a rival is trained."""
        epochs = self.epochs(name)
        if name == BASELINE_SECONDS:
            return self._as_fitted(name, self.baseline, epochs)
        start = time.perf_counter()
        one = self._as_fitted(name, self.augmented, epochs)
        memory = self.problem.settings.memory_limit or default_limit_of(self.problem.device)
        values = self.known.x.size * self.problem.family.numbers_per_value
        copies = copies_within(epochs, values, memory // _PART_FOR_COPIES)
        size, seed = one.training.batch_size, self._seed(1)
        moved = moved_copies(self.data, self.known, self.symmetries, copies, size, seed)
        training = replace(one.training, epochs=math.ceil(epochs / copies))
        seconds = time.perf_counter() - start
        return replace(one, samples=moved, training=training, seconds=seconds)

    def _as_fitted(self, name: str, child: Child, epochs: int) -> RivalTraining:
        """Return the training of the chosen network or of a baseline, for so many epochs."""
        fit, training = self.fitted, self.problem.full_training(len(self.known))
        own = (fit.baseline_epochs, fit.baseline_weight_decay, fit.baseline_width)
        if child == self.chosen:
            own = (fit.epochs, fit.weight_decay, fit.width)
        training = replace(training, epochs=own[0], weight_decay=own[1] or 0.0)
        return RivalTraining(
            name,
            replicate_of(name, fit),
            replace(child, width=own[2] or child.width),
            self.known,
            training.of_length(epochs),
        )

    def _handed_over(self, child: Child) -> Evaluation:
        return _evaluation(self.networks[child])

    def _averaged(self) -> Evaluation:
        network = self.networks[self.baseline]
        start, outputs = time.perf_counter(), len(self.data.classes or self.data.targets)
        generators = [
            element_of(symmetry, self.data.domain, self.data.channels, outputs)
            for symmetry in self.symmetries
        ]
        elements = members_of(generators, MOST_ELEMENTS, np.random.default_rng(self._seed(0)))
        model, task = network.model.cpu().eval(), self.problem.family.task
        scores = averaged_scores(model, self.data.test, elements, task, self._check)
        return _evaluation(replace(network, scores=scores), time.perf_counter() - start)

    def _yardstick(self) -> str:
        """Return the yardstick's name: the recorded one, or the one that suits."""
        for name in CLASSES:
            if self._is_recorded(name):
                return name
        self._check()
        is_table, task = self.data.domain.kind == "features", self.problem.family.task
        return suitable_yardstick(self.known, is_table, task, self._seed(0), self._categorical)

    @property
    def _categorical(self) -> list[int]:
        return [column for column, values in enumerate(self.data.categories) if values]

    def _measured(self, name: str) -> Evaluation:
        self._check()
        start, task = time.perf_counter(), self.problem.family.task
        seed = self._seed(1)
        scores = yardstick_scores(name, self.known, self.data.test, task, seed, self._categorical)
        return Evaluation(scores, 0, time.perf_counter() - start)


def _evaluation(network: TrainedNetwork, seconds: float = 0.0) -> Evaluation:
    """Return the scores of a network that took so many seconds beside its training."""
    return Evaluation(network.scores, network.n_parameters, network.seconds + seconds)
