"""The whole page: sections put into the template, with the script that draws the figures."""

from __future__ import annotations

from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template

from plotly.offline import get_plotlyjs

from autoequivariant.files import write_atomically
from autoequivariant.report.findings.report import Report, report_of
from autoequivariant.report.page.candidates import again, candidates, sharing
from autoequivariant.report.page.markup import data_of
from autoequivariant.report.page.sections import lattice, n_parameters, progress, summary, tables
from autoequivariant.runs.replay import replay_run
from autoequivariant.runs.run import open_run

REPORT = "report.html"
_SECTIONS = (summary, n_parameters, lattice, candidates, sharing, progress, tables, again)
_FOLDER = "autoequivariant.report.page"


def write_report(folder: Path | str, out: Path | None = None) -> Path:
    """Write the report of a run as one file that loads nothing; return its path.

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
    sections = [make(report) for make in _SECTIONS]
    data = [data_of(anchor, figure) for section in sections for anchor, figure in section.figures]
    links = [f'<li><a href="#{s.anchor}">{escape(s.title)}</a></li>' for s in sections]
    version = dict(report.again.versions)["autoequivariant"]
    return Template(_text("template.html")).substitute(
        title=escape(f"{report.title}: symmetries"),
        heading=escape(report.title),
        css=_text("page.css"),
        contents="\n".join(links),
        sections="\n".join(
            f'<section id="{s.anchor}"><h2>{escape(s.title)}</h2>\n{s.body}\n</section>'
            for s in sections
        ),
        footer=escape(f"Written by autoequivariant {version}."),
        data="\n".join(data),
        plotly=get_plotlyjs(),
        js=_text("page.js"),
    )


def _text(name: str) -> str:
    return files(_FOLDER).joinpath(name).read_text("utf-8")
