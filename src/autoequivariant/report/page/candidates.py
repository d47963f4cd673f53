"""The sections about candidates and weights: what each does, its effect, what is shared, and how to
make the run again.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np
import plotly.graph_objects as go

from autoequivariant.report.figures.effects import effects
from autoequivariant.report.findings.candidate_moves import Move, Moves, Shown
from autoequivariant.report.findings.effects import Difference
from autoequivariant.report.findings.report import Report
from autoequivariant.report.page.colours import coloured
from autoequivariant.report.page.markup import (
    Column,
    Section,
    chart,
    letters,
    lines,
    paragraph,
    picture,
    sample_picture,
    table,
)
from autoequivariant.report.render.formatting import counted, gap, percent, unit_of_gap

_HOW = (
    "Alone: the network that has this one symmetry against the plain network, on the same "
    "validation samples; where both were trained again for the comparison, on the samples of "
    "those trainings. In company: the mean over all pairs of trained networks that differ in "
    "this alone. Each interval is the mean of the paired differences over samples, plus and minus "
    "1.96 standard errors. It speaks of other samples of the same kind, not of other seeds: a "
    "network was trained once for each number here, unless further trainings are named. The "
    "comparison ended early for networks that were clearly behind, and the sampler decided which "
    "pairs there are: neither is corrected for. Of "
    "many intervals of 95% one in twenty misses."
)


def candidates(report: Report) -> Section:
    """Return what each candidate does to a sample, and to the score."""
    body = _moves(report.moves)
    metric = report.findings.metric
    body += f"<h3>The effect of each on {escape(metric)}</h3>"
    known = [e for e in report.effects if e.alone or e.company]
    parts: tuple[tuple[str, go.Figure], ...] = ()
    if known:
        caption = f"Effect on validation {metric}, with 95% intervals. {_HOW}"
        body += chart("chart-effects", f"Effect of {len(known)} candidates on {metric}", caption)
        parts = (("chart-effects", effects(known, metric)),)
    else:
        body += paragraph(f"No pair of networks was trained that shows it. {_HOW}")
    unit = unit_of_gap(metric)
    columns = [Column("candidate"), Column(f"alone ({unit})", True)]
    columns += [Column(f"in company ({unit})", True), Column("made from")]
    rows = [
        [
            e.name,
            _difference(e.alone, metric),
            _difference(e.company, metric),
            _source(e.alone, e.reason, e.company),
        ]
        for e in report.effects
    ]
    body += table("Effects, with 95% intervals", columns, rows)
    return Section("candidates", "What each candidate does", body, parts)


def _difference(found: Difference | None, metric: str) -> str:
    if found is None:
        return "–"
    if found.mean == 0 and found.interval[0] == found.interval[1]:
        return "no answer differs"
    low, high = (gap(bound, metric, signed=True) for bound in found.interval)
    return f"{gap(found.mean, metric, signed=True)} ({low} to {high})"


def _source(alone: Difference | None, reason: str, company: Difference | None) -> str:
    parts = [reason]
    if alone is not None:
        times = counted(alone.folds, "further training") if alone.folds else "the search"
        parts = [f"alone: {times}, {alone.samples:,} samples"]
    if company is not None:
        pairs = counted(company.pairs, "pair")
        parts.append(f"in company: {pairs} of the search, {company.samples:,} samples")
    return "; ".join(parts)


def _moves(moves: Moves) -> str:
    """Cards, one for each candidate."""
    intro = f"Shown on {moves.sample}." if moves.sample else ""
    limits = _limits(moves)
    broad = " broad" if moves.kind != "picture" else ""
    cards = "".join(_card(move, moves, limits) for move in moves.moves)
    return paragraph(intro, "soft") * bool(intro) + f'<div class="cards{broad}">{cards}</div>'


def _card(move: Move, moves: Moves, limits: tuple[float, float]) -> str:
    drawn = ""
    if move.after:
        before = _drawn(moves.before, moves.kind, limits, f"the sample before {move.name}")
        after = _drawn(move.after, moves.kind, limits, f"the sample after {move.name}")
        if moves.kind == "picture":
            drawn = f'<div class="pair">{before}<span aria-hidden="true">→</span>{after}</div>'
        else:
            drawn = f"<p>before</p>{before}<p>after</p>{after}"
    what = "columns" if moves.kind == "columns" else "places"
    share = "" if move.share is None else f" {percent(move.share)} of all {what} change."
    text = f"{move.does[:1].upper()}{move.does[1:]}.{share}"
    columns = "".join(f"<p>{escape(cycle)}</p>" for cycle in move.columns)
    heading = f"<h4>{escape(move.name).replace('_', '_<wbr>')}</h4>"
    columns = columns if moves.kind == "columns" or not move.after else ""
    others = "".join(f"<p>{escape(sentence)}</p>" for sentence in move.others)
    return f'<div class="card">{heading}{drawn}<p>{escape(text)}</p>{columns}{others}</div>'


def _drawn(shown: Shown, kind: str, limits: tuple[float, float], alt: str) -> str:
    if kind == "lines":
        return lines(shown[0], limits, alt)
    if kind == "letters":
        return letters(shown[0], alt)
    if kind == "picture":
        return sample_picture(shown[0], alt)
    slices = [sample_picture(one, f"{alt}, slice {k}") for k, one in enumerate(shown, 1)]
    return f'<div class="stack">{"".join(slices)}</div>'


def _limits(moves: Moves) -> tuple[float, float]:
    """Of all curves together, so that before and after can be compared."""
    if moves.kind != "lines" or not moves.before:
        return 0.0, 1.0
    every = [moves.before[0], *(move.after[0] for move in moves.moves if move.after)]
    return float(min(map(np.min, every))), float(max(map(np.max, every)))


def sharing(report: Report) -> Section:
    """Return the pictures of shared weights."""
    if not report.sharing:
        return Section("sharing", "Shared weights", paragraph("There is no picture of these."))
    whose = "best network so far" if report.findings.test is None else "chosen network"
    intro = paragraph(
        f"Which weights of the {whose} are one: each free weight has a colour, of one pair of "
        "channels. Where there are many, colours run through the spectrum in the order of the "
        "weights. Grey entries are forced to zero."
    )
    maps = "".join(
        f"<figure><h3>{escape(m.title[:1].upper() + m.title[1:])}</h3>"
        f"{picture(coloured(m.index), m.title + ': ' + m.caption)}"
        f"<figcaption>{escape(m.caption)}</figcaption></figure>"
        for m in report.sharing
    )
    return Section("sharing", "Shared weights", f'{intro}<div class="maps sharing">{maps}</div>')


def again(report: Report) -> Section:
    """Return settings, versions and the command."""
    found = report.again
    body = paragraph("This command searches again, or goes on where the search was:")
    body += f"<pre><code>{escape(found.command)}</code></pre>"
    for name, content in found.files:
        body += paragraph(f"with this in the file {name}:")
        body += f"<pre><code>{escape(content)}</code></pre>"
    pairs: Sequence[tuple[str, Sequence[tuple[str, str]]]] = (
        ("Settings, as they were decided", found.settings),
        (
            f"Versions that wrote this report (the search: autoequivariant {found.version})",
            found.versions,
        ),
    )
    for title, rows in pairs:
        columns = [Column("what"), Column("value")]
        body += table(title, columns, [list(row) for row in rows])
    return Section("again", "To run it again", body)
