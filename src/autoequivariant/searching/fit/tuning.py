"""How the network that is handed over is trained: changed as long as validation improves.

The recipe's training is one for all data. From there one change at a time is tried, of
`Family.moves`: twice as long, wider, with more decay or less. The best on samples that the network
was not fitted on is kept, until none is clearly better or the time is over. A training's rate falls
to 0 at its end, so that a longer one is another training and not the continuation of a shorter one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Annotated, Any

from msgspec import Meta

from autoequivariant.jsonio import to_type
from autoequivariant.searching.fit.trials import Fitted, Trials, fitted_as, gains_of
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.sharing.work import agreed
from autoequivariant.searching.time_needed import training_in_time
from autoequivariant.training.child import Child
from autoequivariant.training.devices import memory_for_one
from autoequivariant.training.variant import SIZES, Variant


@dataclass(frozen=True)
class Tuning:
    """Finds how each network is fitted; recorded and resumable.

    Attributes:
        trials: trains and records.
    """

    trials: Trials

    def fitted(self, children: Sequence[Child], rounds: int) -> dict[Child, Fitted]:
        """Return how networks are fitted, within the time that is left.

        Args:
            children: the networks, as in the search.
            rounds: trainings that follow each other then.

        Raises:
            Interrupted: the user stopped the run.
        """
        problem = self._problem
        best: dict[Child, Variant] = {child: self._first(child) for child in children}
        tried = dict.fromkeys(children, 0)
        if problem.settings.fits == "full":
            decided = self._decided(best, rounds)
            best = {child: variant for child, (variant, _) in decided.items()}
            tried = {child: count for child, (_, count) in decided.items()}
        training = training_in_time(
            problem, self.trials.experiment.known_size, self.trials.clock, rounds
        )
        return {
            child: replace(fitted_as(child, training, one), tried=tried[child])
            for child, one in best.items()
        }

    def _decided(
        self, first: Mapping[Child, Variant], rounds: int
    ) -> dict[Child, tuple[Variant, int]]:
        """Return the best variant of each network and how many others were tried.

        Processes that share a store try them together, and the first to know the best decides: how
        much can be tried depends on time, which is not the same for all.
        """
        settings, clock = self._problem.settings, self.trials.clock
        store = None if clock.timeout is not None else self.trials.store
        asked = [[*child.key, variant.number] for child, variant in first.items()]
        name = f"fit {json.dumps([asked, settings.fit_seconds, settings.fit_size])}"

        def improve() -> dict[Child, tuple[Variant, int]]:
            best, tried = dict(first), {child: {one} for child, one in first.items()}
            self._improve(best, tried, rounds)
            return {child: (best[child], len(tried[child]) - 1) for child in best}

        own = improve() if store is None or not store.has(name) else {}
        return agreed(
            store,
            name,
            lambda: own or improve(),
            lambda found: [[asdict(variant), count] for variant, count in found.values()],
            lambda plain: _read_decided(plain, list(first)),
            lambda _: clock.check(),
        )

    @property
    def _problem(self) -> Problem:
        return self.trials.experiment.problem

    def _first(self, child: Child) -> Variant:
        problem = self._problem
        size, by_recipe = problem.settings.fit_size, problem.settings.fits != "none"
        first = problem.family.recipe_for(child) if by_recipe else Variant()
        if size is not None:
            return replace(first, size=SIZES.index(size))
        return replace(first, size=0) if self._keeps_width else first

    def _improve(
        self, best: dict[Child, Variant], tried: dict[Child, set[Variant]], rounds: int
    ) -> None:
        """Change the variants in place, as long as one of the changes is clearly better."""
        allowed = self._problem.settings.fit_seconds
        if self.trials.clock.timeout is not None:  # as long again for each training that follows
            left = self.trials.clock.timeout - self.trials.clock.elapsed
            allowed = min(allowed, left / (1 + rounds))
        end = self.trials.clock.elapsed + allowed
        if sum(self.trials.first_seconds(child, first) for child, first in best.items()) > allowed:
            return
        options: dict[Child, tuple[Variant, ...]] = {c: (first,) for c, first in best.items()}
        if not self.trials.evaluate(options, end):
            return
        trying, in_time = list(best), True
        while trying and in_time:
            left = (allowed - self._seconds_spent(tried)) / len(trying)
            options = {child: self._options(child, best[child], left) for child in trying}
            in_time = self.trials.evaluate(options, end)
            for child in trying:
                whole = [one for one in options[child] if self.trials.is_recorded(child, one)]
                tried[child].update(whole)
                option = self._clearly_better(child, best[child], whole)
                if option is None:
                    trying = [other for other in trying if other != child]
                else:
                    best[child] = option

    def _options(self, child: Child, now: Variant, seconds: float) -> tuple[Variant, ...]:
        """Return the changes that fit into some seconds with a final training, cheapest first."""
        changed = [now + move for move in self._problem.family.moves]
        if self._keeps_width:
            changed = [one for one in changed if one.size == now.size]
        chosen, needed = [], 0.0
        for one in sorted((one for one in changed if one.is_possible), key=lambda one: one.cost):
            each = self.trials.seconds(child, one, now)
            needed += each
            if needed + each <= seconds and self._fits_memory(one.width(child.width)):
                chosen.append(one)
        return tuple(chosen)

    @property
    def _keeps_width(self) -> bool:
        """Whether the user has decided on a width, or the search does, or small ones are wanted."""
        problem, settings = self._problem, self._problem.settings
        decided = (settings.fit_size, settings.channels, settings.sizes)
        is_searched = problem.space.has_widths or settings.smallest
        return is_searched or any(one is not None for one in decided)

    def _fits_memory(self, width: int) -> bool:
        problem = self._problem
        batch_size = problem.full_training(self.trials.experiment.known_size).batch_size
        required = problem.family.bytes_per_child(width, batch_size)
        return required <= memory_for_one(problem.device, problem.settings.memory_limit)

    def _clearly_better(
        self, child: Child, now: Variant, options: Sequence[Variant]
    ) -> Variant | None:
        """Return the option with the best score, if it is clearly better than the present one.

        Its score or its loss has to be better by more than a standard error, and its score no
        worse: a longer training is more confident, which lowers the log loss by itself.
        """
        before = self.trials.recorded(child, now)
        clusters = self.trials.clusters
        gains = {
            option: gains_of(before, self.trials.recorded(child, option), clusters)
            for option in options
        }
        better = {
            option: (score.mean, loss.mean)
            for option, (score, loss) in gains.items()
            if score.mean >= 0 and (score.is_distinguishable or loss.is_distinguishable)
        }
        return max(better, key=lambda option: better[option], default=None)

    def _seconds_spent(self, tried: Mapping[Child, Iterable[Variant]]) -> float:
        """Return what trainings have taken, also those of earlier processes."""
        pairs = [(child, variant) for child, of_child in tried.items() for variant in of_child]
        return sum(self.trials.seconds(child, variant, variant) for child, variant in pairs)


_Count = Annotated[int, Meta(ge=0, le=1000)]


def _read_decided(plain: Any, children: Sequence[Child]) -> dict[Child, tuple[Variant, int]]:
    found = to_type(plain, tuple[tuple[Variant, _Count], ...], "a fit")
    if len(found) != len(children) or not all(variant.is_possible for variant, _ in found):
        raise ValueError("it holds the fit of other networks")
    return dict(zip(children, found, strict=True))
