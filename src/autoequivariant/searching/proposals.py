"""The proposals of a search: made once, recorded, and taken from there by whoever resumes it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from autoequivariant.data.copies.find import Copies
from autoequivariant.data.copies.looked_at import rows_to_look_at, with_looked_at
from autoequivariant.data.samples import Samples
from autoequivariant.errors import AutoequivariantError, SymmetryError
from autoequivariant.evidence.verdict import Proposed, Verdict
from autoequivariant.groups.closure.layer_compatibility import CONTRADICTION
from autoequivariant.groups.custom.definition import DataSpec, candidate_of, resolve
from autoequivariant.groups.custom.proposal import Origin, Proposal, action_key
from autoequivariant.groups.domain import Domain
from autoequivariant.groups.symmetry import Symmetry
from autoequivariant.jsonio import to_type
from autoequivariant.proposing.propose import propose
from autoequivariant.searching.data_spec import data_spec
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.searching.storage.config_file import read_config
from autoequivariant.searching.storage.run_folder import CONFIG

KEY = "proposals"
"""Of the record in `config.json`."""
_ORIGINS: dict[str, tuple[Origin, ...]] = {
    "none": (),
    "names": ("names",),
    "data": ("data",),
    "all": ("names", "data"),
}


@dataclass(frozen=True)
class ProposalRecord:
    """A proposal as `config.json` holds it; attributes are as of `Proposal`."""

    candidate: Any
    source: Origin
    reason: str
    saw_labels: bool


def origins_of(settings: SearchSettings, domain: Domain) -> tuple[Origin, ...]:
    """Return where candidates come from that nobody listed.

    By default, nowhere beside listed ones; for images and volumes, which have candidates of their
    own, from names and shapes; for tables and sequences, from the data as well.
    """
    if settings.propose is not None:
        return _ORIGINS[settings.propose]
    if settings.symmetries is not None or settings.preset is not None or settings.given:
        return ()
    return _ORIGINS["names" if domain.kind in ("grid", "volume") else "all"]


def proposed_spec(
    samples: Samples,
    settings: SearchSettings,
    proposals: tuple[Proposal, ...] | None = None,
    all_known: bool = False,
) -> tuple[DataSpec, tuple[Proposal, ...]]:
    """Return what symmetries of some samples act on, with the proposed candidates.

    Args:
        samples: the data before they are split.
        settings: of the search.
        proposals: what an earlier process proposed, perhaps for other data, which it does not fit.
            Default: nothing yet, so it is proposed here.
        all_known: whether no samples are held out for a test.
    """
    spec = data_spec(samples)
    if proposals is not None:
        with suppress(SymmetryError):
            return _with(spec, proposals), proposals
    proposals = _proposed(settings, samples, spec, all_known)
    return _with(spec, proposals), proposals


def _with(spec: DataSpec, proposals: Sequence[Proposal]) -> DataSpec:
    found = resolve([one.candidate for one in proposals], spec)
    for symmetry in found:
        action_key(symmetry, spec)  # raises if it is not defined on the samples
    return replace(spec, proposed=found)


def _proposed(
    settings: SearchSettings, samples: Samples, spec: DataSpec, all_known: bool
) -> tuple[Proposal, ...]:
    """Return proposals, each a `Symmetry`; without direct tests, no labels lead to any."""
    origins = origins_of(settings, samples.domain)
    rows = rows_to_look_at(samples, settings.seed, all_known) if settings.tests else None
    return propose(samples, spec, origins, rows, settings.seed) if origins else ()


def unseen(
    copies: Copies,
    proposals: Sequence[Proposal],
    samples: Samples,
    seed: int,
    all_known: bool = False,
) -> Copies:
    """Return copies that know which samples were looked at, if labels led to any proposal."""
    if not any(one.saw_labels for one in proposals):
        return copies
    return with_looked_at(copies, samples, seed, all_known)


def to_be_told(
    warnings: Sequence[str], proposals: Sequence[Proposal], settings: SearchSettings
) -> tuple[str, ...]:
    """Return warnings about candidates, without those that proposals alone cause.

    A proposal is often tried with and without a move of outputs, which contradict each other.
    """
    if not proposals or settings.symmetries:
        return tuple(warnings)
    return tuple(one for one in warnings if one != CONTRADICTION)


def nothing_proposed(settings: SearchSettings) -> str:
    """Return why a table has no candidates, and what to do, without a full stop."""
    looked = {
        "none": "With --propose none nothing is proposed",
        "names": "The names of the columns suggest no symmetry",
        "data": "The values of the columns suggest no symmetry",
    }
    neither = "Neither the names of the columns nor their values suggest a symmetry"
    why = looked.get(settings.propose or "all", neither)
    return f"{why}: name candidates with --symmetries, such as negate_column:0 or a YAML file"


def blind(candidates: Sequence[Symmetry], proposals: Sequence[Proposal]) -> list[bool]:
    """Return for each candidate whether labels led to it, so that its test must not see them."""
    found = {str(one.candidate) for one in proposals if one.saw_labels}
    return [str(one) in found for one in candidates]


def named_proposals(
    verdicts: Sequence[Verdict], proposals: Sequence[Proposal]
) -> tuple[Verdict, ...]:
    """Return verdicts that say why their candidates are tried, where nobody listed them."""
    found = {
        str(one.candidate): Proposed(one.source, one.reason, one.saw_labels) for one in proposals
    }
    return tuple(replace(one, proposed=found.get(one.name)) for one in verdicts)


def to_records(proposals: Sequence[Proposal]) -> list[dict[str, Any]]:
    """Return proposals as `config.json` holds them."""
    return [
        {
            "candidate": one.candidate.to_json(),
            "source": one.source,
            "reason": one.reason,
            "saw_labels": one.saw_labels,
        }
        for one in proposals
    ]


def recorded_proposals(folder: Path) -> tuple[Proposal, ...] | None:
    """Return what an earlier process proposed in a run's folder; None if nothing is recorded."""
    try:
        found: Any = read_config(folder / CONFIG).command.get(KEY)
        return None if found is None else proposals_from(found)
    except (AutoequivariantError, OSError, ValueError):
        return None  # `RunFolder` refuses what cannot be read


def proposals_from(records: Any) -> tuple[Proposal, ...]:
    """Read what `to_records` returned.

    Raises:
        ModelError, SymmetryError: it is something else.
    """
    found = to_type(records, tuple[ProposalRecord, ...], CONFIG)
    return tuple(
        Proposal(candidate_of(one.candidate), one.source, one.reason, one.saw_labels)
        for one in found
    )
