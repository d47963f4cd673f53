"""Law 2: the free weights are the orbits of pairs under the generators, numbered canonically."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from autoequivariant.groups.orbits import Orbits, pair_orbits, point_orbits
from autoequivariant.groups.permutation import Permutation

from .random_groups import Actions, actions, unrelated_actions
from .slow_twins import pair_group, pair_orbits_by_enumeration, same_orbits


def orbits_of(a: Actions, signed: bool = False) -> Orbits:
    return pair_orbits(a.outs, a.ins, a.n_out, a.n_in, signed)


@pytest.mark.slow
@given(actions())
def test_pair_orbits_are_those_of_the_enumerated_group(a: Actions) -> None:
    labels, signs = pair_orbits_by_enumeration(
        pair_group(a.outs, a.ins, a.n_out, a.n_in), a.n_out, a.n_in
    )
    orbits = orbits_of(a, signed=True)
    assert orbits.signs is not None
    assert np.array_equal(orbits.labels, labels)
    assert np.array_equal(orbits.signs, signs)
    assert orbits.count == labels.max() + 1
    assert orbits.free.sum() == np.unique(labels[signs != 0]).size


@given(actions())
def test_point_orbits_are_those_of_the_enumerated_group(a: Actions) -> None:
    one = [Permutation.identity(1)] * len(a.outs)
    labels, signs = pair_orbits_by_enumeration(pair_group(a.outs, one, a.n_out, 1), a.n_out, 1)
    orbits = point_orbits(a.outs, a.n_out, signed=True)
    assert orbits.signs is not None
    assert np.array_equal(orbits.labels, labels[:, 0])
    assert np.array_equal(orbits.signs, signs[:, 0])


@st.composite
def larger_actions(draw: st.DrawFn) -> Actions:
    """Unsigned actions too large to enumerate, built of short cycles so that orbits stay many."""
    n_out, n_in = draw(st.integers(1, 40)), draw(st.integers(1, 60))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))

    def sparse(n: int) -> Permutation:
        moved = rng.permutation(n)[: rng.integers(0, n + 1)]
        image = np.arange(n)
        image[moved] = np.roll(moved, 1)
        return Permutation(image)

    count = draw(st.integers(0, 5))
    return Actions(
        [sparse(n_out) for _ in range(count)], [sparse(n_in) for _ in range(count)], n_out, n_in
    )


@given(larger_actions())
def test_pair_orbits_are_connected_components(a: Actions) -> None:
    pairs = np.arange(a.n_out * a.n_in).reshape(a.n_out, a.n_in)
    to = [pairs[o.image][:, i.image].ravel() for o, i in zip(a.outs, a.ins, strict=True)]
    here = np.tile(pairs.ravel(), len(to))
    there = np.concatenate([np.empty(0, int), *to])
    graph = coo_array((np.ones(here.size), (here, there)), shape=(pairs.size, pairs.size))
    count, labels = connected_components(graph, directed=False)
    orbits = orbits_of(a)
    assert orbits.count == count
    assert np.array_equal(orbits.labels, labels.reshape(pairs.shape))  # both by first index
    assert orbits.signs is None


@given(st.one_of(actions(), larger_actions()), st.data())
def test_labels_do_not_depend_on_the_generators(a: Actions, data: st.DataObject) -> None:
    gens = list(zip(a.outs, a.ins, strict=True))
    again = data.draw(st.permutations(gens))
    if gens:
        (o1, i1), (o2, i2) = data.draw(st.tuples(st.sampled_from(gens), st.sampled_from(gens)))
        again = [(o1 @ o2.inverse(), i1 @ i2.inverse()), *again]
    other = Actions([o for o, _ in again], [i for _, i in again], a.n_out, a.n_in)
    assert same_orbits(orbits_of(other, signed=True), orbits_of(a, signed=True))


@given(unrelated_actions())
def test_asking_for_signs_changes_no_label_where_there_are_none(a: Actions) -> None:
    plain = Actions(
        [Permutation(g.image) for g in a.outs],
        [Permutation(g.image) for g in a.ins],
        a.n_out,
        a.n_in,
    )
    without, with_signs = orbits_of(plain), orbits_of(plain, signed=True)
    assert without.signs is None
    assert np.array_equal(without.labels, with_signs.labels)
    assert np.all(with_signs.signs == 1)


def test_signs_that_contradict_each_other_force_zero() -> None:
    negate, stay = Permutation([0], [-1]), Permutation([0])
    assert pair_orbits([stay], [negate], 1, 1).free.sum() == 0
    assert pair_orbits([negate], [negate], 1, 1).free.sum() == 1  # minus times minus
