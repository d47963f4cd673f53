import numpy as np
import pytest

from autoequivariant.data.random_streams import Purpose, stream
from autoequivariant.errors import SettingsError


def test_purposes_and_seeds_have_streams_of_their_own():
    draws = {
        (seed, purpose): stream(seed, purpose).random() for seed in (0, 1) for purpose in Purpose
    }
    assert len(set(draws.values())) == len(draws)
    assert draws[0, Purpose.SPLIT] == stream(0, Purpose.SPLIT).random()


@pytest.mark.parametrize("seed", [-1, 1.5, True, "1", None])
def test_a_seed_must_be_a_whole_number(seed):
    with pytest.raises(SettingsError, match="seed must be a whole number"):
        stream(seed, Purpose.SPLIT)


@pytest.mark.parametrize("seed", [0, 2**40, np.int64(3)])
def test_whole_numbers_are_seeds(seed):
    assert stream(seed, Purpose.SPLIT).random() == stream(int(seed), Purpose.SPLIT).random()
