"""Options that several commands share, and their parsers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from autoequivariant.cli.completion import (
    complete_data,
    complete_executors,
    complete_storage,
    complete_symmetries,
)
from autoequivariant.errors import SettingsError, shown
from autoequivariant.groups.custom.definition import Candidate
from autoequivariant.groups.domain import Domain, parse_domain
from autoequivariant.groups.whole_number import whole_number

Data = Annotated[
    str,
    typer.Argument(
        help="{data sets}; a folder of IDX files or of images by class; an .npz; or a table (.csv, "
        ".tsv, .parquet).",
        autocompletion=complete_data,
    ),
]
Target = Annotated[
    list[str] | None,
    typer.Option(help="Columns of a table to predict, separated by commas; repeatable."),
]
Drop = Annotated[
    list[str] | None,
    typer.Option(help="Columns of a table to leave out, separated by commas; repeatable."),
]
Task = Annotated[
    str | None, typer.Option(help="classification or regression. Default: from the labels.")
]
Source = Annotated[
    Path | None,
    typer.Option(
        help="Files of a published data set, such as mnist. Default: fetched from Hugging Face."
    ),
]
Candidates = Annotated[
    str | None,
    typer.Option(
        help="Candidate symmetries, as in hflip,translate_x:4; ready lists, as in square or cube; "
        "or a YAML file with custom symmetries. Default: a list for the shape.",
        autocompletion=complete_symmetries,
    ),
]
Propose = Annotated[
    str | None,
    typer.Option(
        help="Further candidates that nobody listed: from names, from the data, all or none. "
        "Default: all; names for images and volumes; none beside --symmetries."
    ),
]
MemoryLimit = Annotated[
    float | None,
    typer.Option(help="Memory for reading the data, in GiB. Default: a quarter of all."),
]
Layers = Annotated[
    str | None, typer.Option(help="Domains of the hidden layers, as in 14x14,14x14.")
]
Preset = Annotated[
    str | None, typer.Option(help="paper: the shapes, shifts and training of arXiv 2104.04848.")
]
Kind = Annotated[
    str | None,
    typer.Option(help="grid, volume, sequence, features or pairs. Default: from the shape."),
]
Plant = Annotated[
    str,
    typer.Option(
        help="Symmetries to plant in the data first.",
        autocompletion=complete_symmetries,
    ),
]
Network = Annotated[
    str,
    typer.Option(
        help="mlp, cnn or auto. auto: cnn for images and sequences of 16 or more positions a "
        "side, and volumes of 8 or more."
    ),
]
Backbone = Annotated[
    str | None, typer.Option(help="CNN backbone: pyramid, paper or residual. Default: pyramid.")
]
Timeout = Annotated[
    str | None, typer.Option(help="Time limit, as in 90s, 10m or 1h30m. Default: none.")
]
Seed = Annotated[int, typer.Option(help="Random seed.")]
Device = Annotated[str, typer.Option(help="cpu or cuda.")]
Executor = Annotated[
    str,
    typer.Option(
        help="local: a process for each core; serial: a single process; ray: many machines.",
        autocompletion=complete_executors,
    ),
]
RayAddress = Annotated[
    str | None,
    typer.Option(
        help="A running Ray: auto for the one on this machine, ray://HOST:PORT or HOST:PORT. "
        "Default: one is started on this machine and ended at the end."
    ),
]
CpusPerChild = Annotated[
    float, typer.Option(help="Cores that Ray reserves for each worker, which uses one.")
]
GpusPerChild = Annotated[
    float,
    typer.Option(help="GPUs that Ray reserves for each, as in 1 or 0.25, with --device cuda."),
]
Storage = Annotated[
    str | None,
    typer.Option(
        help="Store in which processes share the trainings of one search, each with its own --out: "
        "postgresql://USER@HOST/DATABASE, sqlite:///FILE or journal:FILE. Default: none.",
        autocompletion=complete_storage,
    ),
]
FitTime = Annotated[
    str | None,
    typer.Option(help="Time that --fit full may take to try other trainings. Default: 30m."),
]
FitSize = Annotated[
    float | None,
    typer.Option(
        help="Width of the network that you get, in units of the search's: 1, 1.5, 2, 3, 4, 6 "
        "... 16. Default: by the recipe; with --fit full, by validation."
    ),
]
Channels = Annotated[int | None, typer.Option(help="Channels of each hidden layer.")]
Final = Annotated[
    str | None,
    typer.Option(
        help="Final layer: invariant or dense. Default: invariant; dense with --preset paper."
    ),
]
Coding = Annotated[
    str | None,
    typer.Option(help="Columns of few whole numbers: numbers or one-hot. Default: by validation."),
]
TrainingMemoryLimit = Annotated[
    float | None,
    typer.Option(
        help="Memory for reading the data, and for training, in GiB. Default: a quarter of all."
    ),
]
Output = Annotated[
    str | None,
    typer.Option(
        help="Output of an .onnx file. Default: the first with one row of floats for each sample."
    ),
]
Layout = Annotated[
    str | None,
    typer.Option(
        help="How an .onnx file takes samples: channels-first, no-channels, channels-last, flat or "
        "flat-channels-last. Default: the first that fits."
    ),
]
Divide = Annotated[
    float | None,
    typer.Option(help="Divide the samples for an .onnx file by this first, as in 255."),
]

_MOST_GIBIBYTES = 2**30
"""More than any machine has."""


def parse_bytes(gibibytes: float | None) -> int | None:
    """Convert GiB to bytes.

    Raises:
        SettingsError: the number is not positive, or larger than the memory of any machine.
    """
    if gibibytes is None:
        return None
    if not 0 < gibibytes <= _MOST_GIBIBYTES:
        raise SettingsError(
            f"--memory-limit must be more than 0 and at most {_MOST_GIBIBYTES:,} GiB, as in 8; got "
            f"{gibibytes:g}: leave it out for a quarter of the machine's memory."
        )
    return max(1, int(gibibytes * 2**30))


def parse_candidates(text: str | None) -> tuple[Candidate, ...] | None:
    """Read candidates; `none` stands for an empty list."""
    if text is None:
        return None
    from autoequivariant.candidates.symmetry_file import read_candidates

    return () if text.strip() == "none" else read_candidates(text)


def parse_numbers(text: str | None) -> tuple[int, ...] | None:
    """Read whole numbers separated by commas."""
    if text is None:
        return None
    numbers = [whole_number(part) for part in text.split(",")]
    widths = tuple(number for number in numbers if number is not None)
    if len(widths) < len(numbers):
        raise SettingsError(
            f"--widths must be numbers of channels, as in 1,2,4; got {shown(text)}."
        )
    return widths


def parse_names(text: str | None) -> tuple[str, ...] | None:
    """Read names separated by commas; `none` stands for an empty list."""
    if text is None:
        return None
    parts = (part.strip() for part in text.split(","))
    return tuple(dict.fromkeys(part for part in parts if part != "none"))


def parse_columns(texts: list[str] | None) -> tuple[str, ...] | None:
    """Return the texts unchanged: only the table knows whether a comma is part of a name."""
    return None if texts is None else tuple(texts)


def parse_domains(text: str | None) -> tuple[Domain, ...] | None:
    """Read domains separated by commas."""
    return None if text is None else tuple(parse_domain(part) for part in text.split(","))


def first_given(options: Mapping[str, Any]) -> str | None:
    """Return the first option that has a value, as it is typed; None if none has.

    Args:
        options: values by the names of parameters, None where nothing was typed.
    """
    return next(
        (f"--{name.replace('_', '-')}" for name, value in options.items() if value is not None),
        None,
    )


def data_options(
    part: str | None,
    source: Path | None,
    kind: str | None,
    target: list[str] | None,
    drop: list[str] | None,
    task: str | None,
    memory_limit: float | None,
) -> Any:  # its type takes seconds to import
    """Return how to read the samples for an ONNX file."""
    from autoequivariant.inference.foreign import DataOptions

    columns = parse_columns(target), parse_columns(drop)
    return DataOptions(part, source, kind, *columns, task, parse_bytes(memory_limit))


def model_options(output: str | None, layout: str | None, divide: float | None) -> Any:
    """Return how to run an ONNX file."""
    from autoequivariant.inference.foreign import ModelOptions

    return ModelOptions(output, layout, 1.0 if divide is None else divide)
