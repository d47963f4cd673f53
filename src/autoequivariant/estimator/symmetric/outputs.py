"""A scikit-learn estimator as a module: from samples to outputs that can be averaged."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from autoequivariant.estimator.symmetric.samples import SampleForm

PROBABILITIES, DECISIONS = "predict_proba", "decision_function"
VOTES, TARGETS = "votes", "targets"


def kind_of_outputs(estimator: Any) -> str:
    """Return what a classifier's outputs are: the first of these kinds that it has."""
    if hasattr(estimator, PROBABILITIES):
        return PROBABILITIES
    if not hasattr(estimator, DECISIONS) or _decides_between_pairs(estimator):
        return VOTES
    return DECISIONS


def _decides_between_pairs(estimator: Any) -> bool:
    """Whether decisions are of pairs of classes; of three classes there are as many as classes."""
    parameters = estimator.get_params(deep=True).items() if hasattr(estimator, "get_params") else ()
    found = (value for name, value in parameters if name.endswith("decision_function_shape"))
    return "ovo" in found


class EstimatorModule(nn.Module):
    """Maps samples, as `SampleForm.encode` returns them, to outputs.

    Args:
        estimator: fitted.
        form: of the samples that it takes.
        kind: what its outputs are. Decisions between two classes become `(-d, d)`; decisions
            between pairs of more classes are not used, but votes.
        classes: of the outputs, of which the estimator may know a part; none for targets.
    """

    def __init__(
        self, estimator: Any, form: SampleForm, kind: str, classes: NDArray[Any] | None = None
    ) -> None:
        super().__init__()
        self.estimator, self.form, self.kind, self.classes = estimator, form, kind, classes

    def forward(self, x: Tensor) -> Tensor:
        """Map `(n, *shape)` to `(n, outputs)`, float64."""
        samples = self.form.decode(x)
        if self.classes is None:
            found = np.asarray(self.estimator.predict(samples), np.float64)
            found = found[:, None] if found.ndim == 1 else found
        else:
            found = self._of_classes(samples, self.classes)
        return torch.from_numpy(np.ascontiguousarray(found))

    def _of_classes(self, samples: Any, classes: NDArray[Any]) -> NDArray[np.float64]:
        known = np.searchsorted(classes, self.estimator.classes_)
        if self.kind == VOTES:
            return self._votes(samples, classes)
        own = np.asarray(getattr(self.estimator, self.kind)(samples), np.float64)
        if own.ndim == 1:
            own = np.stack([-own, own], axis=1)
        lowest = 0.0 if self.kind == PROBABILITIES else own.min(initial=0)
        found = np.full((len(own), len(classes)), lowest)
        found[:, known] = own
        return found

    def _votes(self, samples: Any, classes: NDArray[Any]) -> NDArray[np.float64]:
        places = np.searchsorted(classes, self.estimator.predict(samples))
        votes: NDArray[np.float64] = np.eye(len(classes))[places]
        return votes


class Combined(nn.Module):
    """A module, and what combines its outputs for the moved copies of a sample.

    Args:
        module: maps samples to outputs.
        method: one of `nn/symmetrize/methods`.
        orbit: what the method takes.
    """

    def __init__(self, module: nn.Module, method: nn.Module, orbit: nn.Module) -> None:
        super().__init__()
        self.module, self.method, self.orbit = module, method, orbit
        self.eval()

    def forward(self, x: Tensor) -> Tensor:
        """Map `(n, *shape)` to `(n, outputs)`."""
        y: Tensor = self.method(self.module, self.orbit, x)
        return y
