"""Tables and figures of the searches of `compare.py`, pasted into `docs/search.md`.

    python benchmarks/aen_table/summarise.py [--runs samplers.csv] [--shapes ours]

prints the tables, pastes them between the page's markers, and draws the curves into `docs/pictures`
with Chromium, like `docs/make_pictures.py`.
"""

from __future__ import annotations

import argparse
import csv
import math
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
from compare import DATA, MOST, RUNS, SETTINGS, SHOWN, SLOW
from plotly.subplots import make_subplots
from replay import SAMPLERS, load

from autoequivariant.files import write_atomically
from autoequivariant.paper.tables import markdown, paste
from autoequivariant.report.findings.table import Table, columns

DOCS = Path(__file__).parents[2] / "docs"
PAGE, PICTURE = DOCS / "search.md", DOCS / "pictures" / "samplers.png"
WIDTH, HEIGHT = 1200, 720
COLOURS = {
    "lattice": "#1a6fb2",
    "tpe": "#b2581a",
    "nsga2": "#7a4fb0",
    "gp": "#8a8a2a",
    "dqn": "#b0304f",
    "random": "#222222",
    "random order": "#999999",
}
BROWSER = (
    *("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--hide-scrollbars", "--virtual-time-budget=5000"),
)

Place = tuple[str, str]
"""A data set and a setting."""


@dataclass(frozen=True)
class Searches:
    """All repeats of one sampler in one place.

    Attributes:
        until: networks trained until within 0.5 points of the best; infinity for never.
        ends: number of networks after which the search would have ended by itself; lattice only.
        tests: test accuracy of the best by validation after each network, `(repeats, networks)`.
    """

    until: np.ndarray
    ends: np.ndarray
    tests: np.ndarray

    @property
    def median(self) -> float:
        """The median of `until`."""
        return quartiles(self.until)[1]


def quartiles(values: np.ndarray) -> tuple[float, float, float]:
    """Quartiles by rank: no mean of a number and infinity."""
    low, middle, high = np.quantile(values, [0.25, 0.5, 0.75], method="higher")
    return float(low), float(middle), float(high)


def read_runs(path: Path, shapes: str) -> dict[tuple[str, Place], Searches]:
    """Read all searches on these shapes."""
    found: dict[tuple[str, Place], list[dict[str, str]]] = {}
    with path.open(newline="") as lines:
        for row in csv.DictReader(lines):
            if row["shapes"] == shapes:
                place = row["data"], row["setting"]
                found.setdefault((row["sampler"], place), []).append(row)
    return {key: _searches(rows) for key, rows in found.items()}


def _searches(rows: list[dict[str, str]]) -> Searches:
    curves = [[float(test) for test in row["tests"].split()] for row in rows]
    length = max(map(len, curves))
    # A search without further proposals keeps its last value.
    whole = [curve + curve[-1:] * (length - len(curve)) for curve in curves]
    return Searches(
        np.array([float(row["until"] or math.inf) for row in rows]),
        np.array([float(row["end"]) for row in rows if row["end"]]),
        np.array(whole),
    )


def places() -> list[Place]:
    """All data sets and settings, in the tables' order."""
    return [(data, setting) for data in DATA for setting in SETTINGS]


def shown(count: float) -> str:
    """A number of networks; unknown beyond `MOST`."""
    return f"{count:.0f}" if math.isfinite(count) else f"> {MOST}"


def table_of_until(runs: dict[tuple[str, Place], Searches]) -> str:
    """Median networks, with quartiles, of each sampler in each place; and the median of places."""
    known = [name for name in SAMPLERS if all((name, place) in runs for place in places())]
    rows = []
    for place in places():
        cells = []
        for name in known:
            low, middle, high = quartiles(runs[name, place].until)
            cells.append(f"{shown(middle)} ({shown(low)} to {shown(high)})")
        rows.append((" ".join(place), *cells))
    medians = [
        shown(quartiles(np.array([runs[name, place].median for place in places()]))[1])
        for name in known
    ]
    rows.append(("**median of the settings**", *(f"**{m}**" for m in medians)))
    return markdown(Table("", columns(["data set and setting"], [*known]), tuple(rows)))


def table_of_accuracy(runs: dict[tuple[str, Place], Searches], shapes: str) -> str:
    """The distance of each sampler from the best network, after given numbers of networks."""
    known = [name for name in SAMPLERS if all((name, place) in runs for place in places())]
    best = {place: load(*place, shapes).best_test for place in places()}
    rows = []
    for count in (13, 20, 30, 40, 50):
        cells = []
        for name in known:
            lags = [
                100 * (best[place] - np.median(runs[name, place].tests[:, count - 1]))
                for place in places()
                if runs[name, place].tests.shape[1] >= count
            ]
            cells.append(f"{np.mean(lags):.2f}" if len(lags) == len(places()) else "")
        rows.append((str(count), *cells))
    return markdown(Table("", columns(["networks trained"], [*known]), tuple(rows)))


