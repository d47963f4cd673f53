"""Addresses of stores, whose passwords are never shown."""

import pytest

from autoequivariant.errors import SettingsError
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.searching.sharing.address import Address

GOOD = [
    ("journal:/some/where", ("journal", "/some/where"), "journal:/some/where"),
    ("journal:here", ("journal", "here"), "journal:here"),
    ("sqlite:///here.db", ("sqlite", "here.db"), "sqlite:///here.db"),
    ("sqlite:////some/where.db", ("sqlite", "/some/where.db"), "sqlite:////some/where.db"),
    ("postgresql://host/data", ("postgresql", None), "postgresql://host/data"),
    ("postgresql://me@host:1/data", ("postgresql", None), "postgresql://me@host:1/data"),
    ("postgresql://me:secret@host/data", ("postgresql", None), "postgresql://me@host/data"),
    ("postgresql+psycopg://:secret@h/d", ("postgresql", None), "postgresql://@h/d"),
    ("postgresql://me:sec@secret@host/d", ("postgresql", None), "postgresql://me@host/d"),
    ("postgresql://me:sec/secret@host/d", ("postgresql", None), "postgresql://..."),
    ("postgresql://me:secret?x@host/d", ("postgresql", None), "postgresql://..."),
    ("postgresql:///d?host=h&password=secret", ("postgresql", None), "postgresql:///d"),
]


@pytest.mark.parametrize(("text", "expected", "shown"), GOOD)
def test_what_an_address_says(text: str, expected: tuple[str, str | None], shown: str) -> None:
    address = Address.parse(text)
    assert (address.kind, address.place) == (expected[0], expected[1] or text)
    assert address.shown == shown
    assert "secret" not in repr(address)


BAD = ["", "x", "store.db", "journal:", "sqlite://", "sqlite:///", "sqlite:x", "postgresql:x"]
BAD += ["postgresql://", "mysql://me:secret@host/data", "mysql:///d?password=secret", "journal:\0"]


@pytest.mark.parametrize("text", BAD)
def test_other_addresses_are_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="--storage must be postgresql://") as refused:
        SearchSettings("digits", storage=text)
    assert "secret" not in str(refused.value)


def test_settings_neither_show_nor_record_it() -> None:
    settings = SearchSettings("digits", storage="postgresql://me:secret@host/data")
    assert "secret" not in repr(settings)
    assert "storage" not in settings.to_json()
    assert SearchSettings.from_json(settings.to_json()).storage is None
