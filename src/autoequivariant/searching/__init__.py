"""The search over closed states: settings, space, samplers, study, selection and results.

Not `search`: that is the function `autoequivariant.search`.

Names are loaded when they are first used, so that the command line lists the samplers without
waiting for torch; `__init__.pyi` says the same to type checkers and the reference.
"""

from importlib import import_module
from typing import Any

from autoequivariant.searching.data_spec import data_spec  # has the name of its module

_LATER = {
    "Outcome": "run",
    "Problem": "problem",
    "SearchSettings": "settings.settings",
    "SearchStudy": "storage.study",
    "Space": "space",
    "make_problem": "problem",
    "read_candidates": "settings.symmetry_file",
    "search": "run",
}
__all__ = ["data_spec", *_LATER]


def __getattr__(name: str) -> Any:
    """Load a public name (PEP 562)."""
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
