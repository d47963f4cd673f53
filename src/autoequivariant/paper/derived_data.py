"""Data sets derived from published ones, each with a card that records how it was made."""

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
    """How to derive a data set from an original.

    Attributes:
        original: name of the original in `PUBLISHED`; its license is passed on.
        made_as_in: the publication that introduced the data set.
        how: what happens to the images, for the card.
        make: maps the original, a setting and a seed to the data set.
        settings: the available settings, default first. Default: none; then `make` gets "".
    """

    original: str
    made_as_in: str
    how: str
    make: Callable[[Samples, str, int], Samples]
    settings: tuple[str, ...] = ()


_PAPER = "arXiv 2104.04848"
_G_HOW = """each of the transformations below is applied to each image with probability
1/2, once. Rotation is by any angle, translation by one pixel."""
_ROT_HOW = """each image is rotated once about its center, by an angle drawn uniformly
from the full turn. The images are drawn without replacement from the original's training and test
images together; the first publication drew others."""

RECIPES = MappingProxyType(
    {
        "g-mnist": Recipe("mnist", _PAPER, _G_HOW, transformed, SETTINGS),
        "g-fashion-mnist": Recipe("fashion_mnist", _PAPER, _G_HOW, transformed, SETTINGS),
        "rotmnist": Recipe(
            "mnist",
            "Larochelle et al., ICML 2007",
            _ROT_HOW,
            lambda samples, setting, seed: rot_mnist(samples, seed),
        ),
    }
)


def make_data(
    name: str,
    source: Path,
    setting: str | None,
    seed: int,
    out: Path,
    memory_limit: int | None = None,
) -> list[Path]:
    """Derive a data set from the files in `source` and write it with its card into `out`.

    The same seed gives the same bytes on every machine.

    Args:
        name: one of `RECIPES`.
        source: the folder with the original's files.
        setting: one of the recipe's settings. None: the first, or none for `rotmnist`.
        seed: a non-negative integer.
        out: a new or empty folder.
        memory_limit: as in `read`.

    Returns:
        The files written.

    Raises:
        SettingsError: the name or the setting is unknown.
        DataError: the source cannot be read or used.
        RunError: `out` is not empty or cannot be written.
    """
    if name not in RECIPES:
        raise SettingsError(f"Data set must be one of {', '.join(RECIPES)}; got {name!r}.")
    recipe = RECIPES[name]
    chosen = _setting(name, recipe, setting)
    made = recipe.make(read(recipe.original, None, source, memory_limit=memory_limit), chosen, seed)
    contents = _files(made)
    card = _card(name, recipe, chosen, seed, made, contents)
    contents["card.json"] = (json.dumps(card, indent=2) + "\n").encode()
    contents["README.md"] = _markdown(card, recipe).encode()
    _prepare(out)
    written = [out / file for file in contents]
    try:
        for path, content in zip(written, contents.values(), strict=True):
            write_atomically(path, content)
    except (RunError, KeyboardInterrupt):
        for path in written:
            path.unlink(missing_ok=True)
        raise
    return written


def _setting(name: str, recipe: Recipe, setting: str | None) -> str:
    if setting is None:
        return next(iter(recipe.settings), "")
    if not recipe.settings:
        raise SettingsError(f"{name} has no settings; got {setting!r}: omit --setting.")
    if setting not in recipe.settings:
        known = ", ".join(recipe.settings)
        raise SettingsError(f"--setting of {name} must be one of {known}; got {setting!r}.")
    return setting


def _prepare(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        is_used = any(out.iterdir())
    except OSError as error:
        raise RunError(
            f"{out} cannot be created ({error.strerror}): choose another --out."
        ) from error
    if is_used:
        raise RunError(f"{out} is not empty: choose another --out or empty it first.")


def _files(samples: Samples) -> dict[str, bytes]:
    parts = [("train", samples.x, samples.y), ("t10k", samples.x_test, samples.y_test)]
    files = {}
    for part, x, y in parts:
        if x is not None and y is not None:
            files[f"{part}-images-idx3-ubyte"] = idx_bytes(x[:, 0])
            files[f"{part}-labels-idx1-ubyte"] = idx_bytes(y.astype(np.uint8))
    return files


def _card(
    name: str, recipe: Recipe, setting: str, seed: int, samples: Samples, files: dict[str, bytes]
) -> dict[str, Any]:
    chosen: dict[str, Any] = {}
    if setting:
        names = [TRANSFORMATIONS[index].name for index in chosen_transformations(setting)]
        chosen = {"setting": setting, "transformations": names}
    return {
        "name": name,
        **chosen,
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
- license: {card["licence"]}, like {source}

| file | SHA-256 |
| --- | --- |
{rows}
"""
