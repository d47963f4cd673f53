"""The verdicts on real data sets.

    python benchmarks/verdicts/real.py path/to/folder [--only galaxyzoo1_spin ...]

The folder holds the files that `SETS` names; those that are absent are named and skipped. Training
samples alone are tested (all, where a file has no test set). Letters of DNA and marks of boards
become channels. `README.md` beside this file says where each data set comes from.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from autoequivariant.data.arrays import Arrays
from autoequivariant.data.copies.find import find_copies
from autoequivariant.data.samples import Samples, make_samples
from autoequivariant.evidence.direct import direct_tests
from autoequivariant.groups.catalogue import default_candidates
from autoequivariant.groups.custom.definition import candidate_of, resolve
from autoequivariant.groups.symmetry import Symmetry
from autoequivariant.searching.data_spec import data_spec

PALINDROME = {
    "name": "reverse complement",
    "image": list(reversed(range(200))),
    "channels": {"swap": "0 <-> 3, 1 <-> 2"},
}
SPLICE = {**PALINDROME, "image": list(reversed(range(60)))}
TRANSPOSE = np.arange(23 * 23).reshape(23, 23).T.ravel().tolist()
CLASSES = {"swap": "spiral_clockwise <-> spiral_anticlockwise"}
SPIRALS = (
    "rot90",
    "hflip",
    "vflip",
    {"name": "hflip with classes", "like": "hflip", "outputs": CLASSES},
    {"name": "vflip with classes", "like": "vflip", "outputs": CLASSES},
    "translate_x:7",
)
PICTURES = ("rot90", "hflip", "vflip", "translate_x:4", "translate_y:4", "swap_left_right")
SIDES = {"swap": "1 <-> 2"}
BALANCE = (
    {"name": "left weight and distance", "swap": "Left-Weight <-> Left-Distance"},
    {"name": "right weight and distance", "swap": "Right-Weight <-> Right-Distance"},
    {
        "name": "sides",
        "swap": "Left-Weight <-> Right-Weight, Left-Distance <-> Right-Distance",
    },
    {
        "name": "sides with classes",
        "swap": "Left-Weight <-> Right-Weight, Left-Distance <-> Right-Distance",
        "outputs": SIDES,
    },
    {"name": "weights", "swap": "Left-Weight <-> Right-Weight"},
)


@dataclass(frozen=True)
class RealSet:
    """A data set.

    Attributes:
        file: its name in the folder.
        read: returns samples from its path.
        candidates: names or mappings; None for the default ones.
    """

    file: str
    read: Callable[[Path], Samples]
    candidates: tuple[Any, ...] | None = None


def npz(kind: str, channels_last: bool = False) -> Callable[[Path], Samples]:
    """Return a reader of `x_train` and `y_train`."""

    def read(path: Path) -> Samples:
        with np.load(path) as file:
            x, y = file["x_train"], file["y_train"]
            names = file.get("classes")
        if channels_last:
            x = np.moveaxis(x, -1, 1)
        y = y if names is None else names[y]
        return make_samples(path.stem, Arrays(x, y), kind, channels_first=True)

    return read


def letters(path: Path) -> Samples:
    """Read DNA as four channels."""
    if path.suffix == ".csv":
        rows = table(path)
        bases, y = np.array([row[:-1] for row in rows]), np.array([row[-1] for row in rows])
        x = np.stack([bases == base for base in "ACGT"], axis=1)
    else:
        with np.load(path) as file:
            codes, y = file["x_train"], file["y_train"]
        x = np.stack([codes == code for code in range(4)], axis=1)
    return make_samples(path.stem, Arrays(x * 1.0, y), "sequence", channels_first=True)


def board(height: int, width: int, marks: str, turned: bool) -> Callable[[Path], Samples]:
    """Return a reader of a board as one channel for each mark; `turned` if columns come first."""

    def read(path: Path) -> Samples:
        rows = table(path)
        cells, y = np.array([row[:-1] for row in rows]), np.array([row[-1] for row in rows])
        x = np.stack([cells == mark for mark in marks], axis=1) * 1.0
        shape = (width, height) if turned else (height, width)
        x = x.reshape(len(x), len(marks), *shape)
        x = x.swapaxes(2, 3) if turned else x
        return make_samples(path.stem, Arrays(x, y), "grid", channels_first=True)

    return read


def columns(path: Path) -> Samples:
    """Read a table of numbers with classes in the last column."""
    with path.open(newline="") as lines:
        names = tuple(next(csv.reader(lines))[:-1])
    rows = table(path)
    x = np.array([row[:-1] for row in rows], float)
    y = np.array([row[-1] for row in rows])
    return make_samples(path.stem, Arrays(x, y, columns=names), "features")


def table(path: Path) -> list[list[str]]:
    """Return the rows of a CSV file without its header."""
    with path.open(newline="") as lines:
        return list(csv.reader(lines))[1:]


SETS = (
    RealSet("galaxyzoo1_spin.npz", npz("grid", channels_last=True), SPIRALS),
    RealSet("plankton10.npz", npz("grid"), PICTURES),
    RealSet("pcam32_small.npz", npz("grid", channels_last=True), PICTURES),
    RealSet("asl_massey36.npz", npz("grid"), PICTURES),
    RealSet("pneumoniamnist.npz", npz("grid"), PICTURES),
    RealSet("adrenalmnist3d.npz", npz("volume")),
    RealSet("vesselmnist3d.npz", npz("volume")),
    RealSet("dna_enhancer.npz", letters, ("reverse", PALINDROME, "shift:20")),
    RealSet("dna_splice.csv", letters, ("reverse", SPLICE, "shift:6")),
    RealSet("tic_tac_toe.csv", board(3, 3, "xo", False), ("rot90", "hflip", "vflip")),
    RealSet("connect4.csv", board(6, 7, "12", True), ("hflip", "vflip")),
    RealSet("chess_krk.csv", columns, ("swap:0-1", "swap:2-3", "swap:4-5", "swap:0-2")),
    RealSet("balance_scale.csv", columns, BALANCE),
    RealSet(
        "qm7_coulomb.npz",
        npz("grid"),
        ("rot90", "hflip", {"name": "exchange of axes", "image": TRANSPOSE}),
    ),
    RealSet("ts_osuleaf.npz", npz("sequence")),
    RealSet("ts_japanesevowels.npz", npz("sequence")),
    RealSet("ts_basicmotions.npz", npz("sequence")),
    RealSet("ts_ecg200.npz", npz("sequence")),
    RealSet("ts_trace.npz", npz("sequence")),
)


def main() -> None:
    names = [Path(one.file).stem for one in SETS]
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", nargs="+", choices=names, metavar="NAME", help=", ".join(names))
    options = parser.parse_args()
    print("| data (samples, seconds) | candidate | verdict | reason |\n| --- | --- | --- | --- |")
    for one in SETS:
        path = options.folder / one.file
        if options.only and path.stem not in options.only:
            continue
        if not path.exists():
            print(f"{one.file} is not in {options.folder}", file=sys.stderr)
            continue
        samples = one.read(path)
        candidates = candidates_of(one, samples)
        found = direct_tests(
            samples.x,
            samples.y,
            len(samples.classes),
            samples.domain,
            candidates,
            classes=samples.classes,
            clusters=find_copies(samples, candidates).clusters,
        )
        name = f"{path.stem} ({len(samples.y):,}; {found.seconds:.1f})"
        for verdict in found.verdicts:
            print(f"| {name} | {verdict.name} | {verdict.verdict} | {verdict.reason} |", flush=True)
            name = ""


def candidates_of(one: RealSet, samples: Samples) -> tuple[Symmetry, ...]:
    """Return the candidates of a data set."""
    if one.candidates is None:
        return tuple(default_candidates(samples.domain))
    return resolve(map(candidate_of, one.candidates), data_spec(samples))


if __name__ == "__main__":
    main()
