"""Inputs and outputs keep their names in the source and in ONNX."""

import json

import pytest
import torch

from autoequivariant.nn.export.dense import to_dense
from autoequivariant.nn.export.onnx_graph import to_onnx
from autoequivariant.nn.export.signature import Signature
from autoequivariant.nn.export.torch_source import source_of

from .networks import own


def test_what_goes_in_and_comes_out_has_names() -> None:
    dense = to_dense(own("an array"))
    signature = Signature(targets=("force", 'a "b"'), columns=("x", "y", "z", "u"))
    source = source_of(dense, "net", "float32", signature, "It is \0 invariant.")
    names: dict[str, object] = {"__name__": "net", "__file__": "net.py"}
    exec(compile(source, "net.py", "exec"), names)
    assert (names["TARGETS"], names["COLUMNS"]) == (signature.targets, signature.columns)
    assert "CLASSES" not in source and "returns targets,\n(n, 2)" in source
    onnx = pytest.importorskip("onnx")
    model = onnx.load_model_from_string(to_onnx(dense, torch.zeros(1, 1, 4), signature, ()))
    assert [value.name for value in model.graph.output] == ["targets"]
    facts = {entry.key: json.loads(entry.value) for entry in model.metadata_props}
    assert facts["targets"] == list(signature.targets) and "classes" not in facts
