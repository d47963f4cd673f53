"""What a search prints: renderings of plain records for a terminal of 80 columns."""

from __future__ import annotations

from rich.console import Console, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from autoequivariant.data.split import DataSet
from autoequivariant.errors import printable
from autoequivariant.groups.domain import Grid
from autoequivariant.report.findings.ablation import ALLOWED, LEFT_OUT, SHOWN
from autoequivariant.report.findings.summary import Comparison, Findings, findings_of
from autoequivariant.report.findings.test_scores import TestFindings
from autoequivariant.report.render.formatting import (
    ACCURACY,
    counted,
    gap,
    gap_interval,
    interval,
    named,
    percent,
    score,
)
from autoequivariant.report.render.symmetry_names import listed
from autoequivariant.searching.problem import LEAST_CNN_SIDE, Problem
from autoequivariant.searching.run import Outcome
from autoequivariant.searching.storage.results import Leader

WIDTH = 80
_PLURALS = {"channels": "numbers of channels", "size": "sizes"}
_REASONS = {
    "cnn": f"group CNNs, as images have {LEAST_CNN_SIDE} pixels a side or more: or --network mlp",
    "mlp": "MLPs: --network cnn searches group CNNs and augmentations",
}
_GOALS = {"score": "for {}", "score,parameters": "for {} and few weights"}
_MOST_NAMED = 5


def print_problem(console: Console, problem: Problem) -> None:
    """Say what is about to be searched."""
    data, space = problem.data, problem.space
    channels = f", {data.channels} channels" if data.channels > 1 else ""
    console.print(
        f"[bold]{escape(data.name)}[/]: samples of {data.domain}{channels}, "
        f"{_asked(data)}; "
        f"{len(data.train):,} train, {len(data.validation):,} validation, {len(data.test):,} test"
    )
    if problem.settings.plant:
        console.print("planted in it: " + escape(listed(list(map(str, problem.settings.plant)))))
    distinct = problem.distinct_networks
    least = len(space.children)
    networks = counted(least if distinct is None else distinct, "distinct network")
    parts = [counted(len(problem.candidates), "candidate")]
    if len(space.names) > len(problem.candidates):
        parts.append(counted(len(space.names) - len(problem.candidates), "augmentation"))
    if space.has_widths:
        parts.append(f"{len(space.widths)} {_PLURALS[problem.family.width_name]}")
    console.print(
        f"{', '.join(parts)}: {counted(problem.states, 'state')}, "
        f"{'more than ' * (distinct is None)}{networks}"
    )
    epochs = counted(problem.training.epochs, "epoch")
    console.print(f"networks: {problem.family.summary(space.widths)}, {epochs}")
    is_large = min(data.domain.shape) >= LEAST_CNN_SIDE
    is_by_size = problem.settings.network == "auto" and (is_large or problem.family.name == "mlp")
    if is_by_size and isinstance(data.domain, Grid):
        console.print(f"[dim]{_REASONS[problem.family.name]}[/]")
    goal = _GOALS[problem.settings.objective].format(problem.family.task.metric)
    console.print(
        f"search: {problem.sampler}, {goal}, at most "
        f"{problem.settings.budget:,} networks, seed {problem.settings.seed}"
    )
    for warning in problem.warnings:
        console.print(f"[yellow]warning:[/] {escape(warning)}")


def _asked(data: DataSet) -> str:
    """What is to be predicted."""
    if data.classes:
        return f"{len(data.classes):,} classes"
    more = ", ..." if len(data.targets) > _MOST_NAMED else ""
    names = ", ".join(data.targets[:_MOST_NAMED]) + more
    return f"{counted(len(data.targets), 'target')} ({escape(names)})"


def print_outcome(console: Console, outcome: Outcome) -> None:
    """Say what came out: the leading table, the choice, the test and the files."""
    print_findings(console, findings_of(outcome))


def print_findings(console: Console, found: Findings) -> None:
    """Print what a search came to."""
    console.print(f"\n{counted(found.trained, 'network')} in {found.seconds:.1f} s: {found.end}\n")
    console.print(
        leading_table(
            list(found.leaders),
            found.validation_size,
            found.on_front,
            found.width_name,
            found.metric,
        )
    )
    if found.has_implied:
        console.print("[dim](+n): n more candidates follow from those named[/]")
    if found.comparison is None or found.test is None:
        _print_interrupted(console, found)
    else:
        _print_choice(console, found, found.comparison)
        _print_test(console, found.test, found.metric)
        _print_importance(console, found)
    _print_files(console, found)


def leading_table(
    leaders: list[Leader],
    validation_size: int,
    on_front: bool = False,
    width_name: str | None = None,
    metric: str = ACCURACY,
) -> RenderableType:
    """Return the table of leading networks, or of the Pareto front.

    Args:
        leaders: the rows.
        validation_size: number of samples that they were scored on.
        on_front: whether they are the front.
        width_name: what their widths are called. Default: all have the same, and it is not shown.
        metric: the word for their scores.
    """
    what = f"{metric.capitalize()} against weights: the front" if on_front else "Leading networks"
    table = _table(f"{what}, on {validation_size:,} validation samples")
    table.add_column("symmetries", ratio=1)
    if width_name is not None:
        table.add_column(width_name, justify="right")
    table.add_column("parameters", justify="right")
    table.add_column("validation", justify="right")
    table.add_column("95% interval", justify="right")
    for leader in leaders:
        table.add_row(
            escape(named(leader.symmetries, leader.generators, leader.augmentations)),
            *([str(leader.width)] if width_name is not None else []),
            f"{leader.n_parameters:,}",
            score(leader.score, metric),
            interval(leader.interval, metric),
        )
    return table


