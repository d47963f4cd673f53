"""Networks that are equivariant to a state's group, one at a time or many together."""

from autoequivariant.nn.batched import BatchedMLP, bytes_per_child
from autoequivariant.nn.equivariance import EquivarianceError, equivariance_error
from autoequivariant.nn.files import load_model, save_model
from autoequivariant.nn.networks import EquivariantMLP
from autoequivariant.nn.shared_linear import SharedLinear
from autoequivariant.nn.sharing import FINALS, Architecture, LayerSharing, Share, share_layer

__all__ = [
    "FINALS",
    "Architecture",
    "BatchedMLP",
    "EquivarianceError",
    "EquivariantMLP",
    "LayerSharing",
    "Share",
    "SharedLinear",
    "bytes_per_child",
    "equivariance_error",
    "load_model",
    "save_model",
    "share_layer",
]
