"""The words that options may be."""

from __future__ import annotations

from autoequivariant.data.task import TASKS
from autoequivariant.nn.cnn.architecture import BACKBONES, SIZES
from autoequivariant.nn.cnn.augmentation import AUGMENTATIONS
from autoequivariant.nn.mlp.architecture import FINALS
from autoequivariant.searching.samplers.registry import sampler_names
from autoequivariant.training.families.mlp.kind import CODINGS
from autoequivariant.training.families.registry import KINDS
from autoequivariant.training.pruning import PRUNERS

PRESETS = ("paper",)
OBJECTIVES = ("score", "score,parameters")
FITS = ("none", "quick", "full")
PROPOSE = ("none", "names", "data", "all")


def choices_of_options() -> dict[str, tuple[str, ...]]:
    """Return the choices of options by field; a registry may have grown since the last call."""
    return {
        "sampler": sampler_names(),
        "preset": PRESETS,
        "final": FINALS,
        "coding": CODINGS,
        "objective": OBJECTIVES,
        "network": ("auto", *KINDS),
        "backbone": BACKBONES,
        "pruner": PRUNERS,
        "task": TASKS,
        "fit": FITS,
        "propose": PROPOSE,
        "augmentations": AUGMENTATIONS,
        "sizes": tuple(SIZES),
    }
