"""What samples of sequences and grids suggest."""

import numpy as np
import pytest
from numpy.typing import NDArray

from autoequivariant.groups.catalogue import default_candidates
from autoequivariant.groups.custom.definition import DataSpec, resolve
from autoequivariant.groups.domain import Domain, Features, Grid, Sequence, Volume
from autoequivariant.proposing.sequences import MOST_PROPOSALS, sequence_proposals


def texts(
    x: NDArray[np.generic], domain: Domain, channels: int = 1, is_one_hot: bool = False
) -> list[str]:
    """The candidates, which resolve and are no default candidates."""
    found = sequence_proposals(x, domain, channels, is_one_hot)
    spec = DataSpec(domain, channels=channels, outputs=("u", "v"), is_one_hot=is_one_hot)
    symmetries = resolve([one.candidate for one in found], spec)
    assert len(symmetries) == len(found) <= MOST_PROPOSALS
    assert all(one.source == "data" and not one.saw_labels for one in found)
    assert all(len(one.reason) <= 100 and len(str(one.candidate)) <= 40 for one in found)
    if domain.kind != "features":
        known = {str(one) for one in default_candidates(domain)}
        assert not known & {str(one) for one in symmetries}
    return [str(one.candidate) for one in found]


def tiled(shape: tuple[int, ...], times: tuple[int, ...], seed: int = 0) -> NDArray[np.float64]:
    rng = np.random.default_rng(seed)
    x = np.tile(rng.standard_normal((300, 1, *shape)), (1, 1, *times))
    return np.asarray(x + 0.3 * rng.standard_normal(x.shape))


@pytest.mark.parametrize(
    ("x", "domain", "expected"),
    [
        (tiled((8,), (12,)), Sequence(96), ["shift:8", "exchange the first two blocks of 8"]),
        (tiled((24,), (7,)), Sequence(168), ["exchange the first two blocks of 24"]),  # a default
        (tiled((48,), (2,)), Sequence(96), []),  # an exchange of halves is a default
        (tiled((4, 4), (6, 3)), Grid(24, 12), ["translate_x:4"]),
        (tiled((6, 4), (4, 3)), Grid(24, 12), ["translate_y:6", "translate_x:4"]),
        (tiled((8, 4, 2), (1, 3, 2)), Volume(8, 12, 4), ["translate_y:4"]),
        (np.random.default_rng(0).standard_normal((300, 1, 96)), Sequence(96), []),
        (tiled((3,), (4,)), Features(12), []),
        (np.zeros((0, 1, 96)), Sequence(96), []),
    ],
)
def test_periods(x: NDArray[np.float64], domain: Domain, expected: list[str]) -> None:
    assert texts(x, domain) == expected


def test_channels_take_turns_with_periods() -> None:
    x = tiled((8,), (12,))
    x = np.concatenate([x[:100], x[100:200], x[200:], x[:100] + 9], axis=1)
    first, second, third, fourth = texts(x, Sequence(96), 4)
    assert (first, third) == ("shift:8", "exchange the first two blocks of 8")
    assert second.startswith("channels ") and "3" not in second
    assert fourth.startswith("ring of 3 channels")


def test_values_of_one_hot_sequences() -> None:
    codes = np.random.default_rng(0).integers(0, 4, (300, 60))
    x = np.eye(4, dtype=np.uint8)[codes].transpose(0, 2, 1)
    found = texts(x, Sequence(60), 4, is_one_hot=True)
    assert found
    assert all(one.startswith("values ") for one in found)


def test_the_reverse_complement_of_dna_is_a_default() -> None:
    rng = np.random.default_rng(0)
    codes = rng.choice(4, (300, 60), p=[0.4, 0.3, 0.2, 0.1])
    codes[:, 1::2] = (codes[:, ::2] + (codes[:, ::2] > 1)) % 4
    x = np.eye(4, dtype=np.uint8)[codes].transpose(0, 2, 1)
    x = np.concatenate([x, x[:, ::-1, ::-1]])
    assert "values 0/3 1/2 reversed" not in texts(x, Sequence(60), 4, is_one_hot=True)


def test_the_same_samples_suggest_the_same() -> None:
    x = tiled((8,), (12,))
    assert texts(x, Sequence(96)) == texts(x.astype(np.float32), Sequence(96))
