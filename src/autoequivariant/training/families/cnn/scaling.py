"""How each group CNN scales samples and targets.

As in `mlp/scaling.py`, the scaling commutes with a network's own symmetries: channels and targets
that one of them exchanges share a mean and a scale, and those whose sign it changes keep their
zero. Targets are normalised once, each on its own, so that losses of networks can be compared; a
network corrects its outputs.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from autoequivariant.data.split import Split
from autoequivariant.groups.point_group.group import PointGroup
from autoequivariant.groups.scale_classes import scale_classes
from autoequivariant.nn.cnn.architecture import CNNArchitecture
from autoequivariant.nn.network import Network
from autoequivariant.training.families.normalisation import Moments, Normalisation
from autoequivariant.training.tasks import Task


@dataclass(frozen=True, eq=False)
class NetworkScaling:
    """Scaling of samples and targets in every network of an architecture.

    Attributes:
        inputs: moments of the channels of the training samples.
        outputs: moments of their targets; None for classes.
    """

    inputs: Moments
    outputs: Moments | None

    @classmethod
    def measure(cls, architecture: CNNArchitecture, task: Task, fit: Split) -> NetworkScaling:
        """Measure training samples."""
        outputs = Moments.measure(fit.y, fit.y.shape[1]) if task.name == "regression" else None
        return cls(Moments.measure(fit.x, architecture.in_channels), outputs)

    def of_inputs(self, group: PointGroup) -> Normalisation:
        """Return how a network of this group scales its samples."""
        count = len(self.inputs.mean)
        moves = [element.channel_action(count) for element in group.generators]
        return self.inputs.normalisation(scale_classes(moves, count))

    def normalised(self, targets: Tensor) -> Tensor:
        """Return targets, each normalised on its own; classes as they are."""
        if self.outputs is None:
            return targets
        return self.outputs.normalisation(scale_classes((), len(self.outputs.mean))).apply(targets)

    def rescale_to_normalised(self, network: Network, group: PointGroup) -> None:
        """Make a network return `normalised` targets."""
        if self.outputs is not None:
            count = len(self.outputs.mean)
            alone = self.outputs.normalisation(scale_classes((), count))
            factor, shift = self._of_outputs(self.outputs, group).conversion_to(alone)
            network.rescale(shift.tolist(), factor.tolist())

    def rescale(self, network: Network, group: PointGroup) -> None:
        """Make a network that returned `normalised` targets return targets as they are."""
        if self.outputs is not None:
            own = self._of_outputs(self.outputs, group)
            network.rescale(own.mean, own.scale)

    def _of_outputs(self, outputs: Moments, group: PointGroup) -> Normalisation:
        count = len(outputs.mean)
        moves = [element.output_action(count) for element in group.generators]
        return outputs.normalisation(scale_classes(moves, count))
