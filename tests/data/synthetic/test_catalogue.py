import pytest

from autoequivariant.data.registry import BUILT_IN, NAMES
from autoequivariant.data.synthetic.catalogue import KNOWN


@pytest.mark.parametrize("name", KNOWN)
def test_every_known_data_set_says_what_is_known(name):
    known = KNOWN[name]
    assert all((known.what, known.symmetries, known.control))
    assert name in BUILT_IN
    assert name in NAMES
