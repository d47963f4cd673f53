"""All that a report shows, computed before anything is drawn."""

from __future__ import annotations

from dataclasses import dataclass

from autoequivariant.nn.sharing_map import SharingMap
from autoequivariant.report.findings.augmentations import Augmented, augmented_of
from autoequivariant.report.findings.candidate_moves import Moves, moves_of
from autoequivariant.report.findings.effects import Effect, effects_of
from autoequivariant.report.findings.hasse import Hasse, hasse_of
from autoequivariant.report.findings.headline import Sentences, sentences_of
from autoequivariant.report.findings.networks import NetworkRow, trained_networks
from autoequivariant.report.findings.rerun import Rerun, rerun_of
from autoequivariant.report.findings.summary import Findings, findings_of
from autoequivariant.runs.replay import Replay, child_of


@dataclass(frozen=True, eq=False)
class Report:
    """What a report shows.

    Attributes:
        title: what was searched, in a few words.
        findings: what the terminal prints, too.
        sentences: what was searched and found.
        sampler: what proposed the networks.
        networks: all that were trained, in their order.
        lattice: the closed states.
        augmented: groups with augmentations; None where none were searched.
        effects, moves: of each candidate.
        sharing: weights of the chosen network, or of the best so far.
        again: how to make it again.
        warnings: what the user should know.
        missing: why the data could not be read; None where they were.
    """

    title: str
    findings: Findings
    sentences: Sentences
    sampler: str
    networks: tuple[NetworkRow, ...]
    lattice: Hasse
    augmented: Augmented | None
    effects: tuple[Effect, ...]
    moves: Moves
    sharing: tuple[SharingMap, ...]
    again: Rerun
    warnings: tuple[str, ...]
    missing: str | None


def report_of(record: Replay) -> Report:
    """Return all that a report of a run shows."""
    outcome, problem = record.outcome, record.outcome.problem
    findings = findings_of(outcome)
    networks = trained_networks(outcome, record.study)
    return Report(
        problem.data.name,
        findings,
        sentences_of(outcome, findings),
        str(outcome.results["sampler"]),
        networks,
        hasse_of(problem, networks),
        augmented_of(problem, networks),
        effects_of(problem, record.study),
        moves_of(problem, record.missing is None),
        problem.family.sharing_maps(child_of(problem, outcome.results["best"])),
        rerun_of(record.run, problem),
        tuple(outcome.results.get("warnings", ())),
        record.missing,
    )
