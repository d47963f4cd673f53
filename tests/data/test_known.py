import pytest

from autoequivariant.data.known import KNOWN
from autoequivariant.data.sources import BUILT_IN, NAMES


@pytest.mark.parametrize("name", KNOWN)
def test_every_known_data_set_says_what_is_known(name):
    known = KNOWN[name]
    assert all((known.what, known.symmetries, known.control))
    assert name in BUILT_IN
    assert name in NAMES
