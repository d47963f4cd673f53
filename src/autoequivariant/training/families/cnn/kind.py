"""Group CNNs as a kind of network: a family from settings and data."""

from __future__ import annotations

from autoequivariant.errors import SettingsError
from autoequivariant.groups.custom.definition import DataSpec, resolve
from autoequivariant.groups.domain import Grid
from autoequivariant.groups.point_group import POINT_SYMMETRIES
from autoequivariant.groups.symmetry import Symmetry
from autoequivariant.nn.cnn.architecture import SIZES, CNNArchitecture
from autoequivariant.nn.cnn.augmentation import AUGMENTATIONS
from autoequivariant.nn.cnn.description import CNNDescription
from autoequivariant.training.families.cnn.family import CNNFamily
from autoequivariant.training.families.kind import NetworkKind, NetworkOptions
from autoequivariant.training.loop import Training
from autoequivariant.training.tasks import task_of

PAPER_SYMMETRIES = ("rot90", "hflip", "vflip")
"""The three bits of arXiv 2104.04848, section 5.2."""
DEFAULT_SYMMETRIES = ("rot90", "rot180", "hflip", "vflip")
PAPER_SIZES = ("small", "large")
"""The paper's one bit of size."""
DEFAULT_SIZES = ("small",)
LEAST_SIDE = 16
"""Smaller images are too small to convolve after two poolings."""
ONE_PIXEL = 4
"""Two poolings reduce a side of this many pixels to one pixel, and batch normalisation cannot
normalise a last batch of one such image.
"""


class CNNKind(NetworkKind):
    """Group CNNs, for images of at least 16 pixels a side and point symmetries of them."""

    name = "cnn"
    default_for = f"images of {LEAST_SIDE} pixels a side or more"
    options = {
        "--augmentations": "augmentations",
        "--size": "sizes",
        "--backbone": "backbone",
        "--pruner": "pruner",
    }
    description = CNNDescription
    training = Training(4, batch_size=32, learning_rate=1e-2)
    """Ten times the paper's learning rate, with which four epochs would not suffice. Normalisation
    and the decay of the rate allow it.
    """
    steps = 500
    pruner = "median"
    searches_without_symmetries = True

    def suits(self, spec: DataSpec, options: NetworkOptions) -> bool:
        """See `NetworkKind`."""
        is_large = isinstance(spec.domain, Grid) and min(spec.domain.shape) >= LEAST_SIDE
        named = resolve(options.symmetries or (), spec)
        are_points = all(str(symmetry) in POINT_SYMMETRIES for symmetry in named)
        return is_large and are_points and options.preset != "paper"

    def family(self, spec: DataSpec, options: NetworkOptions) -> tuple[CNNFamily, tuple[int, ...]]:
        """See `NetworkKind`."""
        domain = spec.domain
        if not isinstance(domain, Grid):
            raise SettingsError(
                f"--network cnn needs images; got samples on {domain}: use --network mlp."
            )
        if max(domain.shape) <= ONE_PIXEL:
            raise SettingsError(
                f"--network cnn pools images of {domain} to a single pixel: use --network mlp."
            )
        is_paper = options.preset == "paper"
        names = options.sizes or (PAPER_SIZES if is_paper else DEFAULT_SIZES)
        widths = tuple(sorted({SIZES[name] for name in names}))
        named = AUGMENTATIONS if options.augmentations is None else options.augmentations
        architecture = CNNArchitecture(
            in_channels=spec.channels,
            grid=domain,
            classes=len(spec.outputs),
            backbone=options.backbone or "paper",
            width=widths[0],
        )
        candidates = _candidates(domain, spec, options)
        augmentations = tuple(dict.fromkeys(named))
        task = task_of(spec.has_classes)
        return CNNFamily(architecture, candidates, augmentations, task), widths


def _candidates(domain: Grid, spec: DataSpec, options: NetworkOptions) -> tuple[Symmetry, ...]:
    names = PAPER_SYMMETRIES if options.preset == "paper" else DEFAULT_SYMMETRIES
    if options.symmetries is None:
        candidates = tuple(map(Symmetry, names))
        return tuple(s for s in candidates if s.is_defined_on(domain))
    candidates = resolve(options.symmetries, spec)
    unknown = [str(s) for s in candidates if str(s) not in POINT_SYMMETRIES]
    if unknown:
        raise SettingsError(
            f"--symmetries of --network cnn must be among {', '.join(POINT_SYMMETRIES)}; got "
            f"{', '.join(unknown)}: use --network mlp for others."
        )
    for symmetry in candidates:
        symmetry.action(domain)  # raises if it is not defined on the domain
    return candidates
