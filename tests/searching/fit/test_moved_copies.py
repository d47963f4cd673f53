"""Moved training samples, and predictions that are averaged over a group."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from autoequivariant.data.arrays import Arrays
from autoequivariant.data.samples import make_samples
from autoequivariant.data.split import DataSet, Split, split
from autoequivariant.groups.custom.definition import Definition, resolve
from autoequivariant.groups.domain import Grid
from autoequivariant.groups.element import Element, element_of, members_of
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.symmetry import parse_symmetries
from autoequivariant.searching.data_spec import data_spec
from autoequivariant.searching.experiment import Experiment
from autoequivariant.searching.fit.moved_copies import (
    MOST_ELEMENTS,
    averaged_scores,
    copies_within,
    moved_copies,
)
from autoequivariant.training.child import Child
from autoequivariant.training.executors.local import LocalExecutor
from autoequivariant.training.tasks import CLASSIFICATION, TASKS

SQUARE = parse_symmetries("rot90,hflip")
RNG = np.random.default_rng(0)


def pictures(n: int = 100) -> DataSet:
    x, y = RNG.integers(0, 256, (n, 4, 4), np.uint8), np.arange(n) % 3
    return split(make_samples("pictures", Arrays(x, y)), None, None, 0)


def orbit(picture: np.ndarray) -> set[bytes]:
    turns = [np.rot90(picture, k) for k in range(4)]
    return {np.ascontiguousarray(t).tobytes() for one in turns for t in (one, one[:, ::-1])}


@pytest.mark.parametrize(("copies", "batch_size"), [(1, 16), (5, 16), (3, 60), (4, 64)])
def test_each_sample_occurs_once_an_epoch_and_is_moved_with_its_label(
    copies: int, batch_size: int
) -> None:
    data = pictures()
    moved = moved_copies(data, data.train, SQUARE, copies, batch_size, 0)
    steps_of_an_epoch = -(-len(data.train) // batch_size)
    assert -(-len(moved) // batch_size) == copies * steps_of_an_epoch
    number = {name: k for k, one in enumerate(data.train.x) for name in orbit(one[0])}
    sources = [number[one[0].tobytes()] for one in moved.x]
    counts = np.bincount(sources, minlength=len(data.train))
    assert counts.min() >= copies and counts.max() <= counts.min() + 1
    assert np.array_equal(data.train.y[sources], moved.y)
    assert moved.x.dtype == np.uint8
    kept = [np.array_equal(a, data.train.x[k]) for a, k in zip(moved.x, sources, strict=True)]
    assert 0 < np.mean(kept) < 0.4  # one element in eight
    again = moved_copies(data, data.train, SQUARE, copies, batch_size, 0)
    assert np.array_equal(moved.x, again.x)
    assert not np.array_equal(
        moved.x, moved_copies(data, data.train, SQUARE, copies, batch_size, 1).x
    )


def test_labels_move_as_the_outputs_do() -> None:
    data = pictures()
    mirror = {"name": "mirror", "like": "hflip", "outputs": {"swap": "0 <-> 1"}}
    samples = make_samples("pictures", Arrays(data.train.x[:, 0], data.train.y))
    (symmetry,) = resolve([Definition.of(mirror)], data_spec(samples))
    moved = moved_copies(data, data.train, [symmetry], 2, 16, 0)
    label = {one[0].tobytes(): k for one, k in zip(data.train.x, data.train.y, strict=True)}
    label |= {
        np.ascontiguousarray(one[0, :, ::-1]).tobytes(): [1, 0, 2][k]
        for one, k in zip(data.train.x, data.train.y, strict=True)
    }
    assert [label[one[0].tobytes()] for one in moved.x] == moved.y.tolist()


@pytest.mark.parametrize(
    ("epochs", "values", "memory", "copies"),
    [(7, 100, 8 * 700, 7), (12, 100, 8 * 700, 6), (7, 100, 8 * 600, 6), (7, 100, 0, 1)],
)
def test_moved_copies_fit_in_memory(epochs: int, values: int, memory: int, copies: int) -> None:
    assert copies_within(epochs, values, memory) == copies


def elements(names: str, side: int = 4) -> list[Element]:
    return [element_of(s, Grid(side, side), 1, 3) for s in parse_symmetries(names)]


def test_the_average_is_that_of_moved_outputs() -> None:
    """Against a slow twin; and what is averaged over a group is invariant to it."""
    torch.manual_seed(0)
    linear = torch.nn.Linear(16, 3)
    exchange = Permutation([1, 0, 2])
    mirror = elements("hflip")[0]
    group = (Element(mirror.points**0, exchange**0), Element(mirror.points, exchange))
    x = RNG.normal(size=(40, 1, 4, 4)).astype(np.float32)
    y = RNG.integers(0, 3, 40)

    def model(batch: torch.Tensor) -> torch.Tensor:
        return linear(batch.flatten(1))

    def slow(picture: np.ndarray) -> int:
        with torch.no_grad():
            here = model(torch.from_numpy(picture[None])).softmax(1)[0].numpy()
            there = model(torch.from_numpy(picture[None, :, :, ::-1].copy())).softmax(1)[0].numpy()
        return int((here + there[[1, 0, 2]]).argmax())

    found = averaged_scores(model, Split(x, y), group, CLASSIFICATION)
    assert found.dtype == bool
    assert found.tolist() == [slow(one) == label for one, label in zip(x, y, strict=True)]
    mirrored = Split(x[..., ::-1].copy(), np.array([1, 0, 2])[y])
    assert np.array_equal(averaged_scores(model, mirrored, group, CLASSIFICATION), found)
    alone = averaged_scores(model, Split(x, y), group[:1], CLASSIFICATION)
    assert not np.array_equal(averaged_scores(model, mirrored, group[:1], CLASSIFICATION), alone)


def test_targets_are_averaged_too() -> None:
    torch.manual_seed(0)
    linear = torch.nn.Linear(16, 1)
    negate = Element(elements("hflip")[0].points, Permutation([0], [-1]))
    group = members_of([negate], MOST_ELEMENTS, RNG)
    assert len(group) == 2
    x = RNG.normal(size=(40, 1, 4, 4)).astype(np.float32)
    y = (x[..., 0] - x[..., 3]).sum((1, 2))[:, None]
    samples = Split(x, y)
    found = averaged_scores(lambda b: linear(b.flatten(1)), samples, group, TASKS["regression"])
    with torch.no_grad():
        values = torch.from_numpy(x)
        odd = (linear(values.flatten(1)) - linear(values.flip(3).flatten(1))) / 2
    expected = 1 - (odd.numpy() - y) ** 2 / y.var()
    assert found.dtype == np.float32
    assert np.allclose(found, expected[:, 0], atol=1e-4)


def test_an_equivariant_network_is_its_own_average(
    small_experiment: Callable[..., Experiment],
) -> None:
    experiment = small_experiment("hflip,vflip")
    problem, data = experiment.problem, experiment.data
    child: Child = problem.space.child((0, 1))
    with LocalExecutor(1) as executor:
        evaluator = problem.evaluator(data.train, data.validation, executor)
        (network,) = evaluator.trainer.train(1, [child], lambda _: None)
    made = [element_of(s, data.domain, 1, 10) for s in problem.candidates]
    found = averaged_scores(
        network.model, data.validation, members_of(made, MOST_ELEMENTS, RNG), CLASSIFICATION
    )
    assert np.array_equal(found, network.scores)
