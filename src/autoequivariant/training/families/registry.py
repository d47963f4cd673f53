"""The kinds of networks, by name. To add one, add it here."""

from __future__ import annotations

from autoequivariant.groups.custom.definition import DataSpec
from autoequivariant.training.families.cnn.kind import CNNKind
from autoequivariant.training.families.kind import NetworkKind, NetworkOptions
from autoequivariant.training.families.mlp.kind import MLPKind

KINDS: dict[str, NetworkKind] = {kind.name: kind for kind in (MLPKind(), CNNKind())}
"""General kinds first: `--network auto` takes the last one that suits the data."""


def suitable_kind(spec: DataSpec, options: NetworkOptions) -> NetworkKind:
    """Return the kind that `--network auto` takes.

    It is the kind whose own options are used, or else the last registered one that suits the data.
    """
    for kind in KINDS.values():
        if options_in_use(kind, options):
            return kind
    return next(kind for kind in reversed(KINDS.values()) if kind.suits(spec, options))


def options_in_use(kind: NetworkKind, options: NetworkOptions) -> list[str]:
    """Return the command-line options that are set and that only this kind has."""
    values = {option: getattr(options, field) for option, field in kind.options.items()}
    return [o for o, value in values.items() if value is not None and value is not False]
