"""Small files are not large in memory, and the limits leave room for ordinary networks."""

import json
import math
import re
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from autoequivariant.nn.mlp.description import MLPDescription

from ..spoiled_files import refused_cheaply


def shared_by_all(folder: Path, candidate: str, domain: str, channels: int = 1) -> None:
    """Files that are as small as shared weights allow, with hidden layers as large as the input."""
    size = math.prod(map(int, re.findall("[0-9]+", domain)))
    scaled = size if domain.startswith("features") else 1
    shared = size if candidate.startswith("shift") else 1
    shapes = {"mean": scaled, "scale": scaled}
    for layer, (before, after) in enumerate([(1, channels), (channels, channels)]):
        shapes[f"layers.{layer}.weight"] = shared * before * after
        shapes[f"layers.{layer}.bias"] = after
    shapes |= {"layers.2.weight": 2 * channels, "layers.2.bias": 2}
    description = {
        "format": 4,
        "network": "mlp",
        "domains": [domain] * 3,
        "in_channels": 1,
        "hidden_channels": [channels] * 2,
        "final": "invariant",
        "candidates": [candidate],
        "generators": [candidate],
        "classes": ["a", "b"],
        "n_parameters": 10,
        "weights_sha256": "0" * 64,
    }
    (folder / "model.json").write_text(json.dumps(description))
    tensors = {name: torch.ones(count) for name, count in shapes.items()}
    save_file(tensors, folder / "model.safetensors")


@pytest.mark.parametrize(
    ("candidate", "domain", "channels"),
    [
        ("negate", "features:4096", 1),
        ("shift:1", "sequence:8192", 1),
        ("shift:1", "sequence:16", 9),
    ],
)
def test_a_small_file_is_not_large_in_memory(
    candidate: str, domain: str, channels: int, tmp_path: Path
) -> None:
    shared_by_all(tmp_path, candidate, domain, channels)
    said = refused_cheaply(tmp_path)
    if domain != "sequence:16":
        assert re.search("would take [0-9,]+ MiB of memory, more than the 1,280 MiB", said)
    else:  # the twin: it is made, and found to have other weights than it says
        assert "says 10 parameters" in said


ORDINARY = {
    "digits": (["8x8", "4x4", "4x4"], 1, 8, "hflip"),
    "the paper's": (["28x28", "20x20", "20x20"], 1, 4, "hflip"),
    "large pictures": (["64x64", "64x64", "64x64"], 1, 2, "translate_x:1"),
    "large coloured pictures": (["64x64", "16x16", "16x16"], 3, 8, "translate_x:4"),
    "a table with signs": (["features:1000", "features:1000", "features:1000"], 1, 2, "negate"),
    "a long sequence": (["sequence:4096", "sequence:256", "sequence:256"], 4, 16, "shift:16"),
    "a volume": (["32x32x32", "8x8x8", "8x8x8"], 1, 2, "flip_x"),
}


@pytest.mark.parametrize("name", ORDINARY)
def test_the_limits_leave_room_for_what_a_search_makes(name: str) -> None:
    domains, in_channels, channels, candidate = ORDINARY[name]
    record = {
        "domains": domains,
        "in_channels": in_channels,
        "hidden_channels": [channels] * 2,
        "final": "invariant",
        "candidates": [candidate],
        "generators": [candidate],
    }
    plan = MLPDescription.read(record, ("a", "b"), True)
    plan.check_size(0)  # even without one weight in its file
