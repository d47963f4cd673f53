"""ONNX models of other origins as functions of samples, and files that are none."""

from __future__ import annotations

import builtins
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from onnx import helper

from autoequivariant.errors import AutoequivariantError, ModelError, SettingsError
from autoequivariant.nn.any_model.samples import GivenSamples
from autoequivariant.nn.onnx_models.function import OnnxFunction
from autoequivariant.nn.onnx_models.model_file import read_model_file

from ...onnx_cases import DOUBLE, FLOAT, UINT8, linear

X = np.random.default_rng(0).normal(size=(300, 1, 2, 3)).astype(np.float32)
WEIGHTS = np.random.default_rng(1).normal(size=(6, 3))


def function(path: Path, x: Any = X, **options: Any) -> OnnxFunction:
    return OnnxFunction(read_model_file(path), x, **options)


@pytest.mark.parametrize("batch", ["n", 1, 7, 300])
@pytest.mark.parametrize("sides", [(1, 2, 3), (2, 3), (2, 3, 1), (6,)])
def test_outputs_for_every_form_and_batch(batch: Any, sides: Any, tmp_path: Path) -> None:
    path = linear(tmp_path / "m.onnx", (batch, *sides), weights=WEIGHTS)
    (found,) = function(path).run(X, ["scores"])
    assert np.allclose(found, X.reshape(300, -1) @ WEIGHTS, atol=1e-5)


@pytest.mark.parametrize(
    ("kind", "precisions"),
    [(FLOAT, (True, False)), (DOUBLE, (False, True)), (UINT8, (True, False))],
)
def test_precisions(kind: int, precisions: tuple[bool, bool], tmp_path: Path) -> None:
    x = np.arange(60, dtype=np.uint8).reshape(10, 1, 2, 3)
    model = function(linear(tmp_path / "m.onnx", ("n", 6), kind=kind), x)
    given = GivenSamples(x, x)
    found = [model.outputs(given, dtype) is not None for dtype in (torch.float32, torch.float64)]
    assert tuple(found) == precisions


def test_samples_are_divided(tmp_path: Path) -> None:
    path = linear(tmp_path / "m.onnx", ("n", 6), weights=WEIGHTS)
    (found,) = function(path, divide=255).run(X, ["scores"])
    assert np.allclose(found, X.reshape(300, -1) @ WEIGHTS / 255, atol=1e-6)


def test_dictionaries_become_arrays_and_name_classes(tmp_path: Path) -> None:
    path = linear(tmp_path / "m.onnx", ("n", 6), weights=WEIGHTS, classes=[4, 5, 9], label="best")
    model = function(path)
    assert model.classes == ("4", "5", "9") and model.is_classifier
    scores, best = model.run(X, [model.output, "best"])
    assert np.allclose(scores, X.reshape(300, -1) @ WEIGHTS, atol=1e-5)
    assert np.array_equal(best, np.array([4, 5, 9])[scores.argmax(1)])


def test_the_first_output_of_floats_is_taken(tmp_path: Path) -> None:
    path = linear(tmp_path / "m.onnx", ("n", 6), label="best")
    model = onnx.load(str(path))
    model.graph.output.insert(0, model.graph.output.pop())
    model.graph.output.append(helper.make_tensor_value_info("flat", FLOAT, ["n", 6]))
    onnx.save(model, str(path))
    found = function(path)
    assert (found.output, found.others) == ("scores", ["flat"])
    assert function(path, output="flat").output == "flat"
    with pytest.raises(ModelError, match="'best' is not an array of floats"):
        function(path, output="best")
    with pytest.raises(SettingsError, match="has no output 'logits'; it has best, scores, flat"):
        function(path, output="logits")


