"""The equivariance error of a saved model for the symmetries that it claims, and for others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import torch
from torch import Tensor

from autoequivariant.errors import SymmetryError, listed
from autoequivariant.groups.actions import ACTIONS
from autoequivariant.groups.custom.definition import Candidate, candidate_of, resolve
from autoequivariant.groups.element import element_of
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.symmetry import Symmetry
from autoequivariant.inference.inputs import InferenceInput
from autoequivariant.inference.saved_model import SavedModel
from autoequivariant.nn.acting import check_whole
from autoequivariant.nn.claimed_symmetries import HIDDEN, TOLERANCES, ClaimedSymmetries

MOST_SAMPLES = 64
"""Symmetries are measured on this many samples at most, the first ones."""


@dataclass(frozen=True)
class Check:
    """The equivariance error for one symmetry.

    Attributes:
        name: of the symmetry.
        claimed: whether the model or its run claims the symmetry.
        float32, float64: `max |f(g.x) - g.f(x)| / spread of f(x)` over the samples, in both
            precisions (`equivariance_error`).
    """

    name: str
    claimed: bool
    float32: float
    float64: float

    @property
    def holds(self) -> bool:
        """Whether both errors are within `TOLERANCES`."""
        single, double = TOLERANCES[torch.float32], TOLERANCES[torch.float64]
        return self.float32 <= single and self.float64 <= double


@dataclass(frozen=True)
class Verification:
    """The equivariance errors for all symmetries.

    Attributes:
        data: name of the data.
        samples: number of samples.
        measured: what is measured, in words: the outputs or the hidden layers.
        checks: the claimed symmetries first.
    """

    data: str
    samples: int
    measured: str
    checks: tuple[Check, ...]

    @property
    def is_hidden(self) -> bool:
        """Whether hidden layers are measured, as the outputs have no symmetry."""
        return self.measured == HIDDEN

    @property
    def passes(self) -> bool:
        """Whether every claimed symmetry holds."""
        return all(check.holds for check in self.checks if check.claimed)

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        tolerance = {name: TOLERANCES[getattr(torch, name)] for name in ("float32", "float64")}
        return {
            "data": self.data,
            "samples": self.samples,
            "measured": self.measured,
            "tolerance": tolerance,
            "passes": self.passes,
            "symmetries": [{**asdict(check), "holds": check.holds} for check in self.checks],
        }


def verify(
    saved: SavedModel, samples: InferenceInput, more: Sequence[Candidate] = ()
) -> Verification:
    """Measure every symmetry that a model claims, and the candidates that it does not claim.

    Args:
        saved: the model. The symmetries in `results.json` are claims, too.
        samples: from `SavedModel.samples`; the first 64 are used.
        more: further symmetries to measure.

    Raises:
        SymmetryError: one is not defined on the samples, or cannot be measured on this model.
    """
    further = resolve(more, saved.spec)
    check_whole(further)
    claims = _with_others(saved, claims_of(saved), further)
    x = first_samples(samples)
    part = saved.model.measured_part()
    single, double = (claims.errors(part, x, d) for d in (torch.float32, torch.float64))
    checks = [Check(name, name in claims.names, single[name], double[name]) for name in single]
    ordered = sorted(checks, key=lambda check: not check.claimed)
    return Verification(samples.name, len(x), claims.measured, tuple(ordered))


def claims_of(saved: SavedModel) -> ClaimedSymmetries:
    """Return the symmetries that a model and its run claim, and the actions of all candidates.

    Raises:
        SymmetryError: the run claims a symmetry that cannot be measured on this model.
    """
    run = saved.run
    if run is None:
        return saved.model.claims()
    candidates = resolve(map(candidate_of, run.typed_identity.symmetries), saved.spec)
    partial = {str(one) for one in candidates if one.level is not None}  # claims no outputs
    found = () if run.results is None else run.results.best.symmetries
    claimed = [name for name in found if name not in partial]
    names = {str(symmetry) for symmetry in candidates}
    others = [name for name in claimed if name not in names and name.partition(":")[0] in ACTIONS]
    claims = saved.model.claims(dict.fromkeys((*candidates, *map(Symmetry.parse, others))))
    unknown = [name for name in claimed if name not in claims.inputs]
    if unknown:
        raise SymmetryError(
            f"results.json in {saved.folder} claims {', '.join(unknown)}, which the model does not "
            "know, so the files are of different runs: search again."
        )
    return replace(claims, names=tuple(dict.fromkeys((*claims.names, *claimed))))


def _with_others(
    saved: SavedModel, claims: ClaimedSymmetries, others: Sequence[Symmetry]
) -> ClaimedSymmetries:
    """Add symmetries that the model does not know."""
    new = [one for one in others if str(one) not in claims.inputs]
    if not new:
        return claims
    if claims.hidden:
        names = list(map(str, new))
        raise SymmetryError(
            f"The final layer of the model in {saved.folder} is dense, so its hidden layers are "
            f"measured, for the candidates of its search alone: leave out {listed(names)}."
        )
    spec = saved.spec
    n_outputs = len(spec.outputs)
    elements = {str(one): element_of(one, spec.domain, spec.channels, n_outputs) for one in new}
    outputs = claims.outputs
    if outputs is not None or not all(one.outputs.is_identity for one in elements.values()):
        known = outputs or dict.fromkeys(claims.inputs, Permutation.identity(n_outputs))
        outputs = {**known, **{name: one.outputs for name, one in elements.items()}}
    inputs = {**claims.inputs, **{name: one.points for name, one in elements.items()}}
    return replace(claims, inputs=inputs, outputs=outputs)


def first_samples(samples: InferenceInput) -> Tensor:
    """Return the samples to measure symmetries on."""
    return torch.from_numpy(samples.x[:MOST_SAMPLES])
