"""What `aen fit` prints: what was given, without a word on whether it holds."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from autoequivariant.evidence.class_balance import ClassShares
from autoequivariant.groups.symmetry import parse_symmetries
from autoequivariant.report.render.fit_text import print_fit, print_fitted
from autoequivariant.searching.experiment import make_experiment
from autoequivariant.searching.fit.given import fit
from autoequivariant.searching.outcome import Outcome
from autoequivariant.searching.settings.settings import SearchSettings

from ..outcomes import printed

SETTINGS = SearchSettings(
    "digits", given=True, tests=False, symmetries=parse_symmetries("rot90,rot180"), epochs=1
)
COMMAND = "aen test digits --symmetries rot90,rot180"


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return fit(SETTINGS, tmp_path_factory.mktemp("fit") / "run")


def test_what_is_given_is_said_first() -> None:
    experiment = make_experiment(replace(SETTINGS, plant=parse_symmetries("hflip")))
    lines = [line.rstrip() for line in printed(print_fit, experiment, lambda: 90.0).splitlines()]
    assert lines[:3] == [
        "data: digits, 8x8, 10 classes; 1,438 samples to train on, 359 to test",
        "planted: hflip",
        "given: rot90, rot180 (rot180 follows from rot90)",
    ]
    assert lines[3] == "network: MLP"
    assert lines[4] == "time: about 90 s, estimated from a few training steps"
    assert "time" not in printed(print_fit, experiment)
    assert "time" not in printed(print_fit, experiment, lambda: None)


def test_both_networks_are_scored_and_nothing_is_claimed(fitted: Outcome) -> None:
    text = printed(print_fitted, fitted, COMMAND)
    for phrase in ("network as given", "baseline (MLP", "95% interval", "on all 1,438 samples"):
        assert phrase in text
    assert f"To ask:\n  {COMMAND}\n" in text
    assert not re.search("found|hold|help|harm|chosen|undecided", text)
    lines = text.splitlines()
    assert max(len(line.rstrip()) for line in lines if str(fitted.folder) not in line) <= 80


def test_a_baseline_alone_raises_no_question(fitted: Outcome) -> None:
    results = fitted.results
    best = replace(results.best, symmetries=(), generators=(), equivariance_error=None)
    alone = replace(fitted, results=replace(results, best=best, verdicts=()))
    text = printed(print_fitted, alone, COMMAND)
    assert "baseline (MLP" in text
    for phrase in ("network as given", "To ask", COMMAND, "error"):
        assert phrase not in text


@pytest.mark.parametrize("is_better", [True, False])
def test_a_better_baseline_is_a_reason_to_ask(fitted: Outcome, is_better: bool) -> None:
    baseline = fitted.results.baseline
    assert baseline is not None
    interval = (0.999, 1.0) if is_better else (0.0, 1.0)
    results = replace(fitted.results, baseline=replace(baseline, test_interval=interval))
    text = printed(print_fitted, replace(fitted, results=results), COMMAND)
    assert ("warning: the baseline is better on test, so ask the data" in text) == is_better


@pytest.mark.parametrize("is_alone", [True, False])
def test_unbalanced_classes_have_further_scores(fitted: Outcome, is_alone: bool) -> None:
    results = fitted.results
    assert results.baseline is not None and "balanced" not in printed(print_fitted, fitted, COMMAND)
    best = replace(results.best, auc=0.874)
    if is_alone:
        best = replace(best, symmetries=(), generators=(), equivariance_error=None)
        best = replace(best, n_parameters=results.baseline.n_parameters)
    baseline, shares = replace(results.baseline, auc=0.874), ClassShares(0.772, 0.228)
    results = replace(results, best=best, baseline=baseline, class_shares=shares)
    text = printed(print_fitted, replace(fitted, results=results), COMMAND)
    assert "95% interval  balanced" in text
    said = "AUC 0.874." if is_alone else "AUC 0.874 (baseline 0.874)."
    assert said in " ".join(text.split())
    lines = [line.rstrip() for line in text.splitlines() if str(fitted.folder) not in line]
    assert max(map(len, lines)) <= 80


def test_markup_in_a_folder_is_shown(fitted: Outcome) -> None:
    text = printed(print_fitted, replace(fitted, folder=Path("[red]x")), COMMAND)
    assert "written to [red]x: model.safetensors" in text
