"""`aen wrap`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from autoequivariant.cli.completion import complete_data, complete_methods
from autoequivariant.cli.console import complain, make_console, say
from autoequivariant.cli.model import FAILED, AsJSON, Part
from autoequivariant.cli.options import (
    Candidates,
    Divide,
    Drop,
    Kind,
    Layout,
    MemoryLimit,
    Output,
    Seed,
    Source,
    Target,
    Task,
    data_options,
    first_given,
    model_options,
    parse_bytes,
    parse_candidates,
)
from autoequivariant.cli.refusals import NOTHING_WRITTEN, refusals
from autoequivariant.errors import SettingsError


def wrap(
    model: Annotated[Path, typer.Argument(help="An .onnx file.", show_default=False)],
    run: Annotated[
        str,
        typer.Argument(
            help="Folder of a finished run, whose symmetries the model gets; or data as in aen "
            "verify, with --symmetries.",
            show_default=False,
            autocompletion=complete_data,
        ),
    ],
    method: Annotated[
        str,
        typer.Option(
            help="average, canonical or sample: over the group, on one moved copy, or over some "
            "random elements.",
            autocompletion=complete_methods,
        ),
    ] = "average",
    symmetries: Candidates = None,
    out: Annotated[
        Path | None, typer.Option(help="An .onnx file. Default: MODEL_METHOD.onnx beside MODEL.")
    ] = None,
    elements: Annotated[
        int | None, typer.Option(help="Elements to draw with --method sample. Default: 32.")
    ] = None,
    seed: Seed = 0,
    part: Part = None,
    source: Source = None,
    kind: Kind = None,
    target: Target = None,
    drop: Drop = None,
    task: Task = None,
    memory_limit: MemoryLimit = None,
    output: Output = None,
    layout: Layout = None,
    divide: Divide = None,
    as_json: AsJSON = False,
) -> None:
    """Make an .onnx model of any origin equivariant, as ONNX again, and compare the two.

    If the wrapped model is not equivariant, nothing is written and the exit status is 1.
    """
    from autoequivariant.data.registry import source_of
    from autoequivariant.data.source import existing_path
    from autoequivariant.inference.foreign import open_foreign, read_for_model
    from autoequivariant.inference.run_symmetries import symmetries_of_run
    from autoequivariant.inference.wrap import SAMPLED, check_method
    from autoequivariant.inference.wrap import wrap as wrapped
    from autoequivariant.report.render.wrap_text import print_wrapped

    with refusals(NOTHING_WRITTEN):
        check_method(method)
        if elements is not None and method != "sample":
            raise SettingsError("--elements is for --method sample: omit it, or give that method.")
        named: Any = parse_candidates(symmetries)
        how = model_options(output, layout, divide)
        path = out or model.with_name(f"{model.stem}_{method}.onnx")
        if is_run(run):
            of_data = {"part": part, "source": source, "kind": kind, "target": target}
            unused = first_given(of_data | {"drop": drop, "task": task})
            if unused is not None:
                raise SettingsError(f"{unused} is for data, and {run} is a run: omit it.")
            known = symmetries_of_run(Path(run), parse_bytes(memory_limit), needs=named is None)
            task = "classification" if known.is_classifier else "regression"
            foreign = open_foreign(model, known.data, task, how)
            if named is None:
                known.check_outputs(foreign)
                named = known.generators
        else:
            if not named:
                if existing_path(run) is None:
                    source_of(run)  # says so, unless it is a data set's name
                raise SettingsError(
                    f"{run} is not the folder of a run, so --symmetries must name the symmetries, "
                    "as in rot90,hflip."
                )
            options = data_options(part, source, kind, target, drop, task, memory_limit)
            foreign = open_foreign(model, read_for_model(run, options), options.task, how)
        for note in foreign.notes:
            complain(note)
        count = SAMPLED if elements is None else elements
        found = wrapped(foreign, named, method, path, count, seed)
        if as_json:
            say(json.dumps(found.to_json(), indent=2))
        else:
            print_wrapped(make_console(), found)
    if not found.passes:
        raise typer.Exit(FAILED)


def is_run(path: str) -> bool:
    """Whether a path is the folder of a run."""
    return (Path(path) / "config.json").is_file()
