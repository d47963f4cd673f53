"""Saved models of every registered kind of network, read from disk."""

from __future__ import annotations

from pathlib import Path

from autoequivariant.nn.io import model_files
from autoequivariant.nn.io.model_description import Description
from autoequivariant.nn.network import Network
from autoequivariant.training.families.registry import KINDS


def load_model(folder: Path | str) -> Network:
    """Return the network saved in a folder, in evaluation mode; reading it runs no code.

    Args:
        folder: has `model.json` and `model.safetensors`, such as the folder of a finished run.

    Raises:
        ModelError: a file is missing, or does not fit its description.
    """
    return model_files.load_model(folder, _descriptions())


def read_description(folder: Path | str) -> Description:
    """Return what `model.json` says of a saved network, without its weights.

    Raises:
        ModelError: the file is missing or cannot be used.
    """
    return model_files.read_description(folder, _descriptions())


def _descriptions() -> dict[str, model_files.DescriptionType]:
    return {name: kind.description for name, kind in KINDS.items()}
