"""Settings and data made into a family of group CNNs."""

from __future__ import annotations

from autoequivariant.data.samples import Samples
from autoequivariant.errors import SettingsError
from autoequivariant.groups.custom.definition import DataSpec, resolve
from autoequivariant.groups.domain import Grid
from autoequivariant.groups.point_group import POINT_SYMMETRIES
from autoequivariant.groups.symmetry import Symmetry
from autoequivariant.nn.cnn.architecture import SIZES, CNNArchitecture
from autoequivariant.nn.cnn.augmentation import AUGMENTATIONS
from autoequivariant.searching.data_spec import data_spec
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.training.families.cnn import CNNFamily
from autoequivariant.training.tasks import TASKS

PAPER_SYMMETRIES = ("rot90", "hflip", "vflip")
"""The three bits of arXiv 2104.04848, section 5.2."""
DEFAULT_SYMMETRIES = ("rot90", "rot180", "hflip", "vflip")
PAPER_SIZES = ("small", "large")
"""The paper's one bit of size."""
DEFAULT_SIZES = ("small",)
ONE_PIXEL = 4
"""Two poolings leave one pixel of so many a side: too little to normalise a last batch by that is
of one picture.
"""


def cnn_family(samples: Samples, settings: SearchSettings) -> tuple[CNNFamily, tuple[int, ...]]:
    """Return the CNNs that the settings ask for, and the widths to search over.

    Raises:
        SettingsError, SymmetryError: what is wrong and what to do.
    """
    domain = samples.domain
    if not isinstance(domain, Grid):
        raise SettingsError(
            f"--network cnn is for images, and the samples are of {domain}: use --network mlp."
        )
    if max(domain.shape) <= ONE_PIXEL:
        raise SettingsError(
            f"--network cnn pools pictures of {domain} to a single pixel: use --network mlp."
        )
    is_paper = settings.preset == "paper"
    names = settings.sizes or (PAPER_SIZES if is_paper else DEFAULT_SIZES)
    widths = tuple(sorted({SIZES[name] for name in names}))
    named = AUGMENTATIONS if settings.augmentations is None else settings.augmentations
    augmentations = tuple(dict.fromkeys(named))
    architecture = CNNArchitecture(
        in_channels=samples.channels,
        grid=domain,
        classes=len(samples.classes or samples.targets),
        backbone=settings.backbone or "paper",
        width=widths[0],
    )
    candidates = _candidates(domain, data_spec(samples), settings)
    return CNNFamily(architecture, candidates, augmentations, TASKS[samples.task]), widths


def _candidates(domain: Grid, spec: DataSpec, settings: SearchSettings) -> tuple[Symmetry, ...]:
    names = PAPER_SYMMETRIES if settings.preset == "paper" else DEFAULT_SYMMETRIES
    if settings.symmetries is None:
        candidates = tuple(map(Symmetry, names))
        return tuple(s for s in candidates if s.is_defined_on(domain))
    asked = resolve(settings.symmetries, spec)
    strangers = [str(s) for s in asked if str(s) not in POINT_SYMMETRIES]
    if strangers:
        raise SettingsError(
            f"--network cnn has no {', '.join(strangers)}: its symmetries are "
            f"{', '.join(POINT_SYMMETRIES)}; for others use --network mlp."
        )
    for symmetry in asked:
        symmetry.action(domain)  # refuses what is not defined on it
    return asked
