"""How well the short trainings of a search rank networks: rank correlation with full trainings.

    python benchmarks/proxies.py path/to/data.npz [more.npz ...]

For each data set, the networks that a search trains first (the baseline, each symmetry, each
augmentation) are trained as in a search and in full, on the same samples, and scored on the same
validation samples. Prints Spearman's rank correlation of the scores and of the losses, how far the
network that the proxies put first is behind the best of the full trainings, and the ratio of their
seconds.
"""

from __future__ import annotations

import argparse

import numpy as np
from scipy.stats import spearmanr

from autoequivariant.searching.experiment import make_experiment
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.training.evaluation import Evaluation
from autoequivariant.training.evaluator import Evaluator
from autoequivariant.training.executors.local import LocalExecutor

REPLICATE = 1  # evaluations of the search itself, replicate 0, keep no losses


def evaluated(evaluator: Evaluator, children: list) -> list[Evaluation]:
    found = {}
    for part, evaluations in evaluator.evaluate(children, REPLICATE, lambda _: None):
        found |= dict(zip(part, evaluations, strict=True))
    return [found[child] for child in children]


def rank_correlation(some: list[float], others: list[float]) -> float:
    return float(spearmanr(some, others).statistic)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("data", nargs="+")
    print("| data | networks | by score | by loss | behind the best, points | time of a proxy |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    executor = LocalExecutor()
    try:
        for data in parser.parse_args().data:
            experiment = make_experiment(SearchSettings(data))
            problem, split = experiment.problem, experiment.data
            full = problem.full_training(len(split.train))
            children = list(problem.space.first)
            if len(children) == 1:
                children += problem.space.neighbours_of(problem.space.baseline)
            proxies, whole = (
                evaluated(
                    problem.evaluator(split.train, split.validation, executor, training), children
                )
                for training in (None, full)
            )
            scores = [[one.score for one in part] for part in (proxies, whole)]
            losses = [[float(np.mean(one.losses)) for one in part] for part in (proxies, whole)]
            behind = max(scores[1]) - scores[1][int(np.argmax(scores[0]))]
            seconds = [sum(one.seconds for one in part) for part in (proxies, whole)]
            print(
                f"| {problem.card.name} | {len(children)} | {rank_correlation(*scores):.2f} | "
                f"{rank_correlation(*losses):.2f} | {100 * behind:.1f} | "
                f"{seconds[0] / seconds[1]:.2f} |",
                flush=True,
            )
    finally:
        executor.shutdown()


if __name__ == "__main__":
    main()
