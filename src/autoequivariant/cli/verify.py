"""`aen verify`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from autoequivariant.cli.completion import complete_symmetries
from autoequivariant.cli.console import complain, make_console, say
from autoequivariant.cli.model import FAILED, AsJSON, OptionalData, Part, show, with_samples
from autoequivariant.cli.options import (
    Divide,
    Drop,
    Kind,
    Layout,
    MemoryLimit,
    Output,
    Source,
    Target,
    Task,
    data_options,
    first_given,
    model_options,
    parse_candidates,
)
from autoequivariant.cli.refusals import NOTHING_WRITTEN, refusals
from autoequivariant.errors import SettingsError
from autoequivariant.files import check_writable

RunOrModel = Annotated[
    Path,
    typer.Argument(help="Folder of a finished run, or an .onnx file.", show_default=False),
]
Measured = Annotated[
    str | None,
    typer.Option(
        help="Symmetries to measure, as in rot90,hflip; required for an .onnx file. Of a run: "
        "further ones.",
        autocompletion=complete_symmetries,
    ),
]
Picture = Annotated[
    Path | None,
    typer.Option(help="An .html file that shows the worst sample of an .onnx file."),
]


def verify(
    model: RunOrModel,
    data: OptionalData = None,
    symmetries: Measured = None,
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
    picture: Picture = None,
    as_json: AsJSON = False,
) -> None:
    """Measure the equivariance error of a run's model for each symmetry that it claims, and others;
    or of an .onnx file of any origin.

    The exit status is 1 if a claimed symmetry does not hold; an .onnx file claims none.
    """
    with refusals(NOTHING_WRITTEN):
        further = parse_candidates(symmetries)
        if is_model_file(model):
            options = data_options(part, source, kind, target, drop, task, memory_limit)
            how = model_options(output, layout, divide)
            _verify_foreign(model, data, further, options, how, picture, as_json)
            return
        unused = first_given(
            {
                "kind": kind,
                "target": target,
                "drop": drop,
                "task": task,
                "output": output,
                "layout": layout,
                "divide": divide,
                "picture": picture,
            }
        )
        if unused is not None:
            raise SettingsError(f"{unused} is for .onnx files; {model} is not one.")
    _verify_run(model, data, further or (), part, source, memory_limit, as_json)


def is_model_file(path: Path) -> bool:
    """Whether a path is that of an ONNX file and not of a run."""
    return path.suffix.lower() == ".onnx" or path.is_file()


def _verify_foreign(
    path: Path,
    data: str | None,
    symmetries: Any,
    options: Any,
    how: Any,
    picture: Path | None,
    as_json: bool,
) -> None:
    from autoequivariant.inference.foreign import open_foreign, read_for_model
    from autoequivariant.inference.verify_foreign import verify_foreign
    from autoequivariant.report.page.worst import write_worst
    from autoequivariant.report.render.foreign_text import print_foreign

    if data is None or not symmetries:
        raise SettingsError(
            f"{path} needs samples and symmetries, as in aen verify {path} DATA --symmetries "
            "rot90,hflip."
        )
    if picture is not None:
        if picture.suffix.lower() != ".html":
            raise SettingsError(f"--picture must be an .html file; got {picture.name!r}.")
        check_writable(picture, "--picture")
    foreign = open_foreign(path, read_for_model(data, options), options.task, how)
    found = verify_foreign(foreign, symmetries)
    for note in found.notes:
        complain(note)
    if as_json:
        say(json.dumps(found.to_json(), indent=2))
    else:
        print_foreign(make_console(), found)
    if picture is not None:
        write_worst(found, picture, "--picture")
        complain(f"worst sample drawn in {picture}")


def _verify_run(
    run: Path,
    data: str | None,
    further: Any,
    part: str | None,
    source: Path | None,
    memory_limit: float | None,
    as_json: bool,
) -> None:
    from autoequivariant.inference.verify import verify as verified
    from autoequivariant.report.render.inference_text import print_verification

    with with_samples(run, data, part, source, memory_limit) as (saved, samples):
        found = verified(saved, samples, further)
        show(found, as_json, print_verification)
    if not found.passes:
        raise typer.Exit(FAILED)
