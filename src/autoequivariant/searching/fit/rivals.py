"""Rivals of the chosen network: what else the same effort buys, on the folds of the choice.

Their evaluations are recorded in the study under the chosen network, so that they belong to its
group, with replicates of their own. What is recorded is not retrained.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial

import numpy as np

from autoequivariant.data.folds import fold
from autoequivariant.data.split import Split
from autoequivariant.evidence.intervals import mean_interval, paired_difference
from autoequivariant.evidence.testing.moves import element_of
from autoequivariant.searching.fit.moved_copies import (
    averaged_scores,
    copies_within,
    group_of,
    moved_copies,
)
from autoequivariant.searching.fit.yardstick import (
    BOOSTING,
    CLASSES,
    FOREST,
    SVC,
    suitable_yardstick,
    yardstick_scores,
)
from autoequivariant.searching.selection.choice import Choice
from autoequivariant.searching.selection.folds import FoldTrainer, recorded_evaluation
from autoequivariant.searching.storage.rivals import RIVALS_FROM, RivalRecord
from autoequivariant.training.child import Child
from autoequivariant.training.clock import DeadlineReached
from autoequivariant.training.evaluation import Evaluation
from autoequivariant.training.evaluator import default_limit_of
from autoequivariant.training.families.family import TrainedNetwork

MOST_FOLDS = 5
"""Folds of the choice on which rivals are trained, at most."""
SAME = 0.25
"""Trainings whose seconds differ by a smaller share are taken to last equally long."""
CHOSEN, BASELINE, BASELINE_SECONDS = "chosen network", "baseline", "baseline, same seconds"
AVERAGED = "baseline, averaged"
AUGMENTED, AUGMENTED_SECONDS = "baseline, augmented", "augmented, same seconds"
REPLICATES: Mapping[str, int] = {
    CHOSEN: RIVALS_FROM,  # trained alone, as its rivals are, for its seconds
    BASELINE: 20_000,
    AVERAGED: 30_000,
    AUGMENTED: 40_000,
    BASELINE_SECONDS: 50_000,
    AUGMENTED_SECONDS: 60_000,
    BOOSTING: 70_000,
    SVC: 80_000,
    FOREST: 90_000,
}
"""The replicate of a rival is this number plus the number of the fold."""
_SHORTER = {BASELINE_SECONDS: BASELINE, AUGMENTED_SECONDS: AUGMENTED}
_STREAM = 17  # of random numbers
_PART_FOR_COPIES = 4  # moved copies take at most one part in so many of the memory for training


def compare_rivals(choice: Choice, trainer: FoldTrainer) -> tuple[RivalRecord, ...]:
    """Train the rivals of the chosen network and compare them with it, on at most `MOST_FOLDS`.

    They are the baseline, also averaged over the group of the chosen network when it predicts;
    the baseline trained with augmentation by that group; both again for as many seconds as the
    chosen network takes; and a yardstick. If the chosen network has augmentations of its own, so
    has the baseline. Without symmetries only the baseline and the yardstick are left. After the
    deadline, complete folds count.

    Args:
        choice: the chosen network and its folds.
        trainer: trains on the folds of the choice.

    Returns:
        The chosen network first; empty if no fold was completed.

    Raises:
        Interrupted: the user stopped the run.
    """
    rivals = _Rivals(choice, trainer)
    numbers = range(1, min(choice.folds, MOST_FOLDS) + 1)
    trainer.progress.stage("rivals", len(numbers) * rivals.n_trained)
    done = 0
    with suppress(DeadlineReached):
        for number in numbers:
            rivals.train(number)
            done = number
        for number in numbers:
            rivals.train_as_long(number)
    return rivals.records(done) if done else ()


class _Rivals:
    """The rivals of one chosen network."""

    def __init__(self, choice: Choice, trainer: FoldTrainer) -> None:
        self.choice, self.trainer, self.study = choice, trainer, trainer.study
        self.problem, self.data = trainer.experiment.problem, trainer.experiment.data
        self.chosen = choice.chosen.child
        space, first = self.problem.space, len(self.problem.candidates)
        augmentations = [number for number in self.chosen.members if number >= first]
        self.baseline = space.child(augmentations, space.baseline_of(self.chosen).width)
        generators = space.smallest_generators(self.chosen)
        self.symmetries = [self.problem.candidates[k] for k in generators if k < first]
        outputs = len(self.data.classes or self.data.targets)
        elements = [
            element_of(symmetry, self.data.domain, self.data.channels, outputs)
            for symmetry in self.symmetries
        ]
        self.elements = group_of(elements, self._seed(0)) if elements else ()
        self.epochs = self.problem.training.epochs

    @property
    def n_trained(self) -> int:
        """Trainings on each fold."""
        return 6 if self.symmetries else 1

    def train(self, number: int) -> None:
        """Train all rivals on one fold, unless they are recorded."""
        if self.symmetries:
            self._record(CHOSEN, number, partial(self._timed, self.chosen, number, self.epochs))
            self._record_baseline(number)
            self._record(AUGMENTED, number, partial(self._augmented, number, self.epochs))
        if number == 1:
            self.yardstick = self._yardstick()
        self._record(self.yardstick, number, partial(self._measured, number))

    def train_as_long(self, number: int) -> None:
        """Train two again for the seconds of the chosen network, once all folds are measured."""
        pairs = ((BASELINE_SECONDS, self._longer_baseline), (AUGMENTED_SECONDS, self._augmented))
        for name, train in pairs if self.symmetries else ():
            epochs = self.epochs_as_long(name)
            if epochs == self.epochs:
                self.trainer.progress.advance(1)
            else:
                self._record(name, number, partial(train, number, epochs))

    def epochs_as_long(self, name: str) -> int:
        """Return for how many epochs a rival is trained to take as long as the chosen network.

        Of the folds, the shortest time counts: whatever else a machine does makes trainings longer.
        """
        numbers = range(1, min(self.choice.folds, MOST_FOLDS) + 1)
        allowed, taken = (
            min(self._recorded(one, number).seconds for number in numbers)
            for one in (CHOSEN, _SHORTER[name])
        )
        ratio = allowed / max(taken, 1e-9)
        return self.epochs if abs(ratio - 1) <= SAME else max(1, round(self.epochs * ratio))

    def _fold(self, number: int) -> tuple[Split, Split]:
        seed = self.problem.settings.seed
        return fold(self.data, number - 1, self.trainer.n_folds, seed)

    def records(self, folds: int) -> tuple[RivalRecord, ...]:
        """Return all rivals, scored on the first folds."""
        numbers = range(1, folds + 1)
        own = [recorded_evaluation(self.study, self.chosen, number) for number in numbers]
        alone = [self._recorded(CHOSEN, n) for n in numbers] if self.symmetries else own
        rows = [replace(self._row(CHOSEN, own, own, self.epochs), seconds=_mean_seconds(alone))]
        plain = self.problem.space.baseline
        if not self.symmetries and plain != self.chosen:
            found = [recorded_evaluation(self.study, plain, number) for number in numbers]
            rows.append(self._row(BASELINE, found, own, self.epochs))
        for name, first in REPLICATES.items():
            known = [self.study.evaluation(self.chosen, first + number) for number in numbers]
            found = [evaluation for evaluation in known if evaluation is not None]
            if name == CHOSEN or len(found) < folds:
                continue
            epochs = self.epochs_as_long(name) if name in _SHORTER else self.epochs
            rows.append(self._row(name, found, own, None if name in CLASSES else epochs))
        return tuple(rows)

    def _row(
        self,
        name: str,
        found: Sequence[Evaluation],
        own: Sequence[Evaluation],
        epochs: int | None,
    ) -> RivalRecord:
        scores, chosen = (np.concatenate([e.scores for e in part]) for part in (found, own))
        by_fold = self.trainer.clusters(len(found))
        clusters = None if by_fold is None else np.concatenate(by_fold)
        ahead = paired_difference(chosen[None], scores[None], clusters)
        return RivalRecord(
            name,
            float(scores.mean()),
            mean_interval(scores),
            ahead.mean,
            ahead.interval(),
            None if epochs is None else found[0].n_parameters,
            epochs,
            _mean_seconds(found),
            len(found),
            len(scores),
        )

    def _recorded(self, name: str, number: int) -> Evaluation:
        return recorded_evaluation(self.study, self.chosen, REPLICATES[name] + number)

    def _record(self, name: str, number: int, train: Callable[[], Evaluation]) -> None:
        """Train and record a rival on a fold; nothing that is recorded is retrained."""
        replicate = REPLICATES[name] + number
        if self.study.evaluation(self.chosen, replicate) is not None:
            self.trainer.progress.advance(1)
            return
        self.trainer.clock.check(self.trainer.reserve)
        self.study.record([self.chosen], replicate, [train()])

    def _seed(self, number: int) -> int:
        seed = (self.problem.settings.seed, _STREAM, number)
        return int(np.random.SeedSequence(seed).generate_state(1)[0])

    def _trained(
        self, child: Child, number: int, fit: Split, score: Split, epochs: int
    ) -> TrainedNetwork:
        """Train a network alone, with the random numbers of the choice."""
        training = replace(self.problem.training, epochs=epochs)
        problem = replace(self.problem, training=training)
        evaluator = problem.evaluator(fit, score, self.trainer.executor)

        def on_step(count: int) -> None:
            self.trainer.clock.check(self.trainer.reserve)
            self.trainer.progress.advance(count / evaluator.steps)

        ((_, network),) = evaluator.train([child], number, on_step)
        return network

    def _timed(self, child: Child, number: int, epochs: int) -> Evaluation:
        start = time.perf_counter()
        return _evaluation(self._trained(child, number, *self._fold(number), epochs), start)

    def _longer_baseline(self, number: int, epochs: int) -> Evaluation:
        return self._timed(self.baseline, number, epochs)

    def _record_baseline(self, number: int) -> None:
        """Train the baseline once, for its predictions and for their average over the group."""
        if self.study.evaluation(self.chosen, REPLICATES[AVERAGED] + number) is not None:
            self.trainer.progress.advance(1)
            return
        fit, score = self._fold(number)
        start = time.perf_counter()
        network = self._trained(self.baseline, number, fit, score, self.epochs)
        self._record(BASELINE, number, lambda: _evaluation(network, start))
        task, clock, reserve = self.problem.family.task, self.trainer.clock, self.trainer.reserve
        model = network.model.cpu().eval()

        def averaged() -> Evaluation:
            scores = averaged_scores(
                model, score, self.elements, task, lambda: clock.check(reserve)
            )
            return _evaluation(replace(network, scores=scores), start)

        self._record(AVERAGED, number, averaged)

    def _augmented(self, number: int, epochs: int) -> Evaluation:
        """Train the baseline on moved copies: in each epoch each sample is moved at random."""
        fit, score = self._fold(number)
        start = time.perf_counter()
        memory = self.problem.settings.memory_limit or default_limit_of(self.problem.device)
        copies = copies_within(epochs, fit.x.size, memory // _PART_FOR_COPIES)
        batch_size, seed = self.problem.training.batch_size, self._seed(number)
        moved = moved_copies(self.data, fit, self.symmetries, copies, batch_size, seed)
        passes = math.ceil(epochs / copies)
        return _evaluation(self._trained(self.baseline, number, moved, score, passes), start)

    def _yardstick(self) -> str:
        """Return the yardstick's name: the recorded one, or the one that suits."""
        for name in CLASSES:
            if self.study.evaluation(self.chosen, REPLICATES[name] + 1) is not None:
                return name
        self.trainer.clock.check(self.trainer.reserve)
        is_table = self.data.domain.kind == "features"
        return suitable_yardstick(
            self._fold(1)[0], is_table, self.problem.family.task, self._seed(0)
        )

    def _measured(self, number: int) -> Evaluation:
        fit, score = self._fold(number)
        start, task = time.perf_counter(), self.problem.family.task
        scores = yardstick_scores(self.yardstick, fit, score, task, self._seed(number))
        self.trainer.progress.advance(1)
        return Evaluation(scores, 0, time.perf_counter() - start)


def _evaluation(network: TrainedNetwork, start: float) -> Evaluation:
    return Evaluation(network.scores, network.n_parameters, time.perf_counter() - start)


def _mean_seconds(evaluations: Sequence[Evaluation]) -> float:
    return sum(evaluation.seconds for evaluation in evaluations) / len(evaluations)
