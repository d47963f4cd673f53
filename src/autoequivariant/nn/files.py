"""A network as two files: its weights (safetensors) and what they mean (JSON). Reading them runs no
code.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save

from autoequivariant.errors import AutoequivariantError, ModelError, RunError
from autoequivariant.files import write_atomically
from autoequivariant.groups import Grid, PointGroup, Symmetry, layer_actions, parse_domain
from autoequivariant.nn.cnn import EquivariantCNN
from autoequivariant.nn.cnn_architecture import CNNArchitecture
from autoequivariant.nn.networks import EquivariantMLP
from autoequivariant.nn.sharing import Architecture

_FORMAT = 2

Model = EquivariantMLP | EquivariantCNN
_UNREADABLE = (  # what a missing, broken or made-up file leads to
    AttributeError,
    AutoequivariantError,
    KeyError,
    MemoryError,
    OSError,
    OverflowError,
    RecursionError,
    RuntimeError,
    SafetensorError,
    TypeError,
    ValueError,
)


def save_model(model: Model, folder: Path, classes: tuple[str, ...]) -> tuple[Path, Path]:
    """Write `model.safetensors` and `model.json` into `folder`; return their paths.

    Only the free weights are written: the description names the generators, from which the sharing
    follows.

    Args:
        model: the network, on any device.
        folder: an existing folder.
        classes: names of the classes, in the order of the outputs.

    Raises:
        RunError: the disk is full or the folder cannot be written; neither file is half-written.
    """
    description = {
        "format": _FORMAT,
        **_described(model),
        "classes": list(classes),
        "weights": model.weight_count,
    }
    weights, meaning = folder / "model.safetensors", folder / "model.json"
    tensors = {
        name: value.detach().cpu().contiguous() for name, value in model.state_dict().items()
    }
    write_atomically(weights, save(tensors))
    try:
        write_atomically(meaning, (json.dumps(description, indent=2) + "\n").encode())
    except RunError:
        weights.unlink()  # without their description they are of no use
        raise
    return weights, meaning


def load_model(folder: Path | str) -> Model:
    """Read the network that `save_model` wrote, in evaluation mode.

    Raises:
        ModelError: a file is missing or malformed, or the weights do not fit the description.
    """
    folder = Path(folder)
    meaning = folder / "model.json"
    try:
        description = json.loads(meaning.read_text(encoding="utf-8"))
        model = _empty_model(description)
        tensors = load_file(folder / "model.safetensors")
        model.load_state_dict(tensors)
    except _UNREADABLE as error:
        raise ModelError(
            f"The model in {folder} cannot be read: {_reason(error)}; "
            "give the folder of a finished run, or train it again."
        ) from error
    return model.eval()


def _reason(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "a file is missing" if error.filename is None else f"{error.filename} is missing"
    if isinstance(error, KeyError):
        return f"model.json has no {error}"
    return " ".join(str(error).split()).rstrip(".") or type(error).__name__


def _described(model: Model) -> dict[str, Any]:
    return _describe_cnn(model) if isinstance(model, EquivariantCNN) else _describe_mlp(model)


def _describe_mlp(model: EquivariantMLP) -> dict[str, Any]:
    architecture = model.architecture
    actions = architecture.actions
    return {
        "network": "mlp",
        "domains": [str(domain) for domain in actions.domains],
        "in_channels": architecture.in_channels,
        "hidden_channels": list(architecture.hidden_channels),
        "final": architecture.final,
        "candidates": [str(s) for s in actions.candidates],
        "generators": [str(actions.candidates[number]) for number in model.generators],
    }


def _describe_cnn(model: EquivariantCNN) -> dict[str, Any]:
    architecture = model.architecture
    return {
        "network": "cnn",
        "domain": str(architecture.grid),
        "in_channels": architecture.in_channels,
        "body": architecture.body,
        "width": architecture.width,
        "dropout": architecture.dropout,
        "generators": list(model.group.generators),
    }


def _empty_model(description: dict[str, Any]) -> Model:
    if description["format"] != _FORMAT:
        raise ModelError(f"its format is {description['format']!r}, not {_FORMAT}")
    if description["network"] not in _MAKERS:
        raise ModelError(f"its network is {description['network']!r}, not mlp or cnn")
    return _MAKERS[description["network"]](description, torch.Generator().manual_seed(0))


def _empty_mlp(description: dict[str, Any], generator: torch.Generator) -> EquivariantMLP:
    domain, *hidden = (parse_domain(text) for text in description["domains"])
    candidates = tuple(Symmetry.parse(text) for text in description["candidates"])
    generators = tuple(candidates.index(Symmetry.parse(text)) for text in description["generators"])
    # What was saved was sound or allowed by name when it was trained.
    actions = layer_actions(candidates, domain, hidden, allow_improper=True)
    architecture = Architecture(
        actions,
        int(description["in_channels"]),
        tuple(int(channels) for channels in description["hidden_channels"]),
        len(description["classes"]),
        str(description["final"]),
    )
    return EquivariantMLP(architecture, generators, generator=generator)


def _empty_cnn(description: dict[str, Any], generator: torch.Generator) -> EquivariantCNN:
    grid = parse_domain(description["domain"])
    if not isinstance(grid, Grid):
        raise ModelError(f"its domain is {grid}, not one of pictures")
    architecture = CNNArchitecture(
        int(description["in_channels"]),
        grid,
        len(description["classes"]),
        str(description["body"]),
        int(description["width"]),
        float(description["dropout"]),
    )
    group = PointGroup(tuple(description["generators"]))
    return EquivariantCNN(architecture, group, generator=generator)


_MAKERS: dict[str, Callable[[dict[str, Any], torch.Generator], Model]] = {
    "mlp": _empty_mlp,
    "cnn": _empty_cnn,
}
