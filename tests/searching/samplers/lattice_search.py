"""Searches with the lattice sampler on small spaces."""

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
import optuna

from autoequivariant.groups.closure.layer_actions import layer_actions
from autoequivariant.groups.domain import Grid
from autoequivariant.groups.symmetry import parse_symmetries
from autoequivariant.nn.mlp.architecture import MLPArchitecture
from autoequivariant.searching.samplers.lattice import LatticeSampler
from autoequivariant.searching.space import Space
from autoequivariant.training.child import Child
from autoequivariant.training.families.mlp.family import MLPFamily

Score = Callable[[Child], float]
FEW = "hflip,vflip,swap_left_right,translate_x:2"


@cache
def few(limit: int = 500, widths: tuple[int, ...] = ()) -> Space:
    actions = layer_actions(parse_symmetries(FEW), Grid(8, 8), (Grid(4, 4),))
    return Space(MLPFamily(MLPArchitecture(actions, 1, (2,), 10)), limit, widths)


class Search:
    """Asks and tells, and notes which children were asked for."""

    def __init__(
        self,
        space: Space,
        score: Score,
        directions: Sequence[str] = ("maximize",),
        storage: optuna.storages.BaseStorage | None = None,
    ) -> None:
        self.space = space
        self.score = score
        self.study = optuna.create_study(
            storage=storage, study_name="s", directions=directions, load_if_exists=True
        )

    @property
    def asked(self) -> list[Child]:
        return [self.space.child_at(trial.params) for trial in self.study.trials]

    @property
    def sampler(self) -> LatticeSampler:
        return LatticeSampler(self.space, 1000, seed=len(self.study.trials))

    def ask(self, n: int) -> list[optuna.Trial]:
        self.study.sampler = self.sampler
        return [self.study.ask(dict(self.space.distributions)) for _ in range(n)]

    def tell(self, trials: Sequence[optuna.Trial]) -> None:
        for trial in trials:
            child = self.space.child_at(trial.params)
            values = [self.score(child), float(self.space.count_parameters(child))]
            self.study.tell(trial, values[: len(self.study.directions)])

    def go_on(self, n: int, together: int = 4) -> None:
        while n > 0:
            self.tell(self.ask(min(n, together)))
            n -= together


def gains(space: Space, planted: Sequence[int], noise: float = 0.008, seed: int = 0) -> Score:
    """Symmetries of the planted group help, all others harm; a table with noise."""
    good = set(space.child(planted).members)
    rng = np.random.default_rng(seed)
    table = {child.key: noise * rng.normal() for child in space.children}

    def score(child: Child) -> float:
        members = set(child.members)
        extra = table.get(child.key, 0.0)
        return 0.8 + 0.02 * len(members & good) - 0.04 * len(members - good) + extra

    return score


def by_hash(child: Child) -> float:
    """Any score, without order."""
    return float(np.random.default_rng((child.width, *child.members)).random())
