"""What proposals do, by the names of columns."""

from collections.abc import Sequence

from autoequivariant.groups.custom.definition import DataSpec, resolve
from autoequivariant.groups.custom.proposal import Proposal
from autoequivariant.groups.domain import Features
from autoequivariant.groups.permutation import Permutation
from autoequivariant.proposing.names.draft import Draft


def actions(
    proposals: Sequence[Proposal],
    columns: Sequence[str],
    outputs: Sequence[str] = ("no", "yes"),
    has_classes: bool = True,
    categories: Sequence[tuple[str, ...]] = (),
) -> dict[str, tuple[Permutation, Permutation | None]]:
    """The actions on columns and outputs by the name of the candidate; all resolve together."""
    domain = Features(len(columns))
    spec = DataSpec(
        domain, tuple(columns), 1, tuple(outputs), has_classes, categories=tuple(categories)
    )
    found = resolve([proposal.candidate for proposal in proposals], spec)
    assert len(found) == len(proposals)
    return {
        str(one): (
            one.action(domain),
            one.output_action(len(outputs)) if one.custom and one.custom.outputs else None,
        )
        for one in found
    }


def moves(proposal: Proposal, columns: Sequence[str], **rest: object) -> dict[str, str]:
    """Where each column goes that moves."""
    ((action, _),) = actions([proposal], columns, **rest).values()  # type: ignore[arg-type]
    return {
        columns[start]: columns[end]
        for start, end in enumerate(action.image.tolist())
        if start != end
    }


def draft_moves(draft: Draft, columns: Sequence[str]) -> dict[str, str]:
    """Where each column goes that a draft moves."""
    return {
        columns[start]: columns[end]
        for cycle in draft.cycles
        for start, end in zip(cycle, (*cycle[1:], cycle[0]), strict=True)
    }
