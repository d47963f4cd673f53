"""What a search records in its study beside the trials: attributes, read into types."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Annotated, Any

from msgspec import Meta

from autoequivariant.errors import shown
from autoequivariant.jsonio import parse, to_type
from autoequivariant.training.child import Key
from autoequivariant.training.evaluation import Evaluation, read_keyed

PARAMETERS, ASKED, SECONDS = "parameters", "asked", "seconds "
MOST_VALUES = 2**24
"""Most JSON values in one attribute: a thousand networks trained together have a hundred thousand.
"""

_EVALUATIONS = re.compile(r"evaluations (\d{1,9}) from (\d{1,9})", re.ASCII)
_Asked = Annotated[int, Meta(ge=0, le=2**53)]
_Seconds = Annotated[float, Meta(ge=0, le=1e300)]


@dataclass
class Recorded:
    """The attributes of a study.

    Attributes:
        evaluations: by child and replicate, in the order in which they were recorded.
        parameters: names of the on/off parameters and of the width; None in a new study.
        asked: number of trials in complete rounds.
        seconds: totals that survive restarts, by name.
    """

    evaluations: dict[tuple[Key, int], Evaluation] = field(default_factory=dict)
    parameters: tuple[str, ...] | None = None
    asked: int = 0
    seconds: dict[str, float] = field(default_factory=dict)


def evaluations_key(replicate: int, n_before: int) -> str:
    """Return the name of the attribute with evaluations that were trained together.

    Args:
        replicate: see `SearchStudy.record`.
        n_before: number of evaluations recorded before; a reader notices when one is missing.
    """
    return f"evaluations {replicate} from {n_before}"


def read_recorded(attributes: Iterable[tuple[str, str]]) -> Recorded:
    """Read the attributes of a study: names, and values in JSON.

    Raises:
        ValueError: one is malformed, or evaluations are missing or recorded twice.
    """
    recorded = Recorded()
    parts: list[tuple[int, int, list[tuple[Key, Evaluation]]]] = []
    for key, content in attributes:
        value = _value(key, content)
        match = _EVALUATIONS.fullmatch(key)
        if match:
            pairs = [read_keyed(record) for record in to_type(value, list[Any], key)]
            parts.append((int(match[2]), int(match[1]), pairs))
        elif key == PARAMETERS:
            recorded.parameters = to_type(value, tuple[str, ...], key)
        elif key == ASKED:
            recorded.asked = to_type(value, _Asked, key)
        elif key.startswith(SECONDS):
            recorded.seconds[key.removeprefix(SECONDS)] = to_type(value, _Seconds, key)
        else:
            raise ValueError(f"it has an unknown attribute {shown(key)}")
    for start, replicate, pairs in sorted(parts, key=lambda part: part[0]):
        if start != len(recorded.evaluations):
            raise ValueError("evaluations are missing")
        for child, evaluation in pairs:
            if (child, replicate) in recorded.evaluations:
                raise ValueError("an evaluation is recorded twice")
            recorded.evaluations[child, replicate] = evaluation
    return recorded


def _value(key: str, content: str) -> Any:
    if sum(content.count(mark) for mark in "[{,") > MOST_VALUES:
        raise ValueError(f"{shown(key)} has more than {MOST_VALUES:,} values")
    return parse(content.encode(), shown(key), allow_nan=True)
