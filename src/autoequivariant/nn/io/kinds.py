"""The kinds of networks that model files may hold."""

from __future__ import annotations

from collections.abc import Mapping

from autoequivariant.nn.cnn.description import CNNDescription
from autoequivariant.nn.cnn.network import EquivariantCNN
from autoequivariant.nn.mlp.description import MLPDescription
from autoequivariant.nn.mlp.network import EquivariantMLP
from autoequivariant.nn.network import NetworkDescription

KINDS: Mapping[str, type[NetworkDescription]] = {
    EquivariantMLP.kind: MLPDescription,
    EquivariantCNN.kind: CNNDescription,
}
"""What reads the description of each kind, by `Network.kind`."""
