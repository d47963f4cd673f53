"""`aen predict`, `aen evaluate`, `aen verify` and `aen export`: what comes after a search."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from autoequivariant.cli.console import make_console
from autoequivariant.cli.options import Source
from autoequivariant.cli.refusals import INTERRUPTED, refusals
from autoequivariant.errors import SettingsError, printable
from autoequivariant.files import write_atomically

FAILED = 1
_MOST_NAMED = 10
Run = Annotated[Path, typer.Argument(help="The folder of a finished run.", show_default=False)]
GivenData = Annotated[
    str,
    typer.Argument(
        help="What aen search reads; a table without labels; an .npz with x (and y); an .npy."
    ),
]
OwnOrGiven = Annotated[
    str | None,
    typer.Argument(help="As in aen predict. Default: the run's own test samples."),
]
Part = Annotated[
    str | None,
    typer.Option(help="train, test or all. Default: test if there is one, else all."),
]
AsJSON = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def predict(
    run: Run,
    data: GivenData,
    part: Part = None,
    source: Source = None,
    out: Annotated[
        Path | None, typer.Option(help="A .csv or .parquet file. Default: CSV to the screen.")
    ] = None,
) -> None:
    """Print what the model says of each sample as CSV: class and probabilities, or numbers."""
    from autoequivariant.inference.predict import predict as predicted
    from autoequivariant.inference.saved_model import open_saved
    from autoequivariant.report.render.prediction_files import predictions_csv, predictions_parquet

    with _refusals():
        if out is not None and out.suffix.lower() not in (".csv", ".parquet"):
            raise SettingsError(f"--out ends in .csv or .parquet, not {out.name!r}.")
        saved = open_saved(run)
        given = saved.samples(data, part, source)
        _say_ignored(given.name, given.ignored)
        found = predicted(saved, given)
        if out is None:
            sys.stdout.write(predictions_csv(found))
            return
        is_parquet = out.suffix.lower() == ".parquet"
        content = predictions_parquet(found) if is_parquet else predictions_csv(found).encode()
        write_atomically(out, content)
        print(f"{len(found.rows):,} predictions ({found.part}) written to {printable(str(out))}")


def evaluate(
    run: Run,
    data: OwnOrGiven = None,
    part: Part = None,
    source: Source = None,
    as_json: AsJSON = False,
) -> None:
    """Say how often the model is right on DATA, by class, or its R², with a 95% interval."""
    from autoequivariant.inference.evaluate import evaluate as evaluated
    from autoequivariant.inference.saved_model import open_saved
    from autoequivariant.report.render.inference_text import print_evaluation

    with _refusals():
        saved = open_saved(run)
        given = saved.samples(data, part, source)
        _say_ignored(given.name, given.ignored)
        if given.seen:
            print(f"aen: {printable(given.seen)}", file=sys.stderr)
        found = evaluated(saved, given)
        if as_json:
            print(json.dumps(found.to_json(), indent=2))
        else:
            print_evaluation(make_console(), found)


def verify(
    run: Run,
    data: OwnOrGiven = None,
    part: Part = None,
    source: Source = None,
    as_json: AsJSON = False,
) -> None:
    """Measure how far the model is from each symmetry that it claims, and from the others.

    Exit status 1 if a symmetry that is claimed does not hold.
    """
    from autoequivariant.inference.saved_model import open_saved
    from autoequivariant.inference.verify import verify as verified
    from autoequivariant.report.render.inference_text import print_verification

    with _refusals():
        saved = open_saved(run)
        given = saved.samples(data, part, source)
        _say_ignored(given.name, given.ignored)
        found = verified(saved, given)
        if as_json:
            print(json.dumps(found.to_json(), indent=2))
        else:
            print_verification(make_console(), found)
    if not found.passes:
        raise typer.Exit(FAILED)


def export(
    run: Run,
    kind: Annotated[str, typer.Option("--format", help="torch or onnx.")],
    out: Annotated[
        Path | None,
        typer.Option(help="A .py or .onnx file. Default: network.py or network.onnx in the run."),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(help="Samples to compare on. Default: the run's own test samples."),
    ] = None,
    source: Source = None,
) -> None:
    """Write the model as a plain network with dense weights that needs nothing of ours.

    It is compared with the model first; exit status 1, and nothing written, if it differs.
    """
    from autoequivariant.inference.export import export as exported
    from autoequivariant.inference.saved_model import open_saved
    from autoequivariant.report.render.inference_text import print_export

    with _refusals():
        saved = open_saved(run)
        given = saved.samples(data, None, source)
        _say_ignored(given.name, given.ignored)
        found = exported(saved, given, kind, out)
        print_export(make_console(), found)
    if not found.passes:
        raise typer.Exit(FAILED)


def _say_ignored(name: str, ignored: tuple[str, ...]) -> None:
    """Say on stderr which columns of a table are of no use."""
    if not ignored:
        return
    shown = ", ".join(ignored[:_MOST_NAMED]) + (", ..." if len(ignored) > _MOST_NAMED else "")
    count = "1 column" if len(ignored) == 1 else f"{len(ignored):,} columns"
    said = f"aen: {count} of {name} that the model does not read ignored: {shown}"
    print(printable(said), file=sys.stderr)


@contextmanager
def _refusals() -> Iterator[None]:
    with refusals():
        try:
            yield
        except KeyboardInterrupt:
            print("aen: interrupted; nothing was written.", file=sys.stderr)
            raise typer.Exit(INTERRUPTED) from None
