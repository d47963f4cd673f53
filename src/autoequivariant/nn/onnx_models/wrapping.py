"""An ONNX model made equivariant: what it computes for moved copies of a sample, put together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoequivariant.errors import ModelError
from autoequivariant.groups.element import Element
from autoequivariant.groups.permutation import Permutation
from autoequivariant.nn.onnx_models.function import OnnxFunction
from autoequivariant.nn.onnx_models.graph import GraphBuilder
from autoequivariant.nn.onnx_models.packages import onnx_package

_COMPARABLE = (np.float32, np.float64, np.int32, np.int64)


@dataclass(frozen=True, eq=False)
class Label:
    """An output that names the class with the largest score.

    Attributes:
        name: of the output.
        classes: its value for each class, as integers.
    """

    name: str
    classes: NDArray[np.int64]


def averaged(
    function: OnnxFunction, elements: Sequence[Element], labels: Sequence[Label] = ()
) -> bytes:
    """Return a model that averages over moved copies: the mean of `g^-1 f(g.x)` over elements.

    The copies are one batch if the model takes any number of samples, else run one after another.

    Args:
        function: the model, how it takes samples, and its output.
        elements: of the group, all of them for an equivariant model.
        labels: outputs to keep, computed from the average.
    """
    return _Wrapping(function, elements).finished(_Wrapping.average, labels)


def canonical(
    function: OnnxFunction, elements: Sequence[Element], labels: Sequence[Label] = ()
) -> bytes:
    """Return a model that runs on one copy, the largest in lexicographic order of its values.

    `f` runs once, on the copy `c` that is largest among all moved copies `g.x`. The result is the
    mean of `g^-1 f(c)` over the elements with `g.x = c`, of which a symmetric sample has several.

    Args:
        function: the model, how it takes samples, and its output.
        elements: all elements of the group.
        labels: outputs to keep, computed from the result.
    """
    return _Wrapping(function, elements).finished(_Wrapping.canonical, labels)


class _Wrapping:
    """The graph around a model."""

    def __init__(self, function: OnnxFunction, elements: Sequence[Element]) -> None:
        self._function, self._elements = function, elements
        self._graph = GraphBuilder(function.file.proto)
        self._sides = function.layout.sides
        self._size = int(np.prod(self._sides))
        self._kind = function.file.input_type
        self._actions = [function.layout.moved(element.points) for element in elements]
        if function.dtype.kind in "bu" and any(action.is_signed for action in self._actions):
            raise ModelError(
                f"The model takes {function.dtype}, which has no negative values, and a symmetry "
                "changes signs: export it with an input of floats."
            )
        self._n_outputs = elements[0].outputs.size
        value = next(one for one in function.file.proto.graph.output if one.name == function.output)
        self._output_kind = value.type.tensor_type.elem_type

    def finished(self, method: Callable[[_Wrapping], str], labels: Sequence[Label]) -> bytes:
        graph, function = self._graph, self._function
        outputs = method(self)
        graph.node("Identity", [outputs], function.output)
        batch = "n" if function.batch is None else function.batch
        kinds = [graph.value(function.output, self._output_kind, [batch, self._n_outputs])]
        for label in labels:
            best = graph.node("ArgMax", [outputs], axis=1, keepdims=0)
            graph.node("Gather", [graph.tensor(label.classes), best], label.name, axis=0)
            kinds.append(graph.value(label.name, _INT64, [batch]))
        inputs = [graph.value(function.file.input_name, self._kind, [batch, *self._sides])]
        return graph.finished(inputs, kinds)

    def average(self) -> str:
        """Add the average over all copies; return the name of the outputs."""
        count = len(self._elements)
        found = self._run(self._copies(), count)  # (n, count, outputs)
        back = self._moved_back(found, count)
        return self._graph.reduce("ReduceMean", back, 1, keep=False)

    def canonical(self) -> str:
        """Add the choice of a copy, and the average over elements that reach it."""
        graph, count = self._graph, len(self._elements)
        copies = self._comparable(self._copies())  # (n, count, size)
        best = self._largest(copies, count)  # (n, 1, size)
        away = graph.node("Or", [*self._orders(copies, best)])
        away = graph.reduce("ReduceMax", graph.cast(away, np.float32), 2, keep=True)
        one = graph.tensor(np.ones((1, 1, 1), np.float32))
        weights = graph.node("Sub", [one, away])  # (n, count, 1): 1 where a copy is the largest
        total = graph.reduce("ReduceMean", weights, 1, keep=True)
        weights = self._as_output(graph.node("Div", [weights, total]))
        found = self._run(self._as_input(best), 1)  # (n, 1, outputs)
        repeated = graph.node("Concat", [found] * count, axis=1) if count > 1 else found
        back = self._moved_back(repeated, count)
        return graph.reduce("ReduceMean", graph.node("Mul", [back, weights]), 1, keep=False)

    def _copies(self) -> str:
        """Add the moved copies, shape `(n, count, size)`."""
        graph, count = self._graph, len(self._actions)
        flat = graph.reshape(self._function.file.input_name, -1, self._size)
        moved = _gathered(graph, flat, self._actions, self._function.dtype)
        return graph.reshape(moved, -1, count, self._size)

    def _moved_back(self, outputs: str, count: int) -> str:
        """Add `g^-1` on the outputs for each element, shape `(n, count, outputs)`."""
        actions = [element.outputs.inverse() for element in self._elements]
        if all(action.is_identity for action in actions):
            return outputs
        graph, size = self._graph, self._n_outputs
        flat = graph.reshape(outputs, -1, count * size)
        moved = _gathered(graph, flat, actions, _numpy_type(self._output_kind), blocks=True)
        return graph.reshape(moved, -1, count, size)

    def _run(self, copies: str, count: int) -> str:
        """Add the model on copies, shape `(n, count, size)`; outputs are `(n, count, outputs)`."""
        graph, function = self._graph, self._function
        file, size = function.file, self._n_outputs
        inner = {file.input_name: graph.name("input"), function.output: graph.name("output")}
        others = [name for name in file.outputs if name != function.output]
        inner |= {name: graph.name("unused") for name in others}
        nodes = graph.renamed_graph(inner)
        if function.batch is None or count == 1:
            graph.reshape(copies, -1, *self._sides, output=inner[file.input_name])
            graph.nodes.extend(nodes)
            return graph.reshape(inner[function.output], -1, count, size)
        batch = function.batch
        stacked = graph.node("Transpose", [copies], perm=[1, 0, 2])
        stacked = graph.reshape(stacked, count, batch, *self._sides)
        into = graph.value(inner[file.input_name], self._kind, [batch, *self._sides])
        out = graph.value(inner[function.output], self._output_kind, None)
        (found,) = graph.scan(nodes, stacked, into, [out])
        found = graph.reshape(found, count, batch, size)
        return graph.node("Transpose", [found], perm=[1, 0, 2])

    def _largest(self, copies: str, count: int) -> str:
        """Add a tournament of copies, shape `(n, count, size)`; the winner is `(n, 1, size)`."""
        graph = self._graph
        while count > 1:
            half = count // 2
            first, second = self._part(copies, 0, half), self._part(copies, half, 2 * half)
            rest = [self._part(copies, 2 * half, count)] if count % 2 else []
            above, below = (graph.cast(one, np.float32) for one in self._orders(first, second))
            # The second wins if it is above at the first position where the two differ.
            at_above, at_below = (
                graph.node("ArgMax", [one], axis=2, keepdims=1) for one in (above, below)
            )
            zero = graph.tensor(np.zeros((1, 1, 1), np.float32))
            any_above, any_below = (
                graph.node("Greater", [graph.reduce("ReduceMax", one, 2, keep=True), zero])
                for one in (above, below)
            )
            sooner = graph.node("Less", [at_below, at_above])
            alone = graph.node("Not", [any_above])
            wins = graph.node("And", [any_below, graph.node("Or", [sooner, alone])])
            best = graph.node("Where", [wins, second, first])
            copies = graph.node("Concat", [best, *rest], axis=1) if rest else best
            count = half + len(rest)
        return copies

    def _orders(self, first: str, second: str) -> tuple[str, str]:
        """Add where the first is larger, and where it is smaller."""
        graph = self._graph
        return graph.node("Greater", [first, second]), graph.node("Less", [first, second])

    def _part(self, x: str, start: int, end: int) -> str:
        chosen = self._graph.tensor(np.arange(start, end, dtype=np.int64))
        return self._graph.node("Gather", [x, chosen], axis=1)

    def _comparable(self, copies: str) -> str:
        """Convert to a type that can be compared, without loss for what samples hold."""
        if self._function.dtype in map(np.dtype, _COMPARABLE):
            return copies
        return self._graph.cast(copies, np.float32)

    def _as_input(self, copies: str) -> str:
        if self._function.dtype in map(np.dtype, _COMPARABLE):
            return copies
        return self._graph.cast(copies, self._function.dtype.type)

    def _as_output(self, weights: str) -> str:
        kind = _numpy_type(self._output_kind)
        return weights if kind == np.float32 else self._graph.cast(weights, kind.type)


def _gathered(
    graph: GraphBuilder,
    x: str,
    actions: Sequence[Permutation],
    dtype: np.dtype[Any],
    blocks: bool = False,
) -> str:
    """Add `g.x` for each action, side by side.

    Args:
        graph: to add to.
        x: shape `(n, size)`; with `blocks`, `(n, count * size)`: a block for each action.
        actions: of `size` values.
        dtype: of the values.
        blocks: whether each action has a block of its own.
    """
    back = [action.inverse() for action in actions]
    size = actions[0].size
    places = [one.image + blocks * number * size for number, one in enumerate(back)]
    kind = np.int32 if size * len(actions) < 2**31 else np.int64
    moved = graph.node("Gather", [x, graph.tensor(np.concatenate(places).astype(kind))], axis=1)
    signs = np.concatenate([one.signs for one in back])
    if (signs > 0).all():
        return moved
    return graph.node("Mul", [moved, graph.tensor(signs.astype(dtype)[np.newaxis])])


def _numpy_type(kind: int) -> np.dtype[Any]:
    found: np.dtype[Any] = np.dtype(onnx_package().helper.tensor_dtype_to_np_dtype(kind))
    return found


_INT64 = 7
"""`TensorProto.INT64`, which the format fixes."""
