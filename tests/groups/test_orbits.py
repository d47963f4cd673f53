"""Orbits as values; that they are the right ones is for the laws."""

from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from autoequivariant.errors import ActionError
from autoequivariant.groups import orbits as module
from autoequivariant.groups.catalogue import paper_candidates
from autoequivariant.groups.domain import Features, Grid, Pairs
from autoequivariant.groups.orbits import Orbits, pair_orbits, point_orbits
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.symmetry import Symmetry

SWAP, STAY = Permutation([1, 0]), Permutation([0, 1])
NEGATE, SIGNED_SWAP = Permutation([0, 1], [-1, -1]), Permutation([1, 0], [1, -1])


def same(one: Orbits, other: Orbits) -> bool:
    """Whether labels and signs agree."""
    return np.array_equal(one.labels, other.labels) and np.array_equal(one.signs, other.signs)


def test_without_generators_every_pair_is_free() -> None:
    orbits = pair_orbits([], [], 2, 3)
    assert orbits.labels.tolist() == [[0, 1, 2], [3, 4, 5]]
    assert orbits.labels.dtype == np.int32
    assert (orbits.count, orbits.free.sum(), orbits.signs) == (6, 6, None)


def test_a_swap_on_both_sides() -> None:
    orbits = pair_orbits([SWAP], [SWAP], 2, 2)
    assert orbits.labels.tolist() == [[0, 1], [1, 0]]
    assert point_orbits([SWAP], 2).labels.tolist() == [0, 0]


def test_signs_and_forced_zeros() -> None:
    orbits = pair_orbits([SIGNED_SWAP], [SIGNED_SWAP], 2, 2)  # a quarter turn: rotation matrices
    assert orbits.signs is not None
    assert orbits.labels.tolist() == [[0, 1], [1, 0]]
    assert orbits.signs.tolist() == [[1, 1], [-1, 1]]
    zero = pair_orbits([STAY], [NEGATE], 2, 2)
    assert zero.signs is not None
    assert not zero.signs.any()
    assert (zero.count, zero.free.tolist()) == (1, [False])


def brute_force(outs: list[Permutation], ins: list[Permutation]) -> int:
    """Count orbits of pairs one by one, by the elements of the group."""
    found = {(Permutation.identity(outs[0].size), Permutation.identity(ins[0].size))}
    waiting = list(found)
    while waiting:
        out, inp = waiting.pop()
        for g, h in zip(outs, ins, strict=True):
            product = g @ out, h @ inp
            if product not in found:
                found.add(product)
                waiting.append(product)
    pairs = {(j, i) for j in range(outs[0].size) for i in range(ins[0].size)}
    count = 0
    while pairs:
        j, i = next(iter(pairs))
        pairs -= {(int(out.image[j]), int(inp.image[i])) for out, inp in found}
        count += 1
    return count


# Bell numbers: partitions of 4, 3 and 2 places into at most so many blocks as there are items.
OF_PAIRS = [(2, 8, 4, 2), (3, 14, 5, 2), (4, 15, 5, 2), (5, 15, 5, 2), (12, 15, 5, 2)]


@pytest.mark.parametrize(("count", "to_pairs", "to_items", "to_one"), OF_PAIRS)
def test_pairs_in_any_order(count: int, to_pairs: int, to_items: int, to_one: int) -> None:
    """Maron et al., Invariant and equivariant graph networks, 2019 (arXiv 1812.09902), theorem 1:
    equivariant maps between matrices have Bell(4) weights, invariant ones Bell(2).
    """
    generators = [Symmetry("swap", (0, 1))]
    if count > 2:
        generators.append(Symmetry("shift", (1,)))
    ins = [g.action(Pairs(count)) for g in generators]
    items = [g.action(Features(count)) for g in generators]
    one = [Permutation.identity(1) for _ in generators]
    for outs, expected in ((ins, to_pairs), (items, to_items), (one, to_one)):
        assert pair_orbits(outs, ins, outs[0].size, ins[0].size).count == expected
        if count <= 4:
            assert brute_force(outs, ins) == expected


PRESERVED = [
    ("a generator", [SWAP], [SWAP], SWAP, SWAP, True),
    ("another permutation", [SWAP], [SWAP], SWAP, STAY, False),
    ("signs that cancel", [SWAP], [SWAP], NEGATE, NEGATE, True),
    ("signs that do not", [SWAP], [SWAP], STAY, NEGATE, False),
    ("anything on zeros", [STAY], [NEGATE], SIGNED_SWAP, SWAP, True),
    ("a power, with its signs", [SIGNED_SWAP], [SIGNED_SWAP], NEGATE, NEGATE, True),
    ("a power, without them", [SIGNED_SWAP], [SIGNED_SWAP], NEGATE, STAY, False),
    ("the swap without its signs", [SIGNED_SWAP], [SIGNED_SWAP], SWAP, SWAP, False),
]


@pytest.mark.parametrize(("name", "outs", "ins", "out", "inp", "expected"), PRESERVED)
def test_preserved_by(
    name: str,
    outs: list[Permutation],
    ins: list[Permutation],
    out: Permutation,
    inp: Permutation,
    expected: bool,
) -> None:
    before = pair_orbits(outs, ins, 2, 2, signed=True)
    assert before.preserved_by(out, inp) == expected
    after = pair_orbits([*outs, out], [*ins, inp], 2, 2, signed=True)
    assert same(after, before) == expected  # what it means


