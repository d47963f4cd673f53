"""An ONNX model has the symmetries of the network, and needs the extra `export`."""

import sys

import pytest
import torch

from autoequivariant.errors import SettingsError
from autoequivariant.nn.claimed_symmetries import TOLERANCES
from autoequivariant.nn.export.dense import to_dense
from autoequivariant.nn.export.onnx_graph import ONNXModule, to_onnx

from .networks import CASES, MEANING, mlp, samples_of


@pytest.mark.parametrize("name", CASES)
def test_plain_networks_have_the_same_symmetries(name: str) -> None:
    model = CASES[name]()
    claims = model.claims()
    dense = to_dense(model)
    x = samples_of(model, 8)
    content = to_onnx(dense, x[:1], MEANING, claims.names)
    parts = (
        dense[:-1] if claims.hidden else dense,
        ONNXModule(content, hidden=claims.hidden),
    )
    for part in parts:
        errors = claims.errors(part, x, torch.float32)
        assert all(errors[symmetry] < TOLERANCES[torch.float32] for symmetry in claims.names)
        assert all(e > 1e-2 for symmetry, e in errors.items() if symmetry not in claims.names)


def test_without_onnx(monkeypatch: pytest.MonkeyPatch) -> None:
    dense = to_dense(mlp("grid"))
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(SettingsError, match=r"\[export\]"):
        to_onnx(dense, torch.zeros(1, 2, 8, 8), MEANING, ())
