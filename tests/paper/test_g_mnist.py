import dataclasses
import hashlib

import numpy as np
import pytest

from autoequivariant.data.arrays import Arrays
from autoequivariant.data.samples import Samples, make_samples
from autoequivariant.errors import DataError, SettingsError
from autoequivariant.paper.g_mnist import (
    MIXES,
    SETTINGS,
    TRANSFORMATIONS,
    chosen_transformations,
    transformed,
)

N = 400


@pytest.fixture(scope="module")
def samples() -> Samples:
    rng = np.random.default_rng(0)
    x = rng.integers(1, 256, (N, 8, 8)).astype(np.uint8)
    y = np.arange(N) % 10
    return make_samples("random", Arrays(x, y, x[:100], y[:100]))


def test_there_are_the_papers_eighteen_settings() -> None:
    assert len(SETTINGS) == 18
    assert [chosen_transformations(name) for name in ("none", "rot90")] == [(), (0,)]
    # design: hflip, vflip, swap_left_right and swap_left_right_bottom are mix1
    names = [TRANSFORMATIONS[k].name for k in chosen_transformations("mix1")]
    assert names == ["hflip", "vflip", "swap_left_right", "swap_left_right_bottom"]
    assert chosen_transformations("mix5") == tuple(range(12))
    with pytest.raises(SettingsError, match="mix9"):
        chosen_transformations("mix9")


def test_none_changes_nothing(samples: Samples) -> None:
    assert np.array_equal(transformed(samples, "none", 0).x, samples.x)


@pytest.mark.parametrize("setting", [s.name for s in TRANSFORMATIONS if s.name != "rot90"])
def test_about_half_of_the_images_are_transformed_once(samples: Samples, setting: str) -> None:
    found = transformed(samples, setting, 0)
    symmetry = next(s for s in TRANSFORMATIONS if s.name == setting)
    moved = symmetry.action(samples.domain).apply(samples.x.reshape(N, -1))
    is_moved = (found.x.reshape(N, -1) == moved).all(axis=1)
    is_same = (found.x == samples.x).all(axis=(1, 2, 3))
    assert np.all(is_moved ^ is_same)
    assert 0.4 < is_moved.mean() < 0.6
    assert found.x_test is not None
    assert not np.array_equal(found.x_test, found.x[:100])  # draws of its own


@pytest.mark.parametrize("setting", ["mix1", "mix5", "rot90"])
def test_the_seed_decides(samples: Samples, setting: str) -> None:
    first, again, other = (transformed(samples, setting, seed) for seed in (0, 0, 1))
    assert np.array_equal(first.x, again.x)
    assert not np.array_equal(first.x, other.x)


def test_the_bytes_are_the_same_on_every_machine() -> None:
    x = (np.arange(40 * 64).reshape(40, 8, 8) * 37 % 251).astype(np.uint8)
    samples = make_samples("fixed", Arrays(x, np.arange(40) % 2))
    found = {name: digest(transformed(samples, name, 7)) for name in MIXES}
    assert found == DIGESTS


def digest(samples: Samples) -> str:
    return hashlib.sha256(samples.x.tobytes()).hexdigest()[:16]


DIGESTS = {  # printed once by the code above; they must never change again
    "mix1": "2eb8c2f17a8b007b",
    "mix2": "8103d3f811e025d0",
    "mix3": "bc20194affcd0bf9",
    "mix4": "9b77df75f68475bf",
    "mix5": "734e239bd29f8002",
}


def test_other_images_are_refused(samples: Samples) -> None:
    floats = dataclasses.replace(samples, x=samples.x.astype(np.float32))
    with pytest.raises(DataError, match="float32"):
        transformed(floats, "mix1", 0)
    odd = make_samples("odd", Arrays(np.zeros((4, 5, 5), np.uint8), np.array([0, 1, 0, 1])))
    with pytest.raises(DataError, match="5x5"):
        transformed(odd, "mix1", 0)
