"""Whether what is refused would have helped: candidates that do not hold, trained all the same.

    python benchmarks/verdicts/refusal.py [--runs 40]

A search trains no network with a candidate that does not hold. Here data sets are drawn in which
inputs are symmetric but the labels of some classes depend on the move (`controls.broken_task`,
2,000 samples of four kinds). Each candidate that does not hold by the tests is built in beside what
holds, and the network is compared on validation samples with that of what holds alone. "Better" and
"worse": by more than two standard errors of the paired difference.
"""

from __future__ import annotations

import argparse
from collections import Counter

import numpy as np
from controls import broken_task
from planted import KINDS, Case

from autoequivariant.data.arrays import Arrays
from autoequivariant.data.samples import make_samples
from autoequivariant.evidence.intervals import paired_difference
from autoequivariant.evidence.verdict import refuted
from autoequivariant.searching.asking.direct import ask_data
from autoequivariant.searching.experiment import Experiment, make_experiment
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.training.executors.local import LocalExecutor

SAMPLES, ERRORS = 2000, 2.0


def experiment_of(case: Case, seed: int) -> Experiment:
    y = case.y if case.n_classes else case.y[:, 0]
    is_table = case.domain.kind == "features"
    x = case.x[:, 0] if is_table else case.x
    samples = make_samples("case", Arrays(x, y), case.domain.kind, channels_first=not is_table)
    settings = SearchSettings(
        "case", network="mlp", symmetries=case.candidates, seed=seed, tests=False
    )
    return make_experiment(settings, samples)


def compared(experiment: Experiment, seed: int, executor: LocalExecutor) -> Counter[str]:
    """Count the refused candidates that are better, level and worse."""
    problem, data = experiment.problem, experiment.data
    verdicts = ask_data(data, problem.family, seed).verdicts
    space = problem.with_verdicts(verdicts).space
    held = space.start
    names = [one.name for one in verdicts]
    others = [problem.space.child([*held.members, names.index(n)]) for n in refuted(verdicts)]
    children = list(dict.fromkeys([held, *others]))
    evaluator = problem.evaluator(data.train, data.validation, executor)
    scores = {}
    for part, found in evaluator.evaluate(children, 0, lambda _: None):
        scores |= {child: one.scores for child, one in zip(part, found, strict=True)}
    counts: Counter[str] = Counter()
    for child in others:
        ahead = paired_difference(scores[child][None], scores[held][None])
        limit = ERRORS * ahead.standard_error
        counts["better" if ahead.mean > limit else "worse" if ahead.mean < -limit else "level"] += 1
    return counts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=40)
    runs = parser.parse_args().runs
    print("| data | refused | better | level | worse |\n| --- | ---: | ---: | ---: | ---: |")
    executor = LocalExecutor()
    try:
        for kind in KINDS:
            counts: Counter[str] = Counter()
            for run in range(runs):
                case = broken_task(kind, SAMPLES, np.random.default_rng([14, 3, run]))
                counts += compared(experiment_of(case, run), run, executor)
            every = [counts[what] for what in ("better", "level", "worse")]
            print(f"| {kind} | {sum(every)} | {' | '.join(map(str, every))} |", flush=True)
    finally:
        executor.shutdown()


if __name__ == "__main__":
    main()
