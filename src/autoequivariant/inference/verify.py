"""Whether a saved network has the symmetries that it claims, measured on real samples."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from autoequivariant.errors import SymmetryError
from autoequivariant.groups.actions import ACTIONS
from autoequivariant.groups.custom.definition import candidate_of, resolve
from autoequivariant.groups.symmetry import Symmetry
from autoequivariant.inference.inputs import InferenceInput
from autoequivariant.inference.saved_model import SavedModel
from autoequivariant.nn.claimed_symmetries import (
    HIDDEN,
    TOLERANCES,
    ClaimedSymmetries,
)

PROBED = 64
"""Samples that are measured, the first ones."""


@dataclass(frozen=True)
class Check:
    """One symmetry, measured.

    Attributes:
        symmetry: its name.
        claimed: whether the network, or its run, says that it has it.
        float32, float64: its error, `max |f(g.x) - g.f(x)| / spread of f(x)` over the samples, in
            both precisions (`equivariance_error`).
    """

    symmetry: str
    claimed: bool
    float32: float
    float64: float

    @property
    def holds(self) -> bool:
        """Whether both errors are within `TOLERANCES`."""
        return (
            self.float32 <= TOLERANCES[torch.float32] and self.float64 <= TOLERANCES[torch.float64]
        )


@dataclass(frozen=True)
class Verification:
    """All symmetries, measured.

    Attributes:
        data: whose samples.
        samples: how many.
        measured: of what: the outputs, or the hidden layers.
        checks: the claimed symmetries first.
    """

    data: str
    samples: int
    measured: str
    checks: tuple[Check, ...]

    @property
    def is_hidden(self) -> bool:
        """Whether the hidden layers were measured, as the outputs have no symmetry."""
        return self.measured == HIDDEN

    @property
    def passes(self) -> bool:
        """Whether every symmetry that is claimed holds."""
        return all(check.holds for check in self.checks if check.claimed)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "data": self.data,
            "samples": self.samples,
            "measured": self.measured,
            "tolerance": {"float32": _tolerance("float32"), "float64": _tolerance("float64")},
            "passes": self.passes,
            "symmetries": [
                {
                    "name": check.symmetry,
                    "claimed": check.claimed,
                    "float32": check.float32,
                    "float64": check.float64,
                    "holds": check.holds,
                }
                for check in self.checks
            ],
        }


def verify(saved: SavedModel, given: InferenceInput) -> Verification:
    """Measure every symmetry that a network claims, and the candidates that it does not claim.

    Args:
        saved: the network. What `results.json` says of its symmetries is a claim too.
        given: samples that fit it (`SavedModel.samples`); the first 64 are taken.
    """
    claims = claimed_by_run(saved)
    x = torch.from_numpy(given.x[:PROBED])
    part = saved.model.measured_part()
    single, double = (claims.errors(part, x, d) for d in (torch.float32, torch.float64))
    checks = [Check(name, name in claims.names, single[name], double[name]) for name in single]
    ordered = sorted(checks, key=lambda check: not check.claimed)
    return Verification(given.name, len(x), claims.measured, tuple(ordered))


def claimed_by_run(saved: SavedModel) -> ClaimedSymmetries:
    """Return what a network and its run claim.

    Raises:
        SymmetryError: the run claims a symmetry that cannot be measured on this network.
    """
    run = saved.run
    if run is None:
        return saved.model.claims()
    said = [] if run.results is None else list(run.results.best.symmetries)
    asked = resolve(map(candidate_of, run.typed_identity.symmetries), saved.spec)
    known = {str(symmetry) for symmetry in asked}
    named = [name for name in said if name not in known and name.partition(":")[0] in ACTIONS]
    claims = saved.model.claims(dict.fromkeys((*asked, *map(Symmetry.parse, named))))
    strangers = [name for name in said if name not in claims.inputs]
    if strangers:
        raise SymmetryError(
            f"{saved.folder} claims {', '.join(strangers)}, which its model knows nothing of: its "
            "files do not belong together, so search again."
        )
    names = tuple(dict.fromkeys((*claims.names, *said)))
    return replace(claims, names=names)


def first_samples(given: InferenceInput) -> Tensor:
    """Return the samples on which networks are compared."""
    return torch.from_numpy(given.x[:PROBED])


def _tolerance(name: str) -> float:
    return TOLERANCES[torch.float32 if name == "float32" else torch.float64]
