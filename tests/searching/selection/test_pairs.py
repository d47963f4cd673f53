"""Pairs of networks are trained on the folds until one is clearly ahead, and compared."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autoequivariant.evidence.fold_differences import together
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.selection.choice import LEAST_FOLDS
from autoequivariant.searching.selection.compared import Compared
from autoequivariant.searching.selection.folds import FoldTrainer
from autoequivariant.searching.selection.pairs import (
    Pair,
    differences,
    fold_values,
    folds_of,
    recorded,
    train_pairs,
)
from autoequivariant.searching.storage.study import SearchStudy
from autoequivariant.training.child import Child
from autoequivariant.training.clock import Clock, DeadlineReached
from autoequivariant.training.evaluation import Evaluation
from autoequivariant.training.executors.local import LocalExecutor
from autoequivariant.training.progress import NoProgress

LOSSES = {(): 1.0, (0,): 0.5, (1,): 0.99}
MOST = 4


class Known:
    """Gives children known losses, with noise of their own on each fold."""

    steps = 1

    def evaluate(
        self, children: Sequence[Child], replicate: int, on_step: Callable[[int], None]
    ) -> Iterator[tuple[list[Child], list[Evaluation]]]:
        for child in children:
            on_step(1)
            noise = np.random.default_rng([replicate, *child.members]).normal(scale=0.1, size=50)
            losses = (LOSSES[child.members] + noise).astype(np.float16)
            yield [child], [Evaluation(np.ones(50, bool), 100, 0.0, losses=losses)]


@pytest.fixture
def trained(
    small_experiment: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[FoldTrainer, dict[str, Child]]]:
    experiment = small_experiment("hflip,vflip", train_size=300, validation_size=100)
    space = experiment.problem.space
    study = SearchStudy(tmp_path / "study.db", space.distributions)
    monkeypatch.setattr(Problem, "evaluator", lambda *_: Known())
    trainer = FoldTrainer(experiment, study, LocalExecutor(1), Clock(), NoProgress())
    numbers: dict[str, list[int]] = {"none": [], "hflip": [0], "vflip": [1]}
    yield trainer, {name: space.child(some) for name, some in numbers.items()}
    study.close()


def test_what_is_clearly_ahead_is_not_trained_on_more_folds(
    trained: tuple[FoldTrainer, dict[str, Child]],
) -> None:
    trainer, child = trained
    train_pairs([(child["hflip"], child["none"])], MOST, trainer)
    assert folds_of(trainer.study, child["hflip"], child["none"], MOST) == LEAST_FOLDS
    train_pairs([(child["none"], child["hflip"])], MOST, trainer)  # behind, however clearly
    assert folds_of(trainer.study, child["hflip"], child["none"], MOST) == MOST
    train_pairs([(child["vflip"], child["none"])], MOST, trainer)
    assert folds_of(trainer.study, child["vflip"], child["none"], MOST) == MOST


def test_the_folds_that_both_were_trained_on_are_compared(
    trained: tuple[FoldTrainer, dict[str, Child]],
) -> None:
    trainer, child = trained
    pair = Pair((0,), child["hflip"], child["none"])
    trainer.train((child["none"],), 1)
    assert differences([pair], MOST, trainer) == {}
    for fold in (1, 2):
        trainer.train((child["hflip"], child["none"]), fold)
    trainer.train((child["none"],), 3)
    (found,) = differences([pair, pair], MOST, trainer).values()
    compared = Compared(trainer.n_folds)
    both = [fold_values(trainer.study, one, 2, compared) for one in (pair.more, pair.less)]
    assert [found] == together([compared.differences(*both)])
    assert found.mean == pytest.approx(0.5, abs=0.1)


def test_pairs_of_too_few_folds_are_not_recorded(
    trained: tuple[FoldTrainer, dict[str, Child]],
) -> None:
    trainer, child = trained
    pair = Pair((0,), child["hflip"], child["none"])
    trainer.train((child["hflip"], child["none"]), 1)
    assert recorded([pair], MOST, trainer) == []
    trainer.train((child["hflip"], child["none"]), 2)
    assert recorded([pair], MOST, trainer) == [pair]


def test_after_the_deadline_folds_so_far_count(
    trained: tuple[FoldTrainer, dict[str, Child]], stopping_clock: Any
) -> None:
    trainer, child = trained
    stopped = FoldTrainer(
        trainer.experiment,
        trainer.study,
        trainer.executor,
        stopping_clock(2, DeadlineReached),
        NoProgress(),
    )
    train_pairs([(child["vflip"], child["none"])], MOST, stopped)
    assert folds_of(trainer.study, child["vflip"], child["none"], MOST) == 1
