"""The kinds of networks that a search can train."""

from autoequivariant.training.families.family import Family, TrainedNetwork, Trainer
from autoequivariant.training.families.kind import NetworkKind
from autoequivariant.training.families.model_files import load_model, read_description
from autoequivariant.training.families.registry import KINDS

__all__ = [
    "KINDS",
    "Family",
    "NetworkKind",
    "TrainedNetwork",
    "Trainer",
    "load_model",
    "read_description",
]