def test_weights_beside_the_file(tmp_path: Path) -> None:
    path = linear(tmp_path / "m.onnx", ("n", 6), weights=WEIGHTS)
    model = onnx.load(str(path))
    onnx.save(
        model, str(path), save_as_external_data=True, size_threshold=0, location="weights.bin"
    )
    assert (tmp_path / "weights.bin").exists()
    assert np.allclose(
        function(path).run(X, ["scores"])[0], X.reshape(300, -1) @ WEIGHTS, atol=1e-5
    )
    (tmp_path / "weights.bin").unlink()
    with pytest.raises(ModelError, match="not an ONNX model that can be used"):
        read_model_file(path)


def outside(path: Path) -> None:
    (path.parent.parent / "secret").write_bytes(bytes(72))
    linear(path, ("n", 6), weights=WEIGHTS)
    model = onnx.load(str(path))
    onnx.save(model, str(path), save_as_external_data=True, size_threshold=0, location="w.bin")
    model = onnx.load(str(path), load_external_data=False)
    for tensor in model.graph.initializer:
        for entry in tensor.external_data:
            if entry.key == "location":
                entry.value = "../secret"
    path.write_bytes(model.SerializeToString())


def two_inputs(path: Path) -> None:
    linear(path, ("n", 6))
    model = onnx.load(str(path))
    model.graph.input.append(helper.make_tensor_value_info("more", FLOAT, [1]))
    onnx.save(model, str(path))


def unknown_node(path: Path) -> None:
    linear(path, ("n", 6))
    model = onnx.load(str(path))
    model.graph.node[0].op_type = "Nonsense"
    path.write_bytes(model.SerializeToString())


def unknown_domain(path: Path) -> None:
    linear(path, ("n", 6))
    model = onnx.load(str(path))
    model.graph.node[0].domain = "nobody"
    model.opset_import.add(domain="nobody", version=1)
    path.write_bytes(model.SerializeToString())


def whole_numbers_alone(path: Path) -> None:
    linear(path, ("n", 6), label="best")
    model = onnx.load(str(path))
    del model.graph.output[0]
    path.write_bytes(model.SerializeToString())


def fails_when_run(path: Path) -> None:
    linear(path, ("n", 6), weights=np.zeros((5, 3)))


@pytest.mark.parametrize(
    ("write", "reason"),
    [
        (lambda path: None, "cannot be read as an ONNX model"),
        (lambda path: path.mkdir(), "cannot be read as an ONNX model"),
        (lambda path: path.write_bytes(b""), "not an ONNX model"),
        (lambda path: path.write_bytes(b"\x89PNG and so on"), "not an ONNX model"),
        (lambda path: path.write_bytes(linear(path, ("n", 6)).read_bytes()[:-9]), "not an ONNX"),
        (outside, "not an ONNX model that can be used"),
        (two_inputs, "must have one input that is an array; it has 2"),
        (unknown_node, "not an ONNX model that can be used"),
        (unknown_domain, "cannot be run"),
        (whole_numbers_alone, "no output is an array of floats with one row"),
        (fails_when_run, "fails on the samples|cannot be run"),
    ],
)
def test_what_is_no_model_is_refused(write: Any, reason: str, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    write(folder / "m.onnx")
    with pytest.raises(AutoequivariantError, match=reason) as caught:
        function(folder / "m.onnx")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("divide", [0.0, -1.0, float("nan"), float("inf")])
def test_samples_are_divided_by_a_number(divide: float, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="--divide must be more than 0"):
        function(linear(tmp_path / "m.onnx", ("n", 6)), divide=divide)


def test_bytes_are_not_cut(tmp_path: Path) -> None:
    with pytest.raises(AutoequivariantError, match="takes uint8, but some samples have other"):
        function(linear(tmp_path / "m.onnx", ("n", 6), kind=UINT8))


@pytest.mark.parametrize("package", ["onnx", "onnxruntime"])
def test_without_the_extra(package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = linear(tmp_path / "m.onnx", ("n", 6))
    real = builtins.__import__

    def without(name: str, *words: Any) -> Any:
        if name == package:
            raise ImportError(name)
        return real(name, *words)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(SettingsError, match=r"ONNX models need onnx and onnxruntime: pip install"):
        function(path)
