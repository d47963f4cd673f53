"""Put the tables of reproductions into `docs/reproduction.md`, between their markers.

python docs/paste_tables.py runs/reproduce-mlp-mnist runs/reproduce-mlp-fashion_mnist

Make the pictures of MLPs first: `python docs/make_pictures.py` with the same folders.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from autoequivariant.files import write_atomically
from autoequivariant.paper.cnn_tables import CNN_TITLES, cnn_tables
from autoequivariant.paper.mlp_tables import TITLES, paste, tables

PAGE = Path(__file__).parent / "reproduction.md"


def main() -> None:
    """Paste the tables of every run that is named."""
    page = PAGE.read_text()
    for run in map(Path, sys.argv[1:]):
        results = json.loads((run / "results.json").read_text())
        name = results["dataset"]
        if name in CNN_TITLES:
            page = paste(page, name, f"**{CNN_TITLES[name]}.** {cnn_tables(results)}")
            continue
        title = f"{TITLES[name]}: test accuracy of each single symmetry on each data set"
        page = paste(
            page, name, f"![{title}](pictures/reproduction-{name}.png)\n\n{tables(results)}"
        )
    write_atomically(PAGE, page.encode())


if __name__ == "__main__":
    main()
