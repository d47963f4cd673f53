"""What a search prints: renderings of plain records for a terminal of 80 columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Console, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from autoequivariant.groups import Grid
from autoequivariant.search import LEADING_ROWS, Child, Choice, Leader, Outcome, Problem
from autoequivariant.search.problem import LEAST_CNN_SIDE

WIDTH = 80
_ENDS = {
    "complete": "every distinct network was trained",
    "converged": "no other network is expected to be better",
    "budget": "the budget is spent",
    "repeats": "the sampler proposes nothing new any more",
    "timeout": "the time is over",
    "interrupted": "interrupted",
}


_QUESTIONS = {
    "smallest_as_accurate_as_plain": "as accurate as plain, fewest weights",
    "best_no_larger_than_plain": "most accurate, no larger than plain",
}
_PLURALS = {"channels": "numbers of channels", "size": "sizes"}
_REASONS = {
    "cnn": f"group CNNs, as images have {LEAST_CNN_SIDE} pixels a side or more: or --network mlp",
    "mlp": "MLPs: --network cnn searches group CNNs and augmentations",
}
_GOALS = {"accuracy": "for accuracy", "accuracy,weights": "for accuracy and few weights"}


def print_problem(console: Console, problem: Problem) -> None:
    """Say what is about to be searched."""
    data, space = problem.data, problem.space
    channels = f", {data.channels} channels" if data.channels > 1 else ""
    console.print(
        f"[bold]{escape(data.name)}[/]: samples of {data.domain}{channels}, "
        f"{len(data.classes)} classes; "
        f"{len(data.train):,} train, {len(data.validation):,} validation, {len(data.test):,} test"
    )
    if problem.settings.plant:
        console.print("planted in it: " + ", ".join(map(str, problem.settings.plant)))
    distinct = problem.distinct_networks
    least = len(space.children)
    counted = f"more than {least:,}" if distinct is None else f"{distinct:,}"
    parts = [_counted(len(problem.candidates), "candidate")]
    if len(space.names) > len(problem.candidates):
        parts.append(_counted(len(space.names) - len(problem.candidates), "augmentation"))
    if space.has_widths:
        parts.append(f"{len(space.widths)} {_PLURALS[problem.family.width_name]}")
    console.print(f"{', '.join(parts)}: {problem.states:,} states, {counted} distinct networks")
    epochs = _counted(problem.training.epochs, "epoch")
    console.print(f"networks: {problem.family.summary(space.widths)}, {epochs}")
    is_large = min(data.domain.shape) >= LEAST_CNN_SIDE
    is_by_size = problem.settings.network == "auto" and (is_large or problem.family.name == "mlp")
    if is_by_size and isinstance(data.domain, Grid):
        console.print(f"[dim]{_REASONS[problem.family.name]}[/]")
    console.print(
        f"search: {problem.sampler}, {_GOALS[problem.settings.objective]}, at most "
        f"{problem.settings.budget:,} networks, seed {problem.settings.seed}"
    )
    for warning in problem.warnings:
        console.print(f"[yellow]warning:[/] {escape(warning)}")


def print_outcome(console: Console, outcome: Outcome) -> None:
    """Say what came out: the leading table, the choice, the test and the files."""
    seconds = outcome.results["seconds"]
    console.print(
        f"\n{_counted(outcome.results['networks_trained'], 'network')} in "
        f"{seconds['search']:.1f} s: {_ENDS[outcome.status]}\n"
    )
    on_front = outcome.problem.has_two_objectives
    shown = outcome.leaders[:LEADING_ROWS]
    width_name = outcome.problem.family.width_name if outcome.problem.space.has_widths else None
    validation_size = len(outcome.problem.data.validation)
    console.print(leading_table(shown, validation_size, on_front, width_name))
    if any(len(leader.symmetries) > len(leader.generators) for leader in shown):
        console.print("[dim](+n): n more candidates follow from those named[/]")
    if outcome.choice is None:
        _print_interrupted(console, outcome)
    else:
        _print_choice(console, outcome)
        _print_test(console, outcome)
        _print_importance(console, outcome)
    _print_files(console, outcome)


def leading_table(
    leaders: list[Leader],
    validation_size: int,
    on_front: bool = False,
    width_name: str | None = None,
) -> RenderableType:
    """Return the table of leading networks, or of the Pareto front.

    Args:
        leaders: the rows.
        validation_size: number of samples that they were scored on.
        on_front: whether they are the front.
        width_name: what their widths are called. Default: all have the same, and it is not shown.
    """
    what = "Accuracy against weights: the front" if on_front else "Leading networks"
    table = Table(
        title=f"{what}, on {validation_size:,} validation samples",
        title_justify="left",
        title_style="bold",
        width=WIDTH,
        box=None,
        pad_edge=False,
    )
    table.add_column("symmetries", ratio=1)
    if width_name is not None:
        table.add_column(width_name, justify="right")
    table.add_column("weights", justify="right")
    table.add_column("validation", justify="right")
    table.add_column("95% interval", justify="right")
    for leader in leaders:
        table.add_row(
            named(leader.symmetries, leader.generators, leader.augmentations),
            *([str(leader.channels)] if width_name is not None else []),
            f"{leader.weights:,}",
            percent(leader.accuracy),
            interval(leader.interval),
        )
    return table


def named(symmetries: list[str], generators: list[str], augmentations: Sequence[str] = ()) -> str:
    """Name a closed state by its generators, count what follows from them, and add what it is
    trained with.
    """
    if not symmetries and not augmentations:
        return "none (plain)"
    implied = len(symmetries) - len(generators)
    name = (", ".join(generators) or "none") + (f" (+{implied})" if implied else "")
    return f"{name}; augmented: {', '.join(augmentations)}" if augmentations else name


def percent(share: float) -> str:
    """Write a share of 1 as a percentage."""
    return f"{100 * share:.1f}%"


def interval(bounds: Any) -> str:
    """Write an interval of shares as percentages."""
    low, high = bounds
    return f"{100 * low:.1f} to {100 * high:.1f}%"


def _print_interrupted(console: Console, outcome: Outcome) -> None:
    best = outcome.results["best"]
    console.print(
        "\n[bold]Best so far:[/] "
        f"{named(best['symmetries'], best['generators'], best['augmentations'])}, "
        f"{percent(best['validation_accuracy'])} on validation. Not compared with other "
        "seeds yet, and test was not touched: run the same command again to go on."
    )


def _print_choice(console: Console, outcome: Outcome) -> None:
    choice = outcome.choice
    if choice is None:
        return
    count = len(choice.finalists)
    whole = [f for f in choice.finalists if f.trainings == choice.trainings]
    compared = "The leading and the plain network" if count > 1 else "The only one"
    times = f"{'' if len(whole) == count else 'up to '}{choice.trainings} more times"
    grounds = (
        f"{compared}: trained {times} with other seeds and splits, "
        f"scored on {choice.samples:,} samples."
        if choice.trainings
        else "There was no time to train the leading ones with other seeds."
    )
    console.print(f"\n[bold]Choice.[/] {grounds}")
    table = Table(width=WIDTH, box=None, pad_edge=False)
    table.add_column("symmetries", ratio=1)
    table.add_column("weights", justify="right")
    table.add_column("accuracy", justify="right")
    table.add_column("behind the best", justify="right")
    for finalist in choice.finalists:
        mark = "bold green" if finalist is choice.chosen else ""
        behind = f"{100 * finalist.behind.mean:.1f} ± {100 * finalist.behind.standard_error:.1f}"
        table.add_row(
            Text(_child_name(outcome, finalist.child), style=mark),
            f"{finalist.weights:,}",
            percent(finalist.accuracy),
            "best" if finalist is choice.best else behind,
        )
    console.print(table)
    if count > 1:
        if len(whole) < count:
            console.print(
                f"[dim]{_counted(count - len(whole), 'network')} given up early: clearly behind "
                "another after fewer trainings[/]"
            )
        equal = sum(not f.behind.is_distinguishable for f in whole)
        console.print(_grounds(equal, outcome.problem.family.simplest))
    best = outcome.results["best"]
    names = ", ".join(best["symmetries"]) or "none"
    console.print(f"[bold green]symmetries found: {names}[/]")
    if best["augmentations"]:
        console.print(f"[bold green]augmentations: {', '.join(best['augmentations'])}[/]")
    if best["symmetries"] and _is_level(choice, outcome.problem.space.plain):
        console.print(
            "The plain network is as accurate: the data allow these symmetries, but a network "
            "needs them only to be small."
        )
    console.print()


def _is_level(choice: Choice, child: Child) -> bool:
    """Whether a finalist is not distinguishable from the best."""
    return any(f.child == child and not f.behind.is_distinguishable for f in choice.finalists)


def _grounds(equal: int, simplest: str) -> str:
    """Say why one is chosen of `equal` finalists that cannot be told apart, the best among them."""
    limit = "one standard error of the paired differences"
    if equal == 1:
        return f"All others are behind the best by more than {limit}, so it is chosen:"
    others = "1 other is" if equal == 2 else f"{equal - 1} others are"
    return (
        f"{others} not distinguishable from the best (within {limit}); of these and the best, "
        f"{simplest} is chosen:"
    )


def _child_name(outcome: Outcome, child: Child) -> str:
    problem = outcome.problem
    generators = problem.symmetries(problem.space.smallest_generators(child))
    augmentations = problem.augmentations(child.members)
    name = named(problem.symmetries(child.members), generators, augmentations)
    width = f"{problem.family.width_name} {child.channels}"
    return f"{name}, {width}" if problem.space.has_widths else name


def _print_test(console: Console, outcome: Outcome) -> None:
    best, baseline = outcome.results["best"], outcome.results["baseline"]
    n = len(outcome.problem.data.test)
    table = Table(
        title=f"On {n:,} test samples, used once",
        title_justify="left",
        title_style="bold",
        width=WIDTH,
        box=None,
        pad_edge=False,
    )
    table.add_column("network", ratio=1)
    table.add_column("weights", justify="right")
    table.add_column("test", justify="right")
    table.add_column("95% interval", justify="right")
    name = f"plain {outcome.problem.family.name.upper()} of the same layers"
    rows = [("chosen", best), (name, baseline)]
    for key, question in _QUESTIONS.items():
        if key in outcome.results:
            rows.append((question, outcome.results[key]))
    for name, row in rows:
        table.add_row(
            name,
            f"{row['weights']:,}",
            percent(row["test_accuracy"]),
            interval(row["test_interval"]),
        )
    console.print(table)
    if best["test_interval"][1] < baseline["test_interval"][0]:
        console.print(
            "[yellow]warning:[/] the plain network is better on test: do not trust what was found; "
            "give more --epochs, more samples or a larger --budget."
        )
    error = best.get("equivariance_error")
    if error:
        invariant = outcome.problem.family.is_invariant
        what = "the chosen network" if invariant else "its hidden layers"
        console.print(
            f"largest equivariance error of {what}: {error['float32']:.0e} "
            f"({error['worst']}, float32)"
        )


def _print_importance(console: Console, outcome: Outcome) -> None:
    """Say what matters most, where that was measured."""
    shares = outcome.results.get("importance")
    if not shares:
        return
    found = ", ".join(f"{name} {percent(share)}" for name, share in shares.items())
    whole = outcome.results["networks_trained"]
    console.print(
        f"\n[bold]What matters most[/] for validation accuracy (fANOVA over the up to {whole:,} "
        f"networks trained): {found}. arXiv 2104.04848 finds that the group matters most."
    )


def _print_files(console: Console, outcome: Outcome) -> None:
    # Without a choice a model that is there is an earlier answer.
    model = [] if outcome.choice is None else ["model.safetensors", "model.json"]
    there = [*model, "results.json", "study.db", "config.json"]
    folder = escape(str(outcome.folder))
    console.print(f"\nwritten to {folder}: {', '.join(there)}")
    if model:
        name = escape(repr(str(outcome.folder)))
        console.print(f"load it in Python: autoequivariant.nn.load_model({name})")


def _counted(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
