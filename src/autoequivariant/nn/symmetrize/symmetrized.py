"""A module around a user's module that has the symmetries of a group."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from autoequivariant.data.layout import arrange
from autoequivariant.errors import SettingsError
from autoequivariant.groups.custom.definition import Candidate
from autoequivariant.nn.acting import SAMPLES
from autoequivariant.nn.equivariance import EquivarianceError
from autoequivariant.nn.symmetrize.export import ModuleExport, export_module
from autoequivariant.nn.symmetrize.group import Group
from autoequivariant.nn.symmetrize.methods import Average, Canonical, Weighted
from autoequivariant.nn.symmetrize.orbit import Orbit
from autoequivariant.nn.symmetrize.outputs import evaluating, output_count, output_shape
from autoequivariant.nn.symmetrize.representatives import Sorting
from autoequivariant.nn.symmetrize.samples import check_input, samples_for

_MOST_SHAPES = 16  # of samples, whose groups are kept

Method = Average | Weighted | Canonical


@dataclass(frozen=True)
class Claim:
    """The symmetries that a model gets, not yet resolved on samples; see `symmetrize`."""

    symmetries: tuple[Candidate, ...]
    outputs: tuple[str, ...] | None
    outputs_per: str
    kind: str | None
    columns: tuple[str, ...]


class Symmetrized(nn.Module):
    """A module with the symmetries of a group; `symmetrize` makes it.

    Args:
        module: maps samples, shape `(n, *shape)`, to outputs. It is not copied.
        claim: the symmetries.
        name: of the method, as in `symmetrize`.
        method: combines the module's outputs.
        members: elements to choose of a large group. Default: the whole group.
        seed: of the choice.

    Attributes:
        module: the module, whose parameters remain trainable.
        error: the equivariance error on the samples, where the method is not exact; else None.
    """

    def __init__(
        self,
        module: nn.Module,
        claim: Claim,
        name: str,
        method: Method,
        members: int | None = None,
        seed: int = 0,
    ) -> None:
        super().__init__()
        self.module = module
        self.claim, self.name, self.members, self.seed = claim, name, members, seed
        self.method = method
        self.error: EquivarianceError | None = None
        self._orbits = nn.ModuleDict()

    def forward(self, x: Tensor) -> Tensor:
        """Map samples, shape `(n, *shape)`, to outputs.

        Raises:
            SettingsError: `x` is not a tensor of samples, the group is too large for the method, or
                the module's outputs are not of the declared form.
            SymmetryError: a symmetry is not defined on the samples.
        """
        check_input(x)
        key = "x".join(map(str, x.shape[1:]))
        if key not in self._orbits:
            self._prepare(x, key)
        y: Tensor = self.method(self.module, self._orbits[key], x)
        return y

    def export(self, path: str | Path, samples: Any) -> ModuleExport:
        """Write the module, in evaluation mode, as a file that runs without this package.

        Args:
            path: a `.pt2` file, which `torch.export.load` reads, or a `.onnx` file. Both take any
                number of samples of this shape.
            samples: a few samples, to compare the export with this module on.

        Returns:
            The comparison.

        Raises:
            SettingsError: the ending is another, or the extra `export` is not installed.
            ModelError: the module has no form in the format, or the export computes something else;
                then nothing is written.
            RunError: the file cannot be written.
        """
        x = samples_for(self.module, samples)
        with evaluating(self), torch.no_grad():
            self(x[:1])
        return export_module(self, self.group(x), path, x)

    def group(self, x: Tensor) -> Group:
        """Return the group that acts on samples of the shape of `x`, shape `(n, *shape)`."""
        claim = self.claim
        shape = sample = tuple(x.shape[1:])
        if claim.outputs_per != "sample":
            one = np.zeros((1, *shape), np.bool_)
            sample = arrange(one, claim.kind, SAMPLES, channels_first=True)[1].shape[1:]
        count = output_count(output_shape(self.module, x), claim.outputs_per, sample)
        if claim.outputs is not None and len(claim.outputs) != count:
            raise SettingsError(
                f"outputs has {len(claim.outputs)} names, but the module returns {count} outputs: "
                "name each."
            )
        names = count if claim.outputs is None else claim.outputs
        return Group.on(
            claim.symmetries, shape, names, claim.outputs_per, claim.kind, claim.columns
        )

    def extra_repr(self) -> str:
        """The method, and the error of one that is not exact."""
        found = f"method={self.name!r}"
        return found if self.error is None else f"{found}, equivariance error {self.error}"

    @torch.compiler.disable  # type: ignore[untyped-decorator]
    def _prepare(self, x: Tensor, key: str) -> None:
        """Hold the group on samples of a new shape."""
        if len(self._orbits) >= _MOST_SHAPES:
            del self._orbits[next(iter(self._orbits))]
        self._orbits[key] = self._orbit(self.group(x)).to(x.device)

    def _orbit(self, group: Group) -> Orbit | Sorting:
        if self.members is None:
            return group.orbit(self.name)
        return Orbit(group.members(self.members, self.seed), group.shape)