def _table(title: str | None = None) -> Table:
    return Table(
        title=title,
        title_justify="left",
        title_style="bold",
        width=WIDTH,
        box=None,
        pad_edge=False,
    )


def _print_interrupted(console: Console, found: Findings) -> None:
    reached = "" if found.best.score is None else score(found.best.score, found.metric)
    console.print(
        "\n[bold]Best so far:[/] "
        f"{escape(found.best.name)}, {reached} on validation. Not compared with other "
        "seeds yet, and test was not touched: run the same command again to go on."
    )


def _print_choice(console: Console, found: Findings, comparison: Comparison) -> None:
    console.print(f"\n[bold]Choice.[/] {escape(comparison.grounds)}")
    table = _table()
    table.add_column("symmetries", ratio=1)
    table.add_column("parameters", justify="right")
    table.add_column("times", justify="right")
    table.add_column(found.metric, justify="right")
    table.add_column("behind the best", justify="right")
    for row in comparison.rows:
        behind = f"{gap(row.behind, found.metric)} ± {gap(row.standard_error, found.metric)}"
        table.add_row(
            Text(printable(row.name), style="bold green" if row.is_chosen else ""),
            f"{row.n_parameters:,}",
            str(row.folds),
            score(row.score, found.metric),
            "best" if row.is_best else behind,
        )
    console.print(table)
    if comparison.verdict is not None:
        if comparison.pruned:
            console.print(
                f"[dim]{counted(comparison.pruned, 'network')} given up early: clearly behind "
                "another after fewer trainings[/]"
            )
        console.print(escape(comparison.verdict))
    console.print(f"[bold green]symmetries found: {escape(found.headline)}[/]")
    if found.best.augmentations:
        trained_with = escape(", ".join(found.best.augmentations))
        console.print(f"[bold green]augmentations: {trained_with}[/]")
    _print_ablation(console, found)
    if found.meaning is not None:
        console.print(found.meaning)
    console.print()


def _print_ablation(console: Console, found: Findings) -> None:
    """Say what the network loses without each symmetry, where that was measured."""
    if not found.ablation.rows:
        return
    console.print()
    table = _table(LEFT_OUT)
    table.add_column("without", ratio=1)
    table.add_column("parameters", justify="right")
    table.add_column(f"{found.metric} lost, 95% interval", justify="right")
    for row in found.ablation.rows:
        table.add_row(
            escape(row.name),
            f"{row.n_parameters:,}",
            f"{gap(row.lost, found.metric)} ({gap_interval(row.interval, found.metric)})",
        )
    console.print(table)
    if found.ablation.shown:
        console.print(f"[bold]{SHOWN}:[/] {escape(listed(found.ablation.shown))}")
    if found.ablation.shown and found.ablation.allowed:
        console.print(f"[bold]{ALLOWED}:[/] {escape(listed(found.ablation.allowed))}")


def _print_test(console: Console, test: TestFindings, metric: str) -> None:
    table = _table(f"On {test.samples:,} test samples, used once")
    table.add_column("network", ratio=1)
    table.add_column("parameters", justify="right")
    table.add_column("test", justify="right")
    table.add_column("95% interval", justify="right")
    for row in test.rows:
        table.add_row(
            escape(row.name),
            f"{row.n_parameters:,}",
            score(row.score, metric),
            interval(row.interval, metric),
        )
    console.print(table)
    if test.warning is not None:
        console.print(f"[yellow]warning:[/] {test.warning}")
    if test.error is not None:
        error, worst = test.error
        console.print(
            f"largest equivariance error of {test.measured}: {error:.0e} ({escape(worst)}, float32)"
        )


def _print_importance(console: Console, found: Findings) -> None:
    """Say what matters most, where that was measured."""
    if not found.importance:
        return
    shares = ", ".join(f"{escape(name)} {percent(share)}" for name, share in found.importance)
    console.print(
        f"\n[bold]What matters most[/] for validation {found.metric} (fANOVA over the up to "
        f"{found.trained:,} networks trained): {shares}. arXiv 2104.04848 finds that the group "
        "matters most."
    )


def _print_files(console: Console, found: Findings) -> None:
    # Without a choice a model that is there is an earlier answer.
    model = [] if found.comparison is None else ["model.safetensors", "model.json"]
    there = [*model, "results.json", "study.db", "config.json"]
    console.print(f"\nwritten to {escape(found.folder)}: {', '.join(there)}")
    if model:
        console.print(
            f"load it in Python: autoequivariant.nn.load_model({escape(repr(found.folder))})"
        )
