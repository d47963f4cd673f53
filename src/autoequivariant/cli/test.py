"""`aen test`."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any

import typer

from autoequivariant.cli.console import complain, make_console, say
from autoequivariant.cli.options import (
    Candidates,
    CpusPerChild,
    Data,
    Drop,
    Executor,
    Kind,
    MemoryLimit,
    Plant,
    Preset,
    Propose,
    RayAddress,
    Seed,
    Source,
    Target,
    Task,
    parse_bytes,
    parse_candidates,
    parse_columns,
)
from autoequivariant.cli.refusals import NOTHING_WRITTEN, refusals


def test(
    data: Data,
    symmetries: Candidates = None,
    propose: Propose = None,
    source: Source = None,
    target: Target = None,
    drop: Drop = None,
    task: Task = None,
    kind: Kind = None,
    plant: Plant = "",
    inputs_symmetric: Annotated[
        bool,
        typer.Option(
            "--inputs-symmetric",
            help="Declare that moved samples occur as often as samples: an exact test with labels "
            "then decides the task.",
        ),
    ] = False,
    network: Annotated[
        str, typer.Option(help="mlp, cnn or auto: whose default candidates to test.")
    ] = "auto",
    preset: Preset = None,
    seed: Seed = 0,
    executor: Executor = "local",
    ray_address: RayAddress = None,
    cpus_per_child: CpusPerChild = 1.0,
    memory_limit: MemoryLimit = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Test in seconds which candidate symmetries the samples and labels of DATA have.

    No network is trained, and the test set is not used. Ctrl-C ends the tests without a result.
    """
    # Imported here, because torch takes seconds: too long for --help or a misspelt option.
    from autoequivariant.report.findings.rerun import command_of
    from autoequivariant.report.render.progress_bar import ProgressBar
    from autoequivariant.report.render.verdict_table import (
        print_next_step,
        print_question,
        print_verdicts,
    )
    from autoequivariant.searching.asking.answers import ask
    from autoequivariant.searching.asking.direct import to_test
    from autoequivariant.searching.settings.settings import SearchSettings
    from autoequivariant.training.executors.options import ExecutorOptions

    with refusals(NOTHING_WRITTEN):
        settings = SearchSettings(
            data=data,
            source=source,
            target=parse_columns(target),
            drop=parse_columns(drop),
            task=task,
            kind=kind,
            symmetries=parse_candidates(symmetries),
            propose=propose,
            plant=parse_candidates(plant) or (),
            preset=preset,
            network=network,
            seed=seed,
            memory_limit=parse_bytes(memory_limit),
            executor=ExecutorOptions(executor, ray_address, cpus_per_child),
        )
        if as_json:
            answers = ask(settings, inputs_symmetric, _warn)
            say(json.dumps(answers.to_json(), indent=2, allow_nan=False))
            return
        console = make_console()
        with ProgressBar(console) as progress:

            def announce(data: Any, family: Any, warned: Sequence[str]) -> None:
                print_question(console, data, family, warned)
                progress.stage("test", len(to_test(family.candidates)), "candidate")

            answers = ask(settings, inputs_symmetric, announce, lambda: progress.advance(1))
        print_verdicts(console, answers.verdicts, answers.closure, answers.proposal)
        # A file of candidates keeps its name.
        command = command_of(replace(settings, symmetries=None, plant=()))
        for option, text in (("--symmetries", symmetries), ("--plant", plant)):
            command += f" {option} {shlex.quote(text)}" if text else ""
        print_next_step(console, answers.verdicts, command)


def _warn(data: Any, family: Any, warned: Sequence[str]) -> None:
    for warning in warned:
        complain(f"warning: {warning}")
