"""A kind of network: what settings and data become a family of networks, and with which defaults.

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
    """What a kind may read of a search's settings; None leaves a choice to the kind.

    `searching.settings.SearchSettings` is one, and says what each means.
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
    def sizes(self) -> tuple[str, ...] | None: ...  # noqa: D102
    @property
    def backbone(self) -> str | None: ...  # noqa: D102


class NetworkKind(ABC):
    """A kind of network.

    Attributes:
        name: what `--network` calls it.
        default_for: what `--network auto` takes this kind for, in words.
        options: the settings that only this kind has, by command-line option.
        description: reads `model.json` of this kind.
        training: how a network is trained; `--epochs` overrides the epochs.
        steps: training steps that a network gets without `--epochs` or a preset, roughly.
        pruner: stops unpromising children early; `none` where children train together, as
            stopping one saves nothing.
        searches_without_symmetries: whether there is something to search without any symmetry.
    """

    name: ClassVar[str]
    default_for: ClassVar[str] = "data that no other kind suits"
    options: ClassVar[Mapping[str, str]] = {}
    description: ClassVar[type[NetworkDescription]]
    training: ClassVar[Training]
    steps: ClassVar[int] = 400
    pruner: ClassVar[str] = "none"
    searches_without_symmetries: ClassVar[bool] = False

    @abstractmethod
    def suits(self, spec: DataSpec, options: NetworkOptions) -> bool:
        """Whether `--network auto` takes this kind where no kind registered later does."""

    @abstractmethod
    def family(self, spec: DataSpec, options: NetworkOptions) -> tuple[Family, tuple[int, ...]]:
        """Return the networks that the options ask for, and the widths to search over.

        Raises:
            ActionError, SettingsError, SymmetryError: the options do not fit the data.
        """

    def settings_from_identity(self, identity: Mapping[str, Any]) -> dict[str, Any]:
        """Return settings that were left to the data and that a run's identity records.

        A finished run is replayed with them when its data are gone. Values are checked by whoever
        reads the identity. Default: none.
        """
        return {}
