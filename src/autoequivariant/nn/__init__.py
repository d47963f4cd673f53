"""Networks that are equivariant to a state's group, one at a time or many together."""

from autoequivariant.nn.augmentation import AUGMENTATIONS, Augmentation
from autoequivariant.nn.batched import BatchedMLP, Scaling, bytes_per_child
from autoequivariant.nn.cnn import EquivariantCNN
from autoequivariant.nn.cnn_architecture import BODIES, SIZES, CNNArchitecture
from autoequivariant.nn.description import Description, Model
from autoequivariant.nn.equivariance import EquivarianceError, Units, equivariance_error
from autoequivariant.nn.files import load_model, read_description, save_model
from autoequivariant.nn.group_conv import GroupConv2d
from autoequivariant.nn.group_layers import (
    GroupBatchNorm2d,
    GroupDropout2d,
    GroupPool,
    InvariantHead,
    SpatialPool2d,
)
from autoequivariant.nn.networks import EquivariantMLP
from autoequivariant.nn.shared_linear import SharedLinear
from autoequivariant.nn.sharing import FINALS, Architecture, LayerSharing, Share, share_layer

__all__ = [
    "AUGMENTATIONS",
    "BODIES",
    "SIZES",
    "Augmentation",
    "CNNArchitecture",
    "EquivariantCNN",
    "FINALS",
    "Architecture",
    "BatchedMLP",
    "Description",
    "EquivarianceError",
    "EquivariantMLP",
    "GroupBatchNorm2d",
    "GroupConv2d",
    "GroupDropout2d",
    "GroupPool",
    "InvariantHead",
    "SpatialPool2d",
    "Units",
    "LayerSharing",
    "Model",
    "Scaling",
    "Share",
    "SharedLinear",
    "bytes_per_child",
    "equivariance_error",
    "load_model",
    "read_description",
    "save_model",
    "share_layer",
]
