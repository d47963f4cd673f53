"""A plain network as an ONNX model, and an ONNX model as a module that onnxruntime runs.

`onnx` and `onnxruntime` are an extra (`export`) and imported when they are needed. The graph is
written here because torch's exporter needs onnxscript, too, and its predecessor is deprecated.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from autoequivariant.errors import ModelError
from autoequivariant.nn.export.signature import Signature
from autoequivariant.nn.export.torch_modules import (
    CircularPad,
    GroupMax,
    Normalise,
    OneHot,
    Reorder,
    Residual,
    Segments,
)
from autoequivariant.nn.onnx_models.packages import onnx_package, session_of

OPSET, IR_VERSION = 21, 10
"""Read by onnxruntime 1.18 (2024) and later."""
INPUT = "samples"
_MAX_POOLS = (nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d)


def to_onnx(
    network: nn.Sequential, sample: Tensor, signature: Signature, symmetries: tuple[str, ...]
) -> bytes:
    """Return a network of `to_dense` as an ONNX model that takes any number of samples.

    Args:
        network: what `to_dense` returned.
        sample: one sample, shape `(1, channels, ...)`, of the type that the model takes: uint8 or
            float32.
        signature: names for the model's metadata, as JSON; the output is called `logits` or
            `targets`.
        symmetries: names for the metadata.

    Raises:
        SettingsError: onnx is not installed.
        ModelError: a layer has no form in ONNX.
    """
    onnx = onnx_package()
    graph = _Graph(onnx, sample.dtype)
    with torch.no_grad():
        last, outputs = graph.add(network, INPUT, sample)
    graph.node("Identity", [last], output=signature.outputs)
    kinds = {torch.uint8: onnx.TensorProto.UINT8, torch.float32: onnx.TensorProto.FLOAT}
    value = onnx.helper.make_tensor_value_info
    model = onnx.helper.make_model(
        onnx.helper.make_graph(
            graph.nodes,
            "network",
            [value(INPUT, kinds[sample.dtype], ["n", *sample.shape[1:]])],
            [value(signature.outputs, onnx.TensorProto.FLOAT, ["n", *outputs.shape[1:]])],
            graph.tensors,
        ),
        opset_imports=[onnx.helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="autoequivariant",
    )
    facts = {**signature.known, "symmetries": symmetries}
    onnx.helper.set_model_props(model, {name: json.dumps(names) for name, names in facts.items()})
    onnx.checker.check_model(model, full_check=True)
    content: bytes = model.SerializeToString()
    return content


class ONNXModule(nn.Module):
    """An ONNX model of `to_onnx`, run by onnxruntime on the CPU.

    Args:
        content: the model.
        hidden: whether to return the input of the last layer instead of the outputs.
    """

    def __init__(self, content: bytes, hidden: bool = False) -> None:
        super().__init__()
        self._session = session_of(_with_hidden_output(content) if hidden else content)
        found = self._session.get_inputs()[0].type
        self._dtype = np.uint8 if found == "tensor(uint8)" else np.float32

    def forward(self, x: Tensor) -> Tensor:
        """Map samples to outputs, or to the last hidden layer."""
        samples: NDArray[Any] = x.numpy().astype(self._dtype)
        return torch.from_numpy(self._session.run(None, {INPUT: samples})[0])

    def __deepcopy__(self, memo: dict[int, Any]) -> ONNXModule:
        return self  # immutable


class _Graph:
    """Nodes and tensors of a graph that grows layer by layer."""

    def __init__(self, onnx: Any, dtype: torch.dtype) -> None:
        self._onnx, self._dtype = onnx, dtype
        self.nodes: list[Any] = []
        self.tensors: list[Any] = []

    def add(self, layer: nn.Module, name: str, x: Tensor) -> tuple[str, Tensor]:
        """Add a layer that reads the value `name`, `x` for one sample; return its output's."""
        if isinstance(layer, nn.Sequential):
            for part in layer:
                name, x = self.add(part, name, x)
            return name, x
        write = _WRITERS.get(type(layer))
        if write is None:
            raise ModelError(f"{type(layer).__name__} has no form in ONNX: export to torch.")
        return write(self, layer, name, x), layer(x)

    def node(self, kind: str, inputs: list[str], output: str | None = None, **facts: Any) -> str:
        """Add a node; return the name of its output."""
        made = output or f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(self._onnx.helper.make_node(kind, inputs, [made], **facts))
        return made

    def tensor(self, values: Tensor | NDArray[Any]) -> str:
        """Add a constant; return its name."""
        array = values.detach().numpy() if isinstance(values, Tensor) else values
        name = f"tensor_{len(self.tensors)}"
        self.tensors.append(self._onnx.numpy_helper.from_array(array, name))
        return name

    @property
    def float32(self) -> int:
        """The type of all values but the samples."""
        return int(self._onnx.TensorProto.FLOAT)

    def normalise(self, layer: Normalise, x: str) -> str:
        """Write the normalisation of samples."""
        if self._dtype != torch.float32:
            x = self.node("Cast", [x], to=self.float32)
        centred = self.node("Sub", [x, self.tensor(layer.mean)])
        return self.node("Div", [centred, self.tensor(layer.scale)])


