"""The contract of a kind of network: what model files, export and measurement need of it.

A new kind implements `Network` and `NetworkDescription`; `training/families/kind.py` has the rest
of the seam, and `training/families/registry.py` the registry.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Self

import torch
from msgspec import Meta
from numpy.typing import NDArray
from torch import Tensor, nn

from autoequivariant.errors import ModelError
from autoequivariant.groups.domain import Domain
from autoequivariant.groups.symmetry import Symmetry
from autoequivariant.nn.claimed_symmetries import ClaimedSymmetries
from autoequivariant.nn.equivariance import EquivarianceError, errors_of_actions
from autoequivariant.nn.io.tensor_specs import TensorSpec

Channels = Annotated[int, Meta(ge=1, le=10**6)]
"""A number of channels in a model file."""
_BATCH_SIZE = 512


class NetworkDescription(ABC):
    """A network as `model.json` describes it, before anything large is made of it."""

    @property
    @abstractmethod
    def domain(self) -> Domain:
        """The domain of the samples."""

    @property
    @abstractmethod
    def in_channels(self) -> int:
        """Channels of the samples."""

    @classmethod
    @abstractmethod
    def read(cls, fields: dict[str, Any], outputs: tuple[str, ...], has_classes: bool) -> Self:
        """Read what `Network.to_json` returned; trust nothing, and refuse unknown fields.

        Args:
            fields: plain values.
            outputs: names of the classes or of the target's components.
            has_classes: whether they are classes.

        Raises:
            AutoequivariantError: a field is missing, unknown, of another type or out of range.
        """

    @abstractmethod
    def check_tensors(self, found: Mapping[str, TensorSpec]) -> None:
        """Refuse tensors of which `build` would make something much larger. Other names and shapes
        are refused once the network is built.

        Args:
            found: the tensors of `model.safetensors`.

        Raises:
            ModelError: they are too few, or the network is too large.
        """

    @abstractmethod
    def build(self) -> Network:
        """Make the network with random weights."""


class Network(nn.Module, ABC):
    """A network of some kind, which takes samples as they are in the data set.

    Maps samples `(n, channels, *domain.shape)` of any type, or flattened, to logits `(n, classes)`
    or, after `rescale`, to the components of a target.

    Args:
        n_scales: how many means and scales the input has.
        mean, scale: subtracted from the input, and what it is then divided by. Default: 0 and 1.
    """

    kind: ClassVar[str]
    """What `model.json` calls this kind of network."""
    mean: Tensor
    scale: Tensor
    output_mean: Tensor | None
    output_scale: Tensor | None

    def __init__(
        self,
        n_scales: int,
        mean: Sequence[float] | None = None,
        scale: Sequence[float] | None = None,
    ) -> None:
        super().__init__()
        means = [0.0] * n_scales if mean is None else list(mean)
        scales = [1.0] * n_scales if scale is None else list(scale)
        self.register_buffer("mean", torch.tensor(means))
        self.register_buffer("scale", torch.tensor(scales))
        self.register_buffer("output_mean", None)
        self.register_buffer("output_scale", None)

    @abstractmethod
    def to_json(self) -> dict[str, Any]:
        """Return what `NetworkDescription.read` needs, as plain values."""

    @abstractmethod
    def claims(self, others: Iterable[Symmetry] = ()) -> ClaimedSymmetries:
        """Return the symmetries that the network has by the way its weights are shared.

        Args:
            others: symmetries to measure, too, where the kind of network can measure them.

        Raises:
            SymmetryError: one of the others is not defined on the samples.
        """

    def measured_part(self) -> nn.Module:
        """Return the part whose symmetries `claims` lists. Default: the whole network."""
        return self

    def claimed_error(self, x: Tensor) -> EquivarianceError | None:
        """Measure the claimed symmetries in float32; None where there are none.

        Args:
            x: samples, on the device of the network.
        """
        claims = self.claims()
        if not claims.names:
            return None
        inputs = {name: claims.inputs[name] for name in claims.names}
        return errors_of_actions(
            self.measured_part(), x, inputs, claims.outputs, torch.float32, claims.units
        )

    @torch.no_grad()
    def outputs_of(self, x: NDArray[Any]) -> Tensor:
        """Return the outputs for many samples, in batches, without gradients.

        Args:
            x: samples; the network is on the CPU and in evaluation mode.
        """
        parts = [torch.from_numpy(x[k : k + _BATCH_SIZE]) for k in range(0, len(x), _BATCH_SIZE)]
        return torch.cat([self(part) for part in parts])

    def dense_layers(self) -> list[nn.Module]:
        """Return layers of plain PyTorch that compute the same in evaluation mode: those of
        `torch.nn` and `nn.export.torch_modules`, the last a `Linear`. They share no memory with the
        network.

        Raises:
            ModelError: this kind of network cannot be exported.
        """
        raise ModelError(f"{type(self).__name__} cannot be exported: use it in Python.")

    @property
    def n_parameters(self) -> int:
        """Number of parameters, biases included."""
        return sum(parameter.numel() for parameter in self.parameters())

    def rescale(self, mean: Sequence[float], scale: Sequence[float]) -> None:
        """Bring outputs to the scale of a target: `outputs * scale + mean`, one number for each."""
        self.output_mean = torch.tensor(list(mean), device=self.mean.device)
        self.output_scale = torch.tensor(list(scale), device=self.mean.device)

    def rescaled(self, outputs: Tensor) -> Tensor:
        """Apply `rescale` to the outputs of the last layer."""
        if self.output_mean is None or self.output_scale is None:
            return outputs
        return outputs * self.output_scale + self.output_mean
