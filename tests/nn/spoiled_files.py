"""Model files, and ways to spoil them."""

import hashlib
import json
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from autoequivariant.errors import ModelError
from autoequivariant.groups.domain import Grid
from autoequivariant.groups.point_group.group import PointGroup
from autoequivariant.nn.cnn.architecture import CNNArchitecture
from autoequivariant.nn.cnn.network import EquivariantCNN
from autoequivariant.nn.io.model_files import save_model
from autoequivariant.nn.mlp.network import EquivariantMLP
from autoequivariant.nn.network import Network
from autoequivariant.training.families.model_files import load_model

from .cases import architecture_of, scaling_of
from .point_groups import group_of

CLASSES = tuple("abcde")
CORNER = group_of("rot90")


def network_of(name: str = "grid", final: str = "invariant") -> EquivariantMLP:
    source = torch.Generator().manual_seed(1)
    architecture = architecture_of(name, final)
    network = EquivariantMLP(architecture, (0, 1), *scaling_of(architecture), source)
    with torch.no_grad():
        for layer in network.layers:
            layer.bias.normal_(generator=source)
    return network


def cnn_of(group: PointGroup = CORNER, backbone: str = "paper", side: int = 9) -> EquivariantCNN:
    """With statistics of the normalisation that are not those of a start."""
    source = torch.Generator().manual_seed(1)
    architecture = CNNArchitecture(2, Grid(side, side), 5, backbone, 6, dropout=0.1)
    network = EquivariantCNN(architecture, group, [0.0, 0.5], [2.0, 3.0], source)
    network(torch.randn(8, 2, side, side, generator=source))
    return network.eval()


MAKERS: dict[str, Callable[[], Network]] = {"mlp": network_of, "cnn": cnn_of}


def change(**fields: Any) -> Callable[[Path], None]:
    """Fields of model.json set, or removed where the value is `...`."""

    def apply(folder: Path) -> None:
        path = folder / "model.json"
        description = {**json.loads(path.read_text()), **fields}
        kept = {name: value for name, value in description.items() if value is not ...}
        path.write_text(json.dumps(kept))

    return apply


def candidate(record: Any) -> Callable[[Path], None]:
    """The second of the three candidates, which generates, set to something else."""
    return change(candidates=["rot90", record, "translate_x:2"])


def write(name: str, content: bytes) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_bytes(content) and None


def retensor(
    edit: Callable[[dict[str, torch.Tensor]], None], is_signed: bool = True
) -> Callable[[Path], None]:
    """Tensors changed, with the digest that fits them unless `is_signed` is False."""

    def apply(folder: Path) -> None:
        path = folder / "model.safetensors"
        tensors = load_file(path)
        edit(tensors)
        save_file(tensors, path)
        if is_signed:
            change(weights_sha256=hashlib.sha256(path.read_bytes()).hexdigest())(folder)

    return apply


def spoil_values(name: str, value: float) -> Callable[[Path], None]:
    return retensor(lambda tensors: tensors.update({name: torch.full_like(tensors[name], value)}))


Spoil = Callable[[Path], None]


def check_refusal(network: Network, case: tuple[Spoil, str], folder: Path) -> None:
    """Save a network, spoil its files, and read them: the refusal is one sentence."""
    save_model(network, folder, CLASSES)
    spoil, message = case
    spoil(folder)
    with pytest.raises(ModelError, match=message) as refusal:
        load_model(folder)
    text = str(refusal.value)
    assert text.startswith(f"The model in {folder} cannot be read: ")
    assert text.endswith("train it again.") and "\n" not in text and ".;" not in text


MOST_MEMORY, MOST_SECONDS = 64 * 2**20, 1.0
"""Far less than what is claimed takes, and far more than a refusal."""


def refused_cheaply(folder: Path) -> str:
    """What a refusal says; it takes next to no memory and time."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    with pytest.raises(ModelError) as refusal:
        load_model(folder)
    assert time.process_time() - start < MOST_SECONDS
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    assert grown < MOST_MEMORY
    text = str(refusal.value)
    assert "\n" not in text and len(text) < 600
    return text
