"""The package loads its public names when they are used."""

import pytest

from autoequivariant import searching


def test_every_public_name_is_there() -> None:
    for name in searching.__all__:
        assert getattr(searching, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'searcher'"):
        _ = searching.searcher  # type: ignore[attr-defined]
