"""Sharing with channels against loops over channels and indices, and signs."""

import numpy as np
import pytest

from autoequivariant.groups.orbits import Orbits, pair_orbits, point_orbits
from autoequivariant.groups.permutation import Permutation
from autoequivariant.nn.layers.sharing import Share, share_layer

from ..cases import DOMAINS, actions_of

CHANNELS = [(1, 1), (1, 3), (2, 1), (3, 2)]


def expanded(share: Share, free: np.ndarray) -> np.ndarray:
    """The entries that free weights make."""
    if share.count == 0:
        return np.zeros(share.index.shape)
    signs = 1.0 if share.signs is None else share.signs
    return free[share.index] * signs


def looped(orbits: Orbits, c_out: int, c_in: int, value: dict[tuple[int, int, int], float]):
    """The same by loops: `value[o, i, label]` is the free weight of an orbit and two channels."""
    n_out, n_in = orbits.labels.shape
    made = np.zeros((c_out * n_out, c_in * n_in))
    for o in range(c_out):
        for j in range(n_out):
            for c in range(c_in):
                for i in range(n_in):
                    sign = 1 if orbits.signs is None else orbits.signs[j, i]
                    if sign:
                        free = value.setdefault(
                            (o, c, int(orbits.labels[j, i])), float(len(value) + 1)
                        )
                        made[o * n_out + j, c * n_in + i] = sign * free
    return made


@pytest.mark.parametrize(("c_out", "c_in"), CHANNELS)
@pytest.mark.parametrize("name", DOMAINS)
def test_channels_and_signs_against_loops(name: str, c_out: int, c_in: int) -> None:
    actions = actions_of(name, 1)
    for state in ((), (0,), (1,), (0, 1)):
        weights, biases = actions.weight_orbits(0, state), actions.bias_orbits(0, state)
        sharing = share_layer(weights, biases, c_out, c_in)
        points = Orbits(
            biases.labels[:, None],
            biases.count,
            None if biases.signs is None else biases.signs[:, None],
        )
        pairs = ((sharing.weight, weights, c_in), (sharing.bias, points, 1))
        for share, orbits, columns in pairs:
            value: dict[tuple[int, int, int], float] = {}
            wanted = looped(orbits, c_out, columns, value).reshape(share.index.shape)
            assert share.count == len(value) == orbits.free.sum() * c_out * columns
            # The loops number the free weights in another order; entries tell which is which.
            free = np.zeros(share.count)
            used = wanted != 0
            signs = np.ones(wanted.shape) if share.signs is None else share.signs
            free[share.index[used]] = wanted[used] * signs[used]
            assert np.array_equal(expanded(share, free), wanted)
            assert np.unique(free).size == share.count  # no two weights are one
        assert sharing.count == sharing.weight.count + sharing.bias.count


def test_contradictory_orbits_are_no_weights() -> None:
    """Negating an output that stays where it is leaves nothing but zero; two outputs swapped with
    one sign stay free.
    """
    one = Permutation.identity(1)
    zero = Permutation([0, 1], [-1, 1])
    sharing = share_layer(pair_orbits([zero], [one], 2, 1), point_orbits([zero], 2), 1, 1)
    assert (sharing.weight.count, sharing.bias.count) == (1, 1)
    assert expanded(sharing.weight, np.array([7.0])).tolist() == [[0], [7]]
    assert expanded(sharing.bias, np.array([7.0])).tolist() == [0, 7]
    kept = Permutation([1, 0], [-1, -1])  # its square is the identity: W[1] = -W[0]
    sharing = share_layer(pair_orbits([kept], [one], 2, 1), point_orbits([kept], 2), 1, 1)
    assert expanded(sharing.weight, np.array([7.0])).tolist() == [[7], [-7]]
    gone = Permutation([1, 0], [1, -1])  # its square negates both
    sharing = share_layer(pair_orbits([gone], [one], 2, 1), point_orbits([gone], 2), 1, 1)
    assert (sharing.weight.count, sharing.bias.count) == (0, 0)


def test_balanced_weights_multiply_sums_over_the_root_of_their_number() -> None:
    actions = actions_of("pairs", 1)
    orbits = actions.weight_orbits(0, (0, 1)), actions.bias_orbits(0, (0, 1))
    plain, balanced = share_layer(*orbits, 2, 3), share_layer(*orbits, 2, 3, is_balanced=True)
    assert np.array_equal(plain.weight.index, balanced.weight.index)
    assert plain.weight.signs is None
    assert balanced.weight.signs is not None
    for row, factors in zip(balanced.weight.index, balanced.weight.signs, strict=True):
        for weight in np.unique(row):
            of_weight = factors[row == weight]
            assert of_weight == pytest.approx(len(of_weight) ** -0.5)
    assert balanced.bias.signs is None
    free = actions.weight_orbits(0, ()), actions.bias_orbits(0, ())
    assert share_layer(*free, 2, 3, is_balanced=True).weight.signs is None
    of_many = share_layer(*free, 1, 128, is_balanced=True).weight.signs  # 2,048 inputs
    assert of_many is not None
    assert (of_many == 0.5).all()


def test_balanced_weights_keep_their_signs() -> None:
    actions = actions_of("signed", 1)
    orbits = actions.weight_orbits(0, (0, 1)), actions.bias_orbits(0, (0, 1))
    plain, balanced = share_layer(*orbits, 1, 2), share_layer(*orbits, 1, 2, is_balanced=True)
    assert plain.weight.signs is not None
    assert balanced.weight.signs is not None
    assert np.array_equal(np.sign(balanced.weight.signs), plain.weight.signs)
