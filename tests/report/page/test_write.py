"""The page: what stands in it, whatever state a run is in."""

import html
import json
import re
from pathlib import Path

import pytest

from autoequivariant.errors import RunError
from autoequivariant.report.page.write import REPORT, write_report

SECTIONS = [
    "summary",
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
