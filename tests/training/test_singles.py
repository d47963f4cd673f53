"""Networks that are each trained in another way, in parallel."""

import time
from dataclasses import replace

import numpy as np
import pytest
import torch

from autoequivariant.data.split import Split
from autoequivariant.groups.closure.layer_actions import layer_actions
from autoequivariant.groups.domain import Grid
from autoequivariant.groups.symmetry import parse_symmetries
from autoequivariant.nn.mlp.architecture import MLPArchitecture
from autoequivariant.searching.space import Space
from autoequivariant.training.evaluation import Evaluation
from autoequivariant.training.executors.local import LocalExecutor
from autoequivariant.training.families.mlp.family import MLPFamily
from autoequivariant.training.loop import Training
from autoequivariant.training.singles import Single, Singles

CPU = torch.device("cpu")


def family() -> MLPFamily:
    actions = layer_actions(parse_symmetries("hflip,vflip"), Grid(4, 4), (Grid(2, 2),))
    return MLPFamily(MLPArchitecture(actions, 1, (4,), 3, "invariant"))


def splits() -> list[tuple[Split, Split]]:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(120, 1, 4, 4)).astype(np.float32)
    y = rng.integers(0, 3, 120)
    return [(Split(x[:80], y[:80]), Split(x[80:], y[80:])), (Split(x[40:], y[40:]), Split(x, y))]


def singles() -> list[Single]:
    """Of other widths, lengths, rates, replicates and samples."""
    children = Space(family(), 9).children
    return [
        Single(children[0], Training(1), 1),
        Single(replace(children[1], width=7), Training(3, 16, weight_decay=0.1), 2, 1),
        Single(children[-1], Training(2, 32, 1e-2), 1, 1),
        Single(children[0], Training(2), 1),
    ]


def found(workers: int) -> dict[Single, Evaluation]:
    with LocalExecutor(workers, seconds_alone=0) as executor:
        trainer = Singles(family(), splits(), 0, CPU, executor)
        return dict(trainer.evaluate(singles(), lambda part: None))


def test_each_is_trained_in_its_own_way_whatever_the_workers() -> None:
    alone, together = found(1), found(2)
    assert set(alone) == set(together) == set(singles())
    for single, evaluation in alone.items():
        trainer = family().trainer(*splits()[single.split], single.training, 0, CPU)
        expected = trainer.evaluate(single.replicate, None, [single.child], lambda _: None)[0]
        for one in (evaluation, together[single]):
            assert np.array_equal(one.scores, expected.scores)
            assert one.n_parameters == expected.n_parameters
            assert one.seconds > 0


def test_networks_are_timed_and_their_steps_add_up() -> None:
    parts: list[float] = []
    with LocalExecutor(1) as executor:
        start = time.perf_counter()
        trainer = Singles(family(), splits(), 0, CPU, executor)
        networks = dict(trainer.train(singles(), parts.append))
        together = time.perf_counter() - start
    assert sum(parts) == pytest.approx(len(singles()))
    seconds = [network.seconds for network in networks.values()]
    assert min(seconds) > 0
    assert sum(seconds) < together
    assert [len(network.scores) for network in networks.values()] == [40, 120, 120, 40]


def test_what_the_caller_raises_stops_all() -> None:
    def stop(part: float) -> None:
        raise KeyboardInterrupt

    with LocalExecutor(1) as executor, pytest.raises(KeyboardInterrupt):
        list(Singles(family(), splits(), 0, CPU, executor).evaluate(singles(), stop))
