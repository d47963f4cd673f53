"""Exports a symmetrised module as a file that runs without this package.

`onnx`, `onnxscript` and `onnxruntime` are an extra (`export`) and imported when they are needed.
"""

from __future__ import annotations

import contextlib
import copy
import io
import json
import logging
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from autoequivariant.errors import ModelError, SettingsError, shortened
from autoequivariant.files import write_atomically
from autoequivariant.nn.claimed_symmetries import TOLERANCES
from autoequivariant.nn.equivariance import Yardstick
from autoequivariant.nn.symmetrize.group import Group
from autoequivariant.nn.symmetrize.measured import as_rows, error_of, precision_of

INPUT, OUTPUT = "samples", "outputs"
_LONGEST = 300  # of a message of an exporter


@dataclass(frozen=True)
class ModuleExport:
    """How an exported module compares with the module.

    Attributes:
        path: the file.
        samples: number of samples compared.
        difference: `max |f(x) - e(x)| / spread of f(x)` of the module `f` and the export `e`
            (`Yardstick`).
        errors: equivariance error of the export for each symmetry.
    """

    path: Path
    samples: int
    difference: float
    errors: Mapping[str, float]


def export_module(module: nn.Module, group: Group, path: str | Path, x: Tensor) -> ModuleExport:
    """Write a module as a plain file, if both compute the same and have the same symmetries.

    Args:
        module: maps samples to outputs. It is copied, not changed.
        group: how samples and outputs move.
        path: a `.pt2` file, which `torch.export.load` reads, or a `.onnx` file. Both take any
            number of samples.
        x: a few samples, shape `(n, *shape)`, to compare on.

    Raises:
        SettingsError: the ending is another, or the extra is not installed.
        ModelError: the module has no form in the format, or the export computes something else;
            then nothing is written.
        RunError: the file cannot be written.
    """
    file = Path(path)
    if file.suffix not in _WRITERS:
        raise SettingsError(
            f"A model can be exported as {' or '.join(_WRITERS)}; got {file.name!r}."
        )
    plain = copy.deepcopy(module).cpu().eval()
    samples = x.detach().cpu()
    with torch.no_grad():
        expected = as_rows(plain(samples))
        content, run = _WRITERS[file.suffix](plain, _two_or_more(samples), group)
        difference = Yardstick(expected).deviation(as_rows(run(samples)), expected)
    tolerance = TOLERANCES[precision_of(samples)]
    if difference > tolerance:
        raise ModelError(
            f"The exported model differs from the module by {difference:.1e} of the spread of the "
            f"outputs: {file.name} is not written."
        )
    own = error_of(plain, group, samples).by_action
    errors = error_of(_Function(run), group, samples).by_action
    for name, error in errors.items():
        if error > own[name] + tolerance:
            raise ModelError(
                f"The exported model does not have {name}, with an error of {error:.1e}: "
                f"{file.name} is not written."
            )
    with contextlib.suppress(OSError):  # the write below names the obstacle
        file.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(file, content)
    return ModuleExport(file, len(samples), difference, dict(errors))


Run = Callable[[Tensor], Tensor]


def _as_torch(module: nn.Module, x: Tensor, group: Group) -> tuple[bytes, Run]:
    """Return a program of `torch.export`, and what it computes once loaded."""
    with _quiet(".pt2"):
        program = torch.export.export(module, (x,), dynamic_shapes=({0: torch.export.Dim("n")},))
        file = io.BytesIO()
        torch.export.save(program, file, extra_files={"symmetries": json.dumps(group.names)})
        file.seek(0)
        run: Run = torch.export.load(file).module()
    return file.getvalue(), run


def _as_onnx(module: nn.Module, x: Tensor, group: Group) -> tuple[bytes, Run]:
    """Return an ONNX model, and what onnxruntime computes with it."""
    try:
        import onnx
        import onnxruntime
        import onnxscript
    except ImportError as error:
        raise SettingsError(
            f"Exporting to ONNX needs {error.name}: pip install 'autoequivariant[export]'."
        ) from None
    with _quiet(".onnx"):
        program = torch.onnx.export(
            module,
            (x,),
            dynamo=True,
            verbose=False,
            input_names=[INPUT],
            output_names=[OUTPUT],
            dynamic_shapes=({0: torch.export.Dim("n")},),
            custom_translation_table={torch.ops.aten.sort.stable: _stable_sort(onnxscript)},
        )
    if program is None:
        raise ModelError("The module cannot be exported as .onnx.")
    model = program.model_proto
    onnx.helper.set_model_props(model, {"symmetries": json.dumps(group.names)})
    onnx.checker.check_model(model, full_check=True)
    content: bytes = model.SerializeToString()
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    return content, lambda x: torch.from_numpy(session.run(None, {INPUT: x.numpy()})[0])


_WRITERS: Mapping[str, Callable[[nn.Module, Tensor, Group], tuple[bytes, Run]]] = {
    ".pt2": _as_torch,
    ".onnx": _as_onnx,
}


def _stable_sort(onnxscript: Any) -> Callable[..., Any]:
    """Return `aten.sort.stable` in ONNX, whose TopK keeps the order of equal values."""
    op = onnxscript.opset18

    def sort(x: Any, *, stable: bool = True, dim: int = -1, descending: bool = False) -> Any:
        length = op.Shape(x, start=dim, end=dim + 1)
        return op.TopK(x, length, axis=dim, largest=int(descending), sorted=1)

    return sort


def _two_or_more(x: Tensor) -> Tensor:
    """Return samples from which an exporter does not conclude that there is always one."""
    return x if len(x) > 1 else torch.cat([x, x])


@contextlib.contextmanager
def _quiet(ending: str) -> Iterator[None]:
    """Name what an exporter cannot do, and keep its notes about other packages to itself."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except Exception as error:  # exporters have no common base of their errors
        reason = shortened(str(error), _LONGEST)
        raise ModelError(f"The module cannot be exported as {ending}: {reason}") from error
    finally:
        logger.setLevel(level)


class _Function(nn.Module):
    """A function as a module; an exported one has no evaluation mode."""

    def __init__(self, run: Run) -> None:
        super().__init__()
        self._run = (lambda x: run(x),)  # in a tuple it is no part of this module

    def forward(self, x: Tensor) -> Tensor:
        with torch.no_grad():
            return self._run[0](x)
