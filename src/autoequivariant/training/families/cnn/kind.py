"""Group CNNs as a kind of network: a family from settings and data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from autoequivariant.errors import SettingsError, SymmetryError
from autoequivariant.groups.actions import DNA
from autoequivariant.groups.custom.definition import DataSpec, resolve
from autoequivariant.groups.custom.proposal import with_proposed
from autoequivariant.groups.domain import Domain, Grid
from autoequivariant.groups.point_group.group import PointGroup
from autoequivariant.groups.symmetry import Symmetry
from autoequivariant.nn.cnn.architecture import SIZES, CNNArchitecture
from autoequivariant.nn.cnn.augmentation import AUGMENTATIONS
from autoequivariant.nn.cnn.description import CNNDescription
from autoequivariant.training.families.cnn.family import CNNFamily
from autoequivariant.training.families.cnn.recipe import FIXED
from autoequivariant.training.families.kind import NetworkKind, NetworkOptions
from autoequivariant.training.loop import Training
from autoequivariant.training.tasks import task_of

PAPER_SYMMETRIES = ("rot90", "hflip", "vflip")
"""The three bits of arXiv 2104.04848, section 5.2."""
DEFAULT_SYMMETRIES: Mapping[str, tuple[str, ...]] = {
    "sequence": ("reverse",),
    "grid": ("rot90", "rot180", "hflip", "vflip"),
    "volume": ("rot90_xy", "rot90_yz", "rot90_xz", "flip_x", "flip_y", "flip_z"),
}
"""By kind of domain; DNA has the reverse complement as well."""
PAPER_SIZES = ("small", "large")
"""The paper's one bit of size."""
DEFAULT_SIZES = ("small",)
LEAST_SIDES: Mapping[str, int] = {"sequence": 16, "grid": 16, "volume": 8}
"""By kind of domain; smaller samples are too small to convolve after two poolings."""
ONE_POSITION = 4
"""Two poolings reduce a side of this length to one position, and batch normalisation cannot
normalise a last batch of one such sample.
"""


class CNNKind(NetworkKind):
    """Group CNNs, for sequences, images and volumes whose symmetries move kernels as a whole."""

    name = "cnn"
    default_for = (
        "images of 16 pixels a side or more, sequences of 16 positions or more and volumes of 8 "
        "voxels a side or more"
    )
    options = {
        "--augmentations": "augmentations",
        "--size": "sizes",
        "--backbone": "backbone",
        "--partial": "partial",
        "--pruner": "pruner",
    }
    description = CNNDescription
    training = Training(FIXED.epochs, FIXED.batch_size, FIXED.learning_rate)
    steps = FIXED.steps
    pruner = "median"
    searches_without_symmetries = True

    def suits(self, spec: DataSpec, options: NetworkOptions) -> bool:
        """See `NetworkKind`."""
        least = LEAST_SIDES.get(spec.domain.kind)
        if least is None or min(spec.domain.shape) < least or options.preset == "paper":
            return False
        return _group(resolve(options.symmetries or (), spec), spec) is not None

    def family(self, spec: DataSpec, options: NetworkOptions) -> tuple[CNNFamily, tuple[int, ...]]:
        """See `NetworkKind`."""
        domain = spec.domain
        if domain.kind not in LEAST_SIDES:
            raise SettingsError(
                f"--network cnn needs sequences, images or volumes; got samples on {domain}: use "
                "--network mlp."
            )
        if max(domain.shape) <= ONE_POSITION:
            raise SettingsError(
                f"--network cnn pools samples on {domain} to a single position: use --network mlp."
            )
        is_paper = options.preset == "paper"
        names = options.sizes or (PAPER_SIZES if is_paper else DEFAULT_SIZES)
        widths = tuple(sorted({SIZES[name] for name in names}))
        architecture = CNNArchitecture(
            in_channels=spec.channels,
            domain=domain,
            classes=len(spec.outputs),
            backbone=options.backbone or ("paper" if is_paper else "pyramid"),
            width=widths[0],
        )
        candidates = in_levels(_candidates(spec, options), architecture, options, spec.proposed)
        task = task_of(spec.has_classes)
        return CNNFamily(architecture, candidates, _augmentations(domain, options), task), widths


def in_levels(
    candidates: Sequence[Symmetry],
    architecture: CNNArchitecture,
    options: NetworkOptions,
    proposed: Sequence[Symmetry] | None = None,
) -> tuple[Symmetry, ...]:
    """Return candidates with partial ones after the whole ones, of each the last level first.

    With `partial`, each is also kept up to each level of the networks of the search, but one that
    was proposed: labels may have led to it, and these would be looked at again.

    Raises:
        SettingsError: the backbone has no levels.
        SymmetryError: a candidate has a level that the networks lack.
    """
    whole = [one for one in candidates if one.level is None]
    listed = [one for one in candidates if one.level is not None]
    levels = architecture.proxy.levels
    if (listed or options.partial) and architecture.backbone != "pyramid":
        raise SettingsError(
            f"Partial symmetries need --backbone pyramid; got {architecture.backbone}."
        )
    wrong = [str(one) for one in listed if one.level not in levels]
    if wrong:
        raise SymmetryError(
            f"{', '.join(wrong)}: the levels of a CNN for {architecture.domain} are {levels[0]} to "
            f"{levels[-1]}."
        )
    if options.partial:
        own = [one for one in whole if one not in (proposed or ())]
        listed += [replace(one, level=level) for one in own for level in levels]
    order = {one: number for number, one in enumerate(dict.fromkeys(o.whole for o in candidates))}
    listed.sort(key=lambda one: (order[one.whole], -(one.level or 0)))
    return (*whole, *dict.fromkeys(listed))


def _augmentations(domain: Domain, options: NetworkOptions) -> tuple[str, ...]:
    if isinstance(domain, Grid):
        default = () if options.given else AUGMENTATIONS
        named = default if options.augmentations is None else options.augmentations
        return tuple(dict.fromkeys(named))
    if options.augmentations:
        raise SettingsError(
            f"--augmentations are for images; got samples on {domain}: use --augmentations none."
        )
    return ()


def _candidates(spec: DataSpec, options: NetworkOptions) -> tuple[Symmetry, ...]:
    domain = spec.domain
    if options.symmetries is not None:
        listed = resolve(options.symmetries, spec)  # the family refuses what no convolution has
    else:
        names = DEFAULT_SYMMETRIES[domain.kind]
        if options.preset == "paper" and isinstance(domain, Grid):
            names = PAPER_SYMMETRIES
        if domain.kind == "sequence" and spec.is_one_hot and spec.channels == len(DNA):
            names = ("reverse_complement", *names)
        listed = tuple(s for s in map(Symmetry, names) if s.is_defined_on(domain))
    possible: list[Symmetry] = []
    for one in spec.proposed or ():
        alone, together = _group([one], spec), _group([*listed, *possible, one], spec)
        # Circular padding has all cyclic shifts, and the data suggest one.
        if alone is not None and not alone.circular and together is not None:
            possible.append(one)
    return with_proposed(listed, replace(spec, proposed=tuple(possible)))


def _group(symmetries: Sequence[Symmetry], spec: DataSpec) -> PointGroup | None:
    """Return the group that some symmetries generate; None if no convolution can have it."""
    try:
        return PointGroup.of(symmetries, spec.domain, spec.channels, len(spec.outputs))
    except SymmetryError:
        return None
