"""Everything that a report shows, computed before it is rendered."""

from __future__ import annotations

from dataclasses import dataclass

from autoequivariant.evidence.verdict import Verdict
from autoequivariant.nn.sharing_map import SharingMap
from autoequivariant.report.findings.augmentations import Augmented, augmented_of
from autoequivariant.report.findings.headline import Sentences, sentences_of
from autoequivariant.report.findings.networks import NetworkRow, trained_networks
from autoequivariant.report.findings.rerun import Rerun, rerun_of
from autoequivariant.report.findings.summary import Findings, findings_of
from autoequivariant.report.findings.symmetries.candidate_moves import Moves, moves_of
from autoequivariant.report.findings.symmetries.effects import Effect, effects_of
from autoequivariant.report.findings.symmetries.hasse import Hasse, hasse_of
from autoequivariant.report.findings.table import Table, columns
from autoequivariant.report.findings.tables import (
    ablation_table,
    effects_table,
    finalists_table,
    leading_table,
    rivals_table,
    test_table,
)
from autoequivariant.runs.replay import Replay
from autoequivariant.searching.named import child_of


@dataclass(frozen=True, eq=False)
class Report:
    """What a report shows.

    Attributes:
        title: name of the data set.
        findings: what the terminal prints, too.
        sentences: what was searched and found.
        sampler: of the search.
        networks: all that were trained, in order.
        lattice: the closed states.
        augmented: groups with augmentations; None if none were searched.
        effects, moves: of each candidate.
        sharing: shared weights of the chosen network, or of the best so far.
        rerun: how to repeat the search.
        warnings: what the user should know.
        missing: why the data could not be read; None if they were.
        tables: every table, by what it shows.
        verdicts: on each candidate; empty if the data were not asked.
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
    rerun: Rerun
    warnings: tuple[str, ...]
    missing: str | None
    tables: dict[str, Table]
    verdicts: tuple[Verdict, ...]


def report_of(record: Replay) -> Report:
    """Return everything that the report of a run shows."""
    outcome, problem = record.outcome, record.outcome.problem
    findings = findings_of(outcome)
    networks = trained_networks(outcome, record.study)
    effects = effects_of(problem, record.study)
    rerun = rerun_of(record.run, problem)
    return Report(
        problem.card.name,
        findings,
        sentences_of(problem, findings),
        outcome.results.sampler,
        networks,
        hasse_of(problem, networks),
        augmented_of(problem, networks),
        effects,
        moves_of(problem, None if record.experiment is None else record.experiment.data),
        problem.family.sharing_maps(child_of(problem, outcome.results.best)),
        rerun,
        outcome.results.warnings,
        record.data_error,
        _tables(findings, effects, rerun),
        outcome.results.verdicts if problem.settings.tests else (),
    )


def _tables(found: Findings, effects: tuple[Effect, ...], rerun: Rerun) -> dict[str, Table]:
    version = f"Versions that wrote this report (the search: autoequivariant {rerun.version})"
    tables = {
        "leading": leading_table(found),
        "effects": effects_table(effects, found.metric),
        "settings": Table(
            "Settings of the search", columns(["setting", "value"], []), rerun.settings
        ),
        "versions": Table(version, columns(["package", "version"], []), rerun.versions),
    }
    if found.comparison is not None:
        tables["finalists"] = finalists_table(found.comparison, found.metric)
    if found.test is not None and found.shows_test:
        tables["test"] = test_table(found.test, found.metric)
    if found.rivals.rows:
        tables["rivals"] = rivals_table(found.rivals, found.metric)
    if found.ablation:
        tables["ablation"] = ablation_table(found.ablation, found.loss)
    return tables
