"""Wrapped ONNX models against a slow twin in NumPy."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray

from autoequivariant.errors import ModelError
from autoequivariant.groups.element import Element
from autoequivariant.groups.group_elements import group_elements
from autoequivariant.nn.acting import Acting
from autoequivariant.nn.onnx_models.function import OnnxFunction
from autoequivariant.nn.onnx_models.model_file import read_model_file
from autoequivariant.nn.onnx_models.wrapping import Label, averaged, canonical

from ...onnx_cases import DOUBLE, FLOAT, UINT8, linear

RNG = np.random.default_rng(0)
MIRROR = {"like": "hflip", "name": "mirror", "outputs": {"swap": "0 <-> 1"}}
WHOLE = RNG.integers(0, 3, size=(7, 3, 4, 4)).astype(np.float32)  # with ties
X = RNG.normal(size=(7, 3, 4, 4)).astype(np.float32)


def elements_of(symmetries: Any, outputs: int = 3) -> tuple[Element, ...]:
    acting = Acting.on(symmetries, (3, 4, 4), outputs)
    found = group_elements(acting.elements, acting.elements[0] ** 0, 1000)
    assert found is not None
    return found


def moved(element: Element, x: NDArray[Any]) -> NDArray[Any]:
    return element.points.apply(x.reshape(len(x), -1)).reshape(x.shape)


def slow_average(model: OnnxFunction, elements: Sequence[Element], x: Any) -> NDArray[Any]:
    found = [
        g.inverse().apply_to_outputs(model.run(moved(g, x), [model.output])[0]) for g in elements
    ]
    return np.asarray(np.mean(found, axis=0))


def slow_canonical(model: OnnxFunction, elements: Sequence[Element], x: Any) -> NDArray[Any]:
    rows = []
    for one in x:
        copies = [moved(g, one[None]) for g in elements]
        keys = [tuple(model.layout.arranged(copy).ravel().tolist()) for copy in copies]
        best = max(keys)
        reach = [number for number, key in enumerate(keys) if key == best]
        output = model.run(copies[reach[0]], [model.output])[0]
        back = [elements[n].inverse().apply_to_outputs(output)[0] for n in reach]
        rows.append(np.mean(back, axis=0))
    return np.array(rows)


def run(content: bytes, feed: NDArray[Any], batch: int | None = None) -> list[NDArray[Any]]:
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    parts = [feed] if batch is None else np.split(feed, len(feed) // batch)
    found = [session.run(None, {"x": part}) for part in parts]
    return [np.concatenate(one) for one in zip(*found, strict=True)]


SIDES: dict[str, tuple[Any, ...]] = {
    "channels first": ("n", 3, 4, 4),
    "channels last": ("n", 4, 4, 3),
    "flat": ("n", 48),
    "one at a time": (1, 3, 4, 4),
    "seven at a time": (7, 3, 4, 4),
}


@pytest.mark.parametrize("opset", [9, 12, 13, 18, 21])
def test_every_opset(opset: int, tmp_path: Path) -> None:
    path = linear(tmp_path / "m.onnx", SIDES["channels first"], opset=opset, quadratic=True)
    model = OnnxFunction(read_model_file(path), X)
    elements = elements_of("rot90,hflip")
    for fast, slow in ((averaged, slow_average), (canonical, slow_canonical)):
        assert np.allclose(run(fast(model, elements), X)[0], slow(model, elements, X), atol=1e-3)


@pytest.mark.parametrize("symmetries", ["rot90", MIRROR, "rot90,negate", "hflip,translate_x:1"])
@pytest.mark.parametrize("form", SIDES)
def test_it_computes_what_the_slow_twin_does(symmetries: Any, form: str, tmp_path: Path) -> None:
    path = linear(tmp_path / "m.onnx", SIDES[form], quadratic=True)
    model = OnnxFunction(read_model_file(path), X)
    elements = elements_of(symmetries)
    for x in (X, WHOLE):
        feed = model.arranged(x)
        for fast, slow in ((averaged, slow_average), (canonical, slow_canonical)):
            (found,) = run(fast(model, elements), feed, model.batch)
            assert np.allclose(found, slow(model, elements, x), rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize(("kind", "dtype"), [(DOUBLE, np.float64), (UINT8, np.uint8)])
def test_other_types(kind: int, dtype: Any, tmp_path: Path) -> None:
    path = linear(tmp_path / "m.onnx", SIDES["channels first"], kind=kind, quadratic=True)
    x = WHOLE.astype(dtype)
    model = OnnxFunction(read_model_file(path), x)
    elements = elements_of("rot90")
    for fast, slow in ((averaged, slow_average), (canonical, slow_canonical)):
        (found,) = run(fast(model, elements), x)
        assert np.allclose(found, slow(model, elements, x), rtol=1e-5)
        assert found.dtype == (np.float64 if kind == DOUBLE else np.float32)


@pytest.mark.parametrize("count", range(1, 9))
def test_every_number_of_copies(count: int, tmp_path: Path) -> None:
    model = OnnxFunction(read_model_file(linear(tmp_path / "m.onnx", SIDES["flat"])), X)
    some = elements_of("rot90,hflip")[:count]
    for fast, slow in ((averaged, slow_average), (canonical, slow_canonical)):
        (found,) = run(fast(model, some), model.arranged(WHOLE))
        assert np.allclose(found, slow(model, some, WHOLE), atol=1e-4)


def test_symmetric_samples_are_exact(tmp_path: Path) -> None:
    model = OnnxFunction(read_model_file(linear(tmp_path / "m.onnx", SIDES["flat"])), X)
    elements = elements_of(MIRROR)
    x = WHOLE + WHOLE[..., ::-1]
    (found,) = run(canonical(model, elements), model.arranged(x))
    assert np.allclose(found[:, 0], found[:, 1], rtol=1e-6)


def test_labels_follow(tmp_path: Path) -> None:
    path = linear(tmp_path / "m.onnx", SIDES["flat"], label="label")
    model = OnnxFunction(read_model_file(path), X)
    label = Label("label", np.array([7, 8, 9]))
    for build in (averaged, canonical):
        scores, labels = run(build(model, elements_of("rot90"), [label]), model.arranged(X))
        assert np.array_equal(labels, scores.argmax(1) + 7)


def test_bytes_cannot_change_sign(tmp_path: Path) -> None:
    path = linear(tmp_path / "m.onnx", SIDES["flat"], kind=UINT8)
    model = OnnxFunction(read_model_file(path), WHOLE)
    with pytest.raises(ModelError, match="uint8, which has no negative values"):
        averaged(model, elements_of("negate"))


def test_an_old_opset_is_refused(tmp_path: Path) -> None:
    path = linear(tmp_path / "m.onnx", SIDES["flat"], opset=8, kind=FLOAT)
    model = OnnxFunction(read_model_file(path), X)
    with pytest.raises(ModelError, match="has opset 8, and a wrapped one needs 9"):
        averaged(model, elements_of("rot90"))