def test_points_are_preserved_too() -> None:
    points = point_orbits([SWAP], 2)
    assert points.preserved_by(SWAP)
    assert not points.preserved_by(NEGATE)
    assert not point_orbits([], 2).preserved_by(SWAP)


def test_a_difference_in_the_last_rows_is_seen() -> None:
    last = Permutation([*range(18), 19, 18])
    assert not point_orbits([], 20).preserved_by(last)


WRONG = [
    ([SWAP], [SWAP], 3, 2, "on 3 outputs permutes 2"),
    ([SWAP], [SWAP], 2, 3, "on 3 inputs permutes 2"),
    ([SWAP], [], 2, 2, "got 1 and 0"),
]


@pytest.mark.parametrize(("outs", "ins", "n_out", "n_in", "message"), WRONG)
def test_actions_that_do_not_fit_are_refused(
    outs: list[Permutation], ins: list[Permutation], n_out: int, n_in: int, message: str
) -> None:
    with pytest.raises(ActionError, match=message):
        pair_orbits(outs, ins, n_out, n_in)


@pytest.mark.parametrize(
    ("names", "weights"),
    [(["translate_x:4"], 80 * 784 // 7), (["hflip"], 400 * 784 // 2), (["rot90"], 400 * 784 // 4)],
)
def test_free_actions_divide_the_number_of_weights(names: list[str], weights: int) -> None:
    inputs = [Symmetry.parse(name).action(Grid(28, 28)) for name in names]
    outputs = [Symmetry.parse(name).action(Grid(20, 20)) for name in names]
    orbits = pair_orbits(outputs, inputs, 400, 784)
    assert orbits.count == weights


def test_the_papers_translation_makes_a_layer_of_rank_80() -> None:
    step = Symmetry("translate_x", (4,))
    orbits = pair_orbits([step.action(Grid(20, 20))], [step.action(Grid(28, 28))], 400, 784)
    weight = np.random.default_rng(0).normal(size=orbits.count)[orbits.labels]
    assert np.linalg.matrix_rank(weight @ weight.T, hermitian=True) == 80


STATES = ["1" * 12, "011000100001", "110000001100", "100100010010", "111111000000", "000110000000"]


@pytest.mark.parametrize("bits", STATES)
def test_states_of_the_paper_are_connected_components(bits: str) -> None:
    """Large groups, whose labels are merged in several rounds."""
    used = [s for s, bit in zip(paper_candidates(4), bits, strict=True) if bit == "1"]
    outs, ins = [s.action(Grid(20, 20)) for s in used], [s.action(Grid(28, 28)) for s in used]
    pairs = np.arange(400 * 784).reshape(400, 784)
    to = np.stack([pairs[o.image][:, i.image].ravel() for o, i in zip(outs, ins, strict=True)], 1)
    starts = np.arange(0, to.size + 1, len(used))
    graph = csr_array((np.ones(to.size, np.int8), to.ravel(), starts))
    count, labels = connected_components(graph, directed=False)
    orbits = pair_orbits(outs, ins, 400, 784)
    assert orbits.count == count
    assert np.array_equal(orbits.labels.ravel(), labels)


def cycle(size: int, step: int = 1) -> Permutation:
    return Permutation(np.roll(np.arange(size), -step))


LONG = [
    ([cycle(1000)], [cycle(10)]),
    ([cycle(1000), cycle(1000, 50)], [cycle(10), cycle(10, 3)]),
    ([cycle(900)], [cycle(7)]),
    ([cycle(600), cycle(600).inverse()], [cycle(6), Permutation([1, 0, 2, 3, 4, 5])]),
]


@pytest.mark.parametrize(("outs", "ins"), LONG)
def test_long_orbits_are_the_same_however_they_are_searched(
    outs: list[Permutation], ins: list[Permutation], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Powers of the generators shorten the search; without them it steps once an index."""
    n_out, n_in = outs[0].size, ins[0].size
    found = []
    for steps in (1, 2, 256, 10**9):
        monkeypatch.setattr(module, "_STEPS", steps)
        found.append(pair_orbits(outs, ins, n_out, n_in).labels)
    assert all(np.array_equal(labels, found[-1]) for labels in found)


def test_a_long_orbit_takes_few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    take = np.take

    def counted(*arguments: Any, **named: Any) -> Any:
        asked.append(1)
        return take(*arguments, **named)

    monkeypatch.setattr(np, "take", counted)
    size = 2**17
    labels = pair_orbits([cycle(size)], [cycle(2)], size, 2).labels
    assert np.array_equal(labels[:4], [[0, 1], [1, 0], [0, 1], [1, 0]])
    assert len(asked) < size // 4


def test_points_of_a_long_orbit() -> None:
    assert point_orbits([cycle(2**20)], 2**20).count == 1
    assert point_orbits([cycle(2**20, 4)], 2**20).count == 4
    with pytest.raises(ActionError, match="permutes 4 indices"):
        point_orbits([cycle(4)], 5)
