"""A page that shows, for each symmetry, the sample with the largest equivariance error."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import plotly.graph_objects as go
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from autoequivariant.files import write_atomically
from autoequivariant.inference.verify_foreign import ForeignVerification
from autoequivariant.nn.any_model.records import MeasuredSymmetry
from autoequivariant.report.figures.worst import outputs_figure, samples_figure
from autoequivariant.report.page.write import environment
from autoequivariant.report.render.foreign_text import error_text

MOST_DRAWN = 12


@dataclass(frozen=True)
class Drawn:
    """A symmetry on the page.

    Attributes:
        name: of the symmetry.
        line: what was measured, as a sentence.
        samples, outputs: the two figures.
    """

    name: str
    line: str
    samples: go.Figure
    outputs: go.Figure


def write_worst(found: ForeignVerification, out: Path, option: str = "--out") -> None:
    """Write the page as one file that loads nothing.

    Args:
        found: what it shows.
        out: the file.
        option: that names the file, for messages.

    Raises:
        RunError: the file cannot be written.
    """
    write_atomically(out, worst_html(found).encode(), option)


def worst_html(found: ForeignVerification) -> str:
    """Return the page; of many symmetries it shows the twelve with the largest errors."""
    largest = sorted(found.errors, key=lambda one: -one.error)[:MOST_DRAWN]
    drawn = [_drawn(found, one) for one in largest]
    left_out = len(found.errors.symmetries) - len(drawn)
    return (
        environment()
        .get_template("worst.html")
        .render(found=found, drawn=drawn, left_out=left_out, plotly=Markup(get_plotlyjs()))
    )


def _drawn(found: ForeignVerification, one: MeasuredSymmetry) -> Drawn:
    worst = one.worst
    changed = "" if one.changed is None else f" The predicted class changes for {one.changed:.1%}."
    both = {"float32": one.float32, "float64": one.float64}
    errors = [f"{error_text(e)} in {dtype}" for dtype, e in both.items() if e is not None]
    return Drawn(
        one.name,
        f"Error {' and '.join(errors)}: "
        f"{'holds' if one.holds else 'does not hold'}.{changed} Sample "
        f"{found.row_of(one):,} has the largest deviation.",
        samples_figure(found.kind, worst.sample, worst.moved_sample, found.columns),
        outputs_figure(found.outputs, worst.expected, worst.moved_output),
    )
