"""Make the pictures of the README from what the commands print: `python docs/make_pictures.py`."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

PICTURES = Path(__file__).parent / "pictures"
COMMAND = "aen search digits --plant hflip,swap_left_right --out runs/first"


def main() -> None:
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
    PICTURES.mkdir(exist_ok=True)
    console.save_svg(str(PICTURES / "first.svg"), title="aen search")


if __name__ == "__main__":
    main()
