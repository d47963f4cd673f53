"""Scaling that commutes with every candidate."""

import numpy as np
import pytest

from autoequivariant.groups.closure.layer_actions import LayerActions, layer_actions
from autoequivariant.groups.custom.definition import DataSpec, candidate_of, resolve
from autoequivariant.groups.domain import Domain, Features, Grid, Pairs, Sequence
from autoequivariant.groups.scale_classes import (
    ScaleClasses,
    input_scale_classes,
    output_scale_classes,
    units_of,
)


def actions_of(mappings: list[object], domain: Domain, channels: int, outputs: int) -> LayerActions:
    spec = DataSpec(domain, (), channels, tuple(f"y{k}" for k in range(outputs)), False)
    candidates = resolve([candidate_of(mapping) for mapping in mappings], spec)
    return layer_actions(candidates, domain, [domain], channels=channels, outputs=outputs)


CASES: list[tuple[list[object], Domain, int, list[int], list[bool]]] = [
    # Columns of a table are scaled each on its own, but for those that are exchanged.
    (["swap:0-1", "swap:1-2"], Features(5), 1, [0, 0, 0, 1, 2], [False] * 5),
    (["negate_column:3"], Features(4), 1, [0, 1, 2, 3], [False, False, False, True]),
    (["swap:0-3", "negate_column:3"], Features(4), 1, [0, 1, 2, 0], [True, False, False, True]),
    (["reverse"], Features(4), 1, [0, 1, 1, 0], [False] * 4),
    # Elsewhere each channel is.
    (["hflip"], Grid(2, 4), 3, [0, 1, 2], [False] * 3),
    (["negate"], Grid(2, 4), 2, [0, 1], [True, True]),
    (["reverse_complement"], Sequence(4), 4, [0, 1, 1, 0], [False] * 4),
    ([{"like": "hflip", "channels": {"negate": 1}}], Grid(2, 2), 2, [0, 1], [False, True]),
]


@pytest.mark.parametrize(("mappings", "domain", "channels", "labels", "centred"), CASES)
def test_inputs(
    mappings: list[object], domain: Domain, channels: int, labels: list[int], centred: list[bool]
) -> None:
    actions = actions_of(mappings, domain, channels, 1)
    found = input_scale_classes(actions, channels, range(len(mappings)))
    assert found.labels.tolist() == labels
    assert found.centred.tolist() == centred
    plain = input_scale_classes(actions, channels, ())  # has none of them, so pays for none
    assert plain.labels.tolist() == list(range(len(labels)))
    assert not plain.centred.any()


@pytest.mark.parametrize(("mappings", "domain", "channels", "labels", "centred"), CASES)
def test_scaling_commutes_with_every_candidate(
    mappings: list[object], domain: Domain, channels: int, labels: list[int], centred: list[bool]
) -> None:
    actions = actions_of(mappings, domain, channels, 1)
    rng = np.random.default_rng(0)
    x = rng.random((50, channels, domain.size)) * np.arange(1, channels + 1)[:, None]
    alike = input_scale_classes(actions, channels, range(len(mappings)))
    mean, scale = alike.moments(*of_each(x, alike.labels.size))

    def scaled(values: np.ndarray) -> np.ndarray:
        flat = values.reshape(len(values), len(mean), -1)
        return ((flat - mean[:, None]) / scale[:, None]).reshape(len(values), -1)

    size = actions.sizes[0]
    for (move, *_), _ in zip(actions.permutations, mappings, strict=True):
        blocks = x.reshape(50, -1, size)
        moved = scaled(move.apply(blocks))
        assert np.allclose(moved, move.apply(scaled(x).reshape(50, -1, size)).reshape(50, -1))


def test_pairs_of_an_item_with_itself_have_their_own_scale() -> None:
    mappings: list[object] = ["swap:0-1", {"negate": 2, "channels": {"swap": "0 <-> 1"}}]
    actions = actions_of(mappings, Pairs(3), 2, 1)
    diagonal = np.eye(3, dtype=bool)
    plain = input_scale_classes(actions, 2, ()).labels.reshape(2, 3, 3)
    for members in ((), (0,)):
        found = input_scale_classes(actions, 2, members)
        assert np.array_equal(found.labels, plain.reshape(-1))
        assert not found.centred.any()
    assert len({*plain[0, diagonal], *plain[1, diagonal], *plain[0, ~diagonal]}) == 3
    assert len(np.unique(plain)) == 4
    assert np.ptp(plain[1, ~diagonal]) == 0
    both = input_scale_classes(actions, 2, (1,))
    assert np.array_equal(both.labels[:9], both.labels[9:])
    assert both.centred.all()
    assert input_scale_classes(actions_of(["negate"], Pairs(1), 2, 1), 2, ()).labels.max() == 1


def test_units() -> None:
    assert units_of(Features(3)).tolist() == [0, 1, 2]
    assert units_of(Pairs(2)).tolist() == [0, 1, 1, 0]
    assert units_of(Grid(2, 2)).tolist() == [0, 0, 0, 0]


def test_outputs() -> None:
    mappings: list[object] = [{"like": "hflip", "outputs": {"swap": "0 <-> 2", "negate": 1}}]
    found = output_scale_classes(actions_of(mappings, Grid(2, 2), 1, 3), 3, [0])
    assert found.labels.tolist() == [0, 1, 0]
    assert found.centred.tolist() == [False, True, False]
    others = [
        output_scale_classes(actions_of(["hflip"], Grid(2, 2), 1, 3), 3, [0]),
        output_scale_classes(actions_of(mappings, Grid(2, 2), 1, 3), 3, []),
    ]
    for plain in others:
        assert plain.labels.tolist() == [0, 1, 2]
        assert not plain.centred.any()


def of_each(x: np.ndarray, values: int) -> tuple[np.ndarray, np.ndarray]:
    flat = x.reshape(len(x), values, -1)
    return flat.mean(axis=(0, 2)), flat.var(axis=(0, 2))


def test_moments() -> None:
    x = np.array([[0.0, 2.0, 5.0], [2.0, 4.0, 5.0]])
    mean, scale = ScaleClasses(np.array([0, 0, 1], np.int32), np.zeros(3, bool)).moments(
        *of_each(x, 3)
    )
    assert mean.tolist() == [2, 2, 5]
    assert scale.tolist() == [np.sqrt(2), np.sqrt(2), 1]
    mean, scale = ScaleClasses(
        np.array([0, 0, 1], np.int32), np.array([True, True, False])
    ).moments(*of_each(x, 3))
    assert mean.tolist() == [0, 0, 5]
    assert scale.tolist() == [np.sqrt(6), np.sqrt(6), 1]
