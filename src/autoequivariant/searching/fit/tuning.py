"""How the network that is handed over is trained: changed as long as validation improves.

The recipe's training is one for all data. From there one change at a time is tried, of
`Family.moves`: twice as long, wider, with more decay or less. The best on samples that the network
was not fitted on is kept, until none is clearly better or the time is over. A training's rate falls
to 0 at its end, so that a longer one is another training and not the continuation of a shorter one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoequivariant.data.folds import fit_and_score, fold, fold_count
from autoequivariant.evidence.intervals import Difference, paired_difference
from autoequivariant.searching.experiment import Experiment
from autoequivariant.searching.selection.folds import recorded_evaluation
from autoequivariant.searching.storage.study import SearchStudy
from autoequivariant.searching.time_needed import seconds_to_train, training_in_time
from autoequivariant.training.checkpoint import Checkpoints
from autoequivariant.training.child import Child
from autoequivariant.training.clock import Clock, DeadlineReached
from autoequivariant.training.devices import memory_for_one
from autoequivariant.training.evaluation import Evaluation
from autoequivariant.training.executors.executor import Executor
from autoequivariant.training.loop import Training
from autoequivariant.training.progress import Progress
from autoequivariant.training.singles import Single, Singles
from autoequivariant.training.variant import SIZES, Variant

FIRST_REPLICATE = 3_000_000
"""Of the trainings here; those of the search, the folds and the final training have others."""
ENOUGH_SCORED = 1000
"""With fewer validation samples, trainings are compared on several folds."""
_MOST_FOLDS = 10


@dataclass(frozen=True)
class Fitted:
    """How a network is fitted.

    Attributes:
        child: the network, as wide as it is fitted.
        training: how it is trained.
    """

    child: Child
    training: Training


@dataclass(frozen=True)
class Tuning:
    """Finds how each network is fitted; recorded and resumable.

    Attributes:
        experiment: the problem and its data.
        study: where evaluations are recorded, under the network that was searched.
        executor: what trains.
        clock, progress: stop the training, and show it.
        checkpoints: where the trainings keep them.
    """

    experiment: Experiment
    study: SearchStudy
    executor: Executor
    clock: Clock
    progress: Progress
    checkpoints: Checkpoints

    def fitted(self, children: Sequence[Child], rounds: int) -> dict[Child, Fitted]:
        """Return how networks are fitted, within the time that is left.

        Args:
            children: the networks, as in the search.
            rounds: trainings that follow each other then.

        Raises:
            Interrupted: the user stopped the run.
        """
        problem = self.experiment.problem
        best = {child: self._first(child) for child in children}
        if problem.settings.fits == "full":
            with suppress(DeadlineReached):
                self._improve(best)
        training = training_in_time(problem, self.experiment.known_size, self.clock, rounds)
        return {child: _fitted(child, training, one) for child, one in best.items()}

    def _first(self, child: Child) -> Variant:
        problem = self.experiment.problem
        size, by_recipe = problem.settings.fit_size, problem.settings.fits != "none"
        first = problem.family.recipe_for(child) if by_recipe else Variant()
        if size is not None:
            return replace(first, size=SIZES.index(size))
        return replace(first, size=0) if self._keeps_width else first

    def _improve(self, best: dict[Child, Variant]) -> None:
        """Change the variants in place, as long as one of the changes is clearly better."""
        fit_time = self.experiment.problem.settings.fit_time
        end = self.clock.elapsed + fit_time
        tried = {child: {first} for child, first in best.items()}
        if sum(self._first_seconds(child, first) for child, first in best.items()) > fit_time:
            return
        self._evaluate({child: (first,) for child, first in best.items()}, end)
        trying = list(best)
        while trying:
            left = self._seconds_left(tried) / len(trying)
            options = {child: self._options(child, best[child], left) for child in trying}
            self._evaluate(options, end)
            for child in trying:
                tried[child].update(options[child])
                option = self._clearly_better(child, best[child], options[child])
                if option is None:
                    trying = [other for other in trying if other != child]
                else:
                    best[child] = option

    def _options(self, child: Child, now: Variant, seconds: float) -> tuple[Variant, ...]:
        """Return the changes that fit into some seconds with a final training, cheapest first."""
        changed = [now + move for move in self.experiment.problem.family.moves]
        if self._keeps_width:
            changed = [one for one in changed if one.size == now.size]
        chosen, needed = [], 0.0
        for one in sorted((one for one in changed if one.is_possible), key=lambda one: one.cost):
            each = self._seconds(child, one, now)
            needed += each
            if needed + each <= seconds and self._fits_memory(one.width(child.width)):
                chosen.append(one)
        return tuple(chosen)

    def _first_seconds(self, child: Child, first: Variant) -> float:
        """Return the seconds of the first trainings, before or after them."""
        singles = [self._single(child, first, number) for number in range(self.n_folds)]
        if self.study.evaluation(child, singles[0].replicate) is not None:
            return self._seconds(child, first, first)
        nominal = self._nominal_seconds(singles)
        if nominal is not None:
            return nominal
        problem, single = self.experiment.problem, singles[0]
        evaluator = problem.evaluator(*self._singles.splits[0], self.executor, single.training)
        return seconds_to_train(evaluator, single.child) * len(singles) / self.executor.n_workers

    def _seconds(self, child: Child, variant: Variant, measured: Variant) -> float:
        """Return the seconds of trainings on all folds, from those of another variant if need be.

        They are nominal where that is possible, so that the result is the same on every machine.
        """
        singles = [self._single(child, variant, number) for number in range(self.n_folds)]
        nominal = self._nominal_seconds(singles)
        if nominal is not None:
            return nominal
        taken = sum(evaluation.seconds for evaluation in self._recorded(child, measured))
        return taken * variant.cost / measured.cost

    def _nominal_seconds(self, singles: Sequence[Single]) -> float | None:
        family, splits = self.experiment.problem.family, self._singles.splits
        each = [
            family.nominal_seconds(one.child, one.training, len(splits[one.split][0]))
            for one in singles
        ]
        known = [seconds for seconds in each if seconds is not None]
        return sum(known) if len(known) == len(each) else None

    @property
    def _keeps_width(self) -> bool:
        """Whether the user has decided on a width, or the search does, or small ones are wanted."""
        problem = self.experiment.problem
        settings = problem.settings
        decided = (settings.fit_size, settings.channels, settings.sizes)
        is_searched = problem.space.has_widths or settings.smallest
        return is_searched or any(one is not None for one in decided)

    def _fits_memory(self, width: int) -> bool:
        problem = self.experiment.problem
        required = problem.family.bytes_per_child(width, problem.training.batch_size)
        return required <= memory_for_one(problem.device, problem.settings.memory_limit)

    def _clearly_better(
        self, child: Child, now: Variant, options: Sequence[Variant]
    ) -> Variant | None:
        """Return the option with the best score, if it is clearly better than the present one.

        Its score or its loss has to be better by more than a standard error, and its score no
        worse: a longer training is more confident, which lowers the log loss by itself.
        """
        before = self._recorded(child, now)
        gains = {option: _gains(before, self._recorded(child, option)) for option in options}
        better = {
            option: (score.mean, loss.mean)
            for option, (score, loss) in gains.items()
            if score.mean >= 0 and (score.is_distinguishable or loss.is_distinguishable)
        }
        return max(better, key=lambda option: better[option], default=None)

    def _recorded(self, child: Child, variant: Variant) -> list[Evaluation]:
        return [
            recorded_evaluation(self.study, child, _replicate(variant, number))
            for number in range(self.n_folds)
        ]

    def _seconds_left(self, tried: Mapping[Child, Iterable[Variant]]) -> float:
        """Return what trainings have left, also those of earlier processes."""
        pairs = [(child, variant) for child, of_child in tried.items() for variant in of_child]
        spent = sum(self._seconds(child, variant, variant) for child, variant in pairs)
        left = self.experiment.problem.settings.fit_time - spent
        timeout = self.clock.timeout
        return left if timeout is None else min(left, timeout - self.clock.elapsed)

    @property
    def n_folds(self) -> int:
        """Number of folds on which trainings are compared; 1 if validation has enough samples."""
        data = self.experiment.data
        needed = math.ceil(ENOUGH_SCORED / len(data.validation))
        return min(fold_count(data), needed, _MOST_FOLDS)

    @cached_property
    def _singles(self) -> Singles:
        problem, data = self.experiment.problem, self.experiment.data
        seed = problem.settings.seed
        if self.n_folds == 1:
            splits = [fit_and_score(data)]
        else:
            splits = [fold(data, n, fold_count(data), seed) for n in range(self.n_folds)]
        return Singles(problem.family, splits, seed, problem.device, self.executor)

    def _evaluate(self, variants: Mapping[Child, Sequence[Variant]], end: float) -> None:
        """Train and record what has no evaluation yet.

        Raises:
            Interrupted, DeadlineReached: the user or the time stopped it; `end` is by the clock.
        """
        missing: dict[Single, Child] = {}
        for child, of_child in variants.items():
            for variant in of_child:
                for number in range(self.n_folds):
                    replicate = _replicate(variant, number)
                    if self.study.evaluation(child, replicate) is None:
                        missing[self._single(child, variant, number)] = child
        if not missing:
            return
        self.progress.stage("fit", len(missing))

        def on_part(part: float) -> None:
            self.clock.check()
            if self.clock.elapsed > end:
                raise DeadlineReached
            self.progress.advance(part)

        for single, evaluation in self._singles.evaluate(list(missing), on_part):
            self.study.record([missing[single]], single.replicate, [evaluation])
            self.checkpoints.remove(single.replicate, [single.child])

    def _single(self, child: Child, variant: Variant, number: int) -> Single:
        samples = len(self._singles.splits[number][0])
        recipe = self.experiment.problem.full_training(samples)
        fitted = _fitted(child, replace(recipe, checkpoints=self.checkpoints), variant)
        return Single(fitted.child, fitted.training, _replicate(variant, number), number)


def _gains(
    before: Sequence[Evaluation], after: Sequence[Evaluation]
) -> tuple[Difference, Difference]:
    """Return by how much the score is higher and the loss lower afterwards, on the same samples."""

    def together(rows: Iterable[NDArray[Any]]) -> NDArray[Any]:
        return np.concatenate(list(rows))[None]

    score = paired_difference(
        together(one.scores for one in after), together(one.scores for one in before)
    )
    loss = paired_difference(
        together(one.sample_losses for one in before), together(one.sample_losses for one in after)
    )
    return score, loss


def _replicate(variant: Variant, number: int) -> int:
    return FIRST_REPLICATE + variant.number * _MOST_FOLDS + number


def _fitted(child: Child, training: Training, variant: Variant) -> Fitted:
    wide = replace(child, width=variant.width(child.width))
    return Fitted(wide, variant.of(training))
