"""Reads saved models of every registered kind of network."""

from __future__ import annotations

from pathlib import Path

from autoequivariant.nn.io import model_files
from autoequivariant.nn.io.model_description import Description
from autoequivariant.nn.network import Network
from autoequivariant.training.families.registry import KINDS


def load_model(folder: Path | str) -> Network:
    """Return a saved network in evaluation mode; reading it runs no code.

    Args:
        folder: holds `model.json` and `model.safetensors`, as the folder of a finished run does.

    Raises:
        ModelError: a file is missing or does not match its description.
    """
    return model_files.load_model(folder, _descriptions())


def read_description(folder: Path | str) -> Description:
    """Return the description of a saved network, without its weights.

    Raises:
        ModelError: `model.json` is missing or invalid.
    """
    return model_files.read_description(folder, _descriptions())


def _descriptions() -> dict[str, model_files.DescriptionType]:
    return {name: kind.description for name, kind in KINDS.items()}
