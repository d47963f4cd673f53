"""`aen predict`, `aen evaluate` and `aen export`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from autoequivariant.cli.console import complain, make_console, say, write_data
from autoequivariant.cli.options import MemoryLimit, Source, parse_bytes
from autoequivariant.cli.refusals import NOTHING_WRITTEN, refusals
from autoequivariant.errors import SettingsError
from autoequivariant.files import write_atomically

FAILED = 1
_MOST_NAMED = 10

Run = Annotated[Path, typer.Argument(help="Folder of a finished run.", show_default=False)]
Data = Annotated[
    str,
    typer.Argument(
        help="Data as in aen search; or a table without labels, an .npz with x, or an .npy."
    ),
]
OptionalData = Annotated[
    str | None, typer.Argument(help="Data as in aen predict. Default: the test samples of the run.")
]
Part = Annotated[
    str | None,
    typer.Option(help="train, test or all. Default: test if the data have one, else all."),
]
AsJSON = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def predict(
    run: Run,
    data: Data,
    part: Part = None,
    source: Source = None,
    memory_limit: MemoryLimit = None,
    out: Annotated[
        Path | None, typer.Option(help="A .csv or .parquet file. Default: print CSV.")
    ] = None,
    safe_csv: Annotated[
        bool,
        typer.Option(
            "--safe-csv",
            help="For spreadsheets: write an apostrophe before names that begin as a formula.",
        ),
    ] = False,
) -> None:
    """Predict the class and probabilities, or the targets, of each sample as CSV."""
    from autoequivariant.inference.predict import predict as predicted
    from autoequivariant.report.render.prediction_files import predictions_csv, predictions_parquet

    with refusals():
        if out is not None and out.suffix.lower() not in (".csv", ".parquet"):
            raise SettingsError(f"--out must end in .csv or .parquet; got {out.name!r}.")
        is_parquet = out is not None and out.suffix.lower() == ".parquet"
        if is_parquet and safe_csv:
            raise SettingsError("--safe-csv is for CSV: give --out a .csv file, or omit it.")
    with with_samples(run, data, part, source, memory_limit) as (saved, samples):
        found = predicted(saved, samples)
        if out is None:
            write_data(predictions_csv(found, safe_csv))
            return
        text = "" if is_parquet else predictions_csv(found, safe_csv)
        write_atomically(out, predictions_parquet(found) if is_parquet else text.encode())
        say(f"{len(found.rows):,} predictions ({found.part}) written to {out}")


def evaluate(
    run: Run,
    data: OptionalData = None,
    part: Part = None,
    source: Source = None,
    memory_limit: MemoryLimit = None,
    as_json: AsJSON = False,
) -> None:
    """Measure the accuracy by class, or the R² by target, with 95% intervals."""
    from autoequivariant.inference.evaluate import evaluate as evaluated
    from autoequivariant.report.render.inference_text import print_evaluation

    with with_samples(run, data, part, source, memory_limit) as (saved, samples):
        if samples.training_warning:
            complain(samples.training_warning)
        show(evaluated(saved, samples), as_json, print_evaluation)


def export(
    run: Run,
    kind: Annotated[str, typer.Option("--format", help="torch or onnx.")],
    out: Annotated[
        Path | None,
        typer.Option(
            help="A .py or .onnx file. Default: network.py or network.onnx in the run's folder."
        ),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(help="Samples to compare on. Default: the test samples of the run."),
    ] = None,
    source: Source = None,
    memory_limit: MemoryLimit = None,
) -> None:
    """Write the model as a plain network with dense weights that does not need this package.

    The export is compared with the model first; if it differs, nothing is written and the exit
    status is 1.
    """
    from autoequivariant.inference.export import export as exported
    from autoequivariant.report.render.inference_text import print_export

    with with_samples(run, data, None, source, memory_limit) as (saved, samples):
        found = exported(saved, samples, kind, out)
        print_export(make_console(), found)
    if not found.passes:
        raise typer.Exit(FAILED)


def show(found: Any, as_json: bool, show_text: Callable[..., None]) -> None:
    """Print a record as JSON, or as text."""
    if as_json:
        say(json.dumps(found.to_json(), indent=2))
    else:
        show_text(make_console(), found)


@contextmanager
def with_samples(
    run: Path,
    data: str | None,
    part: str | None,
    source: Path | None,
    memory_limit: float | None,
) -> Iterator[tuple[Any, Any]]:  # their types take seconds to import
    """Yield a `SavedModel` and its `InferenceInput`, and name the columns that it does not use."""
    from autoequivariant.inference.saved_model import open_saved

    with refusals(NOTHING_WRITTEN):
        limit = parse_bytes(memory_limit)
        saved = open_saved(run)
        samples = saved.samples(data, part, source, limit)
        if samples.ignored:
            some = samples.ignored[:_MOST_NAMED]
            more = ", ..." * (len(samples.ignored) > _MOST_NAMED)
            count = len(samples.ignored)
            complain(
                f"{count:,} column{'s' * (count > 1)} of {samples.name} that the model does not "
                f"read ignored: {', '.join(some)}{more}"
            )
        yield saved, samples
