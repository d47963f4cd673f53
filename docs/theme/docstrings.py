"""Docstrings for the reference: an entry `data, part: ...` becomes one entry for each name."""

from __future__ import annotations

import re
from typing import Any

import griffe

SHARED = re.compile(r"^(    )(\w+(?:, \w+)+): (.*(?:\n     +\S.*)*)", re.MULTILINE)


def one_name_each(text: str) -> str:
    """Return a docstring with an entry for each name of a shared entry."""
    return SHARED.sub(
        lambda shared: "\n".join(
            f"{shared[1]}{name}: {shared[3]}" for name in shared[2].split(", ")
        ),
        text,
    )


class OneNameEach(griffe.Extension):  # type: ignore[misc]  # untyped without griffe
    """Applies `one_name_each` to every docstring."""

    def on_instance(self, *, obj: Any, **kwargs: Any) -> None:
        """Rewrite the docstring of an object."""
        if obj.docstring is not None:
            obj.docstring.value = one_name_each(obj.docstring.value)
