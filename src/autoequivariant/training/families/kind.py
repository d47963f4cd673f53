"""The interface of a kind of network: it makes a family of networks from settings and data.

To add a kind, subclass `NetworkKind` (with its `Family`, `Trainer` and network) in a file of its
own and add one line to `registry.py`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Protocol

from autoequivariant.groups.custom.definition import Candidate, DataSpec
from autoequivariant.groups.domain import Domain
from autoequivariant.nn.network import NetworkDescription
from autoequivariant.training.families.family import Family
from autoequivariant.training.loop import Training


class NetworkOptions(Protocol):
    """The settings that a kind may read; None leaves a choice to the kind.

    `SearchSettings` implements and documents them.
    """

    @property
    def symmetries(self) -> tuple[Candidate, ...] | None: ...  # noqa: D102
    @property
    def preset(self) -> str | None: ...  # noqa: D102
    @property
    def objective(self) -> str: ...  # noqa: D102
    @property
    def layers(self) -> tuple[Domain, ...] | None: ...  # noqa: D102
    @property
    def channels(self) -> int | None: ...  # noqa: D102
    @property
    def widths(self) -> tuple[int, ...] | None: ...  # noqa: D102
    @property
    def final(self) -> str | None: ...  # noqa: D102
    @property
    def augmentations(self) -> tuple[str, ...] | None: ...  # noqa: D102
    @property
    def given(self) -> bool: ...  # noqa: D102
    @property
    def sizes(self) -> tuple[str, ...] | None: ...  # noqa: D102
    @property
    def backbone(self) -> str | None: ...  # noqa: D102
    @property
    def partial(self) -> bool: ...  # noqa: D102
    @property
    def coding(self) -> str | None: ...  # noqa: D102


class NetworkKind(ABC):
    """A kind of network.

    Attributes:
        name: as in `--network`.
        default_for: data for which `--network auto` takes this kind, in words.
        options: settings that only this kind has, by command-line option.
        description: reads `model.json`.
        training: how networks are trained; `--epochs` overrides the epochs.
        steps: approximate number of training steps without `--epochs` or a preset.
        pruner: default of `--pruner`; `none` where children train together, as stopping one
            saves nothing.
        searches_without_symmetries: whether a search without candidates makes sense.
        has_codings: whether columns of few whole numbers may be numbers or one-hot.
    """

    name: ClassVar[str]
    default_for: ClassVar[str] = "data that no other kind suits"
    options: ClassVar[Mapping[str, str]] = {}
    description: ClassVar[type[NetworkDescription]]
    training: ClassVar[Training]
    steps: ClassVar[int] = 400
    pruner: ClassVar[str] = "none"
    searches_without_symmetries: ClassVar[bool] = False
    has_codings: ClassVar[bool] = False

    @abstractmethod
    def suits(self, spec: DataSpec, options: NetworkOptions) -> bool:
        """Whether `--network auto` takes this kind where no kind registered later does."""

    @abstractmethod
    def family(self, spec: DataSpec, options: NetworkOptions) -> tuple[Family, tuple[int, ...]]:
        """Return the family that the options describe, and the widths to search over.

        Raises:
            ActionError, SettingsError, SymmetryError: the options do not fit the data.
        """

    def settings_from_identity(self, identity: Mapping[str, Any]) -> dict[str, Any]:
        """Return settings chosen from the data, as a run's identity records them.

        They replay a run whose data are gone. The caller checks the values. Default: none.
        """
        return {}
