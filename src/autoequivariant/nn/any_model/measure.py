"""The equivariance error of any model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from autoequivariant.data.layout import arrange
from autoequivariant.errors import AutoequivariantError, ModelError, SettingsError
from autoequivariant.groups.domain import Domain
from autoequivariant.groups.element import Element
from autoequivariant.nn.acting import OUTPUTS_PER, SAMPLES, Acting
from autoequivariant.nn.any_model.function import Function, function_of, reason_of
from autoequivariant.nn.any_model.records import EquivarianceErrors, MeasuredSymmetry, Worst
from autoequivariant.nn.any_model.samples import GivenSamples, acted, flattened_shape
from autoequivariant.nn.equivariance import Yardstick

PRECISIONS = (torch.float32, torch.float64)
TASKS = ("classification", "regression")


def equivariance_error(
    model: Any,
    symmetries: Any,
    samples: Any,
    *,
    outputs: int | Sequence[str] | None = None,
    kind: str | None = None,
    columns: Sequence[str] = (),
    shape: Sequence[int] | None = None,
    task: str | None = None,
    outputs_per: str = "sample",
) -> EquivarianceErrors:
    """Measure how far a model is from being equivariant, on samples.

    The model may come from anywhere. For each symmetry `g` the error is `max |f(g.x) - g.f(x)|` as
    a share of the spread of `f(x)` over the samples: 0 for an equivariant model, about 1e-7 with
    rounding in float32, and around 1 for a model that knows nothing of the symmetry.

    Args:
        model: a `torch.nn.Module`, measured in evaluation mode; a fitted estimator of scikit-learn,
            by its `predict_proba`, else `decision_function`, else `predict`; or a callable, which
            takes and returns what `samples` are. It returns a row for each sample, `(n, outputs)`.
        symmetries: as for `AutoEquivariantClassifier`: a text such as `rot90,hflip`, a ready list
            such as `square`, a mapping such as `{"swap": "a <-> b"}`, or several of these.
        samples: shape `(n, *shape)` or `(n, channels, *shape)`, channels first: an array, a tensor
            or a data frame. Some hundreds are enough.
        outputs: names of classes or targets, in the model's order, or how many there are; for
            symmetries that move them. Default: the classes of an estimator, else by what the model
            returns.
        kind: `grid`, `sequence`, `features`, `volume` or `pairs`. Default: by the number of axes.
        columns: names of the columns of a table. Default: those of a data frame.
        shape: of a sample, where samples are flattened: `(8, 8)` or `(3, 32, 32)`.
        task: `classification` or `regression`. Default: what an estimator is; of other models,
            classification where there are two outputs or more and none changes its sign.
        outputs_per: what an output belongs to: `sample`; `position`, as in segmentation, where
            outputs of shape `(n, *shape)` or `(n, outputs, *shape)` move with the positions of the
            samples; or `value`, as in denoising, where outputs have the shape of the samples and
            move, with channels and signs, as they do. Default: `sample`.

    Returns:
        Errors in float32 and float64, the share of predictions that change, and the worst sample,
        for each symmetry; printing it shows a table.

    Raises:
        SymmetryError: a symmetry is not defined on the samples; names it.
        SettingsError: an argument is invalid.
        DataError: samples are not numbers.
        ModelError: the model fails on the samples, or returns something else than numbers.

    Example:
        >>> import torch
        >>> from autoequivariant import equivariance_error
        >>> x = torch.randn(8, 4, 4, generator=torch.Generator().manual_seed(0))
        >>> found = equivariance_error(lambda x: x.mean((1, 2)), "rot90", x)
        >>> found.holds
        True
    """
    if task is not None and task not in TASKS:
        raise SettingsError(f"task must be one of {', '.join(TASKS)}; got {task!r}.")
    if outputs_per not in OUTPUTS_PER:
        raise SettingsError(
            f"outputs_per must be one of {', '.join(OUTPUTS_PER)}; got {outputs_per!r}."
        )
    function, given = function_of(model), GivenSamples.of(samples)
    sides = flattened_shape(shape, given.values.shape[1:])
    still = outputs_in_precisions(function, given)
    if outputs_per == "sample":
        still = {dtype: rows_of(values) for dtype, values in still.items()}
    else:
        one = np.zeros((1, *sides), np.bool_)
        domain, arranged = arrange(one, kind, SAMPLES, channels_first=True)
        still = {dtype: _on_domain(values, domain) for dtype, values in still.items()}
        if outputs_per == "value":
            _check_values(next(iter(still.values())), arranged.shape[1:])
    n_outputs = next(iter(still.values())).shape[1]
    is_classifier = function.is_classifier if task is None else task == TASKS[0]
    is_known = is_classifier is not None
    if is_classifier is None:
        is_classifier = n_outputs > 1 and outputs_per != "value"
    acting = Acting.on(
        symmetries,
        sides,
        outputs if outputs is not None else function.classes or n_outputs,
        kind=kind,
        columns=columns or given.columns,
        has_classes=is_classifier and is_known,
    )
    if any(one.outputs.is_signed for one in acting.elements):  # classes have no sign
        is_classifier = False
    return measured(function, acting, given, still, is_classifier, outputs_per)


def measured(
    function: Function,
    acting: Acting,
    given: GivenSamples,
    still: Mapping[torch.dtype, Tensor],
    is_classifier: bool,
    outputs_per: str = "sample",
) -> EquivarianceErrors:
    """Measure symmetries that are resolved already; see `equivariance_error`.

    Args:
        function: the model.
        acting: the symmetries.
        given: the samples.
        still: outputs for the samples, from `outputs_in_precisions`: shape `(n, outputs)`, or `(n,
            outputs, *domain.shape)` where they live on the domain.
        is_classifier: whether outputs are classes.
        outputs_per: as in `equivariance_error`.

    Raises:
        SettingsError: there are more or fewer outputs than are named.
        ModelError: the model fails on moved samples.
    """
    n_outputs = next(iter(still.values())).shape[1]
    if n_outputs != len(acting.outputs):
        raise SettingsError(
            f"The model returns {n_outputs} outputs, but {len(acting.outputs)} are named: name "
            "each of them."
        )
    elements = acting.elements_per(outputs_per)
    probe = _Probe(function, acting, elements, given, still, is_classifier)
    return EquivarianceErrors(len(given), tuple(map(probe.measured, range(len(acting.names)))))


def outputs_in_precisions(function: Function, given: GivenSamples) -> dict[torch.dtype, Tensor]:
    """Return outputs in the precisions in which the model computes, the finest last.

    Raises:
        ModelError: there is none.
    """
    found, reason = {}, "it returns neither float32 nor float64"
    for dtype in PRECISIONS:
        try:
            values = function.outputs(given, dtype)
        except (AutoequivariantError, MemoryError):
            raise
        except Exception as error:  # whatever a model raises if it does not take this precision
            reason = reason_of(error)
            continue
        if values is not None:
            found[dtype] = values
    if not found:
        raise ModelError(f"The model cannot be run on the samples: {reason}.")
    return found


@dataclass(frozen=True, eq=False)
class _Probe:
    """What `measured` is given."""

    function: Function
    acting: Acting
    elements: tuple[Element, ...]
    given: GivenSamples
    still: Mapping[torch.dtype, Tensor]
    is_classifier: bool

    def measured(self, number: int) -> MeasuredSymmetry:
        """Measure one symmetry."""
        name, element = self.acting.names[number], self.elements[number]
        moved_samples = self.given.moved(element)
        errors: dict[torch.dtype, float] = {}
        for dtype, values in self.still.items():
            moved = self._moved(moved_samples, dtype, name).reshape(values.shape)
            expected = torch.from_numpy(acted(element.outputs, values.numpy()))
            deviations = Yardstick(values).deviations(moved, expected)
            errors[dtype] = float(deviations.max())
        # The last precision is the finest.
        index, changed = int(deviations.argmax()), None
        if self.is_classifier and values.shape[1] > 1:
            changed = float((moved.argmax(1) != expected.argmax(1)).double().mean())
        rows = (
            *(self._sample(self.given, index), self._sample(moved_samples, index)),
            *(part[index].numpy() for part in (values, moved, expected)),
        )
        single, double = (errors.get(dtype) for dtype in PRECISIONS)
        return MeasuredSymmetry(name, single, double, changed, Worst(index, *rows))

    def _moved(self, samples: GivenSamples, dtype: torch.dtype, name: str) -> Tensor:
        """Return `f(g.x)`."""
        try:
            found = self.function.outputs(samples, dtype)
        except (AutoequivariantError, MemoryError):
            raise
        except Exception as error:
            raise ModelError(
                f"The model fails on samples moved by {name}: {reason_of(error)}."
            ) from error
        if found is None or found.numel() != self.still[dtype].numel():
            raise ModelError(f"The model returns other shapes or types after {name}.")
        return found

    def _sample(self, samples: GivenSamples, index: int) -> NDArray[Any]:
        shape = (self.acting.channels, *self.acting.domain.shape)
        found: NDArray[Any] = samples.values[index].reshape(shape)
        return found


def rows_of(values: Tensor) -> Tensor:
    """Check that outputs have shape `(n, outputs)`.

    Raises:
        SettingsError: they have more axes.
    """
    if values.dim() > 2:
        raise SettingsError(
            f"The model returns shape {_shape(values)}: if its outputs live on the samples' "
            "domain, as in segmentation, give outputs_per='position' or 'value'; else make it "
            "return one row for each sample."
        )
    return values


def _on_domain(values: Tensor, domain: Domain) -> Tensor:
    """Return outputs of shape `(n, outputs, *domain.shape)`."""
    sides = tuple(values.shape[1:])
    if sides == domain.shape:
        return values.unsqueeze(1)
    if sides[1:] == domain.shape:
        return values
    raise SettingsError(
        f"The model returns shape {_shape(values)}: outputs on the domain {domain} have shape "
        "(n, *domain) or (n, outputs, *domain)."
    )


def _check_values(values: Tensor, shape: Sequence[int]) -> None:
    if tuple(values.shape[1:]) != tuple(shape):
        raise SettingsError(
            f"The model returns shape {_shape(values)}: with outputs_per='value' it has to return "
            "the shape of the samples."
        )


def _shape(values: Tensor) -> str:
    return f"({', '.join(['n', *map(str, values.shape[1:])])})"
