"""What `aen fit` prints, at most 80 columns wide: what was given, then the scores on test."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.text import Text

from autoequivariant.errors import printable
from autoequivariant.report.findings.given import FitPlan, fit_plan_of
from autoequivariant.report.findings.tables import test_table
from autoequivariant.report.findings.test_scores import test_findings
from autoequivariant.report.render.search_text import time_needed
from autoequivariant.report.render.tables import WIDTH, print_table
from autoequivariant.searching.experiment import Experiment
from autoequivariant.searching.outcome import Outcome
from autoequivariant.searching.session import SecondsNeeded

FILES = "model.safetensors, model.json, results.json, study.db, config.json"


def print_fit(
    console: Console, experiment: Experiment, seconds_needed: SecondsNeeded | None = None
) -> None:
    """Print what is fitted; then measure and print how long it may take, if that is known."""
    print_fit_plan(console, fit_plan_of(experiment))
    seconds = None if seconds_needed is None else seconds_needed()
    if seconds is not None:
        limit = experiment.problem.settings.timeout
        console.print(f"time: {time_needed(seconds, limit)}")


def print_fit_plan(console: Console, plan: FitPlan) -> None:
    """Print the data and what was given."""
    console.print(f"data: [bold]{escape(plan.name)}[/], {escape(plan.data)}")
    if plan.planted:
        console.print(f"planted: {escape(plan.planted)}")
    console.print(f"given: {escape(plan.given)}")
    console.print(f"network: {plan.network}")
    if plan.coding:
        console.print(f"coding: {plan.coding}")
    for warning in plan.warnings:
        console.print(f"[yellow]warning:[/] {escape(warning)}")


def print_fitted(console: Console, outcome: Outcome, command: str) -> None:
    """Print the scores on test and where the network is.

    Args:
        console: where to print.
        outcome: what the fit returned.
        command: asks the data about the given symmetries.
    """
    found = test_findings(outcome)
    console.print()
    print_table(console, test_table(found, outcome.results.metric))
    if found.balance:
        console.print(found.balance, width=WIDTH)
    if found.warning is not None:
        console.print(f"[yellow]warning:[/] {found.warning}", width=WIDTH)
    console.print(f"\n{escape(found.details)}", width=WIDTH)
    if outcome.results.best.symmetries:
        console.print("\nThe data were not asked whether they contradict what was given. To ask:")
        console.print(Text(f"  {printable(command)}"), soft_wrap=True)
    folder = str(outcome.folder)
    console.print(f"\nwritten to {escape(folder)}: {FILES}")
    console.print(f"in Python: autoequivariant.load_model({escape(repr(folder))})")
