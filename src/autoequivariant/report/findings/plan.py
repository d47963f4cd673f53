"""What a search is about to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from autoequivariant.data.split import DataSet
from autoequivariant.evidence.verdict import refuted
from autoequivariant.groups.domain import Grid
from autoequivariant.report.findings.coding import coding_sentence
from autoequivariant.report.render.formatting import counted
from autoequivariant.report.render.symmetry_names import listed
from autoequivariant.searching.data_card import DataCard
from autoequivariant.searching.problem import Problem
from autoequivariant.training.families.registry import KINDS

_MOST_NAMED = 5
_PLURALS: Mapping[str, str] = {"channels": "numbers of channels"}
_GOALS: Mapping[str, str] = {"score": "{}", "score,parameters": "{} and few parameters"}


@dataclass(frozen=True)
class Plan:
    """What a search is about to do, in phrases.

    Attributes:
        planted: names of planted symmetries; empty where there are none.
        space: numbers of candidates, states and closed states, kind of network and epochs.
        networks: their layers.
        sampler: the sampler, the metric, the budget and the seed.
        choice: how the kind of network was chosen; empty where the user chose it.
        coding: how the coding of columns of few whole numbers was chosen; empty without a choice.
        warnings: what the user should know first.
    """

    planted: str
    space: str
    networks: str
    sampler: str
    choice: str
    coding: str
    warnings: tuple[str, ...]


def plan_of(problem: Problem) -> Plan:
    """Return the plan of a search."""
    data, settings, family = problem.card, problem.settings, problem.family
    is_automatic = settings.network == "auto" and isinstance(data.domain, Grid)
    kind = family.kind.upper()
    goal = _GOALS[settings.objective].format(family.task.metric)
    return Plan(
        planted=listed(list(map(str, settings.plant))),
        space=f"{', '.join(searched(problem))}, {states(problem)}; {kind}s, "
        f"{counted(problem.training.epochs, 'epoch')}",
        networks=family.summary(problem.space.widths),
        sampler=f"{problem.sampler} sampler, {goal}, at most {settings.budget:,} networks, "
        f"seed {settings.seed}",
        choice=f"--network auto chose {kind}s, the default for {KINDS[family.kind].default_for}"
        if is_automatic
        else "",
        coding=coding_sentence(problem.coding, family.task.metric),
        warnings=problem.warnings,
    )


def data_of(data: DataCard) -> str:
    """Return the shape of a sample, the classes or targets, and the numbers of samples."""
    channels = f", {data.channels} channels" if data.channels > 1 else ""
    sizes = f"{data.train_size:,} train, {data.validation_size:,} validation, {data.test_size:,}"
    return f"{data.domain}{channels}, {asked(data)}; {sizes} test"


def searched(problem: Problem) -> list[str]:
    """Return what the states are made of, as in `12 candidates` and `6 augmentations`."""
    space = problem.space
    levels = [one.level for one in problem.candidates if one.level is not None]
    parts = [counted(len(problem.candidates) - len(levels), "candidate")]
    if space.excluded:
        n_refuted = len(refuted(problem.verdicts))
        undecided = len(space.excluded) - n_refuted
        counts = ((n_refuted, "refuted"), (undecided, "undecided and not searched"))
        parts[0] += f" ({', '.join(f'{n} {what}' for n, what in counts if n)})"
    if levels:
        kept = (
            f"level {levels[0]}"
            if len({*levels}) == 1
            else f"levels {min(levels)} to {max(levels)}"
        )
        parts.append(f"{counted(len(levels), 'partial candidate')} (up to {kept})")
    augmentations = len(space.names) - len(problem.candidates)
    if augmentations:
        parts.append(counted(augmentations, "augmentation"))
    if space.has_widths:
        name = problem.family.width_name
        parts.append(f"{len(space.widths)} {_PLURALS.get(name, f'{name}s')}")
    return parts


def states(problem: Problem) -> str:
    """Return the numbers of states and of closed states."""
    distinct = problem.space.size
    least = len(problem.space.children)
    closed = counted(least if distinct is None else distinct, "closed state")
    return f"{counted(problem.states, 'state')}, {'more than ' * (distinct is None)}{closed}"


def asked(data: DataCard | DataSet) -> str:
    """Return the number of classes, or the targets."""
    if data.classes:
        return f"{len(data.classes):,} classes"
    more = ", ..." if len(data.targets) > _MOST_NAMED else ""
    names = ", ".join(data.targets[:_MOST_NAMED]) + more
    return f"{counted(len(data.targets), 'target')} ({names})"
