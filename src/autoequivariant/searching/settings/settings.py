"""The settings of a search: plain values, checked together before anything is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, get_type_hints

from autoequivariant.data.registry import data_names
from autoequivariant.data.source import existing_path
from autoequivariant.errors import SettingsError
from autoequivariant.groups.custom.definition import Candidate, candidate_of
from autoequivariant.groups.domain import Domain, parse_domain
from autoequivariant.groups.symmetry import Symmetry
from autoequivariant.nn.cnn.architecture import SIZES
from autoequivariant.searching.samplers.registry import SAMPLERS
from autoequivariant.searching.samplers.sampler import load_sampler, samplers_for
from autoequivariant.searching.settings.checks import (
    out_of_range,
    unknown_choices,
    unusable_paths,
    wrong_types,
)
from autoequivariant.searching.settings.choices import choices_of_options
from autoequivariant.searching.sharing.address import unusable_storage
from autoequivariant.training.executors.options import ExecutorOptions
from autoequivariant.training.executors.registry import executor_problems
from autoequivariant.training.families.registry import KINDS, options_in_use

DEFAULT_FIT_TIME = 1800.0
DEFAULT_BUDGET = 250

_NOT_RECORDED = ("executor", "storage")
_READERS: dict[str, Callable[[Any], Any]] = {
    "symmetries": candidate_of,
    "plant": candidate_of,
    "layers": parse_domain,
}


@dataclass(frozen=True)
class SearchSettings:
    """Options of a search; None leaves a choice to the data and the preset.

    Attributes:
        data: name or path of the data set.
        kind: kind of its domain: `grid`, `volume`, `sequence` or `features`. Default: from its
            shape.
        symmetries: candidates: named, listed or custom. Default: the preset's, or the list for the
            domain.
        propose: where further candidates come from: `none`, `names`, `data` or `all`. Default:
            none beside `symmetries` or a preset, else see `searching.proposals`.
        plant: symmetries to plant in the data before the search. Default: none.
        preset: `paper` for the shapes, shifts and training of arXiv 2104.04848.
        network: `mlp`, `cnn`, or `auto`: cnn for images, sequences and volumes that are large
            enough (`docs/cnn.md`).
        augmentations: of a CNN, to search over; empty for none. Default: all.
        sizes: of a CNN, to search over. Default: see `families/cnn/kind.py`.
        partial: of a CNN: whether each symmetry may be kept up to a level of the layers only
            (`docs/cnn.md`). Default: no, as it multiplies the candidates.
        backbone: of a CNN: `pyramid`, `paper` or `residual`. Default: `pyramid`; `paper` with the
            preset `paper`.
        pruner: stops unpromising networks early: `none`, `median` or `quartile`. Default: `median`
            for CNNs, `none` for MLPs.
        layers: hidden domains. Default: two coarser copies of the input's domain.
        channels: channels of each hidden layer of an MLP. Default: see `families/mlp/kind.py`.
        final: final layer of an MLP: `invariant` or `dense`. Default: `invariant`; `dense` with the
            preset `paper`.
        coding: of columns of few whole numbers, in an MLP: `numbers`, or `one-hot` for a unit for
            each value. Default: the one with which the baseline is better on validation.
        sampler: `auto` is exhaustive for few networks, otherwise lattice (docs/search.md).
        objective: `score`, or `score,parameters` for the Pareto front of both.
        widths: numbers of channels to search over with `score,parameters`. Default: half, once,
            twice and four times `channels`.
        budget: largest number of distinct networks to train.
        timeout: seconds that the run may take. Default: no limit.
        epochs: passes over the training samples. Default: see `trainings.py`; 4 with the preset
            `paper`.
        train_size, validation_size: numbers of samples. Default: see `data/split.py`.
        seed: of all random numbers.
        device: `cpu` or `cuda`.
        memory_limit: bytes that reading the data, and then training, may take. Default: a quarter
            of the machine's memory, and of the device's.
        source: where the files of a published data set are. Default: see `data.registry.read`.
        target: columns of a table to predict; each text is one name or several with commas.
        drop: columns of a table to leave out, written like `target`. Default: none.
        task: `classification` or `regression`. Default: by the labels (`data/task.py`).
        tests: ask the data about every candidate before any network is trained. Without, every
            verdict is `undecided`.
        fit: how the network that is handed over and its baseline are trained: `none`, as in the
            search, on its samples; `quick`, as the recipe says, on all samples outside of test;
            `full`, as long as validation improves, then on all samples. Default: `quick`; `none`
            with the preset `paper`.
        fit_time: seconds that `full` may take for other trainings; only with it. Default: half an
            hour.
        fit_size: width of the networks that are fitted, in units of the search's: one of
            `training.variant.SIZES`. Default: by the recipe; with `full`, by validation.
        given: the symmetries and augmentations are those of the network, so that nothing is tested
            or searched (`fit.given`). Default: they are candidates.
        smallest: choose the smallest of the networks that are not distinguishable from the best,
            also with symmetries that are undecided and merely harmless.
        deterministic: propose networks in rounds, so that the answer does not depend on the number
            of workers; else one whenever a worker is free (`exploring.continuous`). Default: rounds
            for up to 16 workers (`exploring.explore.MOST_IN_ROUNDS`).
        executor: where networks are trained; it is not recorded.
        storage: where processes share the work (`sharing.address`); not recorded, as it may hold a
            password. Default: nowhere.

    Raises:
        SettingsError: names every invalid value.
    """

    data: str
    kind: str | None = None
    symmetries: tuple[Candidate, ...] | None = None
    propose: str | None = None
    plant: tuple[Candidate, ...] = ()
    preset: str | None = None
    network: str = "auto"
    augmentations: tuple[str, ...] | None = None
    sizes: tuple[str, ...] | None = None
    partial: bool = False
    backbone: str | None = None
    pruner: str | None = None
    layers: tuple[Domain, ...] | None = None
    channels: int | None = None
    final: str | None = None
    coding: str | None = None
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
    tests: bool = True
    fit: str | None = None
    fit_time: float | None = None
    fit_size: float | None = None
    smallest: bool = False
    given: bool = False
    deterministic: bool | None = None
    executor: ExecutorOptions = ExecutorOptions()
    storage: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        values, choices = vars(self), choices_of_options()
        problems = list(wrong_types(values, get_type_hints(type(self)), choices)) or [
            *unknown_choices(values, choices),
            *out_of_range(values),
            *unusable_paths(values),
            *self._conflicts(),
            *self._mixed_networks(),
            *self._nothing_named(),
            *executor_problems(self.executor, self.device),
            *unusable_storage(values),
        ]
        if problems:
            raise SettingsError(" ".join(problems))

    @property
    def command(self) -> str:
        """The command that these are the settings of: `fit` or `search`."""
        return "fit" if self.given else "search"

    @property
    def fits(self) -> str:
        """`fit`, with its default."""
        return self.fit or ("none" if self.preset == "paper" else "quick")

    @property
    def fit_seconds(self) -> float:
        """`fit_time`, with its default."""
        return DEFAULT_FIT_TIME if self.fit_time is None else self.fit_time

    def to_json(self) -> dict[str, Any]:
        """Return plain values but those of `executor` and `storage`, which any process of a run may
        choose anew; existing paths are absolute, so that they hold in any folder.
        """
        record = {name: value for name, value in vars(self).items() if name not in _NOT_RECORDED}
        for name in ("symmetries", "plant"):
            if record[name] is not None:
                record[name] = [candidate.to_json() for candidate in record[name]]
        if self.layers is not None:
            record["layers"] = [str(domain) for domain in self.layers]
        # A registered source may take something other than a path.
        path = None if self.data in data_names() else existing_path(self.data)
        if path is not None:
            record["data"] = str(path.absolute())
        if self.source is not None:
            record["source"] = str(self.source.absolute())
        return record

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> SearchSettings:
        """Read what `to_json` returned; unknown fields are ignored.

        Raises:
            AutoequivariantError, LookupError, TypeError, ValueError: the record is malformed.
        """
        record = {"partial": False} | record  # older records lack it
        values = {f.name: record[f.name] for f in fields(cls) if f.name not in _NOT_RECORDED}
        for name, value in values.items():
            if isinstance(value, list):
                read = _READERS.get(name)
                values[name] = tuple(value if read is None else map(read, value))
        if values["source"] is not None:
            values["source"] = Path(values["source"])
        return cls(**values)

    def _conflicts(self) -> Iterator[str]:
        has_two_objectives = self.objective == "score,parameters"
        is_known = self.sampler in SAMPLERS
        if self.pruner not in (None, "none"):
            if has_two_objectives:
                yield f"--pruner {self.pruner} handles one objective only: leave it out."
            if is_known and not load_sampler(self.sampler).allows_pruning:
                yield f"--sampler {self.sampler} does not prune: leave out --pruner {self.pruner}."
        if has_two_objectives and is_known and self.sampler not in samplers_for(2):
            yield (
                f"--sampler {self.sampler} handles one objective only: use --objective score, or "
                f"one of {', '.join(samplers_for(2))}."
            )
        if has_two_objectives and self.fit_size is not None:
            yield (
                "--fit-size cannot be combined with --objective score,parameters, which searches "
                "widths: leave it out."
            )
        if self.widths is not None and self.objective == "score":
            yield "--widths requires --objective score,parameters: add that."
        if self.propose not in (None, "none") and (self.given or self.preset is not None):
            what = "aen fit" if self.given else f"--preset {self.preset}"
            yield f"{what} has candidates of its own: leave out --propose {self.propose}."
        if self.fit_time is not None and self.fits != "full":
            yield "--fit-time requires --fit full: add that, or leave the time out."
        if self.given and self.partial:
            yield (
                "Given symmetries are not searched: name levels, as in rot90@2, and not --partial."
            )
        if any(isinstance(one, Symmetry) and one.level is not None for one in self.plant):
            yield "--plant changes data, which have no levels: leave out the @."
        if self.given and self.fits == "none":
            yield "aen fit trains in full: --fit must be quick or full; got none."
        if self.given and self.sizes is not None and len(self.sizes) > 1:
            yield f"aen fit trains one network: --size must be one of {', '.join(self.sizes)}."

    def _mixed_networks(self) -> list[str]:
        """Refuse options of one kind of network beside another kind or its options."""
        given = {kind.name: options_in_use(kind, self) for kind in reversed(KINDS.values())}
        for name, options in given.items():
            others = [o for other, found in given.items() if other != name for o in found]
            if options and self.network in KINDS and self.network != name:
                others = [f"--network {self.network}"]
            if options and others:
                return [
                    f"{', '.join(options)} requires --network {name} and cannot be combined with "
                    f"{', '.join(others)}."
                ]
        return []

    def _nothing_named(self) -> Iterator[str]:
        """Refuse empty lists that leave nothing to read or to search."""
        if (
            self.symmetries == ()
            and not self.given
            and not any(
                kind.searches_without_symmetries
                and (kind.name == self.network or options_in_use(kind, self))
                for kind in KINDS.values()
            )
        ):
            yield (
                "--symmetries names no candidate: give at least one, such as hflip. Only CNNs can "
                "do without, to search augmentations alone."
            )
        for option, names in (("--target", self.target), ("--drop", self.drop)):
            if names is not None and not (names and all(name.strip() for name in names)):
                yield f"{option} names no column: give one, or leave it out."
        if self.sizes == ():
            yield f"--size names no size: give one or more of {', '.join(SIZES)}."
        if self.symmetries == () and self.augmentations == () and not self.given:
            yield "--symmetries and --augmentations are both empty: name something to search."
