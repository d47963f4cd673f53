"""The page: what stands in it, whatever state a run is in."""

import html
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from plotly.offline import get_plotlyjs

from autoequivariant.errors import RunError, printable, printable_lines
from autoequivariant.evidence.verdict import Verdict
from autoequivariant.report.findings.report import report_of
from autoequivariant.report.page.write import REPORT, report_html, write_report
from autoequivariant.runs.replay import replay_run
from autoequivariant.runs.run import open_run
from autoequivariant.searching.run import search
from autoequivariant.searching.settings.settings import SearchSettings

SECTIONS = [
    "summary",
    "verdicts",
    "parameters",
    "lattice",
    "candidates",
    "sharing",
    "progress",
    "tables",
    "rerun",
]


def page_of(folder: Path, out: Path | None = None) -> str:
    return write_report(folder, out).read_text("utf-8")


def copy_of(folder: Path, target: Path, *without: str) -> Path:
    target.mkdir()
    for path in folder.iterdir():
        if path.name not in without:
            (target / path.name).write_bytes(path.read_bytes())
    return target


def test_a_finished_run(run_folder: Path, tmp_path: Path) -> None:
    page = page_of(run_folder, tmp_path / "page.html")
    assert re.findall(r'<section id="(\w+)">', page) == SECTIONS
    results = json.loads((run_folder / "results.json").read_text())
    assert f"{100 * results['best']['test_score']:.1f}%" in page
    assert f"{results['baseline']['n_parameters']:,}" in page
    command = "aen search digits --symmetries rot90,hflip,vflip,translate_x:2 --plant hflip"
    assert command in page
    assert "is not finished" not in page
    assert page.count("data:image/png") > 8  # four pairs of samples, and weights
    for image in re.findall(r"<img [^>]*>", page):
        assert re.search(r'alt="[^"]+"', image)


def test_the_data_have_a_section_if_they_were_asked(run_folder: Path) -> None:
    with replay_run(open_run(run_folder)) as record:
        report = report_of(record)
    verdicts = (Verdict("</script><b>", "holds", "</script><b>"),)
    page = report_html(replace(report, verdicts=verdicts))
    assert 'href="#verdicts"' in page
    assert page.count("<b>") == report_html(report).count("<b>")
    not_asked = report_html(replace(report, verdicts=()))
    assert re.findall(r'<section id="(\w+)">', not_asked) == [
        s for s in SECTIONS if s != "verdicts"
    ]


def test_it_goes_into_the_folder_of_the_run(run_folder: Path, tmp_path: Path) -> None:
    folder = copy_of(run_folder, tmp_path / "run")
    assert write_report(folder) == folder / REPORT
    assert page_of(folder) == page_of(folder)


@pytest.mark.parametrize("without", ["results.json", None])
def test_an_interrupted_run(run_folder: Path, tmp_path: Path, without: str | None) -> None:
    folder = copy_of(run_folder, tmp_path / "run", *([without] if without else []))
    if without is None:
        results = json.loads((folder / "results.json").read_text())
        results |= {"baseline": None, "finalists": [], "status": "interrupted"}
        (folder / "results.json").write_text(json.dumps(results))
    page = page_of(folder)
    assert "This search is not finished" in page
    assert "test samples, used once" not in page
    assert re.findall(r'<section id="(\w+)">', page) == SECTIONS


def test_without_data_and_with_a_name_that_is_markup(cnn_folder: Path, tmp_path: Path) -> None:
    page = page_of(cnn_folder, tmp_path / "page.html")
    assert "The data could not be read" in page
    assert "<script><b>" not in page
    assert html.escape("<script><b> & co") in page
    assert "Groups and augmentations" in page


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="is not the folder of a run"):
        write_report(tmp_path)


def test_a_report_that_cannot_be_written(run_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(RunError, match="cannot be written"):
        write_report(run_folder, tmp_path / "nowhere" / "page.html")


@pytest.mark.parametrize("name", ["a\u202e\x1b[2J$\\frac$\u200b_x", "plain_x"])
def test_no_name_changes_the_direction_of_the_page(name: str, tmp_path: Path) -> None:
    rows = [f"{name},{name}2,y"]
    rows += [f"{n % 17 / 3 - 2},{n % 19 / 3 - 2},{'c' + name * (n % 2)}" for n in range(200)]
    (tmp_path / f"{name}.csv").write_text("\n".join(rows) + "\n")
    settings = SearchSettings(str(tmp_path / f"{name}.csv"), target=("y",), epochs=1, budget=2)
    page = page_of(search(settings, tmp_path / name).folder).replace(get_plotlyjs(), "")
    assert printable_lines(page) == page
    assert page.count(printable(name)) > 5
