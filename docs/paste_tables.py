"""Paste the tables of reproductions between their markers in `docs/reproduction.md`.

python docs/paste_tables.py runs/reproduce-mlp-mnist runs/reproduce-mlp-fashion_mnist

For MLPs, make the pictures first: `python docs/make_pictures.py` with the same folders.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from autoequivariant.files import write_atomically
from autoequivariant.paper.cnn_tables import cnn_markdown, cnn_title
from autoequivariant.paper.mlp_tables import mlp_markdown, section_name
from autoequivariant.paper.singles import TITLES
from autoequivariant.paper.tables import paste

PAGE = Path(__file__).parent / "reproduction.md"


def section(results: dict[str, Any]) -> tuple[str, str]:
    """Return the name of a reproduction's section of the page, and its text."""
    dataset = results["dataset"]
    if "searches" in results:  # of CNNs
        return dataset, f"**{cnn_title(results)}.** {cnn_markdown(results)}"
    name = section_name(dataset, results["domains"])
    title = f"{TITLES[dataset]}: test accuracy of each single symmetry on each data set"
    return name, f"![{title}](pictures/reproduction-{name}.png)\n\n{mlp_markdown(results)}"


def main() -> None:
    """Paste the tables of the named runs."""
    page = PAGE.read_text()
    for run in map(Path, sys.argv[1:]):
        results = json.loads((run / "results.json").read_text())
        page = paste(page, *section(results))
    write_atomically(PAGE, page.encode())


if __name__ == "__main__":
    main()
