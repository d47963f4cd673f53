"""Pieces of HTML: tables, figures and pictures. Whatever is text is escaped here."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from PIL import Image

MOST_PIXELS = 96
"""A side of a picture of a sample; larger ones are made smaller."""
MOST_LETTERS = 240
"""Of a string that is shown."""
_LONG_WORD = 20


@dataclass(frozen=True)
class Section:
    """A part of the page.

    Attributes:
        anchor: what links go to.
        title: its heading.
        body: HTML.
        figures: data of its figures, by the id of their element.
    """

    anchor: str
    title: str
    body: str
    figures: tuple[tuple[str, go.Figure], ...] = ()


@dataclass(frozen=True)
class Column:
    """A column of a table: its heading, and whether numbers stand in it."""

    title: str
    is_number: bool = False


def paragraph(text: str, kind: str = "") -> str:
    """Return a paragraph; `kind` is a class of `page.css`."""
    return f"<p{_class(kind)}>{escape(text)}</p>"


def note(text: str) -> str:
    """Return what should not be overlooked."""
    return f'<p class="note" role="note">{escape(text)}</p>'


def table(
    title: str,
    columns: Sequence[Column],
    rows: Sequence[Sequence[str]],
    marked: Sequence[bool] = (),
) -> str:
    """Return a table that scrolls in a box of its own where it is too wide.

    Args:
        title: its caption.
        columns: the headings.
        rows: texts, one for each column.
        marked: which rows stand out. Default: none.
    """
    head = "".join(
        f'<th scope="col"{_class("number" * c.is_number)}>{escape(c.title)}</th>' for c in columns
    )
    lines = []
    for number, row in enumerate(rows):
        mark = _class("chosen" if number < len(marked) and marked[number] else "")
        cells = "".join(
            f"<td{_class('number' * c.is_number)}>{_whole_words(text)}</td>"
            for c, text in zip(columns, row, strict=True)
        )
        lines.append(f"<tr{mark}>{cells}</tr>")
    label = f'aria-label="{escape(title)}"'
    return (
        f'<p class="caption" aria-hidden="true">{escape(title)}</p>'
        f'<div class="scroll" tabindex="0" role="region" {label}>'
        f"<table {label}><thead><tr>{head}</tr></thead>"
        f"<tbody>{''.join(lines)}</tbody></table></div>"
    )


def chart(anchor: str, label: str, caption: str, least: int = 0) -> str:
    """Return the place of a figure.

    Args:
        anchor: the id of its element.
        label: what it is, for those who do not see it.
        caption: what is seen.
        least: pixels of width below which it scrolls in a box of its own. Default: none.
    """
    wide = f' style="--least:{least}px"' if least else ""
    kind = "chart wide" if least else "chart"
    return (
        '<figure><div class="scroll">'
        f'<div id="{anchor}" class="{kind}"{wide} role="img" aria-label="{escape(label)}"></div>'
        f"</div><figcaption>{escape(caption)}</figcaption></figure>"
    )


def picture(pixels: NDArray[np.uint8], alt: str) -> str:
    """Return an image in the page itself, shape `(height, width)` or `(height, width, 3)`."""
    image = Image.fromarray(np.ascontiguousarray(pixels))
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True)
    data = base64.b64encode(buffer.getvalue()).decode()
    return (
        f'<img src="data:image/png;base64,{data}" width="{image.width}" height="{image.height}" '
        f'alt="{escape(alt)}">'
    )


def sample_picture(pixels: NDArray[np.uint8], alt: str) -> str:
    """The same for a sample, which is made smaller where it is large."""
    factor = -(-max(pixels.shape[:2]) // MOST_PIXELS)
    if factor > 1:
        image = Image.fromarray(np.ascontiguousarray(pixels))
        size = (max(1, image.width // factor), max(1, image.height // factor))
        pixels = np.asarray(image.resize(size, Image.Resampling.BOX))
    return picture(pixels, alt)


def lines(values: NDArray[Any], limits: tuple[float, float], alt: str) -> str:
    """Return curves, shape `(channels, length)`, as a small drawing."""
    low, high = limits
    width, height, edge = 300, 90, 4
    x = np.linspace(edge, width - edge, values.shape[1]) if values.shape[1] > 1 else [width / 2]
    scaled = (np.asarray(values, float) - low) / ((high - low) or 1.0)
    drawn = []
    for row in scaled:
        y = height - edge - row * (height - 2 * edge)
        points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))
        drawn.append(f'<polyline points="{points}"/>')
    return (
        f'<svg class="lines" viewBox="0 0 {width} {height}" role="img" aria-label="{escape(alt)}">'
        f"{''.join(drawn)}</svg>"
    )


def letters(values: NDArray[Any], alt: str) -> str:
    """Return a string, one letter at each place, as text that breaks anywhere."""
    text = "".join(values[:MOST_LETTERS].tolist()) + "…" * (len(values) > MOST_LETTERS)
    return f'<code class="letters" aria-label="{escape(alt)}">{escape(text)}</code>'


def data_of(anchor: str, figure: go.Figure) -> str:
    """Return a figure's data as a script that is only read."""
    text = str(figure.to_json()).replace("<", "\\u003c")  # no name may end the script
    return f'<script type="application/json" data-figure="{anchor}">{text}</script>'


def _whole_words(text: str) -> str:
    """Keep short words with hyphens in one line, as in `swap:2-3`."""
    return " ".join(
        f'<span class="whole">{escape(word)}</span>'
        if "-" in word and len(word) <= _LONG_WORD
        else escape(word)
        for word in text.split(" ")
    )


def _class(name: str) -> str:
    return f' class="{name}"' if name else ""
