"""The sections that show what a search found: sentences, tables and figures."""

from __future__ import annotations

from autoequivariant.report.figures.augmentations import augmented
from autoequivariant.report.figures.hasse import FEW, hasse
from autoequivariant.report.figures.importance import importance
from autoequivariant.report.figures.progress import course
from autoequivariant.report.figures.scatter import scatter
from autoequivariant.report.findings.ablation import ALLOWED, LEFT_OUT, SHOWN, TOGETHER
from autoequivariant.report.findings.report import Report
from autoequivariant.report.findings.summary import Findings
from autoequivariant.report.page.markup import Column, Section, chart, note, paragraph, table
from autoequivariant.report.render.formatting import (
    counted,
    gap,
    gap_interval,
    interval,
    named,
    score,
)
from autoequivariant.report.render.symmetry_names import listed

LEAST_WIDTH_OF_A_NODE = 22
"""Pixels in the widest level of a diagram; where there are fewer the figure scrolls."""

LEAST_WIDTH_OF_A_NAME = 104
"""The same where names stand beside the nodes."""


def summary(report: Report) -> Section:
    """Return the three sentences, and what should not be overlooked."""
    said = report.sentences
    body = paragraph(f"{said.searched} {said.found} {said.meaning}", "lead")
    notes = list(report.warnings)
    if report.findings.test is None:
        notes.insert(
            0,
            "This search is not finished: no network is chosen yet. Give the command of the last "
            "section again to go on with it, and write the report anew.",
        )
    if report.missing is not None:
        notes.append(
            "The data could not be read as they were, so there are no pictures of samples here. "
            f"{report.missing}"
        )
    if report.findings.test is not None and report.findings.test.warning is not None:
        notes.append(f"Warning: {report.findings.test.warning}")
    return Section("summary", "What was found", body + "".join(map(note, notes)))


def n_parameters(report: Report) -> Section:
    """Return the score against the number of weights."""
    metric = report.findings.metric
    caption = (
        f"Each point is a network that was trained, once, in the search: its {metric} on "
        f"{report.findings.validation_size:,} validation samples against its number of weights. "
        "The line is the front: no network left of it or level with it is better. Point at a "
        "network to read its symmetries."
    )
    label = f"Validation {metric} of {len(report.networks)} networks by their number of weights"
    body = chart("chart-weights", label, caption)
    figures = (("chart-weights", scatter(report.networks, metric)),)
    return Section("parameters", f"{metric.capitalize()} against weights", body, figures)


def lattice(report: Report) -> Section:
    """Return the Hasse diagram, and groups with augmentations where those were searched."""
    metric, diagram = report.findings.metric, report.lattice
    what = "groups" if report.augmented else "distinct sets of symmetries"
    hidden = ""
    if diagram.hidden is None:
        hidden = (
            " There are more than were counted: only those that were trained, and those of one "
            "symmetry, are shown."
        )
    elif diagram.hidden:
        hidden = f" {diagram.hidden:,} more, which were not trained, are not shown."
    caption = (
        f"The {len(diagram.nodes)} {what}, by how many of the candidates each network has. A line "
        "goes from a set to the next larger ones. Coloured: trained, by the best "
        f"{metric} of its networks; hollow: not trained, or given up early. Point at a node to "
        f"read its name.{hidden}"
    )
    levels = [node.y for node in diagram.nodes]
    widest = max(levels.count(level) for level in set(levels))
    label = f"Hasse diagram of {len(diagram.nodes)} {what}, coloured by {metric}"
    each = LEAST_WIDTH_OF_A_NODE if len(diagram.nodes) > FEW else LEAST_WIDTH_OF_A_NAME
    body = chart("chart-lattice", label, caption, min(1400, each * widest))
    figures = [("chart-lattice", hasse(diagram, metric))]
    if report.augmented is not None and report.augmented.sets:
        sets = len(report.augmented.sets)
        body += "<h3>Groups and augmentations</h3>" + chart(
            "chart-augmented",
            f"Best validation {metric} of each group with each of {sets} sets of augmentations",
            f"A row for each group, a column for each set of augmentations that was trained; "
            "below, a filled dot for each augmentation in the set. The colour is the best "
            f"{metric}; empty where the pair was not trained to the end.",
            20 * sets + 120,
        )
        figures.append(("chart-augmented", augmented(report.augmented, metric)))
    return Section("lattice", "The lattice", body, tuple(figures))


def progress(report: Report) -> Section:
    """Return the course of the search."""
    found = report.findings
    pruned = sum(network.is_pruned for network in report.networks)
    early = f" {counted(pruned, 'network')} given up early, marked by a cross." if pruned else ""
    caption = (
        f"{counted(found.trained, 'network')} in {found.seconds:.1f} s, proposed by the sampler "
        f"{report.sampler}, until {_until(found.end)}. The line is the best {found.metric} so far "
        f"of those trained to the end.{early}"
    )
    label = f"Validation {found.metric} of {len(report.networks)} networks in order of training"
    body = chart("chart-course", label, caption)
    figures = (("chart-course", course(report.networks, found.metric)),)
    return Section("course", "The course of the search", body, figures)


