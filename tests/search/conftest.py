"""Small problems, and an evaluator that trains nothing."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pytest

from autoequivariant.groups import Grid, Network, parse_symmetries
from autoequivariant.search import Problem, SearchSettings, make_problem
from autoequivariant.search.evaluate import Evaluation


class FakeEvaluator:
    """Scores a network by its members alone, and remembers what was asked of it."""

    steps = 1

    def __init__(self, at_once: int = 4) -> None:
        self.at_once = at_once
        self.trained: list[tuple[int, ...]] = []
        self.batches: list[int] = []

    def evaluate(
        self, networks: Sequence[Network], replicate: int, on_step: Callable[[], None]
    ) -> Iterator[list[Evaluation]]:
        for first in range(0, len(networks), self.at_once):
            some = networks[first : first + self.at_once]
            on_step()
            self.trained += [network.members for network in some]
            self.batches.append(len(some))
            yield [self.score(network) for network in some]

    @staticmethod
    def score(network: Network) -> Evaluation:
        rng = np.random.default_rng((1, *network.members))
        correct = rng.random(50) < 0.5 + 0.03 * len(network.members)
        return Evaluation(correct, 1000 - len(network.members), 0.01)


@pytest.fixture
def fake_evaluator() -> type[FakeEvaluator]:
    return FakeEvaluator


@pytest.fixture(scope="session")
def small_problem() -> Callable[..., Problem]:
    """Make a small problem on digits; the options are those of `SearchSettings`."""

    def make(symmetries: str = "hflip,vflip,swap_left_right", **options: object) -> Problem:
        settings = {
            "symmetries": parse_symmetries(symmetries),
            "layers": (Grid(4, 4),),
            "channels": 1,
            "epochs": 1,
            "train_size": 60,
            "validation_size": 40,
        }
        return make_problem(SearchSettings("digits", **settings | options))  # type: ignore[arg-type]

    return make
