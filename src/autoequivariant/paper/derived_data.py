"""Data sets that are made from others, with a card that says how."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from autoequivariant.data.formats.idx import idx_bytes
from autoequivariant.data.published.catalogue import PUBLISHED
from autoequivariant.data.registry import read
from autoequivariant.data.samples import Samples
from autoequivariant.errors import RunError, SettingsError
from autoequivariant.files import write_atomically
from autoequivariant.paper.g_mnist import (
    SETTINGS,
    TRANSFORMATIONS,
    chosen_transformations,
    transformed,
)
from autoequivariant.paper.rot_mnist import rot_mnist


@dataclass(frozen=True)
class Recipe:
    """How a data set is made from another.

    Attributes:
        original: what it is made from, by its name in `PUBLISHED`; its licence is passed on.
        made_as_in: who made it first.
        how: what is done to the images, for the card.
        make: the data set of the original, a setting and a seed.
        settings: what there is to choose, the default first. Default: nothing; `make` gets "".
        transformations: what a setting does, for the card.
    """

    original: str
    made_as_in: str
    how: str
    make: Callable[[Samples, str, int], Samples]
    settings: tuple[str, ...] = ()
    transformations: Callable[[str], tuple[str, ...]] = lambda setting: ()


def _names(setting: str) -> tuple[str, ...]:
    return tuple(TRANSFORMATIONS[place].name for place in chosen_transformations(setting))


def _turned(samples: Samples, setting: str, seed: int) -> Samples:
    return rot_mnist(samples, seed)


_G_HOW = """each of the transformations below is applied to each image with probability
1/2, once. Rotation is by any angle, translation by one pixel."""
_ROT_HOW = """each image is turned about its centre, once, by an angle drawn uniformly
from the full turn. The images were drawn without repetition from the original's training and test
images together; those of the first publication were drawn otherwise."""

RECIPES = MappingProxyType(
    {
        "g-mnist": Recipe("mnist", "arXiv 2104.04848", _G_HOW, transformed, SETTINGS, _names),
        "g-fashion-mnist": Recipe(
            "fashion_mnist", "arXiv 2104.04848", _G_HOW, transformed, SETTINGS, _names
        ),
        "rotmnist": Recipe("mnist", "Larochelle et al., ICML 2007", _ROT_HOW, _turned),
    }
)


def make_data(name: str, source: Path, setting: str | None, seed: int, out: Path) -> list[Path]:
    """Make a data set from the files in `source` and write it with its card into `out`.

    The same seed gives the same bytes on every machine.

    Args:
        name: `g-mnist`, `g-fashion-mnist` or `rotmnist`.
        source: the folder with the originals.
        setting: `none`, one of the paper's twelve by name, or `mix1` to `mix5`; None is `none`, and
            all that there is for `rotmnist`.
        seed: a whole number of 0 or more.
        out: a folder that is new or empty.

    Returns:
        The files that were written.

    Raises:
        SettingsError: there is no such data set or setting.
        DataError: the source cannot be read or used.
        RunError: `out` holds something, or cannot be written.
    """
    if name not in RECIPES:
        raise SettingsError(f"There is no recipe {name!r}: choose one of {', '.join(RECIPES)}.")
    recipe = RECIPES[name]
    chosen = _setting(name, recipe, setting)
    made = recipe.make(read(recipe.original, None, source), chosen, seed)
    contents = _files(made)
    card = _card(name, recipe, chosen, seed, made, contents)
    contents["card.json"] = (json.dumps(card, indent=2) + "\n").encode()
    contents["README.md"] = _markdown(card, recipe).encode()
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


def _setting(name: str, recipe: Recipe, setting: str | None) -> str:
    if setting is None:
        return next(iter(recipe.settings), "")
    if setting in recipe.settings:
        return setting
    choice = ", ".join(recipe.settings)
    raise SettingsError(
        f"There is no setting {setting!r} of {name}: "
        + (f"choose one of {choice}." if choice else "it has none, so leave --setting out.")
    )


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
    name: str,
    recipe: Recipe,
    setting: str,
    seed: int,
    samples: Samples,
    files: dict[str, bytes],
) -> dict[str, Any]:
    chosen = {"setting": setting, "transformations": list(recipe.transformations(setting))}
    return {
        "name": name,
        **(chosen if setting else {}),
        "made_as_in": recipe.made_as_in,
        "source": PUBLISHED[recipe.original].title,
        "licence": PUBLISHED[recipe.original].licence,
        "seed": seed,
        "shape": str(samples.domain),
        "classes": list(samples.classes),
        "counts": {
            "train": len(samples.y),
            "test": 0 if samples.y_test is None else len(samples.y_test),
        },
        "sha256": {file: hashlib.sha256(content).hexdigest() for file, content in files.items()},
    }


def _markdown(card: dict[str, Any], recipe: Recipe) -> str:
    rows = "\n".join(f"| `{file}` | `{digest}` |" for file, digest in card["sha256"].items())
    counts, source = card["counts"], card["source"]
    title, chosen = card["name"], ""
    if "setting" in card:
        title += f", setting {card['setting']}"
        chosen = f"- transformations: {', '.join(card['transformations']) or 'none'}\n"
    return f"""# {title}

{counts["train"]:,} training and {counts["test"]:,} test images of {card["shape"]} pixels in
{len(card["classes"])} classes, in the IDX files of {source}, from which they are made as in
{card["made_as_in"]}: {recipe.how}

{chosen}- seed: {card["seed"]}
- licence: {card["licence"]}, as {source}

| file | SHA-256 |
| --- | --- |
{rows}
"""
