"""Data sets that are made from others, with a card that says how."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from autoequivariant.data.g_mnist import TRANSFORMATIONS, chosen_transformations, transformed
from autoequivariant.data.idx import idx_bytes
from autoequivariant.data.samples import Samples
from autoequivariant.data.sources import read
from autoequivariant.errors import RunError, SettingsError
from autoequivariant.files import write_atomically

PAPER = "arXiv 2104.04848"


@dataclass(frozen=True)
class Origin:
    """What a made data set is made from: its title and the licence that it passes on."""

    title: str
    licence: str


MADE = {
    "g-mnist": Origin("MNIST", "CC BY-SA 3.0"),
    "g-fashion-mnist": Origin("Fashion-MNIST", "MIT"),
}


def make_data(name: str, source: Path, setting: str, seed: int, out: Path) -> list[Path]:
    """Make a data set from the IDX files in `source` and write it with its card into `out`.

    The same seed gives the same bytes on every machine.

    Args:
        name: `g-mnist` or `g-fashion-mnist`.
        source: the folder with the originals.
        setting: `none`, one of the paper's twelve by name, or `mix1` to `mix5`.
        seed: a whole number of 0 or more.
        out: a folder that is new or empty.

    Returns:
        The files that were written.

    Raises:
        SettingsError: there is no such data set or setting.
        DataError: the source cannot be read or used.
        RunError: `out` holds something, or cannot be written.
    """
    if name not in MADE:
        raise SettingsError(f"There is no recipe {name!r}: choose one of {', '.join(MADE)}.")
    chosen_transformations(setting)
    made = transformed(read(source), setting, seed)
    contents = _files(made)
    card = _card(name, setting, seed, made, contents)
    contents["card.json"] = (json.dumps(card, indent=2) + "\n").encode()
    contents["README.md"] = _markdown(card).encode()
    _prepare(out)
    written = [out / file for file in contents]
    try:
        for path, content in zip(written, contents.values(), strict=True):
            write_atomically(path, content)
    except RunError:
        for path in written:
            path.unlink(missing_ok=True)
        raise
    return written


def _prepare(out: Path) -> None:
    try:
        if out.exists() and any(out.iterdir()):
            raise RunError(f"{out} is not empty: choose another --out or empty it first.")
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        if isinstance(error, RunError):
            raise
        raise RunError(f"{out} cannot be made ({error.strerror}): choose another --out.") from error


def _files(samples: Samples) -> dict[str, bytes]:
    files = {
        "train-images-idx3-ubyte": idx_bytes(samples.x[:, 0]),
        "train-labels-idx1-ubyte": idx_bytes(samples.y.astype(np.uint8)),
    }
    if samples.x_test is not None and samples.y_test is not None:
        files["t10k-images-idx3-ubyte"] = idx_bytes(samples.x_test[:, 0])
        files["t10k-labels-idx1-ubyte"] = idx_bytes(samples.y_test.astype(np.uint8))
    return files


def _card(
    name: str, setting: str, seed: int, samples: Samples, files: dict[str, bytes]
) -> dict[str, Any]:
    return {
        "name": name,
        "setting": setting,
        "transformations": [TRANSFORMATIONS[k].name for k in chosen_transformations(setting)],
        "made_as_in": PAPER,
        "source": MADE[name].title,
        "licence": MADE[name].licence,
        "seed": seed,
        "shape": str(samples.domain),
        "classes": list(samples.classes),
        "counts": {
            "train": len(samples.y),
            "test": 0 if samples.y_test is None else len(samples.y_test),
        },
        "sha256": {file: hashlib.sha256(content).hexdigest() for file, content in files.items()},
    }


def _markdown(card: dict[str, Any]) -> str:
    chosen = ", ".join(card["transformations"]) or "none"
    rows = "\n".join(f"| `{file}` | `{digest}` |" for file, digest in card["sha256"].items())
    counts, source = card["counts"], card["source"]
    return f"""# {card["name"]}, setting {card["setting"]}

{counts["train"]:,} training and {counts["test"]:,} test images of {card["shape"]} pixels in
{len(card["classes"])} classes, in the IDX files of {source}, from which they are made as in
{card["made_as_in"]}: each of the transformations below is applied to each image with probability
1/2, once. Rotation is by any angle, translation by one pixel.

- transformations: {chosen}
- seed: {card["seed"]}
- licence: {card["licence"]}, as {source}

| file | SHA-256 |
| --- | --- |
{rows}
"""
