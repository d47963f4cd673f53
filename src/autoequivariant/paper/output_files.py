"""The files that show a reproduction: its tables and its heat map."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from autoequivariant.files import write_atomically
from autoequivariant.paper.heat_map import HEAT_MAP, heat_map_html
from autoequivariant.paper.mlp_tables import TABLES, tables


def write_reproduction(results: dict[str, Any], folder: Path) -> list[Path]:
    """Write the tables and the heat map beside the results; return the paths of all three.

    Raises:
        RunError: a file cannot be written.
    """
    contents = {TABLES: tables(results), HEAT_MAP: heat_map_html(results)}
    for name, content in contents.items():
        write_atomically(folder / name, content.encode())
    return [folder / name for name in ("results.json", *contents)]
