"""Features of patches of sequences."""

import numpy as np

from autoequivariant.evidence.testing.local_features import LocalFeatures


def test_a_cyclic_shift_moves_them_less_than_a_reversal() -> None:
    rng = np.random.default_rng(0)
    x = (np.arange(60) + rng.integers(0, 6, (50, 1))) % 6.0  # rises slowly, falls at once
    x = (x + 0.1 * rng.normal(size=x.shape)).astype(np.float32)
    features = LocalFeatures(x[:20], 1, (60,), rng)
    rest = x[20:]
    shifted = np.abs(features(np.roll(rest, 6, axis=1)) - features(rest)).mean()
    reversed_ = np.abs(features(np.ascontiguousarray(rest[:, ::-1])) - features(rest)).mean()
    assert shifted < reversed_ / 2


def test_all_axes_are_pooled_over() -> None:
    rng = np.random.default_rng(0)
    for channels, shape in ((2, (9,)), (1, (6, 7)), (3, (4, 5, 6)), (1, (2,))):
        x = rng.normal(size=(12, channels * int(np.prod(shape)))).astype(np.float32)
        found = LocalFeatures(x[:6], channels, shape, rng)(x)
        assert found.shape[0] == 12
        assert np.isfinite(found).all()
