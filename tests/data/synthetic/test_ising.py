import numpy as np
import pytest

from autoequivariant.data.synthetic.ising import (
    DISORDERED,
    ORDERED,
    make_ising,
    neighbours,
)

ARRAYS = make_ising()
IS_ORDERED = ARRAYS.y == "ordered"


def energy(spins):
    return -(spins * neighbours(spins)).sum((1, 2)) / 2 / 144


def test_the_critical_temperature_is_between_the_phases():
    critical = 2 / np.log1p(np.sqrt(2))
    assert critical == pytest.approx(2.2692, abs=1e-4)
    assert max(ORDERED) < critical < min(DISORDERED)


def test_what_it_is():
    assert ARRAYS.x.shape == (2000, 12, 12)
    assert set(np.unique(ARRAYS.x)) == {-1, 1}
    assert IS_ORDERED.sum() == 1000


def test_phases_are_apart():
    magnet = np.abs(ARRAYS.x.mean((1, 2)))
    assert magnet[IS_ORDERED].mean() > 0.9
    assert magnet[~IS_ORDERED].mean() < 0.35
    # At T = 1.85 and 2.85, the means, the infinite lattice has -1.85 and -0.92 (Onsager).
    spins = energy(ARRAYS.x)
    assert spins[IS_ORDERED].mean() == pytest.approx(-1.85, abs=0.04)
    assert spins[~IS_ORDERED].mean() == pytest.approx(-0.94, abs=0.06)


MOVES = {
    "translate_x:1": lambda x: np.roll(x, 1, 2),
    "translate_y:5": lambda x: np.roll(x, 5, 1),
    "rot90": lambda x: np.rot90(x, axes=(1, 2)),
    "hflip": lambda x: x[:, :, ::-1],
    "negate": lambda x: -x,
}


@pytest.mark.parametrize("name", MOVES)
def test_the_law_of_a_configuration_depends_on_its_energy_alone(name):
    """So what keeps the energy of each keeps the distribution, and with it the phase."""
    assert np.array_equal(energy(MOVES[name](ARRAYS.x)), energy(ARRAYS.x))


def test_the_sampler_keeps_the_symmetries():
    for phase in (ARRAYS.x[IS_ORDERED], ARRAYS.x[~IS_ORDERED]):
        assert abs((phase.mean((1, 2)) > 0).mean() - 0.5) < 0.06
        assert np.abs(phase.mean(0) - phase.mean()).max() < 0.13
        across, down = ((phase * np.roll(phase, 1, axis)).mean() for axis in (1, 2))
        assert across == pytest.approx(down, abs=0.01)


def test_parting_neighbours_is_no_symmetry():
    """The control: the upper and the lower half of the left half change places."""
    moved = ARRAYS.x.copy()
    moved[:, :, :6] = np.roll(moved[:, :, :6], 6, axis=1)
    rise = energy(moved) - energy(ARRAYS.x)
    assert rise[~IS_ORDERED].mean() > 0.05
    assert (rise[~IS_ORDERED] != 0).mean() > 0.6
