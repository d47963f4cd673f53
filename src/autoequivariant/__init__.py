"""Which symmetries does a task have, and which network has exactly those.

The names below are what a notebook needs; everything else is imported by its full path. They are
loaded when they are first used, so that `import autoequivariant` is quick.
"""

from importlib import import_module
from typing import Any

_PUBLIC = {
    "AutoEquivariantClassifier": "estimator",
    "AutoEquivariantRegressor": "estimator",
    "SearchSettings": "searching",
    "SymmetricClassifier": "estimator.symmetric",
    "SymmetricRegressor": "estimator.symmetric",
    "Symmetry": "groups",
    "equivariance_error": "nn",
    "fit": "searching.fit.given",
    "load_model": "training.families.model_files",
    "search": "searching",
    "symmetrize": "nn.symmetrize",
    "test_symmetries": "estimator",
}
_VERSION = "__version__"
__all__ = [_VERSION, *_PUBLIC]


def __getattr__(name: str) -> Any:
    """Load a public name (PEP 562)."""
    if name == _VERSION:
        return import_module("importlib.metadata").version("autoequivariant")
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_PUBLIC[name]}"), name)


def __dir__() -> list[str]:
    """List the public names without loading them."""
    return sorted({*globals(), *__all__})
