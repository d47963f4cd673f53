"""Diagrams of the pages as SVG, computed by the package; `make_pictures.py` writes them."""

from __future__ import annotations

import colorsys
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoequivariant.groups.catalogue import paper_candidates
from autoequivariant.groups.closure.lattice import Lattice
from autoequivariant.groups.closure.layer_actions import layer_actions
from autoequivariant.groups.domain import Grid
from autoequivariant.groups.orbits import pair_orbits
from autoequivariant.groups.symmetry import Symmetry, parse_symmetries
from autoequivariant.report.render.ascii_pictures import sample_picture

INK, PAPER, LINE = "#1d2433", "#ffffff", "#9aa3b5"
FONT = "font-family='sans-serif' font-size='13'"


def diagrams() -> dict[str, str]:
    """Return every diagram by the name of its file."""
    return {
        "symmetries.svg": what_symmetries_do(),
        "weights.svg": shared_weights(),
        "lattice.svg": hasse_diagram(),
    }


def what_symmetries_do() -> str:
    """A letter, and the same letter under each of the paper's twelve candidates."""
    grid, side, columns = Grid(8, 8), 80, 5
    letter = sample_picture(grid)
    shown = [("original", letter)]
    for symmetry in paper_candidates(step=2):
        moved = symmetry.action(grid).apply(letter.reshape(-1)).reshape(grid.shape)
        shown.append((str(symmetry), moved))
    parts = []
    for number, (name, picture) in enumerate(shown):
        x, y = 44 + number % columns * 168, 30 + number // columns * 130
        parts += [_text(x + side / 2, y - 8, name), *_cells(picture, x, y, side / 8)]
    rows = -(-len(shown) // columns)
    return _svg(columns * 168 + 8, rows * 130 + 10, parts)


def shared_weights() -> str:
    """The matrix of a layer from 3x3 to 3x3 for growing groups; equal colours are one weight."""
    grid, cell = Grid(3, 3), 18
    parts = []
    for number, names in enumerate(("", "hflip", "hflip,vflip", "rot90,hflip")):
        actions = [symmetry.action(grid) for symmetry in parse_symmetries(names)]
        orbits = pair_orbits(actions, actions, grid.size, grid.size)
        x, y = 20 + number * 190, 50
        title = names.replace(",", ", ") or "none (baseline)"
        parts += [
            _text(x + 80, y - 26, title),
            _text(x + 80, y - 9, f"{orbits.count} weights"),
            *_coloured(orbits.labels, orbits.count, x, y, cell),
        ]
    return _svg(4 * 190 + 10, 230, parts)


def hasse_diagram() -> str:
    """The closed states of four candidates on 8x8; a line leads to the next larger ones."""
    candidates = parse_symmetries("rot90,hflip,vflip,swap_left_right")
    lattice = Lattice(layer_actions(candidates, Grid(8, 8), [Grid(4, 4)]))
    states = [frozenset(closed.members) for closed in lattice.closed_states().closed_states]
    weights = {
        state: int(lattice.actions.weight_orbits(0, sorted(state)).free.sum()) for state in states
    }
    levels = sorted({len(state) for state in states})
    places = {}
    width = 760
    for row, level in enumerate(levels):
        members = sorted((s for s in states if len(s) == level), key=sorted)
        for column, state in enumerate(members):
            places[state] = ((column + 0.5) * width / len(members), 40 + row * 90)
    parts = [
        _line(*places[low], *places[high])
        for low in states
        for high in states
        if low < high and not any(low < between < high for between in states)
    ]
    for state, (x, y) in places.items():
        names = _shortest(lattice, state, candidates)
        parts += _box(x, y, names, f"{weights[state]:,} weights")
    return _svg(width, 40 + len(levels) * 90, parts)


def _shortest(lattice: Lattice, state: frozenset[int], candidates: Sequence[Symmetry]) -> str:
    generators = lattice.smallest_generators(state)
    more = len(state) - len(generators)
    names = ", ".join(str(candidates[number]) for number in generators) or "none (baseline)"
    return names + (f" (+{more})" if more else "")


def _cells(picture: NDArray[Any], x: float, y: float, cell: float) -> list[str]:
    height, width = picture.shape
    frame = (
        f"<rect x='{x:g}' y='{y:g}' width='{width * cell:g}' height='{height * cell:g}' "
        f"fill='#eef1f7'/>"
    )
    return [frame] + [
        f"<rect x='{x + column * cell:g}' y='{y + row * cell:g}' width='{cell:g}' "
        f"height='{cell:g}' fill='{INK}'/>"
        for row, column in np.argwhere(picture)
    ]


def _coloured(labels: NDArray[Any], count: int, x: float, y: float, cell: float) -> list[str]:
    # Steps by the golden ratio give consecutive numbers distant colours.
    colours = [
        "#" + "".join(f"{round(255 * part):02x}" for part in colorsys.hls_to_rgb(*hue))
        for hue in ((n * 0.618034 % 1, 0.45 + 0.3 * (n * 0.37 % 1), 0.65) for n in range(count))
    ]
    return [
        f"<rect x='{x + column * cell:g}' y='{y + row * cell:g}' width='{cell:g}' "
        f"height='{cell:g}' fill='{colours[labels[row, column]]}'/>"
        for row, column in np.ndindex(*labels.shape)
    ]


def _box(x: float, y: float, *lines: str) -> list[str]:
    width = 14 + 6.6 * max(map(len, lines))
    frame = (
        f"<rect x='{x - width / 2:g}' y='{y - 22:g}' width='{width:g}' height='44' rx='6' "
        f"fill='#eef1f7' stroke='{LINE}'/>"
    )
    return [frame] + [_text(x, y - 4 + 17 * row, line) for row, line in enumerate(lines)]


def _line(*ends: float) -> str:
    x1, y1, x2, y2 = ends
    return f"<line x1='{x1:g}' y1='{y1:g}' x2='{x2:g}' y2='{y2:g}' stroke='{LINE}'/>"


def _text(x: float, y: float, text: str) -> str:
    return (
        f"<text x='{x:g}' y='{y:g}' text-anchor='middle' fill='{INK}' {FONT}>{escape(text)}</text>"
    )


def _svg(width: float, height: float, parts: Iterable[str]) -> str:
    head = (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width:g} {height:g}' "
        f"width='{width:g}' height='{height:g}'>"
    )
    ground = f"<rect width='{width:g}' height='{height:g}' fill='{PAPER}'/>"
    return "\n".join([head, ground, *parts, "</svg>\n"])
