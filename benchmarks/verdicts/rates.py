"""Error rates and power of the verdicts, on data sets whose symmetries are known.

    python benchmarks/verdicts/rates.py [--runs 400] [--first 0] [--json rates.json]

Plants: how often a candidate that holds is said not to hold, and how often it is said to hold.
Controls: how often a candidate that does not hold is said to hold. Sizes are drawn between 100 and
5,000; power is measured at 1,000. The exit status is 1 if a target is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from controls import CONTROLS
from planted import KINDS, Case, plant

from autoequivariant.evidence.direct import direct_tests
from autoequivariant.evidence.intervals import wilson_interval
from autoequivariant.evidence.verdict import Verdict

FEWEST, MOST, POWER_AT = 100, 5000, 1000
TOGETHER = 10  # runs
MOST_WRONG, LEAST_HELD, LEAST_REFUTED = 0.05, 0.95, 0.80


def any_size(rng: np.random.Generator) -> int:
    return int(np.exp(rng.uniform(np.log(FEWEST), np.log(MOST))))


def verdicts(case: Case, seed: int) -> dict[str, Verdict]:
    found = direct_tests(case.x, case.y, case.n_classes, case.domain, case.candidates, seed)
    return {one.name: one for one in found.verdicts}


def is_visible(case: Case, verdict: Verdict) -> bool:
    """Whether the departure of a broken candidate is as large as the stated resolution.

    Uneven inputs: the share that is never moved. Everything else departs in all samples of some
    class, or in all samples.
    """
    resolution = verdict.inputs.resolution if verdict.inputs else None
    if case.what != "uneven inputs" or resolution is None:
        return True
    return case.share >= resolution


def of_plants(runs: range, size: int | None) -> Counter[str]:
    counts: Counter[str] = Counter()
    for run in runs:
        rng = np.random.default_rng([14, 1, run])
        kind = KINDS[run % len(KINDS)]
        case = plant(kind, size or any_size(rng), rng)
        found = verdicts(case, run)
        answers = Counter(found[name].verdict for name in case.members)
        counts["runs"] += 1
        counts["wrong runs"] += answers["does not hold"] > 0
        for key, count in answers.items():
            counts[key] += count
            counts[f"{kind}: {key}"] += count
    return counts


def of_controls(runs: range, size: int | None) -> Counter[str]:
    counts: Counter[str] = Counter()
    names = list(CONTROLS)
    for run in runs:
        rng = np.random.default_rng([14, 2, run])
        what, kind = names[run % len(names)], KINDS[run // len(names) % len(KINDS)]
        case = CONTROLS[what](kind, size or any_size(rng), rng)
        found = verdicts(case, run)
        broken = [case.target] if case.target else [n for n in found if n not in case.members]
        held = [found[name] for name in broken if found[name].verdict == "holds"]
        counts["runs"] += 1
        counts[f"{what}: runs"] += 1
        counts["wrong runs"] += any(is_visible(case, one) for one in held)
        counts[f"{what}: wrong runs"] += any(is_visible(case, one) for one in held)
        counts[f"{what}: holds below the resolution"] += any(not is_visible(case, o) for o in held)
        counts[f"{what}: refuted"] += any(found[n].verdict == "does not hold" for n in broken)
    return counts


def rate(count: int, n: int) -> str:
    low, high = wilson_interval(count, max(1, n))
    return f"{count / max(1, n):.1%} ({count} of {n}; {low:.1%} to {high:.1%})"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=400, help="of plants, and of controls")
    parser.add_argument("--first", type=int, default=0, help="number of the first run")
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--json", type=Path, help="where to write the counts")
    arguments = parser.parse_args()
    runs = range(arguments.first, arguments.first + arguments.runs)

    parts = [runs[k : k + TOGETHER] for k in range(0, len(runs), TOGETHER)]
    with ProcessPoolExecutor(arguments.workers, mp_context=get_context("spawn")) as pool:
        plants, controls, at_1000, broken = (
            sum(found, Counter())
            for found in [
                list(pool.map(of_plants, parts, [None] * len(parts))),
                list(pool.map(of_controls, parts, [None] * len(parts))),
                list(pool.map(of_plants, parts, [POWER_AT] * len(parts))),
                list(pool.map(of_controls, parts, [POWER_AT] * len(parts))),
            ]
        )
    n_members = sum(at_1000[a] for a in ("holds", "undecided", "does not hold"))
    of_images = {a: at_1000[f"image: {a}"] for a in ("holds", "undecided", "does not hold")}
    rows = [
        ("false `does not hold`, plants", plants["wrong runs"], plants["runs"]),
        ("false `holds`, controls", controls["wrong runs"], controls["runs"]),
        *(
            (f"- {what}", controls[f"{what}: wrong runs"], controls[f"{what}: runs"])
            for what in CONTROLS
        ),
        (
            "false `does not hold`, uneven inputs",
            controls["uneven inputs: refuted"],
            controls["uneven inputs: runs"],
        ),
        (
            "holds, uneven inputs, below the stated resolution",
            controls["uneven inputs: holds below the resolution"],
            controls["uneven inputs: runs"],
        ),
        (f"true members that hold, n = {POWER_AT:,}", at_1000["holds"], n_members),
        (f"- images, n = {POWER_AT:,}", of_images["holds"], sum(of_images.values())),
        (
            f"broken tasks that do not hold, n = {POWER_AT:,}",
            broken["broken task: refuted"],
            broken["broken task: runs"],
        ),
    ]
    print("| what | rate (95% interval) |\n| --- | --- |")
    for name, count, n in rows:
        print(f"| {name} | {rate(count, n)} |")
    if arguments.json:
        counts = {"plants": plants, "controls": controls, "at 1000": at_1000, "broken": broken}
        arguments.json.write_text(json.dumps(counts, indent=2, sort_keys=True))
    is_met = (
        plants["wrong runs"] <= MOST_WRONG * plants["runs"]
        and controls["wrong runs"] <= MOST_WRONG * controls["runs"]
        and of_images["holds"] >= LEAST_HELD * sum(of_images.values())
        and broken["broken task: refuted"] >= LEAST_REFUTED * broken["broken task: runs"]
    )
    return 0 if is_met else 1


if __name__ == "__main__":
    sys.exit(main())
