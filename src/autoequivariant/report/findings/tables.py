"""The tables of a search, each built once for the terminal and the page."""

from __future__ import annotations

from collections.abc import Sequence

from autoequivariant.report.findings.rivals import RivalFindings
from autoequivariant.report.findings.summary import Comparison, Findings
from autoequivariant.report.findings.symmetries.ablation import Ablated
from autoequivariant.report.findings.symmetries.effects import Difference, Effect
from autoequivariant.report.findings.table import Column, Table, columns
from autoequivariant.report.findings.test_scores import TestFindings
from autoequivariant.report.render.formatting import (
    counted,
    gap,
    gap_interval,
    interval,
    named,
    percent,
    score,
    unit_of_gap,
)

BALANCED = "balanced"


def leading_table(found: Findings) -> Table:
    """Return the leading networks, or the Pareto front."""
    front = f"Pareto front of {found.metric} and parameters"
    has_implied = any(len(row.symmetries) > len(row.generators) for row in found.leaders)
    widths = [found.width_name] if found.width_name else []
    return Table(
        f"{front if found.on_front else 'Leading networks'}, on {found.validation_size:,} "
        "validation samples",
        columns(["symmetries"], [*widths, "parameters", "validation", "95% interval"]),
        tuple(
            (
                named(row.symmetries, row.generators, row.augmentations),
                *([str(row.width)] if widths else []),
                f"{row.n_parameters:,}",
                score(row.score, found.metric),
                interval(row.interval, found.metric),
            )
            for row in found.leaders
        ),
        ("(+n): n more candidates follow from those named.",) if has_implied else (),
    )


def finalists_table(comparison: Comparison, metric: str) -> Table:
    """Return the comparison of the finalists."""
    by = comparison.compared_by
    pruned = f"{counted(comparison.pruned, 'network')} pruned: clearly behind after fewer folds."
    return Table(
        "Finalists, the chosen one marked",
        columns(["symmetries"], ["parameters", "folds", metric, _behind_title(by, metric)]),
        tuple(
            (
                row.name,
                f"{row.n_parameters:,}",
                str(row.folds),
                score(row.score, metric),
                "best" if row.is_best else f"{gap(row.behind, by)} ± {gap(row.standard_error, by)}",
            )
            for row in comparison.rows
        ),
        tuple(
            filter(None, (comparison.grounds, pruned * bool(comparison.pruned), comparison.verdict))
        ),
        next((k for k, row in enumerate(comparison.rows) if row.is_chosen), None),
    )


def _behind_title(by: str, metric: str) -> str:
    return "behind the best" if by == metric else f"behind in {by}"


def ablation_table(rows: Sequence[Ablated], loss: str) -> Table:
    """Return how much the loss of the chosen network rises without each symmetry."""
    return Table(
        f"How much the {loss} rises without each symmetry, on the same samples",
        columns(["without"], ["parameters", "rise", "95% interval"]),
        tuple(
            (
                row.name,
                f"{row.n_parameters:,}",
                gap(row.lost, loss),
                gap_interval(row.interval, loss),
            )
            for row in rows
        ),
    )


def rivals_table(rivals: RivalFindings, metric: str) -> Table:
    """Return the chosen network among its rivals.

    For unbalanced classes, balanced accuracies stand in for the intervals of the accuracies: a
    terminal has no room for both.
    """
    ahead = f"{unit_of_gap(metric)} ahead"
    samples = max(row.samples for row in rivals.rows)
    beside = BALANCED if rivals.is_unbalanced else "95% interval"
    return Table(
        f"The chosen network and its rivals on {samples:,} test samples, used once by each",
        columns(["network"], ["parameters", "seconds", metric, beside, ahead]),
        tuple(
            (
                row.name,
                "–" if row.n_parameters is None else f"{row.n_parameters:,}",
                f"{row.seconds:.1f}",
                score(row.score, metric),
                _share(row.balanced_accuracy)
                if rivals.is_unbalanced
                else interval(row.interval, metric),
                f"{gap(row.ahead, metric)} ({gap_interval(row.ahead_interval, metric)})"
                if number
                else "",
            )
            for number, row in enumerate(rivals.rows)
        ),
        rivals.notes,
        marked=0,
    )


def test_table(test: TestFindings, metric: str) -> Table:
    """Return the chosen network and the baseline on test."""
    balanced = [BALANCED] if test.balance else []
    return Table(
        f"On {test.samples:,} test samples, used once",
        columns(["network"], ["parameters", metric, "95% interval", *balanced]),
        tuple(
            (
                row.name,
                f"{row.n_parameters:,}",
                score(row.score, metric),
                interval(row.interval, metric),
                *(_share(row.balanced_accuracy) for _ in balanced),
            )
            for row in test.rows
        ),
        marked=0,
    )


def _share(value: float | None) -> str:
    return "–" if value is None else percent(value)


def effects_table(effects: tuple[Effect, ...], metric: str) -> Table:
    """Return the effects of each candidate."""
    unit = unit_of_gap(metric)
    return Table(
        "Effects, with 95% intervals",
        (
            *columns(["candidate"], [f"main effect ({unit})", f"averaged effect ({unit})"]),
            Column("measured on"),
        ),
        tuple(
            (e.name, _difference(e.main, metric), _difference(e.averaged, metric), _source(e))
            for e in effects
        ),
    )


def _difference(found: Difference | None, metric: str) -> str:
    if found is None:
        return "–"
    if found.mean == 0 and found.interval[0] == found.interval[1]:
        return "no prediction differs"
    bounds = gap_interval(found.interval, metric, signed=True)
    return f"{gap(found.mean, metric, signed=True)} ({bounds})"


def _source(effect: Effect) -> str:
    parts = [effect.reason]
    if effect.main is not None:
        folds = counted(effect.main.folds, "fold") if effect.main.folds else "the search"
        parts = [f"main: {folds}, {effect.main.samples:,} samples"]
    if effect.averaged is not None:
        pairs = counted(effect.averaged.pairs, "pair")
        parts.append(f"averaged: {pairs} of the search, {effect.averaged.samples:,} samples")
    return "; ".join(parts)
