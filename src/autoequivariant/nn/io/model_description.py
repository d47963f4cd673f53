"""What `model.json` says of a network: read, and checked before anything large is made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Self

from msgspec import Meta, Struct

from autoequivariant.errors import ModelError, shown
from autoequivariant.jsonio import parse, to_type
from autoequivariant.nn.network import Network, NetworkDescription

FORMAT = 4
SAMPLE_TYPES = ("uint8", "float32")
_FILE = "model.json"
_Names = Annotated[tuple[str, ...], Meta(max_length=10**5)]


class _Fields(Struct, frozen=True):
    """The fields of every kind of network; those of its own kind stand beside them."""

    format: int
    network: str
    n_parameters: Annotated[int, Meta(ge=1, le=2**40)]
    weights_sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    classes: _Names = ()
    targets: _Names = ()
    columns: _Names = ()
    categories: Annotated[tuple[_Names, ...], Meta(max_length=10**5)] = ()
    samples: str | None = None


@dataclass(frozen=True)
class Description:
    """What `model.json` says.

    Attributes:
        network: the network.
        n_parameters: its number of parameters.
        weights_sha256: SHA-256 of `model.safetensors`, in hexadecimal.
        classes: names of the classes, in the order of the outputs; none of regression.
        samples: type of the samples that it was trained on, `uint8` or `float32`; None where it is
            not known.
        targets: of regression, names of the outputs.
        columns: of a table, names of its columns, where they have names.
        categories: of its columns, the values that they hold codes of; empty for a column of
            numbers. Empty where all are numbers.
    """

    network: NetworkDescription
    n_parameters: int
    weights_sha256: str
    classes: tuple[str, ...] = ()
    samples: str | None = None
    targets: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    categories: tuple[tuple[str, ...], ...] = ()

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the outputs: classes, or targets."""
        return self.classes or self.targets

    @classmethod
    def parse(cls, content: bytes, kinds: Mapping[str, type[NetworkDescription]]) -> Self:
        """Read `model.json`; nothing in it is trusted.

        Args:
            content: of the file.
            kinds: what reads the description of each kind of network, by `Network.kind`.

        Raises:
            AutoequivariantError: a field is missing, unknown, of another type or out of range.
        """
        record = to_type(parse(content, _FILE), dict[str, Any], _FILE)
        if record.get("format", FORMAT) != FORMAT:
            raise ModelError(f"its format is {shown(record['format'])}, not {FORMAT}")
        found = to_type(record, _Fields, _FILE)
        _refuse_unknown("network", found.network, tuple(kinds))
        if found.samples is not None:
            _refuse_unknown("samples", found.samples, SAMPLE_TYPES)
        if bool(found.classes) == bool(found.targets):
            raise ModelError("it needs classes or targets, and not both")
        for name in ("classes", "targets", "columns"):
            if len(set(getattr(found, name))) < len(getattr(found, name)):
                raise ModelError(f"two of its {name} have the same name")
            if any(map(_has_half_of_a_pair, getattr(found, name))):
                raise ModelError(f"a name of its {name} holds half of a surrogate pair")
        for values in found.categories:
            if len(set(values)) < len(values) or any(map(_has_half_of_a_pair, values)):
                raise ModelError("two values of its categories are the same, or one is no text")
        own = {name: v for name, v in record.items() if name not in _Fields.__struct_fields__}
        outputs = found.classes or found.targets
        network = kinds[found.network].read(own, outputs, bool(found.classes))
        if found.columns and len(found.columns) != network.domain.size:
            raise ModelError(f"its {network.domain} has {len(found.columns)} names of columns")
        if found.categories and len(found.categories) != network.domain.size:
            raise ModelError(
                f"its {network.domain} has the categories of {len(found.categories)} columns"
            )
        return cls(
            network,
            found.n_parameters,
            found.weights_sha256,
            found.classes,
            found.samples,
            found.targets,
            found.columns,
            found.categories,
        )

    def build(self) -> Network:
        """Make the network with random weights."""
        network = self.network.build()
        if self.targets:
            network.rescale([0.0] * len(self.targets), [1.0] * len(self.targets))
        return network


def _refuse_unknown(name: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise ModelError(f"its {name} must be one of {', '.join(known)}; got {shown(value)}")


def _has_half_of_a_pair(name: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in name)
