"""ONNX models of other origins, written by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper

FLOAT, DOUBLE, UINT8 = TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.UINT8
_FLOATS = {DOUBLE: np.float64}


def linear(
    path: Path,
    sides: Sequence[int | str],
    *,
    outputs: int = 3,
    kind: int = FLOAT,
    opset: int = 17,
    weights: Any = None,
    label: str | None = None,
    classes: Sequence[int] | None = None,
    quadratic: bool = False,
) -> Path:
    """Write a model that flattens samples and multiplies them with weights.

    Args:
        path: of the file.
        sides: of the input, the batch first.
        outputs: number of outputs, called `scores`.
        kind: type of the input.
        opset: of the model.
        weights: shape `(values, outputs)`. Default: random.
        label: name of an output with the number of the largest.
        classes: labels of the classes, for a dictionary of scores as skl2onnx writes it.
        quadratic: whether scores are squared.
    """
    size = int(np.prod([side for side in sides[1:] if isinstance(side, int)]))
    dtype = _FLOATS.get(kind, np.float32)
    if weights is None:
        weights = np.random.default_rng(0).normal(size=(size, outputs))
    scores = "raw" if quadratic or classes else "scores"
    result = DOUBLE if kind == DOUBLE else FLOAT
    nodes = [
        helper.make_node("Cast", ["x"], ["float"], to=result),
        helper.make_node("Flatten", ["float"], ["flat"], axis=1),
        helper.make_node("MatMul", ["flat", "weights"], [scores]),
    ]
    value = helper.make_tensor_value_info
    out = [value("scores", result, [sides[0], outputs])]
    imports = [helper.make_opsetid("", opset)]
    if quadratic:
        nodes.append(helper.make_node("Mul", ["raw", "raw"], ["scores"]))
    if classes is not None:
        imports.append(helper.make_opsetid("ai.onnx.ml", 1))
        nodes.append(
            helper.make_node(
                "ZipMap", ["raw"], ["scores"], domain="ai.onnx.ml", classlabels_int64s=classes
            )
        )
        pairs = helper.make_map_type_proto(
            TensorProto.INT64, helper.make_tensor_type_proto(FLOAT, None)
        )
        out = [helper.make_value_info("scores", helper.make_sequence_type_proto(pairs))]
    if label is not None:
        nodes += [
            helper.make_node(
                "ArgMax", ["raw" if classes else "scores"], ["place"], axis=1, keepdims=0
            ),
            helper.make_node("Gather", ["labels", "place"], [label]),
        ]
        out.append(value(label, TensorProto.INT64, [sides[0]]))
    tensors = [numpy_helper.from_array(np.asarray(weights, dtype), "weights")]
    if label is not None:
        numbers = np.arange(outputs) if classes is None else np.array(classes)
        tensors.append(numpy_helper.from_array(numbers.astype(np.int64), "labels"))
    graph = helper.make_graph(nodes, "linear", [value("x", kind, sides)], out, tensors)
    model = helper.make_model(graph, opset_imports=imports, ir_version=8)
    path.write_bytes(model.SerializeToString())
    return path
