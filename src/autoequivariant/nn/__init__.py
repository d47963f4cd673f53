"""Equivariant layers and networks, their measured equivariance, model files and export.

Names are loaded when they are first used, so that a layer does not wait for readers of data.
"""

from importlib import import_module
from typing import Any

_PUBLIC = {
    "CNNArchitecture": "cnn.architecture",
    "EquivarianceError": "equivariance",
    "EquivarianceErrors": "any_model.records",
    "EquivariantCNN": "cnn.network",
    "EquivariantMLP": "mlp.network",
    "GroupConv": "layers.group_conv",
    "MLPArchitecture": "mlp.architecture",
    "SharedLinear": "layers.shared_linear",
    "equivariance_error": "any_model.measure",
    "errors_of_actions": "equivariance",
    "save_model": "io.model_files",
    "share_layer": "layers.sharing",
}
__all__ = [*_PUBLIC]


def __getattr__(name: str) -> Any:
    """Load a public name (PEP 562)."""
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_PUBLIC[name]}"), name)
