"""Uses: how much candidates help networks, and what follows for the chosen one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from autoequivariant.evidence.intervals import Difference
from autoequivariant.evidence.verdict import Interval, Trained, Use, Verdict
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.selection.ablation import MOST_ABLATED, Ablation, ablate
from autoequivariant.searching.selection.choice import Choice
from autoequivariant.searching.selection.evidence import Further
from autoequivariant.searching.selection.folds import FoldTrainer
from autoequivariant.searching.selection.pairs import Pair, differences, recorded, train_pairs
from autoequivariant.training.child import Child
from autoequivariant.training.clock import DeadlineReached

ERROR = 0.05
"""Probability that the interval of any candidate misses, about."""


@dataclass(frozen=True)
class Uses:
    """The use of candidates for one chosen network.

    Attributes:
        choice, trainer: with the chosen network, and what trains others.
        further: pairs of networks that may show more.
        ablations: the chosen network without each generator, and without all.
        found: how much lower the loss of the network with more is.
        level: of the intervals, which hold together.
    """

    choice: Choice
    trainer: FoldTrainer
    further: Further
    ablations: tuple[Ablation, ...]
    found: Mapping[Pair, Difference]
    level: float

    @classmethod
    def measure(
        cls, problem: Problem, choice: Choice, trainer: FoldTrainer, dropped: Sequence[int]
    ) -> Uses:
        """Train and compare the chosen network without its generators, and as much further as is
        needed for those that do not clearly help it.
        """
        further = Further(problem, choice.chosen.child)
        ablations = ablate(problem, choice, trainer)
        own = [Pair(one.left_out, further.chosen, one.child) for one in ablations]
        added = recorded(further.one_more(), choice.folds, trainer)
        single = {pair.added[0] for pair in (*own, *added) if len(pair.added) == 1}
        # All that any network had, as the choice among them looked at these folds, too.
        every = {n for members, _ in trainer.study.trained() for n in members}
        tried = {n for n in every if n < len(problem.candidates)} | single
        asks = asks_evidence(problem)
        apart = {*dropped, *further.absent} if asks and further.augmentations else set(dropped)
        of_levels = {k: further.alone(k) for n in further.undecided for k in further.levels(n)}
        levels = recorded(of_levels.values(), choice.folds, trainer) if asks else []
        idle: set[int] = set()
        while True:
            more = further.pairs(sorted(idle))
            if more:
                train_pairs([(pair.more, pair.less) for pair in more], choice.folds, trainer)
            more += recorded(
                map(further.alone, sorted(apart) if asks else ()), choice.folds, trainer
            )
            more = [pair for pair in dict.fromkeys(more) if pair not in (*own, *added)]
            # Apart, as networks with a wrong symmetry or without augmentations may vary more.
            groups = (own, added, more, levels) if asks else ([*own, *added],)
            found = {
                pair: difference
                for group in groups
                for pair, difference in differences(group, choice.folds, trainer).items()
            }
            count = len(tried) + len(more)
            use = cls(choice, trainer, further, ablations, found, 1 - ERROR / max(1, count))
            if not asks or idle.issuperset(use.idle):
                return use
            idle.update(use.idle)  # more comparisons make wider intervals

    @property
    def idle(self) -> tuple[int, ...]:
        """The undecided generators that were left out and do not clearly help."""
        own = {one.left_out: self.own(one) for one in self.ablations}
        return tuple(
            number
            for number in self.further.undecided
            if (number,) in own and not self._helps(own[(number,)])
        )

    def to_drop(self) -> Ablation | None:
        """Return the network without the least useful generator that is to be dropped."""
        single = (one for one in self.ablations if len(one.left_out) == 1)
        return min(
            (one for one in single if self._is_useless(one)), key=self._usefulness, default=None
        )

    def to_add(self, dropped: Sequence[int]) -> Child | None:
        """Return the chosen network with a symmetry for which an augmentation stands in, if any:
        one that clearly helps alone, and with which that network is not distinguishably worse and
        has nothing that was dropped.

        Further candidates are trained beside the chosen network until they are clearly behind.
        """
        further, trainer, folds = self.further, self.trainer, self.choice.folds
        if not asks_evidence(further.problem):
            return None
        tried = {number for members, _ in trainer.study.trained() for number in members}
        pairs = [pair for pair in further.one_more() if tried.issuperset(pair.added)][:MOST_ABLATED]
        train_pairs([(pair.less, pair.more) for pair in pairs], folds, trainer)
        level = [
            pair
            for pair, ahead in differences(pairs, folds, trainer).items()
            if ahead.mean >= -ahead.standard_error and not set(dropped) & set(pair.more.members)
        ]
        if not level or not further.augmentations:
            return None
        alone = [further.alone(*pair.added) for pair in level]
        train_pairs([(pair.more, pair.less) for pair in alone], folds, trainer)
        use = Uses.measure(further.problem, self.choice, trainer, dropped)
        helpful = [pair for pair in (*alone, *level) if use._helps(pair)]
        best = max(helpful, key=lambda pair: use.found[pair].mean, default=None)
        return None if best is None else further.with_one_more(*best.added)

    def verdict(self, number: int, verdict: Verdict) -> Verdict:
        """Return the verdict with the use of its candidate.

        That of the chosen network if it is clear, else a clear one where less stands in for the
        candidate.
        """
        problem = self.further.problem
        pairs = [pair for pair in self.found if pair.added == (number,)]
        if not pairs:
            return replace(verdict, use="not tried", trained=None)
        chosen = self.further.chosen
        own = next((pair for pair in pairs if chosen in (pair.more, pair.less)), pairs[0])
        clear = [pair for pair in pairs if self._helps(pair)]
        if number in self.further.undecided and self._help_together(number):
            clear.append(self.further.together)
        if number in self.further.undecided and self._helps_up_to_another_level(number):
            alone = map(self.further.alone, self.further.levels(number))
            clear += [pair for pair in alone if self._helps(pair)]
        shown = clear[0] if clear and not self._harms(own) else own
        low, high = self._interval(shown)
        use: Use = "helps" if low > 0 else "harms" if high < 0 else "harmless"
        trained = self.trained(shown)
        if chosen not in (shown.more, shown.less) or shown.added != (number,):
            together = problem.names(shown.added) if shown.added != (number,) else ()
            beside = problem.names(shown.less.members)
            trained = replace(trained, beside=tuple(beside), together=tuple(together))
        return replace(verdict, use=use, trained=trained)

    def own(self, ablation: Ablation) -> Pair:
        """Return the chosen network and that without some of its symmetries."""
        return Pair(ablation.left_out, self.further.chosen, ablation.child)

    def _usefulness(self, ablation: Ablation) -> float:
        own = self.own(ablation)
        plain = self.further.beside(*ablation.left_out)
        return self.found[plain if plain in self.found else own].mean

    def _is_useless(self, ablation: Ablation) -> bool:
        """Whether a generator is to be dropped."""
        problem, own = self.further.problem, self.own(ablation)
        if not problem.compares_losses:
            return False
        (number,) = ablation.left_out
        if self._harms(own):
            return True
        if number not in self.further.undecided or problem.settings.smallest:
            return False
        return not self._helps(own) and not self._has_evidence(ablation)

    def _has_evidence(self, ablation: Ablation) -> bool:
        """Whether a generator stays that does not clearly help the chosen network."""
        if not asks_evidence(self.further.problem):
            return False
        (number,), further = ablation.left_out, self.further
        is_clear_alone = any(map(self._helps, (further.alone(number), further.augmented(number))))
        return (
            self._helps(further.beside(number))
            or (is_clear_alone and self._is_ahead(number))
            or self._help_together(number)
            or self._helps_up_to_another_level(number)
        )

    def _helps_up_to_another_level(self, number: int) -> bool:
        """Whether a partial generator's symmetry clearly helps up to another level, and it is ahead
        itself: which level is best is less clear than that some are good.
        """
        alone = map(self.further.alone, self.further.levels(number))
        return self._is_ahead(number) and any(map(self._helps, alone))

    def _help_together(self, number: int) -> bool:
        """Whether all undecided generators clearly help, but not without this one, which is ahead
        beside the others, too.
        """
        together, rest = self.further.together, self.further.rest(number)
        return self._helps(together) and not self._helps(rest) and self._is_ahead(number)

    def _is_ahead(self, number: int) -> bool:
        """Whether a generator is ahead beside the others by more than one standard error."""
        own = (self.own(one) for one in self.ablations if one.left_out == (number,))
        found = map(self.found.get, (self.further.beside(number), *own))
        return any(one is not None and one.is_distinguishable for one in found)

    def _interval(self, pair: Pair) -> Interval:
        """Return the interval of a comparison; (0, 0) if it was not made."""
        found = self.found.get(pair)
        return (0.0, 0.0) if found is None else found.interval(self.level)

    def _helps(self, pair: Pair) -> bool:
        return self._interval(pair)[0] > 0

    def _harms(self, pair: Pair) -> bool:
        return self._interval(pair)[1] < 0

    def trained(self, pair: Pair) -> Trained:
        """Return a comparison with its interval."""
        return Trained(self.found[pair].mean, self._interval(pair))


def asks_evidence(problem: Problem) -> bool:
    """Whether what is undecided is built in only with evidence, which is looked for."""
    return problem.settings.tests and not problem.settings.smallest


def is_complete(child: Child, choice: Choice, trainer: FoldTrainer) -> bool:
    """Train a network on the folds that it lacks; return whether the deadline allows it."""
    try:
        for number in range(1, choice.folds + 1):
            trainer.train((child,), number)
    except DeadlineReached:
        return False
    return True
