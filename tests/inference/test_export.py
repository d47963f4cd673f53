"""What is compared before an export is written, where targets are far from 0 and hardly spread."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from autoequivariant.groups.closure.layer_actions import layer_actions
from autoequivariant.groups.domain import Features
from autoequivariant.groups.symmetry import parse_symmetries
from autoequivariant.inference import export as module
from autoequivariant.inference.export import export
from autoequivariant.inference.saved_model import SavedModel, open_saved
from autoequivariant.inference.verify import verify
from autoequivariant.nn.io.model_files import save_model
from autoequivariant.nn.mlp.architecture import MLPArchitecture
from autoequivariant.nn.mlp.network import EquivariantMLP


def saved_in(folder: Path, mean: float, generators: tuple[int, ...] = (0,)) -> SavedModel:
    domain = Features(4)
    actions = layer_actions(parse_symmetries("swap:0-1,swap:2-3"), domain, (domain,))
    network = EquivariantMLP(MLPArchitecture(actions, 1, (8,), 1), generators)
    network.rescale([mean], [1.0])
    folder.mkdir()
    save_model(network, folder, targets=("y",), samples="float32")
    x = np.random.default_rng(0).normal(size=(100, 4)).astype("float32")
    np.savez(folder / "data.npz", x=x, y=x.sum(axis=1))
    return open_saved(folder)


@pytest.mark.parametrize("mean", [0.0, 1e6])
@pytest.mark.parametrize("kind", ["torch", "onnx"])
def test_a_network_and_another_are_told_apart(
    kind: str, mean: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = saved_in(tmp_path / "one", mean)
    given = saved.samples(str(tmp_path / "one" / "data.npz"))
    found = export(saved, given, kind)
    assert found.passes and found.files
    right = module.to_dense

    def wrong(model: EquivariantMLP) -> nn.Sequential:
        dense = right(model)
        with torch.no_grad():
            dense[-1].weight.neg_()
        return dense

    with monkeypatch.context() as patch:
        patch.setattr(module, "to_dense", wrong)
        found = export(saved, given, kind)
    assert not found.passes and not found.files and found.difference > 0.1


@pytest.mark.parametrize("mean", [0.0, 1e6])
def test_what_is_claimed_is_measured_by_the_spread(mean: float, tmp_path: Path) -> None:
    saved = saved_in(tmp_path / "one", mean)
    checks = verify(saved, saved.samples(str(tmp_path / "one" / "data.npz"))).checks
    assert [(c.name, c.claimed, c.holds) for c in checks] == [
        ("swap:0-1", True, True),
        ("swap:2-3", False, False),
    ]
    assert checks[1].float32 > 0.1 and checks[1].float64 > 0.1
