"""The search over closed states: settings, space, samplers, study, selection and results.

Not `search`: that is the function `autoequivariant.search`. Names are loaded when they are first
used, so that the command line lists the samplers without waiting for torch.
"""

from importlib import import_module
from typing import Any

_PUBLIC = {
    "Experiment": "experiment",
    "Outcome": "outcome",
    "Problem": "problem",
    "SearchSettings": "settings.settings",
    "SearchStudy": "storage.study",
    "Space": "space",
    "make_experiment": "experiment",
    "search": "run",
}
__all__ = [*_PUBLIC]


def __getattr__(name: str) -> Any:
    """Load a public name (PEP 562)."""
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_PUBLIC[name]}"), name)
