"""What a fit of given symmetries trains, as phrases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autoequivariant.report.findings.coding import coding_sentence
from autoequivariant.report.findings.plan import asked
from autoequivariant.report.render.symmetry_names import listed
from autoequivariant.searching.experiment import Experiment
from autoequivariant.searching.fit.given import given_network


@dataclass(frozen=True)
class FitPlan:
    """What a fit is about to do, in phrases.

    Attributes:
        name: of the data set.
        data: shape of a sample, classes or targets, and numbers of samples.
        planted: names of planted symmetries; empty where there are none.
        given: the symmetries and augmentations, and which symmetries follow from the others.
        network: the kind of network; the fit sets widths, so numbers of parameters follow later.
        coding, warnings: as in `Plan`.
    """

    name: str
    data: str
    planted: str
    given: str
    network: str
    coding: str
    warnings: tuple[str, ...]


def fit_plan_of(experiment: Experiment) -> FitPlan:
    """Return what a fit trains."""
    problem = experiment.problem
    card, space = problem.card, problem.space
    network = given_network(problem)
    members, generators = network.child.members, space.smallest_generators(network.child)
    channels = f", {card.channels} channels" if card.channels > 1 else ""
    return FitPlan(
        name=card.name,
        data=f"{card.domain}{channels}, {asked(card)}; {experiment.known_size:,} samples to train "
        f"on, {card.test_size:,} to test",
        planted=listed(list(map(str, problem.settings.plant))),
        given=_given(
            problem.symmetries(members),
            problem.symmetries(generators),
            problem.augmentations(members),
        ),
        network=problem.family.kind.upper(),
        coding=coding_sentence(problem.coding, problem.family.task.metric),
        warnings=problem.warnings,
    )


def _given(
    symmetries: Sequence[str], generators: Sequence[str], augmentations: Sequence[str]
) -> str:
    follow = [name for name in symmetries if name not in generators]
    parts = [listed(symmetries) or "no symmetry"]
    if follow:
        verb = "follows" if len(follow) == 1 else "follow"
        parts[0] += f" ({listed(follow)} {verb} from {listed(generators)})"
    if augmentations:
        parts.append(f"augmentations {', '.join(augmentations)}")
    return "; ".join(parts)
