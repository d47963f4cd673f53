"""Layers and candidates whose closures would take minutes are refused; slightly fewer are not."""

import pytest

from autoequivariant.errors import SettingsError
from autoequivariant.groups.closure.work import check_work

LIMITS = [
    (1, (2**14, 2**14), (2**14, 2**14 + 1), "268,451,840 parameters before sharing, more than"),
    (1, (2**20, 2**8, 2**20), (2**20, 2**8, 2**20 + 1), "use smaller --layers"),
    (2**11, (2**10, 2**10), (2**10, 2**10 + 1), "2,048 candidates on layers with 1,049,600 pairs"),
    (10_000, (1,) * 10, (1,) * 11, "name fewer candidates"),
]


@pytest.mark.parametrize(("candidates", "accepted", "refused", "phrase"), LIMITS)
def test_limits(
    candidates: int, accepted: tuple[int, ...], refused: tuple[int, ...], phrase: str
) -> None:
    check_work(candidates, accepted)
    with pytest.raises(SettingsError, match=phrase):
        check_work(candidates, refused)
