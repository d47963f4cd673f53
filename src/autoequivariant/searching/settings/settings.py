"""What a person asks of a search: plain values, checked together before anything is read."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from autoequivariant.data.registry import data_names
from autoequivariant.data.task import TASKS
from autoequivariant.errors import SettingsError
from autoequivariant.groups.custom.definition import Candidate, candidate_of
from autoequivariant.groups.domain import Domain, parse_domain
from autoequivariant.nn.cnn.architecture import BACKBONES, SIZES
from autoequivariant.nn.cnn.augmentation import AUGMENTATIONS
from autoequivariant.nn.mlp.architecture import FINALS
from autoequivariant.searching.samplers.registry import SAMPLERS, sampler_names
from autoequivariant.searching.samplers.sampler import load_sampler, samplers_for
from autoequivariant.training.families.registry import KINDS, options_in_use
from autoequivariant.training.pruning import PRUNERS

PRESETS = ("paper",)
OBJECTIVES = ("score", "score,parameters")
DEFAULT_BUDGET = 250
MOST_BUDGET = 1_000_000
"""More distinct networks than anybody trains; all of them are listed before the search starts."""

MOST_CHANNELS = 10**9
"""More than fit into any memory."""

_READERS: dict[str, Callable[[Any], Any]] = {
    "symmetries": candidate_of,
    "plant": candidate_of,
    "layers": parse_domain,
    "widths": int,
}
_LATER = ("target", "drop", "task")
"""Fields that the settings of older runs do not have."""


@dataclass(frozen=True)
class SearchSettings:
    """Options of a search; None leaves a choice to the data and the preset.

    Attributes:
        data: name or path of the data set.
        kind: kind of its domain (`grid`, `volume`, `sequence`, `features`). Default: from its
            shape.
        symmetries: candidates, by name, as ready lists, or one's own. Default: the list for the
            domain, or the preset's.
        plant: symmetries to plant in the data before the search. Default: none.
        preset: `paper` for the shapes, shifts and training of arXiv 2104.04848.
        network: `mlp`, `cnn`, or `auto`: cnn for images of 16 pixels a side or more.
        augmentations: of a CNN's training, to search over; empty for none. Default: all.
        sizes: of a CNN, to search over. Default: see `cnn_problem.py`.
        body: `paper` or `residual`, of a CNN. Default: the paper's.
        pruner: gives up CNNs that do badly early on; `none`, `median` or `quartile`. Default:
            median.
        layers: hidden domains. Default: two coarser copies of the input's domain.
        channels: channels of each hidden layer. Default: see `problem.py`.
        final: `invariant` or `dense`. Default: invariant; dense in the paper.
        sampler: `auto` is lattice, or exhaustive where there are few networks (docs/search.md).
        objective: `score`, or `score,parameters` for the Pareto front of both.
        widths: numbers of channels to search over with `score,parameters`. Default: half, once,
            twice and four times `channels`.
        budget: most distinct networks to train.
        timeout: most seconds that the run may take. Default: no limit.
        epochs: passes over the training samples. Default: see `problem.py`; 4 in the paper.
        train_size, validation_size: numbers of samples. Default: see `autoequivariant.data.split`.
        seed: of everything random.
        device: `cpu` or `cuda`.
        memory_limit: bytes that training may take. Default: a quarter of the device's memory.
        source: where the files of a data set by name lie. Default: as `data.read` says.
        target: of a table, the columns to predict; each may be several with commas between them.
        drop: of a table, the columns to leave out, given like `target`. Default: none.
        task: `classification` or `regression`. Default: by the labels (`data.task`).

    Raises:
        SettingsError: names every value that cannot be used.
    """

    data: str
    kind: str | None = None
    symmetries: tuple[Candidate, ...] | None = None
    plant: tuple[Candidate, ...] = ()
    preset: str | None = None
    network: str = "auto"
    augmentations: tuple[str, ...] | None = None
    sizes: tuple[str, ...] | None = None
    backbone: str | None = None
    pruner: str | None = None
    layers: tuple[Domain, ...] | None = None
    channels: int | None = None
    final: str | None = None
    sampler: str = "auto"
    objective: str = "score"
    widths: tuple[int, ...] | None = None
    budget: int = DEFAULT_BUDGET
    timeout: float | None = None
    epochs: int | None = None
    train_size: int | None = None
    validation_size: int | None = None
    seed: int = 0
    device: str = "cpu"
    memory_limit: int | None = None
    source: Path | None = None
    target: tuple[str, ...] | None = None
    drop: tuple[str, ...] | None = None
    task: str | None = None

    def __post_init__(self) -> None:
        troubles = [
            *_unknown("--sampler", self.sampler, sampler_names()),
            *_unknown("--preset", self.preset, PRESETS),
            *_unknown("--final", self.final, FINALS),
            *_unknown("--objective", self.objective, OBJECTIVES),
            *_unknown("--network", self.network, networks()),
            *_unknown("--backbone", self.backbone, BACKBONES),
            *_unknown("--pruner", self.pruner, PRUNERS),
            *_unknown("--task", self.task, TASKS),
            *_all_known("--augmentations", self.augmentations, AUGMENTATIONS),
            *_all_known("--size", self.sizes, tuple(SIZES)),
            *self._mixed_options(),
        ]
        if self.pruner not in (None, "none"):
            if self.objective == "score,parameters":
                troubles.append(f"--pruner {self.pruner} knows one objective only: leave it out.")
            if self.sampler in SAMPLERS and not load_sampler(self.sampler).allows_pruning:
                troubles.append(
                    f"--sampler {self.sampler} does not prune: leave --pruner {self.pruner} out."
                )
        both = samplers_for(2) if self.objective == "score,parameters" else (*SAMPLERS,)
        if self.sampler in SAMPLERS and self.sampler not in both:
            troubles.append(
                f"--sampler {self.sampler} handles one objective only: use --objective score, or "
                f"one of {', '.join(both)}."
            )
        if self.widths is not None and self.objective == "score":
            troubles.append("--widths are searched with --objective score,parameters: add that.")
        if self.widths is not None and (not self.widths or min(self.widths) < 1):
            troubles.append("--widths are numbers of channels of 1 or more, as in 1,2,4.")
        for name in (
            "budget",
            "epochs",
            "channels",
            "train_size",
            "validation_size",
            "memory_limit",
        ):
            value = getattr(self, name)
            option = "--" + name.replace("_", "-")
            if value is not None and value < 1:
                troubles.append(f"{option} must be 1 or more, not {value}.")
        if self.channels is not None and self.channels > MOST_CHANNELS:
            troubles.append(f"--channels must be at most {MOST_CHANNELS:,}.")
        if self.widths is not None and max(self.widths, default=0) > MOST_CHANNELS:
            troubles.append(f"--widths must be at most {MOST_CHANNELS:,}.")
        if self.budget > MOST_BUDGET:
            troubles.append(f"--budget must be at most {MOST_BUDGET:,}, not {self.budget:,}.")
        if self.seed < 0:
            troubles.append(f"--seed must be 0 or more, not {self.seed}.")
        if self.timeout is not None and self.timeout <= 0:
            troubles.append(f"--timeout must be more than 0 seconds, not {self.timeout:g}.")
        if self.symmetries == () and not any(
            kind.searches_without_symmetries
            and (kind.name == self.network or options_in_use(kind, self))
            for kind in KINDS.values()
        ):
            troubles.append(
                "--symmetries names no candidate: give at least one, such as hflip. Only CNNs can "
                "do without, to search augmentations alone."
            )
        for option, names in (("--target", self.target), ("--drop", self.drop)):
            if names is not None and not (names and all(name.strip() for name in names)):
                troubles.append(f"{option} names no column: give one, or leave it out.")
        if self.sizes == ():
            troubles.append(f"--size names no size: give one or more of {', '.join(SIZES)}.")
        if self.symmetries == () and self.augmentations == ():
            troubles.append("--symmetries and --augmentations are both none: nothing is searched.")
        if troubles:
            raise SettingsError(" ".join(troubles))

    def to_json(self) -> dict[str, Any]:
        """Return them as plain values; paths are made absolute, so that they hold anywhere."""
        found = {field.name: getattr(self, field.name) for field in fields(self)}
        for name in ("symmetries", "plant"):
            if found[name] is not None:
                found[name] = [candidate.to_json() for candidate in found[name]]
        if self.layers is not None:
            found["layers"] = [str(domain) for domain in self.layers]
        if self.data not in data_names():
            found["data"] = str(Path(self.data).absolute())
        if self.source is not None:
            found["source"] = str(self.source.absolute())
        return found

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> SearchSettings:
        """Read what `to_json` wrote.

        Raises:
            AutoequivariantError, LookupError, TypeError, ValueError: it is something else.
        """
        record = {**dict.fromkeys(_LATER), **record}
        found = {field.name: record[field.name] for field in fields(cls)}
        for name, value in found.items():
            if isinstance(value, list):
                read = _READERS.get(name, str)
                found[name] = tuple(read(one) for one in value)
        if found["source"] is not None:
            found["source"] = Path(found["source"])
        for name, hint in get_type_hints(cls).items():
            if not isinstance(found[name], _classes_of(hint)):
                raise TypeError(f"{name} is no {hint}")
        return cls(**found)

    def _mixed_options(self) -> list[str]:
        """Refuse options of one kind of network beside another kind or its options."""
        given = {kind.name: options_in_use(kind, self) for kind in reversed(KINDS.values())}
        for name, options in given.items():
            others = [o for other, found in given.items() if other != name for o in found]
            if options and self.network in KINDS and self.network != name:
                others = [f"--network {self.network}"]
            if options and others:
                return [
                    f"{', '.join(options)} is for --network {name} and does not go with "
                    f"{', '.join(others)}."
                ]
        return []


def networks() -> tuple[str, ...]:
    """Return what `--network` may be."""
    return ("auto", *KINDS)


def parse_duration(text: str) -> float:
    """Read `90`, `90s`, `10m`, `1.5h` or `1h30m` as seconds.

    Raises:
        SettingsError: it is none of these, or no time at all.
    """
    parts = re.fullmatch(r"(?:([\d.]+)h)?(?:([\d.]+)m)?(?:([\d.]+)s?)?", text.strip())
    try:
        hours, minutes, seconds = (
            (float(part or 0) for part in parts.groups()) if parts else (0, 0, 0)
        )
    except ValueError:
        hours = minutes = seconds = 0
    total = 3600 * hours + 60 * minutes + seconds
    if not 0 < total < math.inf:
        raise SettingsError(f"Time {text!r} is not understood: write 90s, 10m or 1h30m.")
    return total


def _classes_of(hint: Any) -> tuple[type, ...]:
    """The classes that a type hint such as `tuple[str, ...] | None` allows."""
    parts = get_args(hint) if get_origin(hint) is UnionType else (hint,)
    found = tuple(get_origin(part) or part for part in parts)
    return (*found, int) if float in found else found


def _unknown(option: str, value: str | None, known: tuple[str, ...]) -> list[str]:
    if value is None or value in known:
        return []
    return [f"{option} knows {', '.join(known)}, not {value!r}."]


def _all_known(option: str, values: tuple[str, ...] | None, known: tuple[str, ...]) -> list[str]:
    strangers = [value for value in values or () if value not in known]
    if not strangers:
        return []
    return [f"{option} knows {', '.join(known)}, not {', '.join(map(repr, strangers))}."]