def _one_hot(graph: _Graph, layer: OneHot, x: str, _: Tensor) -> str:
    flat = graph.node("Flatten", [x], axis=1)
    own = graph.node("Gather", [flat, graph.tensor(layer.columns)], axis=1)
    equal = graph.node("Equal", [own, graph.tensor(layer.known)])
    hot = graph.node("Cast", [equal], to=graph.float32)
    return graph.node("Where", [graph.tensor(layer.coded), hot, own])


def _segments(graph: _Graph, layer: Segments, x: str, _: Tensor) -> str:
    items = layer.items
    shape = graph.tensor(np.array([-1, len(layer.start), 1, items, items]))
    values = graph.node("Reshape", [x, shape])
    values = graph.node("Cast", [values], to=graph.float32)
    from_start = graph.node("Sub", [values, graph.tensor(layer.start)])
    along = graph.node("Div", [from_start, graph.tensor(layer.length)])
    above = graph.node("Max", [along, graph.tensor(layer.least)])
    bounded = graph.node("Min", [above, graph.tensor(layer.most)])
    flat = graph.tensor(np.array([-1, len(layer.start) * layer.start.shape[1], items, items]))
    return graph.node("Reshape", [bounded, flat])


def _linear(graph: _Graph, layer: nn.Linear, x: str, _: Tensor) -> str:
    return graph.node("Gemm", [x, graph.tensor(layer.weight), graph.tensor(layer.bias)], transB=1)


def _conv(graph: _Graph, layer: nn.Conv1d | nn.Conv2d | nn.Conv3d, x: str, _: Tensor) -> str:
    tensors = [layer.weight] if layer.bias is None else [layer.weight, layer.bias]
    return graph.node(
        "Conv",
        [x, *map(graph.tensor, tensors)],
        kernel_shape=layer.kernel_size,
        strides=layer.stride,
        pads=[int(p) for p in layer.padding] * 2,
        dilations=layer.dilation,
        group=layer.groups,
    )


def _norm(
    graph: _Graph, layer: nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d, x: str, _: Tensor
) -> str:
    tensors = (layer.weight, layer.bias, layer.running_mean, layer.running_var)
    names = [graph.tensor(tensor) for tensor in tensors if tensor is not None]
    return graph.node("BatchNormalization", [x, *names], epsilon=layer.eps)


def _pool(graph: _Graph, layer: Any, x: str, value: Tensor) -> str:
    kind = "MaxPool" if isinstance(layer, _MAX_POOLS) else "AveragePool"
    axes = value.dim() - 2
    settings = (layer.kernel_size, layer.stride, layer.padding)
    window, stride, padding = ([v] * axes if isinstance(v, int) else list(v) for v in settings)
    return graph.node(kind, [x], kernel_shape=window, strides=stride, pads=padding * 2)


def _circular_pad(graph: _Graph, layer: CircularPad, x: str, _: Tensor) -> str:
    ends = graph.tensor(np.array([0, 0, *layer.counts] * 2))
    return graph.node("Pad", [x, ends], mode="wrap")


def _group_max(graph: _Graph, layer: GroupMax, x: str, value: Tensor) -> str:
    _, maps, *sides = value.shape
    shape = graph.tensor(np.array([-1, maps // layer.count, layer.count, *sides]))
    by_element = graph.node("Reshape", [x, shape])
    return graph.node("ReduceMax", [by_element, graph.tensor(np.array([2]))], keepdims=0)


def _reorder(graph: _Graph, layer: Reorder, x: str, value: Tensor) -> str:
    count = len(layer.order)
    index = torch.arange(0, value.shape[1], count)[:, None] + layer.order
    return graph.node("Gather", [x, graph.tensor(index.flatten())], axis=1)


def _residual(graph: _Graph, layer: Residual, x: str, value: Tensor) -> str:
    inner, _ = graph.add(layer.inner, x, value)
    shortcut, _ = graph.add(layer.shortcut, x, value)
    return graph.node("Relu", [graph.node("Add", [inner, shortcut])])


_Writer = Callable[[_Graph, Any, str, Tensor], str]
_WRITERS: dict[type[nn.Module], _Writer] = {
    Normalise: lambda graph, layer, x, _: graph.normalise(layer, x),
    OneHot: _one_hot,
    Segments: _segments,
    nn.Flatten: lambda graph, _, x, __: graph.node("Flatten", [x], axis=1),
    nn.ReLU: lambda graph, _, x, __: graph.node("Relu", [x]),
    nn.Linear: _linear,
    **dict.fromkeys((nn.Conv1d, nn.Conv2d, nn.Conv3d), _conv),
    **dict.fromkeys((nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d), _norm),
    **dict.fromkeys((*_MAX_POOLS, nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d), _pool),
    **dict.fromkeys(
        (nn.AdaptiveAvgPool1d, nn.AdaptiveAvgPool2d, nn.AdaptiveAvgPool3d),
        lambda graph, _, x, __: graph.node("GlobalAveragePool", [x]),
    ),
    CircularPad: _circular_pad,
    GroupMax: _group_max,
    Reorder: _reorder,
    Residual: _residual,
}


def _with_hidden_output(content: bytes) -> bytes:
    onnx = onnx_package()
    model = onnx.load_model_from_string(content)
    last = [node for node in model.graph.node if node.op_type == "Gemm"][-1]
    del model.graph.output[:]
    hidden = onnx.helper.make_tensor_value_info(last.input[0], onnx.TensorProto.FLOAT, None)
    model.graph.output.append(hidden)
    changed: bytes = model.SerializeToString()
    return changed
