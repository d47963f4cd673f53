"""The page: a report put into the templates beside this file."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from autoequivariant.files import write_atomically
from autoequivariant.report.findings.report import Report, report_of
from autoequivariant.report.page import filters
from autoequivariant.report.page.charts import charts_of
from autoequivariant.report.page.colours import coloured
from autoequivariant.report.render.formatting import counted, percent
from autoequivariant.runs.replay import replay_run
from autoequivariant.runs.run import open_run

REPORT = "report.html"


def write_report(folder: Path | str, out: Path | None = None) -> Path:
    """Write the report of a run as one file that loads nothing, and return its path.

    Args:
        folder: of the run.
        out: the file. Default: `report.html` in the run's folder.

    Raises:
        AutoequivariantError: the run cannot be read, or the file cannot be written.
    """
    run = open_run(folder, needs_results=False)
    path = run.folder / REPORT if out is None else out
    with replay_run(run) as record:
        content = report_html(report_of(record))
    write_atomically(path, content.encode())
    return path


def report_html(report: Report) -> str:
    """Return the page."""
    return (
        environment()
        .get_template("page.html")
        .render(
            report=report,
            found=report.findings,
            charts=charts_of(report),
            limits=filters.limits_of(report.moves),
            version=dict(report.rerun.versions)["autoequivariant"],
            plotly=Markup(get_plotlyjs()),
        )
    )


def environment() -> Environment:
    """Return the templates beside this file, with their filters."""
    loader = PackageLoader("autoequivariant.report", "page")
    found = Environment(
        loader=loader,
        autoescape=True,
        finalize=filters.shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    own = (
        *(filters.png, filters.smaller, filters.polylines, filters.letters, filters.figure_json),
        *(filters.whole_words, filters.breakable, coloured, counted, percent),
    )
    found.filters |= {function.__name__: function for function in own}
    return found
