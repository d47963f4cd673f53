"""A row of `docs/results.md`: what a search with the defaults finds in a data set.

    python benchmarks/results.py path/to/data.npz [--kind sequence] [--fit full]
    python benchmarks/results.py path/to/dna.npz --letters ACGT
    python benchmarks/results.py path/to/table.csv --target price

Runs `aen search` on the data as a user would, in this process, and prints a Markdown row: verdicts,
the chosen network, its score on test, the area under the ROC curve (two classes) or the balanced
accuracy (more), the scores of its rivals on test, and the seconds of the direct tests, the search
and the final training of the chosen network and its baseline. With `--letters`, samples are
sequences of these letters, as text in a CSV file with the label last or as their numbers in an
`.npz` file, and are read one-hot; sequences with other letters are left out.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np

from autoequivariant.cli.options import parse_candidates
from autoequivariant.report.render.formatting import interval, score
from autoequivariant.searching.fit.rivals import AUGMENTED, AVERAGED
from autoequivariant.searching.fit.yardstick import CLASSES
from autoequivariant.searching.outcome import Outcome
from autoequivariant.searching.run import search
from autoequivariant.searching.settings.duration import parse_duration
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.searching.storage.results import Results

HEADER = (
    "| data | train, test | verdicts | chosen | parameters | test | AUC or balanced | "
    "baseline | augmented | averaged | scikit-learn | seconds: tests, search, fit |\n"
    "| --- | --- | --- | --- | ---: | --- | ---: | ---: | ---: | ---: | --- | ---: |"
)


def balanced(results: Results) -> str:
    """Return the area under the ROC curve of two classes, or the balanced accuracy of more."""
    found = results.best.balanced_accuracy if results.best.auc is None else results.best.auc
    return "" if found is None else f"{found:.3f}"


def row(outcome: Outcome) -> str:
    problem, results = outcome.problem, outcome.results
    card, best, seconds = problem.card, results.best, results.seconds
    assert best.test_score is not None and best.test_interval is not None
    assert results.baseline is not None
    assert results.fit is not None
    counts = Counter(one.verdict for one in results.verdicts)
    verdicts = ", ".join(f"{n} {answer}" for answer, n in counts.items())
    chosen = ", ".join(best.generators) or "none"
    if best.augmentations:
        chosen += f"; augmented: {', '.join(best.augmentations)}"
    metric = results.metric
    rivals = {one.name: score(one.score, metric) for one in results.rivals}
    cells = [
        card.name,
        f"{results.fit.samples:,}, {card.test_size:,}",
        verdicts,
        chosen,
        f"{best.n_parameters:,}",
        f"{score(best.test_score, metric)} ({interval(best.test_interval, metric)})",
        balanced(results),
        score(results.baseline.test_score, metric),
        rivals.get(AUGMENTED, "-"),
        rivals.get(AVERAGED, "-"),
        ", ".join(f"{name} {rivals[name]}" for name in CLASSES if name in rivals),
        f"{seconds.tests:.0f}, {seconds.search:.0f}, {seconds.fit:.0f}",
    ]
    return f"| {' | '.join(cells)} |"


def one_hot(data: Path, letters: str, folder: Path) -> Path:
    """Write sequences of letters as one channel a letter; return the file."""
    if data.suffix == ".csv":
        rows = np.loadtxt(data, dtype=str, delimiter=",", skiprows=1)
        arrays = {"x_train": rows[:, :-1], "y_train": rows[:, -1]}
        known = np.array(list(letters))
    else:
        with np.load(data) as file:
            arrays = {name: file[name] for name in file.files if name[:2] in ("x_", "y_")}
        known = np.arange(len(letters))
    made = {}
    for name in [name for name in arrays if name.startswith("x_")]:
        coded = arrays[name][:, None, :] == known[:, None]
        whole = coded.any(axis=1).all(axis=1)
        labels = name.replace("x_", "y_")
        made |= {name: coded[whole].astype(np.uint8), labels: arrays[labels][whole]}
    path = folder / f"{data.stem}.npz"
    np.savez(path, **made)
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("data")
    parser.add_argument("--source", type=Path)
    parser.add_argument("--symmetries", help="as for aen search")
    parser.add_argument("--kind", help="as for aen search")
    parser.add_argument("--target", help="as for aen search")
    parser.add_argument("--task", help="as for aen search")
    parser.add_argument("--fit", help="as for aen search")
    parser.add_argument("--fit-time", help="as for aen search")
    parser.add_argument("--letters", help="such as ACGT; samples are sequences of these")
    parser.add_argument("--out", type=Path, help="folder of the run; default: a temporary one")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        data = arguments.data
        if arguments.letters:
            data = str(one_hot(Path(data), arguments.letters, Path(temporary)))
        settings = SearchSettings(
            data,
            source=arguments.source,
            symmetries=parse_candidates(arguments.symmetries),
            kind=arguments.kind or ("sequence" if arguments.letters else None),
            target=None if arguments.target is None else (arguments.target,),
            task=arguments.task,
            fit=arguments.fit,
            fit_time=(
                None
                if arguments.fit_time is None
                else parse_duration(arguments.fit_time, "--fit-time")
            ),
        )
        outcome = search(settings, arguments.out or Path(temporary) / "run", rivals=True)
        print(HEADER)
        print(row(outcome))


if __name__ == "__main__":
    main()
