"""All 216 distinct networks of the paper's shapes on MNIST with a planted group.

    python benchmarks/paper_search.py path/to/mnist [--device cuda]

runs the search in a temporary folder and prints times and results beside the targets. Exits with 1
if a target is missed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from autoequivariant.groups.catalogue import paper_candidates
from autoequivariant.groups.closure.lattice import Lattice
from autoequivariant.groups.closure.layer_actions import layer_actions
from autoequivariant.groups.domain import Grid
from autoequivariant.groups.symmetry import parse_symmetries

PLANT = "hflip,vflip,swap_left_right,swap_left_right_bottom"
MOST_SECONDS = 60.0


def planted_closure() -> list[str]:
    """Return the candidates in the closure of the planted symmetries."""
    candidates = paper_candidates()
    actions = layer_actions(candidates, Grid(28, 28), [Grid(20, 20)] * 2, allow_improper=True)
    state = [candidates.index(symmetry) for symmetry in parse_symmetries(PLANT)]
    return [str(candidates[number]) for number in sorted(Lattice(actions).closure(state))]


def main() -> int:
    """Run the search and print the table; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("mnist")
    parser.add_argument("--device", default="cpu")
    arguments = parser.parse_args()
    options = "--train-size 4000 --validation-size 1000 --epochs 4 --sampler exhaustive"
    options += f" --no-tests --smallest --device {arguments.device}"
    with tempfile.TemporaryDirectory() as folder:
        command = [
            "search",
            arguments.mnist,
            "--preset",
            "paper",
            "--plant",
            PLANT,
            *options.split(),
        ]
        aen = [sys.executable, "-m", "autoequivariant", *command, "--out", f"{folder}/run"]
        subprocess.run(aen, check=True)
        results = json.loads(Path(f"{folder}/run/results.json").read_text())
    best, baseline, seconds = results["best"], results["baseline"], results["seconds"]
    chosen = next(f for f in results["finalists"] if f["symmetries"] == best["symmetries"])
    exact = best["symmetries"] == planted_closure()
    print(f"\nnetworks trained   {results['networks_trained']} (216)")
    print(f"search seconds     {seconds['search']:.1f} (at most {MOST_SECONDS:.0f})")
    print(f"total seconds      {seconds['total']:.1f}")
    print(f"planted closure    {'found exactly' if exact else 'not the chosen one'}")
    print(f"behind the best    {100 * chosen['behind_best']:.1f} points")
    print(f"test               {best['test_score']:.3f} with {best['n_parameters']:,} parameters")
    print(f"baseline           {baseline['test_score']:.3f} with {baseline['n_parameters']:,}")
    apart = best["test_interval"][0] > baseline["test_interval"][1]
    met = seconds["search"] <= MOST_SECONDS and apart and results["networks_trained"] == 216
    return 0 if met and exact else 1


if __name__ == "__main__":
    sys.exit(main())
