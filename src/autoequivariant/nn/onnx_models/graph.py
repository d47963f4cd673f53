"""Adds nodes before and after the graph of an ONNX model."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoequivariant.errors import ModelError
from autoequivariant.nn.onnx_models.packages import onnx_package

LEAST_OPSET = 9
"""The first with all operations that are added."""
_AXES_AS_INPUT = 18  # of ReduceMean and ReduceMax
_PREFIX = "symmetrized"


class GraphBuilder:
    """Nodes and constants that are put around a model's graph.

    Args:
        model: whose graph it is; it is copied.

    Raises:
        ModelError: its opset is too old.
    """

    def __init__(self, model: Any) -> None:
        self._onnx = onnx_package()
        self.model = copy.deepcopy(model)
        self.opset = next(
            (one.version for one in model.opset_import if one.domain in ("", "ai.onnx")), 0
        )
        if self.opset < LEAST_OPSET:
            raise ModelError(
                f"The model has opset {self.opset}, and a wrapped one needs {LEAST_OPSET} or more: "
                "export it again with a newer opset."
            )
        self.nodes: list[Any] = []
        self.tensors: list[Any] = []
        graph = model.graph
        self._taken = {name for node in graph.node for name in (*node.input, *node.output)}
        self._taken |= {one.name for one in (*graph.input, *graph.output, *graph.initializer)}
        self._taken |= {node.name for node in graph.node}
        self._count = 0

    def name(self, what: str) -> str:
        """Return a name that the model does not use."""
        while True:
            self._count += 1
            found = f"{_PREFIX}_{what.lower()}_{self._count}"
            if found not in self._taken:
                self._taken.add(found)
                return found

    def node(
        self, kind: str, inputs: Sequence[str], output: str | None = None, **facts: Any
    ) -> str:
        """Add a node; return the name of its output."""
        made = output or self.name(kind)
        self.nodes.append(self._onnx.helper.make_node(kind, list(inputs), [made], **facts))
        return made

    def tensor(self, values: NDArray[Any]) -> str:
        """Add a constant; return its name."""
        name = self.name("constant")
        self.tensors.append(self._onnx.numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def reshape(self, x: str, *sides: int, output: str | None = None) -> str:
        """Add a reshape; one side may be -1."""
        return self.node("Reshape", [x, self.tensor(np.array(sides, np.int64))], output)

    def reduce(self, kind: str, x: str, axis: int, keep: bool, output: str | None = None) -> str:
        """Add a reduction over one axis: `ReduceMean` or `ReduceMax`."""
        if self.opset >= _AXES_AS_INPUT:
            axes = self.tensor(np.array([axis], np.int64))
            return self.node(kind, [x, axes], output, keepdims=int(keep))
        return self.node(kind, [x], output, axes=[axis], keepdims=int(keep))

    def cast(self, x: str, kind: type[np.generic]) -> str:
        """Add a conversion to another type."""
        to = self._onnx.helper.np_dtype_to_tensor_dtype(np.dtype(kind))
        return self.node("Cast", [x], to=to)

    def renamed_graph(self, names: dict[str, str]) -> list[Any]:
        """Return the model's nodes with other names for some of its values."""
        nodes = [copy.deepcopy(node) for node in self.model.graph.node]
        for node in nodes:
            _rename(node, names)
        return nodes

    def scan(self, nodes: Sequence[Any], x: str, into: Any, outputs: Sequence[Any]) -> list[str]:
        """Run nodes for each entry of the first axis of `x`; return the stacked outputs' names.

        The nodes read the model's constants from outside, so these exist once.

        Args:
            nodes: of a graph with one input.
            x: the stacked inputs.
            into: description of the graph's input.
            outputs: descriptions of the graph's outputs.
        """
        body = self._onnx.helper.make_graph(list(nodes), self.name("body"), [into], list(outputs))
        made = [self.name("scan") for _ in outputs]
        self.nodes.append(
            self._onnx.helper.make_node("Scan", [x], made, body=body, num_scan_inputs=1)
        )
        return made

    def value(self, name: str, kind: int, sides: Sequence[int | str | None] | None) -> Any:
        """Return the description of a value."""
        return self._onnx.helper.make_tensor_value_info(name, kind, sides)

    def finished(self, inputs: Sequence[Any], outputs: Sequence[Any]) -> bytes:
        """Return the model with all nodes, checked.

        Raises:
            ModelError: it became too large for one file.
        """
        model = copy.deepcopy(self.model)
        graph = model.graph
        known = {tensor.name for tensor in graph.initializer}
        constants = [value for value in graph.input if value.name in known]  # of old files
        for field in (graph.node, graph.input, graph.output, graph.value_info):
            del field[:]
        graph.node.extend(self.nodes)
        graph.input.extend([*inputs, *constants])
        graph.output.extend(outputs)
        graph.initializer.extend(self.tensors)
        if len({one.domain for one in model.opset_import}) < len(model.opset_import):
            _without_repetitions(model)
        try:
            self._onnx.checker.check_model(model)
            content: bytes = model.SerializeToString()
        except ValueError as error:
            raise ModelError(f"The wrapped model cannot be written: {error}.") from None
        return content


def _rename(node: Any, names: dict[str, str]) -> None:
    """Rename values in a node and in the graphs that it holds."""
    for field in (node.input, node.output):
        for place, name in enumerate(field):
            field[place] = names.get(name, name)
    for attribute in node.attribute:
        for graph in (attribute.g, *attribute.graphs):
            inner = {value.name for value in graph.input}
            for one in graph.node:
                _rename(one, {old: new for old, new in names.items() if old not in inner})
            for value in graph.output:
                value.name = names.get(value.name, value.name)


def _without_repetitions(model: Any) -> None:
    versions: dict[str, int] = {}
    for one in model.opset_import:
        versions[one.domain] = max(one.version, versions.get(one.domain, 0))
    del model.opset_import[:]
    for domain, version in versions.items():
        model.opset_import.add(domain=domain, version=version)
