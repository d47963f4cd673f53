"""Makes an ONNX model of any origin equivariant, if the result is, and compares the two."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoequivariant.data.messages import check_choice, quoted
from autoequivariant.errors import SettingsError
from autoequivariant.files import write_atomically
from autoequivariant.groups.element import Element
from autoequivariant.inference.foreign import ENDING, ForeignModel, shape_of
from autoequivariant.nn.any_model.measure import measured, outputs_in_precisions, rows_of
from autoequivariant.nn.any_model.records import EquivarianceErrors
from autoequivariant.nn.any_model.samples import GivenSamples
from autoequivariant.nn.onnx_models.function import OnnxFunction
from autoequivariant.nn.onnx_models.model_file import model_file_of
from autoequivariant.nn.onnx_models.wrapping import Label, averaged, canonical
from autoequivariant.nn.symmetrize.group import Group, Limits

METHODS = ("average", "canonical", "sample")
# A file holds an index of 4 bytes for each value of each copy (128 MiB), and computes all copies of
# all samples at once, where a module of torch takes them in parts. It does not sort.
LIMITS = Limits(elements=512, values=2**25, sorts=False, option="--method {}")
SAMPLED = 32
_MOST_COMPARED = 1024
_COPIES_AT_ONCE = 2**13
_TASKS = ("accuracy", "R²")


@dataclass(frozen=True, eq=False)
class Wrapped:
    """How a wrapped model compares with the original, and its file.

    Attributes:
        model: name of the original's file.
        output: name of the output that is made equivariant.
        method: one of `METHODS`.
        symmetries: names of the generators.
        elements: number of moved copies that are put together or compared.
        is_whole: whether they are the whole group.
        data: name of the data.
        samples: number of samples compared.
        before, after: equivariance errors of both models.
        changed: share of samples that get another prediction; None for regression.
        metric: `accuracy` or `R²`.
        scores: of both models; None without labels that fit the outputs.
        notes: what is worth knowing, in sentences.
        file: that was written; None if the wrapped model is not equivariant.
    """

    model: str
    output: str
    method: str
    symmetries: tuple[str, ...]
    elements: int
    is_whole: bool
    data: str
    samples: int
    before: EquivarianceErrors
    after: EquivarianceErrors
    changed: float | None
    metric: str
    scores: tuple[float, float] | None
    notes: tuple[str, ...]
    file: Path | None = None

    @property
    def passes(self) -> bool:
        """Whether the wrapped model is equivariant, or an average over a sample of the group."""
        return self.after.holds or not self.is_whole

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "model": self.model,
            "output": self.output,
            "method": self.method,
            "elements": self.elements,
            "whole_group": self.is_whole,
            "data": self.data,
            "samples": self.samples,
            "symmetries": [
                {"name": old.name, "before": old.error, "after": new.error, "holds": new.holds}
                for old, new in zip(self.before, self.after, strict=True)
            ],
            "changed": self.changed,
            self.metric: None if self.scores is None else list(self.scores),
            "passes": self.passes,
            "notes": list(self.notes),
            "file": None if self.file is None else str(self.file),
        }


def wrap(
    model: ForeignModel,
    symmetries: Any,
    method: str,
    out: Path,
    count: int = SAMPLED,
    seed: int = 0,
) -> Wrapped:
    """Write an ONNX model made equivariant, if it then is.

    Args:
        model: the model, and samples to compare on.
        symmetries: that generate the group, as for `equivariance_error`.
        method: `average` over the group; `canonical`: run once, on the largest of the moved
            copies; `sample`: average over some random elements, which is not exact.
        out: the `.onnx` file.
        count: number of random elements to draw for `sample`.
        seed: of the draw.

    Returns:
        The comparison. If the wrapped model is not equivariant, nothing is written; with `sample`
        the error is reported.

    Raises:
        SymmetryError: a symmetry does not fit.
        SettingsError: the method or `out` is not valid, or the group is too large for the method.
        ModelError: the model cannot be wrapped.
    """
    check_method(method)
    _check_path(out, model.function.file.path)
    acting = model.acting(symmetries)
    group = Group.of(acting, shape_of(model.data))
    elements, is_whole = elements_for(group, method, count, seed)
    original = model.function
    given = GivenSamples(x := _compared(model, len(elements)), x)
    labels, dropped = _labels_of(model, x)
    build = canonical if method == "canonical" else averaged
    content = build(original, elements, labels)
    wrapped = OnnxFunction(
        model_file_of(content, out), x, original.output, original.layout.name, original.divide
    )
    wrapped.at_once = max(1, _COPIES_AT_ONCE // len(elements))
    errors, predictions = [], []
    for function in (original, wrapped):
        still = outputs_in_precisions(function, given)
        rows = {dtype: rows_of(values) for dtype, values in still.items()}
        errors.append(measured(function, acting, given, rows, model.is_classifier))
        predictions.append(list(rows.values())[-1].numpy())
    before, after = errors
    found = Wrapped(
        original.file.path.name,
        original.output,
        method,
        acting.names,
        len(elements),
        is_whole,
        model.data.name,
        len(given),
        before,
        after,
        _changed(*predictions) if model.is_classifier else None,
        _TASKS[not model.is_classifier],
        _scores(model, predictions, len(given)),
        _notes(dropped),
    )
    if not found.passes:
        return found
    with contextlib.suppress(OSError):  # the write below names the obstacle
        out.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(out, content)
    return replace(found, file=out)


def check_method(method: str) -> None:
    """Raise `SettingsError` unless a model can be wrapped by this method."""
    if method == "lambda":
        raise SettingsError(
            "--method lambda has weights that are trained, so it is not for a file: use "
            "autoequivariant.symmetrize in Python."
        )
    check_choice("--method", method, METHODS)


def elements_for(
    group: Group, method: str, count: int, seed: int
) -> tuple[tuple[Element, ...], bool]:
    """Return the elements that a method needs, and whether they are the whole group.

    Raises:
        SettingsError: the group is too large, or `count` is not positive.
    """
    if count < 1:
        raise SettingsError(f"--elements must be 1 or more; got {count}.")
    whole = group.elements(LIMITS)
    if method != "sample":
        if whole is None:
            raise group.too_large(method, LIMITS)
        return whole, True
    found = group.members(min(count, LIMITS.most(group.n_values)), seed)
    return found, whole is not None and len(found) == len(whole)


def _check_path(out: Path, model: Path) -> None:
    if out.suffix.lower() != ENDING:
        raise SettingsError(f"--out must be an {ENDING} file; got {out.name!r}.")
    if out.exists() and model.exists() and out.samefile(model):
        raise SettingsError(f"--out {out} is the model itself: choose another name.")


def _compared(model: ForeignModel, n_elements: int) -> NDArray[Any]:
    most = max(16, min(_MOST_COMPARED, 2**16 // n_elements))
    return model.data.x[:most]


def _labels_of(model: ForeignModel, x: NDArray[Any]) -> tuple[list[Label], list[str]]:
    """Return the other outputs that name the class of the largest score, and those to drop."""
    function = model.function
    kept: list[Label] = []
    dropped = []
    (scores,) = function.run(x, [function.output])
    best = scores.reshape(len(x), -1).argmax(axis=1)
    for name in function.file.outputs:
        if name == function.output:
            continue
        (values,) = function.run(x, [name])
        classes = _class_numbers(model)
        if values.dtype == np.int64 and np.array_equal(values.ravel(), classes[best]):
            kept.append(Label(name, classes))
        else:
            dropped.append(name)
    return kept, dropped


def _class_numbers(model: ForeignModel) -> NDArray[np.int64]:
    """Return the classes of the file as integers, or their numbers."""
    try:
        return np.array([int(name) for name in model.function.classes or ()], np.int64)[
            np.arange(model.n_outputs)
        ]
    except (ValueError, IndexError):
        return np.arange(model.n_outputs)


def _changed(before: NDArray[Any], after: NDArray[Any]) -> float | None:
    if before.shape[1] < 2:
        return None
    return float(np.mean(before.argmax(axis=1) != after.argmax(axis=1)))


def _scores(
    model: ForeignModel, predictions: Sequence[NDArray[Any]], count: int
) -> tuple[float, float] | None:
    labels = model.data.labels
    if labels is None:
        return None
    known = labels[:count]
    if model.is_classifier:
        names = np.array(model.classes)
        if known.ndim != 1 or known.dtype.kind != "U" or not np.isin(known, names).all():
            return None
        first, second = (float(np.mean(names[p.argmax(axis=1)] == known)) for p in predictions)
        return first, second
    if known.dtype.kind != "f" or known.reshape(count, -1).shape != predictions[0].shape:
        return None
    first, second = (_r2(p, known.reshape(count, -1)) for p in predictions)
    return first, second


def _r2(found: NDArray[Any], targets: NDArray[Any]) -> float:
    away = np.sum((np.asarray(found, float) - targets) ** 2, axis=0)
    spread = np.sum((targets - targets.mean(axis=0)) ** 2, axis=0)
    return float(np.mean(1 - away / np.maximum(spread, np.finfo(float).tiny)))


def _notes(dropped: Sequence[str]) -> tuple[str, ...]:
    if not dropped:
        return ()
    return (f"outputs that are left out, as they do not follow from the first: {quoted(dropped)}.",)
