"""`--storage`: the store in which several processes share the work of a search."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from autoequivariant.errors import SettingsError, shown

FORMS = "postgresql://USER@HOST/DATABASE, sqlite:///FILE or journal:FILE"
_POSTGRESQL = ("postgresql", "postgresql+psycopg")

Kind = Literal["postgresql", "sqlite", "journal"]


@dataclass(frozen=True)
class Address:
    """Where a store is.

    Attributes:
        kind: of the store.
        place: the file, or the URL, which may hold a password and is never shown.
        shown: what messages call the store.
    """

    kind: Kind
    place: str = field(repr=False)
    shown: str

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read what `--storage` takes.

        Raises:
            SettingsError: it is something else; a password is not shown.
        """
        scheme, colon, rest = text.partition(":")
        if "\0" in text or not colon or not rest.strip("/"):
            raise _refusal(text)
        if scheme == "journal":
            return cls("journal", rest, text)
        if scheme == "sqlite" and rest.startswith("///"):
            return cls("sqlite", rest[3:], text)
        if scheme in _POSTGRESQL and rest.startswith("//"):
            return cls("postgresql", text, f"postgresql:{_without_secrets(rest)}")
        raise _refusal(text)


def unusable_storage(values: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence if `storage` is none that there is."""
    if values["storage"] is not None:
        try:
            Address.parse(values["storage"])
        except SettingsError as error:
            yield str(error)


def _without_secrets(rest: str) -> str:
    """Return a URL without its scheme, password and options, which may hold one, too."""
    authority, slash, path = rest.removeprefix("//").partition("?")[0].partition("/")
    login, at, host = authority.rpartition("@")
    if rest.count("@") != authority.count("@"):  # perhaps of a password with a slash or a ?
        return "//..."
    return f"//{login.partition(':')[0]}{at}{host}{slash}{path}"


def _refusal(text: str) -> SettingsError:
    is_plain = "@" not in text and "password" not in text
    given = shown(text) if is_plain else f"{shown(text.partition(':')[0])[1:-1]}:..."
    return SettingsError(f"--storage must be {FORMS}; got {given}.")
