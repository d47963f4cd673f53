"""Options that several commands share, and how their texts are read."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Annotated

import typer

from autoequivariant.cli.completion import complete_data, complete_symmetries
from autoequivariant.errors import SettingsError
from autoequivariant.groups.custom.definition import Candidate
from autoequivariant.groups.domain import Domain, parse_domain

Data = Annotated[
    str,
    typer.Argument(
        help="digits, tic_tac_toe, friedman1, hastie, ising, motif, motif_one_strand, mnist, "
        "fashion_mnist, cifar10, svhn, emnist, kmnist, asl, a folder (IDX files or images by "
        "class), an .npz, or a table (.csv, .tsv, .parquet)",
        autocompletion=complete_data,
    ),
]
Target = Annotated[
    list[str] | None,
    typer.Option(help="Of a table: the columns to predict, with commas or the option again."),
]
Drop = Annotated[
    list[str] | None, typer.Option(help="Of a table: columns to leave out, given likewise.")
]
Task = Annotated[
    str | None,
    typer.Option(help="classification or regression. Default: by the labels."),
]
Source = Annotated[
    Path | None,
    typer.Option(help="For mnist to asl: their files. Default: fetched from Hugging Face."),
]
Candidates = Annotated[
    str | None,
    typer.Option(
        help="Candidates, as in hflip,translate_x:4; ready lists, as in square or cube; a YAML "
        "file with your own. Default: a list for the shape.",
        autocompletion=complete_symmetries,
    ),
]
Layers = Annotated[str | None, typer.Option(help="Hidden domains, as in 14x14,14x14.")]
Preset = Annotated[
    str | None, typer.Option(help="paper: shapes, shifts and training of arXiv 2104.04848.")
]
Kind = Annotated[
    str | None, typer.Option(help="grid, volume, sequence or features. Default: by the shape.")
]


def parse_bytes(gibibytes: float | None) -> int | None:
    """Turn GiB into bytes."""
    if gibibytes is None:
        return None
    if not 0 < gibibytes < math.inf:
        raise SettingsError(f"--memory-limit must be more than 0 GiB, not {gibibytes:g}.")
    return max(1, int(gibibytes * 2**30))


def parse_candidates(text: str | None) -> tuple[Candidate, ...] | None:
    """Read candidates; `none` is no candidate at all."""
    if text is None:
        return None
    from autoequivariant.searching.settings.symmetry_file import read_candidates

    return () if text.strip() == "none" else read_candidates(text)


def parse_numbers(text: str | None) -> tuple[int, ...] | None:
    """Read whole numbers with commas between them."""
    if text is None:
        return None
    if not re.fullmatch(r"\d{1,9}(,\d{1,9})*", text):
        shown = text if len(text) < 50 else f"{text[:50]}..."
        raise SettingsError(f"--widths are numbers of channels, as in 1,2,4, not {shown!r}.")
    return tuple(int(part) for part in text.split(","))


def parse_names(text: str | None) -> tuple[str, ...] | None:
    """Read names with commas between them; `none` is no name at all."""
    if text is None:
        return None
    parts = (part.strip() for part in text.split(","))
    return tuple(dict.fromkeys(part for part in parts if part != "none"))


def parse_columns(texts: list[str] | None) -> tuple[str, ...] | None:
    """Return names of columns as they were given; a table knows whether a comma is part of one."""
    return None if texts is None else tuple(texts)


def parse_domains(text: str | None) -> tuple[Domain, ...] | None:
    """Read hidden domains with commas between them."""
    return None if text is None else tuple(parse_domain(part) for part in text.split(","))
