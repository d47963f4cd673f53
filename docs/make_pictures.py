"""Make the pictures of the documentation from the output of the commands.

    python docs/make_pictures.py                            # that of the README, and all diagrams
    python docs/make_pictures.py diagrams                   # only the diagrams
    python docs/make_pictures.py runs/reproduce-mlp-mnist   # the heat map of a reproduction
    python docs/make_pictures.py runs/galaxyzoo1_spin       # what a finished search of spirals said

A heat map is a screenshot by `chromium`, which must be on the path.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from diagrams import diagrams
from rich.console import Console
from rich.text import Text

from autoequivariant.paper.heat_map import HEIGHT, WIDTH, heat_map_html
from autoequivariant.paper.mlp_tables import section_name
from autoequivariant.report.findings.summary import findings_of
from autoequivariant.report.findings.tables import rivals_table
from autoequivariant.report.render.tables import print_table
from autoequivariant.report.render.verdict_table import print_verdicts
from autoequivariant.runs.replay import replay_run
from autoequivariant.runs.run import open_run

PICTURES = Path(__file__).parent / "pictures"
COMMAND = "aen search digits --plant hflip,swap_left_right --out runs/first"
SPIRALS = "aen search galaxyzoo1_spin.npz --symmetries mirror.yaml --out runs/spirals"
BROWSER = (
    *("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--hide-scrollbars", "--virtual-time-budget=5000"),
)
EDGE = 16  # margins of a page, both sides together, in pixels


def first_command() -> Path:
    """Run the README's first command in an empty folder and draw its output."""
    environment = os.environ | {"FORCE_COLOR": "1", "COLUMNS": "80"}
    with tempfile.TemporaryDirectory() as folder:
        aen = [sys.executable, "-m", "autoequivariant", *COMMAND.split()[1:]]
        done = subprocess.run(
            aen, cwd=folder, env=environment, check=True, capture_output=True, text=True
        )
    console = Console(record=True, width=80, file=io.StringIO())
    console.print(f"[bold]$ {COMMAND}[/]")
    lines = [line for line in done.stdout.splitlines() if "━" not in line]  # moving bars
    console.print(Text.from_ansi("\n".join(lines)))
    return saved(console, "first.svg")


def finished(run: Path) -> Path:
    """Draw the verdicts and the test scores of the search of the spirals, from its folder."""
    console = Console(record=True, width=80, file=io.StringIO())
    with replay_run(open_run(run)) as replay:
        found, verdicts = findings_of(replay.outcome), replay.outcome.results.verdicts
        console.print(f"[bold]$ {SPIRALS}[/]\n")
        print_verdicts(console, verdicts)
        for line in found.claims.groups if found.claims else ():
            console.print(f"\n[bold green]{line}[/]")
        console.print()
        print_table(console, rivals_table(found.rivals, found.metric))
    return saved(console, "spirals.svg")


def saved(console: Console, name: str) -> Path:
    """Write what a console printed."""
    console.save_svg(str(PICTURES / name), title="aen search")
    return PICTURES / name


def drawn() -> list[Path]:
    """Draw the diagrams."""
    for name, picture in diagrams().items():
        (PICTURES / name).write_text(picture, "utf-8")
    return [PICTURES / name for name in diagrams()]


def reproduction(run: Path) -> Path:
    """Take a screenshot of the heat map of a reproduction."""
    results = json.loads((run / "results.json").read_text())
    name = section_name(results["dataset"], results["domains"])
    picture = PICTURES / f"reproduction-{name}.png"
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "heatmap.html"
        page.write_text(heat_map_html(results))
        browser = [
            *BROWSER,
            f"--user-data-dir={folder}/browser",
            f"--screenshot={picture.resolve()}",
            f"--window-size={WIDTH + EDGE},{HEIGHT + EDGE}",
            page.as_uri(),
        ]
        subprocess.run(browser, check=True, capture_output=True)
    return picture


def named(run: Path) -> Path:
    """Make the picture of a run."""
    return finished(run) if (run / "study.db").exists() else reproduction(run)


def main() -> None:
    """Make the pictures of the named runs; without any, all others."""
    PICTURES.mkdir(exist_ok=True)
    if sys.argv[1:] == ["diagrams"]:
        made = drawn()
    else:
        made = [named(Path(run)) for run in sys.argv[1:]] or [first_command(), *drawn()]
    for picture in made:
        print(f"written: {picture}")


if __name__ == "__main__":
    main()
