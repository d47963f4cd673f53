import pytest

from autoequivariant.data.registry import data_names
from autoequivariant.data.synthetic.catalogue import SYNTHETIC


@pytest.mark.parametrize("name", SYNTHETIC)
def test_every_known_data_set_says_what_is_known(name):
    known = SYNTHETIC[name]
    assert all((known.samples, known.symmetries, known.control))
    assert name in data_names()
