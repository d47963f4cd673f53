"""What a store holds of one piece of work: strict, as other processes wrote it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from msgspec import Meta
from optuna.trial import FrozenTrial

from autoequivariant.jsonio import to_type

KEY, WHO, RECORD, CHUNK = "key", "who", "record", "chunk "

_Text = Annotated[str, Meta(max_length=1000)]


@dataclass(frozen=True)
class Record:
    """What a piece of work led to.

    Attributes:
        content: plain values.
        values: of the objectives, to look at. Default: none.
        pruned: whether it was stopped early.
        chunks: a longer text in parts. Default: none.
    """

    content: Any
    values: Sequence[float] = ()
    pruned: bool = False
    chunks: Sequence[str] = ()

    def attributes(self) -> dict[str, Any]:
        """Return the attributes of the trial, beside those of the claim."""
        chunks = {f"{CHUNK}{number}": chunk for number, chunk in enumerate(self.chunks)}
        return {**chunks, RECORD: self.content}

    @classmethod
    def of(cls, trial: FrozenTrial) -> Record:
        """Read the attributes of a trial; `ModelError` if one is missing or of another type."""
        found = to_type(dict(trial.user_attrs), dict[str, Any], "a trial")
        kept = to_type({"record": found.get(RECORD)}, _Content, "a trial")
        names = [name for name in found if name.startswith(CHUNK)]
        texts = [found.get(f"{CHUNK}{number}") for number in range(len(names))]
        return cls(kept.record, chunks=to_type(texts, list[str], "a trial's chunks"))


@dataclass(frozen=True)
class Claim:
    """Which piece of work a trial is, and who does it or did it.

    Attributes:
        key: of the work.
        who: the process.
    """

    key: _Text
    who: _Text

    @classmethod
    def of(cls, trial: FrozenTrial) -> Claim:
        """Read it from a trial; `ModelError` if it is of another program."""
        found: Mapping[str, Any] = trial.user_attrs
        named = {name: found[name] for name in (KEY, WHO) if name in found}
        return to_type(named, cls, f"trial {trial.number}")

    def attributes(self) -> dict[str, Any]:
        """Return the attributes of the trial."""
        return {KEY: self.key, WHO: self.who}


@dataclass(frozen=True)
class _Content:
    record: dict[str, Any] | list[Any] = field(default_factory=dict)
