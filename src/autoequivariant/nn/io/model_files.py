"""A network as two files: its weights (safetensors) and what they mean (JSON). Reading them runs no
code, and makes nothing large before names, shapes and sizes are known to fit.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from autoequivariant.errors import AutoequivariantError, ModelError, RunError
from autoequivariant.files import read_at_most, regular_file, write_atomically
from autoequivariant.nn.io.model_description import FORMAT, Description
from autoequivariant.nn.io.tensor_specs import TensorSpec, check_specs, read_specs
from autoequivariant.nn.network import Network, NetworkDescription

DescriptionType = type[NetworkDescription]
MOST_BYTES = 2**24
"""Largest `model.json`."""
WEIGHTS, DESCRIPTION = "model.safetensors", "model.json"
_UNREADABLE = (  # what a missing, broken or made-up file leads to
    AutoequivariantError,
    MemoryError,
    OSError,
    OverflowError,
    RuntimeError,
    SafetensorError,
    ValueError,
)
_LONGEST_REASON = 300


def save_model(
    network: Network,
    folder: Path,
    classes: tuple[str, ...] = (),
    samples: str | None = None,
    targets: tuple[str, ...] = (),
    columns: tuple[str, ...] = (),
    categories: tuple[tuple[str, ...], ...] = (),
) -> tuple[Path, Path]:
    """Write `model.safetensors` and `model.json` into `folder`; return their paths.

    Only the free weights are written: the description names the generators, from which the sharing
    follows. The description is written last, with a digest of the weights: if the process is killed
    in between, an older description does not fit them.

    Args:
        network: on any device.
        folder: an existing folder.
        classes: names of the classes, in the order of the outputs; none of regression.
        samples: type of the samples that it was trained on, `uint8` or `float32`. Default: not
            known; then samples of another scale cannot be refused.
        targets: of regression, names of the outputs.
        columns: of a table, names of its columns. Default: they have none.
        categories: of its columns, the values that they hold codes of; empty for a column of
            numbers. Default: all are numbers.

    Raises:
        RunError: the disk is full or the folder cannot be written; neither file is half-written.
    """
    names: dict[str, list[Any]] = {
        "classes": list(classes),
        "targets": list(targets),
        "columns": list(columns),
        "categories": list(map(list, categories)),
    }
    content = save(
        {name: value.detach().cpu().contiguous() for name, value in network.state_dict().items()}
    )
    record = {
        "format": FORMAT,
        "network": network.kind,
        **network.to_json(),
        **{name: value for name, value in names.items() if value},
        "n_parameters": network.n_parameters,
        "weights_sha256": _digest(content),
    }
    if samples is not None:
        record["samples"] = samples
    weights, description = folder / WEIGHTS, folder / DESCRIPTION
    write_atomically(weights, content)
    try:
        write_atomically(description, (json.dumps(record, indent=2) + "\n").encode())
    except RunError:
        weights.unlink()  # of no use without its description
        raise
    return weights, description


def read_description(folder: Path | str, kinds: Mapping[str, DescriptionType]) -> Description:
    """Read what `model.json` says; the weights are not read.

    Args:
        folder: what `save_model` wrote to.
        kinds: what reads the description of each kind of network, by `Network.kind`.

    Raises:
        ModelError: it is missing or malformed.
    """
    folder = Path(folder)
    try:
        return Description.parse(read_at_most(folder / DESCRIPTION, MOST_BYTES), kinds)
    except _UNREADABLE as error:
        raise _refusal(folder, error) from error


def load_model(folder: Path | str, kinds: Mapping[str, DescriptionType]) -> Network:
    """Read the network that `save_model` wrote, in evaluation mode.

    The header of `model.safetensors` has the names, types and shapes of all tensors; they are
    compared with the description before the network is made.

    Args:
        folder, kinds: as in `read_description`.

    Raises:
        ModelError: a file is missing or malformed, the weights do not fit the description or its
            digest, or one of them is not a finite number.
    """
    folder = Path(folder)
    description = read_description(folder, kinds)
    try:
        specs = read_specs(regular_file(folder / WEIGHTS))
        description.network.check_tensors(specs)
        network = description.build()
        check_specs(specs, {name: TensorSpec.of(t) for name, t in network.state_dict().items()})
        if network.n_parameters != description.n_parameters:
            raise ModelError(
                f"{DESCRIPTION} says {description.n_parameters:,} parameters, "
                f"not {network.n_parameters:,}"
            )
        content = (folder / WEIGHTS).read_bytes()  # as large as the network, by its header
        if _digest(content) != description.weights_sha256:
            raise ModelError(
                f"{WEIGHTS} has changed since {DESCRIPTION} was written, so they do not belong "
                "together"
            )
        tensors = load(content)
        _refuse_values(tensors)
        network.load_state_dict(tensors)
    except _UNREADABLE as error:
        raise _refusal(folder, error) from error
    return network.eval()


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _refuse_values(tensors: dict[str, Tensor]) -> None:
    for name, values in tensors.items():
        if not torch.isfinite(values).all():
            raise ModelError(f"{name} holds a value that is not a finite number")
        if name.endswith("running_var") and (values < 0).any():
            raise ModelError(f"{name} holds a negative variance")
        if name in ("scale", "output_scale") and (values <= 0).any():
            raise ModelError(f"{name} holds a value that is not more than 0")


def _refusal(folder: Path, error: Exception) -> ModelError:
    reason = " ".join(str(error).split()).rstrip(".") or type(error).__name__
    if len(reason) > _LONGEST_REASON:
        reason = f"{reason[:_LONGEST_REASON]}..."
    return ModelError(
        f"The model in {folder} cannot be read: {reason.rstrip('.')}; "
        "give the folder of a finished run, or train it again."
    )