def _until(end: str) -> str:
    return "it was interrupted" if end == "interrupted" else end


def tables(report: Report) -> Section:
    """Return the leading table, the comparison, the test and what matters most."""
    parts = [_leading(report)]
    figures = []
    found = report.findings
    if found.comparison is not None and found.test is not None:
        parts += [_comparison(report), _test(report)]
    else:
        parts.append(
            paragraph("No networks were compared with other seeds yet; test was not used.")
        )
    if found.importance:
        caption = (
            f"Share of each in the variance of validation {found.metric} (fANOVA over the networks "
            "that were trained to the end). arXiv 2104.04848 finds that the group matters most."
        )
        parts.append("<h3>What matters most</h3>")
        parts.append(chart("chart-importance", "Importance of each parameter", caption))
        figures.append(("chart-importance", importance(found.importance)))
    return Section("tables", "Tables", "".join(parts), tuple(figures))


def _leading(report: Report) -> str:
    found = report.findings
    front = f"{found.metric.capitalize()} against weights: the front"
    columns = [Column("symmetries")]
    columns += [Column(found.width_name, True)] if found.width_name else []
    columns += [Column(t, True) for t in ("parameters", "validation", "95% interval")]
    rows = [
        [
            named(row.symmetries, row.generators, row.augmentations),
            *([str(row.width)] if found.width_name else []),
            f"{row.n_parameters:,}",
            score(row.score, found.metric),
            interval(row.interval, found.metric),
        ]
        for row in found.leaders
    ]
    title = front if found.on_front else "Leading networks"
    text = table(f"{title}, on {found.validation_size:,} validation samples", columns, rows)
    if found.has_implied:
        text += paragraph("(+n): n more candidates follow from those named.", "soft")
    return text


def _comparison(report: Report) -> str:
    found, comparison = report.findings, report.findings.comparison
    if comparison is None:
        return ""
    metric = found.metric
    rows = [
        [
            row.name,
            f"{row.n_parameters:,}",
            score(row.score, metric),
            "best"
            if row.is_best
            else f"{gap(row.behind, metric)} ± {gap(row.standard_error, metric)}",
            str(row.folds),
        ]
        for row in comparison.rows
    ]
    columns = [Column("symmetries")]
    columns += [Column(t, True) for t in ("parameters", metric, "behind the best", "trainings")]
    parts = ["<h3>The comparison of the finalists</h3>", paragraph(comparison.grounds)]
    marks = [row.is_chosen for row in comparison.rows]
    parts.append(table("Finalists, the chosen one marked", columns, rows, marks))
    if comparison.verdict is not None:
        chosen = next(row.name for row in comparison.rows if row.is_chosen)
        parts.append(paragraph(f"{comparison.verdict} {chosen}."))
        if comparison.pruned:
            parts.append(
                paragraph(
                    f"{counted(comparison.pruned, 'network')} given up early: clearly behind "
                    "another after fewer trainings.",
                    "soft",
                )
            )
    parts.append(_ablation(found))
    if found.meaning is not None:
        parts.append(paragraph(found.meaning))
    return "".join(parts)


def _ablation(found: Findings) -> str:
    if not found.ablation.rows:
        return ""
    rows = [
        [
            row.name,
            f"{row.n_parameters:,}",
            f"{gap(row.lost, found.metric)} ({gap_interval(row.interval, found.metric)})",
        ]
        for row in found.ablation.rows
    ]
    columns = [Column("without")]
    columns += [Column(t, True) for t in ("parameters", f"{found.metric} lost, 95% interval")]
    parts = [table(f"The chosen network: {LEFT_OUT.lower()}", columns, rows)]
    if found.ablation.shown:
        parts.append(paragraph(f"{SHOWN.capitalize()}: {listed(found.ablation.shown)}."))
    if found.ablation.allowed and found.ablation.verdict != TOGETHER:
        parts.append(paragraph(f"{ALLOWED.capitalize()}: {listed(found.ablation.allowed)}."))
    return "".join(parts)


def _test(report: Report) -> str:
    found, test = report.findings, report.findings.test
    if test is None:
        return ""
    rows = [
        [
            row.name,
            f"{row.n_parameters:,}",
            score(row.score, found.metric),
            interval(row.interval, found.metric),
        ]
        for row in test.rows
    ]
    columns = [Column("network")]
    columns += [Column(t, True) for t in ("parameters", "test", "95% interval")]
    marks = [number == 0 for number in range(len(rows))]
    text = "<h3>On test</h3>"
    text += table(f"On {test.samples:,} test samples, used once", columns, rows, marks)
    if test.error is not None:
        error, worst = test.error
        text += paragraph(
            f"Largest equivariance error of {test.measured}: {error:.0e} ({worst}, float32)."
        )
    return text