def verdict(runs: dict[tuple[str, Place], Searches]) -> str:
    """The conclusions of the comparison, in numbers."""
    losses = []
    for place in places():
        lattice, tpe = runs["lattice", place].median, runs["tpe", place].median
        if lattice > tpe:
            losses.append(f"{' '.join(place)} ({shown(lattice)} against {shown(tpe)})")
    over = {
        name: quartiles(np.array([runs[name, place].median for place in places()]))[1]
        for name in ("lattice", "random", "random order", "tpe")
    }
    ends = np.concatenate([runs["lattice", place].ends for place in places()])
    low, middle, high = quartiles(ends)
    lines = [
        f"- Median of the settings: lattice {shown(over['lattice'])}, random "
        f"{shown(over['random'])}, random order {shown(over['random order'])}, "
        f"tpe {shown(over['tpe'])}.",
        f"- Lattice needs more than TPE on {len(losses)} of {len(places())} settings"
        + (f": {'; '.join(losses)}." if losses else "."),
        f"- A lattice search ends by itself after {middle:.0f} networks ({low:.0f} to {high:.0f}).",
    ]
    return "\n".join(lines)


def curves(runs: dict[tuple[str, Place], Searches], shapes: str) -> go.Figure:
    """A panel for each place: medians as lines, quartiles of lattice and random as bands."""
    titles = [f"{data.replace('_', ' ')}, {setting}" for data, setting in places()]
    figure = make_subplots(
        2, len(SETTINGS), subplot_titles=titles, horizontal_spacing=0.035, vertical_spacing=0.14
    )
    for number, place in enumerate(places()):
        row, column = number // len(SETTINGS) + 1, number % len(SETTINGS) + 1
        best = 100 * load(*place, shapes).best_test
        for name in SAMPLERS:
            if (name, place) not in runs:
                continue
            tests = 100 * runs[name, place].tests
            x = list(range(1, tests.shape[1] + 1))
            low, middle, high = np.quantile(tests, [0.25, 0.5, 0.75], axis=0)
            line = {"color": COLOURS[name], "width": 2.5 if name == "lattice" else 1.3}
            if name in ("lattice", "random"):
                figure.add_scatter(
                    **{"x": x + x[::-1], "y": [*high, *low[::-1]], "row": row, "col": column},
                    **{"fill": "toself", "fillcolor": COLOURS[name], "opacity": 0.15},
                    **{"line": {"width": 0}, "mode": "lines", "showlegend": False},
                )
            figure.add_scatter(
                **{"x": x, "y": middle, "name": name, "line": line, "mode": "lines"},
                **{"legendgroup": name, "showlegend": number == 0, "row": row, "col": column},
            )
        figure.update_yaxes(range=[best - 8, best + 0.4], row=row, col=column)
        figure.add_hline(best, row=row, col=column, line={"dash": "dot", "width": 1})
    figure.update_annotations(font_size=12)
    figure.update_layout(
        title="Test accuracy (%) of the best network on validation so far, by networks trained",
        template="simple_white",
        width=WIDTH,
        height=HEIGHT,
        font={"family": "Helvetica, Arial, sans-serif", "size": 11, "color": "#222222"},
        legend={"orientation": "h", "y": -0.07},
        margin={"l": 40, "r": 20, "t": 80, "b": 50},
    )
    return figure


def photograph(figure: go.Figure, picture: Path) -> None:
    """Save a figure as a PNG file."""
    picture.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "curves.html"
        figure.write_html(page, include_plotlyjs=True, config={"displayModeBar": False})
        options = [
            f"--user-data-dir={folder}/browser",
            f"--screenshot={picture.resolve()}",
            f"--window-size={WIDTH + 16},{HEIGHT + 16}",
        ]
        subprocess.run([*BROWSER, *options, page.as_uri()], check=True, capture_output=True)


def main() -> None:
    """Make the tables and the figure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=Path, default=RUNS)
    parser.add_argument("--shapes", default="ours", choices=["ours", "paper"])
    options = parser.parse_args()
    runs = read_runs(options.runs, options.shapes)
    counts = [len(one.until) for (name, _), one in runs.items() if name not in SLOW]
    least, most_repeats = min(counts), max(counts)
    times = str(least) if least == most_repeats else f"{least} to {most_repeats}"
    slow = ", ".join(f"{name} {of} times for {most} networks" for name, (of, most) in SLOW.items())
    text = (
        f"Every sampler {times} times"
        + (f" ({slow})" if any(name in SLOW for name, _ in runs) else "")
        + ".\n\n"
        "**Networks trained until the best on validation so far is within 0.5 points, on test, of "
        f"the best of all**: median and quartiles; a search ends at {MOST}.\n\n"
        f"{table_of_until(runs)}\n\n"
        "**Points of test accuracy behind the best network of all**, by networks trained: "
        "medians over repeats, mean over settings.\n\n"
        f"{table_of_accuracy(runs, options.shapes)}\n\n{verdict(runs)}\n\n"
        f"![Curves of all samplers](pictures/{PICTURE.name})"
    )
    print(text)
    write_atomically(PAGE, paste(PAGE.read_text(), "samplers", text).encode())
    photograph(curves(runs, options.shapes), PICTURE)
    print(f"\nwritten into {PAGE} and {PICTURE}; curves are shown up to {SHOWN} networks")


if __name__ == "__main__":
    main()
