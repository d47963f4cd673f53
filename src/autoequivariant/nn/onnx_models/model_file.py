"""Reads an ONNX file of any origin."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autoequivariant.errors import ModelError, listed, shown
from autoequivariant.files import read_at_most
from autoequivariant.nn.onnx_models.packages import onnx_package

MOST_BYTES = 2**31 - 1
"""Of a model with its weights; the format has no more in one file."""
_ZIP_MAP = "ZipMap"


@dataclass(frozen=True, eq=False)
class ModelFile:
    """An ONNX model with one input.

    Attributes:
        path: of the file.
        proto: the model; outputs that skl2onnx turned into dictionaries are arrays again.
        input_name: of its input.
        input_type: of the input, as in `onnx.TensorProto`.
        sides: lengths of the input's axes, the batch first; None where a length may vary.
        classes: names of the classes, if the file says them.
    """

    path: Path
    proto: Any
    input_name: str
    input_type: int
    sides: tuple[int | None, ...]
    classes: tuple[str, ...]

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of all outputs."""
        return tuple(value.name for value in self.proto.graph.output)

    @property
    def float_outputs(self) -> tuple[str, ...]:
        """Names of the outputs that are arrays of floats."""
        kinds = onnx_package().TensorProto
        floats = (kinds.FLOAT, kinds.DOUBLE, kinds.FLOAT16)
        return tuple(
            value.name
            for value in self.proto.graph.output
            if value.type.WhichOneof("value") == "tensor_type"
            and value.type.tensor_type.elem_type in floats
        )


def read_model_file(path: Path) -> ModelFile:
    """Read an ONNX file, with the weights that lie in files beside it.

    Raises:
        ModelError: it is missing, damaged, too large, or has no single input that is an array.
        SettingsError: onnx is not installed.
    """
    onnx_package()  # without it, the message about that comes first
    try:
        content = read_at_most(path, MOST_BYTES)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ModelError(f"{path} cannot be read as an ONNX model ({reason}).") from None
    return model_file_of(content, path)


def model_file_of(content: bytes, path: Path) -> ModelFile:
    """Return the model that a file holds; see `read_model_file`.

    Args:
        content: of the file.
        path: of the file, for messages and for weights that lie beside it.
    """
    onnx = onnx_package()
    try:
        proto = onnx.load_model_from_string(content)
        _load_weights(onnx, proto, path)
        onnx.checker.check_model(proto)
    except ModelError:
        raise
    except Exception as error:  # of protobuf, of the checker, or of files beside it
        raise ModelError(
            f"{path} is not an ONNX model that can be used ({_first_line(error)}): export it again."
        ) from None
    classes = _without_dictionaries(onnx, proto) or _known_classes(proto)
    known = {tensor.name for tensor in proto.graph.initializer}
    inputs = [value for value in proto.graph.input if value.name not in known]
    if len(inputs) != 1 or inputs[0].type.WhichOneof("value") != "tensor_type":
        names = listed([value.name for value in inputs]) or "none"
        raise ModelError(
            f"{path} must have one input that is an array; it has {len(inputs)} ({names}): export "
            "a model that takes samples alone."
        )
    kind = inputs[0].type.tensor_type
    if not kind.HasField("shape"):
        raise ModelError(f"{path} does not say the shape of its input: export it with a shape.")
    sides = tuple(side.dim_value if side.dim_value > 0 else None for side in kind.shape.dim)
    return ModelFile(path, proto, inputs[0].name, kind.elem_type, sides, classes)


def _load_weights(onnx: Any, proto: Any, path: Path) -> None:
    """Load weights that lie beside the file, as torch writes them."""
    from onnx.external_data_helper import load_external_data_for_model, uses_external_data

    tensors = [tensor for tensor in proto.graph.initializer if uses_external_data(tensor)]
    size = sum(_bytes_of(onnx, tensor) for tensor in tensors)
    if size > MOST_BYTES:
        raise ModelError(f"{path} has more than {MOST_BYTES:,} bytes of weights: too large.")
    load_external_data_for_model(proto, str(path.parent))


def _bytes_of(onnx: Any, tensor: Any) -> int:
    kind = onnx.helper.tensor_dtype_to_np_dtype(tensor.data_type)
    return int(math.prod(tensor.dims) * kind.itemsize)


def _without_dictionaries(onnx: Any, proto: Any) -> tuple[str, ...]:
    """Let outputs be the arrays from which `ZipMap` makes dictionaries; return their keys."""
    graph = proto.graph
    classes: tuple[str, ...] = ()
    made = {node.output[0]: node for node in graph.node if node.op_type == _ZIP_MAP}
    for place, value in enumerate(list(graph.output)):
        node = made.get(value.name)
        if node is None:
            continue
        keys = [onnx.helper.get_attribute_value(attribute) for attribute in node.attribute]
        classes = tuple(
            key.decode(errors="replace") if isinstance(key, bytes) else str(key)
            for key in (keys[0] if keys else ())
        )
        graph.node.remove(node)
        array = onnx.helper.make_tensor_value_info(
            node.input[0], onnx.TensorProto.FLOAT, [None, len(classes)]
        )
        graph.output[place].CopyFrom(array)
    return classes


def _known_classes(proto: Any) -> tuple[str, ...]:
    """Return the classes in the metadata, where `aen export` writes them."""
    for entry in proto.metadata_props:
        if entry.key == "classes":
            try:
                names = json.loads(entry.value)
            except ValueError:
                return ()
            if isinstance(names, list) and all(isinstance(name, str) for name in names):
                return tuple(names)
    return ()


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return shown(lines[0], 200).strip("'\"")
