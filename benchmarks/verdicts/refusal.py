"""Whether what is refused would have helped: candidates that do not hold, trained all the same.

    python benchmarks/verdicts/refusal.py --mnist path/to/mnist --fashion path/to/fashion_mnist

A search trains no network with a candidate that does not hold. Here each such candidate of
G-MNIST and G-Fashion-MNIST (every setting, three seeds) is built in beside what holds, and the
network is compared on 10,000 test images with that of what holds alone. The trainings are those of
`benchmarks/aen_table/table.csv`. "Better" and "worse" are differences of more than twice the
standard error of two independent shares.
"""

from __future__ import annotations

import argparse
from statistics import mean

from g_mnist import SEEDS, Looked, asked, data_sets, looked_up, make, replay

from autoequivariant.evidence.verdict import refuted
from autoequivariant.training.child import Child


def differences(looked: Looked, held: list[int], refused: list[int]) -> dict[int, float]:
    """Return test accuracy with each refused candidate, less that without it, in errors."""
    space = looked.problem.space
    scores = looked.problem.scores
    before = scores[space.child(held)].test
    found = {}
    for number in refused:
        child: Child = space.child([*held, number])
        after = scores[child].test
        error = (sum(p * (1 - p) for p in (before, after)) / replay.TEST) ** 0.5
        found[number] = (after - before) / error
    return found


def main() -> None:
    work = data_sets(argparse.ArgumentParser(description=__doc__.partition("\n")[0]))
    print("| data | setting | refused | better | level | worse | mean difference, errors |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: |")
    for data in ("mnist", "fashion_mnist"):
        for setting in make.SETTINGS:
            folder = make.Part(data, setting, "ours", 0).folder(work)
            found: list[float] = []
            for seed in SEEDS:
                tests = asked(folder, seed)
                names = [one.name for one in tests.verdicts]
                held = [names.index(name) for name in tests.holding]
                refused = [names.index(name) for name in refuted(tests.verdicts)]
                found += differences(looked_up(data, setting, seed), held, refused).values()
            better, worse = sum(z > 2 for z in found), sum(z < -2 for z in found)
            average = f"{mean(found):+.1f}" if found else ""
            level = len(found) - better - worse
            print(
                f"| {data} | {setting} | {len(found)} | {better} | {level} | {worse} | {average} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
