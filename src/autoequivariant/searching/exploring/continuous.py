"""Without rounds: a sampler is asked for one network whenever a worker comes free.

So no worker waits for another, and the sampler is told what is running. What it proposes depends on
the order in which scores arrive: two searches may train different networks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from autoequivariant.searching.exploring.rounds import MOST_REPEATS
from autoequivariant.searching.exploring.trainings import Trainings
from autoequivariant.searching.samplers.sampler import SearchSampler, mixed_seed
from autoequivariant.searching.storage.results import Status
from autoequivariant.searching.storage.study import Proposal
from autoequivariant.training.child import Child

_TRIES = 8
"""Proposals in a row without a new network, after which a free worker waits for a score."""


def search_continuously(trainings: Trainings, sampler: SearchSampler[Any], total: int) -> Status:
    """Train what a sampler proposes, as workers come free; the baseline comes first.

    Args:
        trainings: trains networks and records them.
        sampler: what proposes.
        total: the most networks to train, those of earlier processes included.

    Raises:
        DeadlineReached, Interrupted: it is time to stop.
    """
    search = _Continuous(trainings, sampler, total)
    for child in trainings.train_each(search.next_child):
        search.tell(child)
    return search.status() or "budget"


@dataclass
class _Continuous:
    trainings: Trainings
    sampler: SearchSampler[Any]
    total: int
    running: dict[Child, list[Proposal]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.problem, self.study = self.trainings.problem, self.trainings.study
        self.repeats = 0
        # Otherwise a resumed search would draw the same random numbers again.
        seed = mixed_seed(self.problem.settings.seed, len(self.study.proposed()))
        n_samples = self.problem.card.validation_size
        self.proposer = self.sampler.make_for_continuous(self.problem.space, seed, n_samples)

    def next_child(self) -> Child | None:
        """Return what to train next; None if nothing is worth it before more is scored."""
        baseline = self.problem.space.baseline
        if self.study.evaluation(baseline) is None and baseline not in self.running:
            self.running[baseline] = []
            return baseline
        tries = 0
        while self.study.pending or self.status() is None:
            self.trainings.check_time()
            if self.running and tries == _TRIES:
                return None
            tries += 1
            if not self.study.pending:
                self.study.pending = self.study.ask(self.proposer, 1)
            child = self._begun(self.study.pending.pop(0))
            if child is not None:
                return child
        return None

    def _begun(self, proposal: Proposal) -> Child | None:
        """Return the network of a proposal if it is new; else the proposal waits or is told."""
        child = self.problem.space.child_at(proposal.point)
        if self.study.evaluation(child) is not None:
            self.repeats += 1
            self.trainings.tell([proposal], child)
            return None
        if child in self.running:
            self.running[child].append(proposal)
            return None
        self.repeats = 0
        self.running[child] = [proposal]
        return child

    def tell(self, child: Child) -> None:
        """Tell the score of a network that was running to all of its proposals."""
        self.repeats = 0  # the sampler knows more now
        self.trainings.tell(self.running.pop(child), child)

    def status(self) -> Status | None:
        """Return why to propose nothing more, at least until more is scored; None to go on."""
        trained = len(self.study.trained())
        begun = trained + len(self.running)
        if begun >= self.total:
            return "complete" if begun == self.problem.space.size else "budget"
        if self.repeats >= MOST_REPEATS:
            return "repeats"
        if self.sampler.has_converged(self.proposer, self.study.optuna, trained):
            return "converged"
        return None
