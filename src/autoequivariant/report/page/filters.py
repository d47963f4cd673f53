"""Filters of the templates: pictures as data, and text with the right line breaks."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from markupsafe import Markup, escape
from numpy.typing import NDArray
from PIL import Image

from autoequivariant.errors import printable_lines
from autoequivariant.report.findings.symmetries.candidate_moves import Moves

MOST_PIXELS = 96
"""Most pixels of a side of a sample's picture; larger samples are shrunk."""
MOST_LETTERS = 240
WIDTH, HEIGHT, EDGE = 300, 90, 4
"""Of the drawing of a curve (`macros.html`)."""
_LONG_WORD = 20


@dataclass(frozen=True)
class PNG:
    """An image as a data URL, with its size in pixels."""

    data: str
    width: int
    height: int


def png(pixels: NDArray[np.uint8]) -> PNG:
    """Encode pixels, shape `(height, width)` or `(height, width, 3 or 4)`."""
    image = Image.fromarray(np.ascontiguousarray(pixels))
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True)
    data = base64.b64encode(buffer.getvalue()).decode()
    return PNG(f"data:image/png;base64,{data}", image.width, image.height)


def smaller(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Shrink a picture to at most `MOST_PIXELS` a side."""
    factor = -(-max(pixels.shape[:2]) // MOST_PIXELS)
    if factor == 1:
        return pixels
    image = Image.fromarray(np.ascontiguousarray(pixels))
    size = (max(1, image.width // factor), max(1, image.height // factor))
    return np.asarray(image.resize(size, Image.Resampling.BOX))


def polylines(values: NDArray[Any], limits: tuple[float, float]) -> list[str]:
    """Return the points of curves, shape `(channels, length)`, for SVG."""
    low, high = limits
    length = values.shape[1]
    x = np.linspace(EDGE, WIDTH - EDGE, length) if length > 1 else [WIDTH / 2]
    y = (
        HEIGHT
        - EDGE
        - (np.asarray(values, float) - low) / ((high - low) or 1.0) * (HEIGHT - 2 * EDGE)
    )
    return [" ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, row, strict=True)) for row in y]


def limits_of(moves: Moves) -> tuple[float, float]:
    """Return the range of all curves, so that before and after have one scale."""
    if moves.kind != "lines" or not moves.before:
        return 0.0, 1.0
    every = [moves.before[0], *(move.after[0] for move in moves.moves if move.after)]
    return float(min(map(np.min, every))), float(max(map(np.max, every)))


def letters(values: NDArray[Any]) -> str:
    """Join letters, at most `MOST_LETTERS`."""
    return "".join(values[:MOST_LETTERS].tolist()) + "…" * (len(values) > MOST_LETTERS)


def shown(value: Any) -> Any:
    """Show control characters and directions of writing; for every expression of the templates."""
    is_plain = isinstance(value, str) and not isinstance(value, Markup)
    return printable_lines(value) if is_plain else value


def figure_json(figure: go.Figure) -> Markup:
    """Return the data of a figure for a script element, which no name in them can end."""
    return Markup(str(figure.to_json()).replace("<", "\\u003c"))


def whole_words(text: str) -> Markup:
    """Keep short words with hyphens, such as `swap:2-3`, in one line."""
    whole = Markup('<span class="whole">{}</span>')
    is_whole = [("-" in word and len(word) <= _LONG_WORD, word) for word in shown(text).split(" ")]
    return Markup(" ").join(whole.format(word) if keep else word for keep, word in is_whole)


def breakable(name: str) -> Markup:
    """Let a name break after its underscores."""
    return escape(shown(name)).replace("_", Markup("_<wbr>"))
