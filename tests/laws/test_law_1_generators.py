"""Law 1: equivariance to the generators is equivariance to the whole group, for whole networks."""

import numpy as np
from hypothesis import given

from autoequivariant.groups.orbits import Orbits, pair_orbits, point_orbits

from .random_groups import Actions, actions
from .slow_twins import matrix, pair_group


def shared(orbits: Orbits, rng: np.random.Generator) -> np.ndarray:
    """Random values, one for each orbit."""
    signs = 1 if orbits.signs is None else orbits.signs
    return rng.normal(size=orbits.count)[orbits.labels] * signs


@given(actions())
def test_a_layer_shared_by_generators_is_equivariant_to_every_element(a: Actions) -> None:
    rng = np.random.default_rng(0)
    weight = shared(pair_orbits(a.outs, a.ins, a.n_out, a.n_in), rng)
    bias = shared(point_orbits(a.outs, a.n_out), rng)
    x = rng.normal(size=a.n_in)
    y = np.tanh(weight @ x + bias)  # odd, so that it commutes with signs
    for out, inp in pair_group(a.outs, a.ins, a.n_out, a.n_in):
        g_out, g_in = matrix(out), matrix(inp)
        assert np.allclose(np.tanh(weight @ g_in @ x + bias), g_out @ y, atol=1e-12)


@given(actions())
def test_two_layers_are_equivariant_to_every_element(a: Actions) -> None:
    rng = np.random.default_rng(1)
    first = shared(pair_orbits(a.outs, a.ins, a.n_out, a.n_in), rng)
    second = shared(pair_orbits(a.outs, a.outs, a.n_out, a.n_out), rng)
    x = rng.normal(size=a.n_in)
    y = second @ np.tanh(first @ x)
    for out, inp in pair_group(a.outs, a.ins, a.n_out, a.n_in):
        assert np.allclose(second @ np.tanh(first @ matrix(inp) @ x), matrix(out) @ y, atol=1e-12)
