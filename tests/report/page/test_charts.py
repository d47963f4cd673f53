"""Figures of a page: those that would be empty are left out, and large diagrams scroll."""

from dataclasses import replace
from pathlib import Path

import pytest

from autoequivariant.evidence.verdict import Verdict
from autoequivariant.report.findings.report import Report, report_of
from autoequivariant.report.page.charts import charts_of
from autoequivariant.runs.replay import replay_run
from autoequivariant.runs.run import open_run


@pytest.fixture(scope="module")
def report(run_folder: Path) -> Report:
    with replay_run(open_run(run_folder)) as record:
        return report_of(record)


@pytest.mark.slow
def test_figures_that_would_be_empty_are_left_out(report: Report, cnn_folder: Path) -> None:
    always = {"chart-parameters", "chart-lattice", "chart-progress"}
    assert set(charts_of(report)) == {*always, "chart-effects", "chart-verdicts"}
    assert set(charts_of(replace(report, effects=(), verdicts=()))) == always
    shares = (("hflip", 1.0),)
    asked = replace(report, verdicts=(Verdict("hflip", "holds", "why"),))
    assert "chart-verdicts" in charts_of(asked)
    known = replace(report, findings=replace(report.findings, importance=shares))
    assert "chart-importance" in charts_of(known)
    with replay_run(open_run(cnn_folder)) as record:
        assert "chart-augmented" in charts_of(report_of(record))


def test_only_wide_figures_scroll(report: Report) -> None:
    charts = charts_of(report)
    levels = [node.y for node in report.lattice.nodes]
    widest = max(map(levels.count, levels))
    assert charts["chart-lattice"].least_width == 104 * widest
    assert charts["chart-progress"].least_width == 0
    many = replace(report, lattice=replace(report.lattice, nodes=report.lattice.nodes * 100))
    assert charts_of(many)["chart-lattice"].least_width == 1400
