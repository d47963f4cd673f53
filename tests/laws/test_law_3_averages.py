"""Law 3: averaging over the enumerated group projects onto exactly the shared-weight maps."""

import numpy as np
from hypothesis import given

from autoequivariant.groups.orbits import pair_orbits

from .random_groups import Actions, actions
from .slow_twins import matrix, pair_group


@given(actions())
def test_averages_span_the_shared_maps(a: Actions) -> None:
    group = pair_group(a.outs, a.ins, a.n_out, a.n_in)
    average = np.zeros((a.n_out * a.n_in,) * 2)
    for out, inp in group:
        average += np.kron(matrix(out), matrix(inp)) / len(group)  # W -> g_out W g_in^-1
    orbits = pair_orbits(a.outs, a.ins, a.n_out, a.n_in, signed=True)
    assert orbits.signs is not None
    basis = np.zeros((a.n_out * a.n_in, orbits.count))
    basis[np.arange(len(basis)), orbits.labels.ravel()] = orbits.signs.ravel()
    basis = basis[:, orbits.free]
    onto_shared = basis @ np.linalg.inv(basis.T @ basis) @ basis.T
    assert np.allclose(average, onto_shared, atol=1e-9)
    assert round(np.trace(average)) == orbits.free.sum()
