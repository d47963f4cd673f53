"""Equivariant layers and networks, their measured equivariance, model files and export."""

from autoequivariant.nn.any_model.measure import equivariance_error
from autoequivariant.nn.any_model.records import EquivarianceErrors
from autoequivariant.nn.cnn.architecture import CNNArchitecture
from autoequivariant.nn.cnn.network import EquivariantCNN
from autoequivariant.nn.equivariance import EquivarianceError, errors_of_actions
from autoequivariant.nn.io.model_files import save_model
from autoequivariant.nn.layers.group_conv import GroupConv
from autoequivariant.nn.layers.shared_linear import SharedLinear
from autoequivariant.nn.layers.sharing import share_layer
from autoequivariant.nn.mlp.architecture import MLPArchitecture
from autoequivariant.nn.mlp.network import EquivariantMLP

__all__ = [
    "CNNArchitecture",
    "EquivarianceError",
    "EquivarianceErrors",
    "EquivariantCNN",
    "EquivariantMLP",
    "GroupConv",
    "MLPArchitecture",
    "SharedLinear",
    "equivariance_error",
    "errors_of_actions",
    "save_model",
    "share_layer",
]
