"""The family of group CNNs: a group, augmentations and a size each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from autoequivariant.data.split import Split
from autoequivariant.groups.closure.lattice import Enumeration
from autoequivariant.groups.closure.layer_compatibility import CONTRADICTION
from autoequivariant.groups.symmetry import Symmetry
from autoequivariant.nn.cnn.architecture import CNNArchitecture
from autoequivariant.nn.cnn.sharing_maps import sharing_maps
from autoequivariant.nn.sharing_map import SharingMap
from autoequivariant.training.child import Child
from autoequivariant.training.families.cnn.recipe import Recipe, recipe_of
from autoequivariant.training.families.cnn.scaling import NetworkScaling
from autoequivariant.training.families.cnn.states import CNNStates
from autoequivariant.training.families.cnn.trainer import CNNTrainer
from autoequivariant.training.families.family import Family
from autoequivariant.training.loop import Training
from autoequivariant.training.tasks import CLASSIFICATION, Task
from autoequivariant.training.variant import LONGER, WIDER, Variant


class CNNFamily(Family):
    """All group CNNs of an architecture, with the augmentations for their training.

    Args:
        architecture: of all networks; its width is the default width.
        candidates: symmetries that a group convolution can have, whole ones first, then partial
            ones, of each the last level first.
        augmentations: names from `nn.cnn.augmentation.AUGMENTATIONS`.
        task: loss and score. Default: classification.

    Raises:
        SymmetryError: no convolution has one of the candidates, or they generate too large a group.
    """

    kind = "cnn"
    width_name = "size"
    has_importance = True
    remedy = "a smaller --size or smaller samples"
    simplest = "the smallest, with the fewest symmetries and augmentations,"

    def __init__(
        self,
        architecture: CNNArchitecture,
        candidates: Sequence[Symmetry],
        augmentations: Sequence[str],
        task: Task = CLASSIFICATION,
    ) -> None:
        self.architecture = architecture
        self.task = task
        self.states = CNNStates(architecture, candidates, augmentations)

    @property
    def candidates(self) -> tuple[Symmetry, ...]:
        """The symmetries that a search switches on and off."""
        return self.states.candidates

    @property
    def augmentations(self) -> tuple[str, ...]:
        """The augmentations by name."""
        return self.states.augmentations

    @property
    def names(self) -> tuple[str, ...]:
        """The candidates by name, then the augmentations."""
        return self.states.names

    @property
    def default_width(self) -> int:
        """The architecture's width."""
        return self.architecture.width

    @property
    def warnings(self) -> tuple[str, ...]:
        """Warn about candidates that contradict each other on the outputs."""
        everything = self.states.group(range(len(self.candidates)))
        moves_outputs_alone = any(
            element.outputs and element == replace(everything.elements[0], outputs=element.outputs)
            for element in everything.elements
        )
        return (CONTRADICTION,) if moves_outputs_alone else ()

    @property
    def recipe(self) -> Recipe:
        """How the networks are trained."""
        return recipe_of(self.architecture)

    def proxy(self, training: Training, n_samples: int) -> Training:
        """Return the recipe's short training; that of the kind for fixed bodies."""
        return self.recipe.proxy(n_samples) if self.has_recipe else training

    def full(self, training: Training, n_samples: int) -> Training:
        """Return the recipe's full training; that of the search for fixed bodies."""
        return self.recipe.training(n_samples) if self.has_recipe else training

    @property
    def moves(self) -> tuple[Variant, ...]:
        """Longer, and wider."""
        return LONGER, WIDER

    @property
    def has_recipe(self) -> bool:
        """Whether bodies and training follow from the domain."""
        return self.architecture.backbone == "pyramid"

    def summary(self, widths: Sequence[int]) -> str:
        """Return the backbone and the sizes."""
        sizes = ", ".join(map(str, widths))
        word = "size" if len(widths) == 1 else "sizes"
        return f"group CNNs, {self.architecture.backbone} backbone, {word} {sizes}"

    def identity(self) -> dict[str, Any]:
        """Return the backbone, the default size and the augmentations."""
        return {
            "backbone": self.architecture.backbone,
            "size": self.default_width,
            "augmentations": list(self.states.augmentations),
        }

    def architecture_at(self, width: int) -> CNNArchitecture:
        """Return the architecture at another width."""
        return replace(self.architecture, width=width)

    def closure(self, state: Iterable[int]) -> frozenset[int]:
        """Return the canonical form of a state."""
        return self.states.closure(state)

    def closed_states(self, limit: int, excluded: frozenset[int] = frozenset()) -> Enumeration:
        """Return the canonical states, fewest generators first."""
        return self.states.closed_states(limit, excluded)

    def smallest_generators(self, members: Iterable[int], limit: int) -> tuple[int, ...]:
        """Return a smallest set with this closure; `limit` is not needed."""
        return self.states.smallest_generators(members)

    def count_parameters(self, generators: tuple[int, ...], width: int) -> int:
        """Return the number of trainable parameters, about the same for all groups."""
        return self.architecture_at(width).count_parameters(self.states.chain(generators))

    def weaker(self, number: int) -> int | None:
        """Return the next weaker partial candidate."""
        return self.states.weaker(number)

    def to_add(self, members: Iterable[int]) -> tuple[int, ...]:
        """Return what neighbours may have more, of partial candidates few levels."""
        return self.states.to_add(members)

    def simplicity(self, child: Child) -> tuple[int, ...]:
        """Return the size, the orders of the levels' groups, and the numbers of circular axes and
        augmentations.

        A CNN's symmetries cost time and save no parameters, so none is chosen that does not help.
        """
        augmentations = len(self.states.augmentations_of(child.members))
        chain, levels = self.states.chain(child.members), self.architecture.levels
        groups = [chain.whole, *map(chain.at, levels)]
        orders, circular = sum(g.order for g in groups), sum(len(g.circular) for g in groups)
        return (child.width, orders, circular, augmentations)

    def baseline_width(self, width: int) -> int:
        """Return the same width: networks of one size have as many parameters."""
        return width

    def bytes_per_child(self, width: int, batch_size: int) -> int:
        """Return the approximate memory for training a child of the largest group."""
        everything = self.states.chain(range(len(self.candidates)))
        architecture, order = self.architecture_at(width), everything.first.order
        n_parameters = 4 * 4 * architecture.count_parameters(everything) * order
        return n_parameters + 4 * 4 * batch_size * architecture.activations(everything)

    def trainer(
        self, fit: Split, score: Split, training: Training, seed: int, device: torch.device
    ) -> CNNTrainer:
        """Return a trainer; each network scales samples and targets as its symmetries allow."""
        return CNNTrainer(
            self.architecture,
            self.task,
            NetworkScaling.measure(self.architecture, self.task, fit),
            self.states,
            _tensors(fit, device),
            _tensors(score, device),
            training,
            self.recipe,
            seed,
            device,
        )

    def sharing_maps(self, child: Child) -> tuple[SharingMap, ...]:
        """Return the shared weights of a kernel in the first layer and in a later one."""
        return sharing_maps(self.states.chain(child.members))


def _tensors(split: Split, device: torch.device) -> tuple[Tensor, Tensor]:
    x = torch.from_numpy(np.ascontiguousarray(split.x)).to(device, torch.float32)
    return x, torch.from_numpy(split.y).to(device)
