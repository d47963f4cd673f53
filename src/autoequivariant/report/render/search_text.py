"""What `aen search` prints, at most 80 columns wide.

The order: what is being done, what the data say, progress (`progress_bar`), what holds or helps,
what leaving it out costs, the network against the baseline, and where everything is.
"""

from __future__ import annotations

import shlex

from rich.console import Console
from rich.markup import escape

from autoequivariant.report.findings.plan import Plan, data_of, plan_of
from autoequivariant.report.findings.summary import Findings, findings_of
from autoequivariant.report.findings.tables import (
    ablation_table,
    finalists_table,
    leading_table,
    rivals_table,
    test_table,
)
from autoequivariant.report.render.formatting import counted, duration, percent, score
from autoequivariant.report.render.tables import print_table
from autoequivariant.report.render.verdict_table import print_verdicts
from autoequivariant.searching.data_card import DataCard
from autoequivariant.searching.outcome import Outcome
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.session import SecondsNeeded

__all__ = [
    *("WIDTH", "print_data", "print_findings", "print_outcome", "print_plan", "print_problem"),
    "time_needed",
]


def print_data(console: Console, data: DataCard) -> None:
    """Print what is searched: the first line, before anything that takes long."""
    console.print(f"data: [bold]{escape(data.name)}[/], {escape(data_of(data))}")


def print_problem(
    console: Console,
    problem: Problem,
    seconds_needed: SecondsNeeded | None = None,
    verbose: bool = False,
    is_begun: bool = False,
) -> None:
    """Print what a search is about to do and what the data say of its candidates.

    The data come first, unless it `is_begun` by `print_data`.

    Then measure and print how long the rest may take, if `seconds_needed` is given and knows.
    """
    if not is_begun:
        print_data(console, problem.card)
    print_plan(console, plan_of(problem), verbose)
    if problem.settings.tests:
        console.print()
        print_verdicts(console, problem.verdicts, problem.symmetries(problem.space.start.members))
    seconds = None if seconds_needed is None else seconds_needed()
    if seconds is not None:
        console.print(f"\ntime: {time_needed(seconds, problem.settings.timeout)}")


def time_needed(seconds: float, timeout: float | None) -> str:
    """Say how long a run may take, given its estimate and its time limit in seconds."""
    about = f"about {duration(seconds)}"
    if timeout is not None and timeout < seconds:
        return f"at most {duration(timeout)} (--timeout); without a limit {about}"
    return f"{about}, estimated from a few training steps"


def print_outcome(console: Console, outcome: Outcome, verbose: bool = False) -> None:
    """Print the result of a search."""
    print_findings(console, findings_of(outcome), verbose)


def print_plan(console: Console, plan: Plan, verbose: bool = False) -> None:
    """Print what is searched, and how."""
    console.print(f"space: {plan.space}")
    console.print(f"search: {plan.sampler}")
    if verbose:
        if plan.planted:
            console.print(f"planted: {escape(plan.planted)}")
        console.print(f"networks: {plan.networks}")
        if plan.choice:
            console.print(f"[dim]{plan.choice}[/]")
    if plan.coding:
        console.print(f"coding: {plan.coding}")
    for warning in plan.warnings:
        console.print(f"[yellow]warning:[/] {escape(warning)}")


def print_findings(console: Console, found: Findings, verbose: bool = False) -> None:
    """Print the result of a search.

    Args:
        console: where to print.
        found: what to print.
        verbose: whether to print the leading networks and the finalists, too.
    """
    console.print(f"\n{counted(found.trained, 'network')} in {found.seconds:.1f} s: {found.end}\n")
    if verbose:
        _print_details(console, found)
    if found.comparison is None or found.test is None:
        reached = "" if found.best.score is None else score(found.best.score, found.metric)
        console.print(
            f"[bold]Best so far:[/] {escape(found.best.name)}, {reached} on validation. No "
            "finalists were compared and the test samples were not used: rerun the command to "
            "resume."
        )
    else:
        _print_verdict(console, found)
        _print_test(console, found)
    _print_files(console, found)


def _print_verdict(console: Console, found: Findings) -> None:
    """Print what holds or helps, and what leaving it out costs."""
    groups = () if found.claims is None else found.claims.groups
    for line in groups or (found.headline,):
        console.print(f"[bold green]{escape(line)}[/]")
    if found.planted:
        console.print(f"planted: {escape(found.planted)}")
    if found.best.augmentations:
        console.print(
            f"[bold green]augmentations: {escape(', '.join(found.best.augmentations))}[/]"
        )
    for note in found.notes:
        console.print(escape(note))
    console.print()
    if found.ablation:
        print_table(console, ablation_table(found.ablation, found.loss))
        console.print()
    elif found.comparison is not None:
        console.print(f"{found.comparison.grounds} {found.comparison.verdict or ''}\n")


def _print_test(console: Console, found: Findings) -> None:
    if found.test is None:
        return
    if found.shows_test:
        print_table(console, test_table(found.test, found.metric))
    if found.rivals.rows:
        if found.shows_test:
            console.print()
        print_table(console, rivals_table(found.rivals, found.metric))
    if found.test.balance:
        console.print(found.test.balance)
    if found.test.warning is not None:
        console.print(f"[yellow]warning:[/] {found.test.warning}")


def _print_details(console: Console, found: Findings) -> None:
    """Print what `--verbose` adds."""
    print_table(console, leading_table(found))
    console.print()
    if found.comparison is not None:
        print_table(console, finalists_table(found.comparison, found.metric))
        console.print()
    if found.importance:
        shares = ", ".join(f"{escape(name)} {percent(share)}" for name, share in found.importance)
        console.print(
            f"[bold]Importance[/] for validation {found.metric} (fANOVA over up to "
            f"{found.trained:,} networks): {shares}.\n"
        )
    if found.test is not None and found.test.details:
        console.print(f"{escape(found.test.details)}\n")


def _print_files(console: Console, found: Findings) -> None:
    # Without a choice, a model in the folder is an earlier result.
    model = [] if found.comparison is None else ["model.safetensors", "model.json"]
    verdicts = ["verdicts.json"] if found.was_asked else []
    files = ", ".join([*model, "results.json", *verdicts, "study.db", "config.json"])
    console.print(f"\nwritten to {escape(found.folder)}: {files}")
    console.print(f"report: aen report {escape(shlex.quote(found.folder))}")
    if model:
        console.print(f"in Python: autoequivariant.load_model({escape(repr(found.folder))})")
