"""Evaluations in one JSON file: a child that is in it is not trained again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from autoequivariant.errors import RunError
from autoequivariant.jsonio import parse
from autoequivariant.searching.storage.run_folder import write_json
from autoequivariant.searching.storage.study import Key
from autoequivariant.training.child import Child
from autoequivariant.training.clock import Clock, Interrupted
from autoequivariant.training.evaluation import Evaluation
from autoequivariant.training.evaluator import Evaluator
from autoequivariant.training.executors.executor import OnStep
from autoequivariant.training.progress import Progress


class EvaluationFile:
    """Evaluations of children on one data set, in a file that is replaced as a whole.

    Args:
        path: the file; it and its folder are made when something is kept.

    Raises:
        RunError: the file is there and cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._evaluations = _read(path) if path.exists() else {}

    def missing(self, children: Sequence[Child]) -> list[Child]:
        """Return the children that are not recorded, each once."""
        return [child for child in dict.fromkeys(children) if child.key not in self._evaluations]

    def recorded(self, children: Sequence[Child]) -> list[Evaluation]:
        """Return the evaluations of children that are all recorded."""
        return [self._evaluations[child.key] for child in children]

    def train(
        self,
        children: Sequence[Child],
        evaluator: Evaluator,
        replicate: int,
        on_step: OnStep,
    ) -> None:
        """Train the children that are not recorded yet, and record them part by part.

        Args:
            children: which should be recorded in the end.
            evaluator: what to train on, and on what to score.
            replicate: decides the random numbers (`Evaluator.evaluate`).
            on_step: called with the number of training steps that children took since.
        """
        missing = self.missing(children)
        for part, found in evaluator.evaluate(missing, replicate, on_step):
            self._add(part, found)

    def _add(self, children: Sequence[Child], evaluations: Sequence[Evaluation]) -> None:
        pairs = zip(children, evaluations, strict=True)
        self._evaluations |= {child.key: e for child, e in pairs}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        records = [
            {"state": list(members), "width": width, **e.to_json()}
            for (members, width), e in self._evaluations.items()
        ]
        write_json(self.path, records)


def recorded_or_trained(
    path: Path,
    children: Sequence[Child],
    make_evaluator: Callable[[], Evaluator],
    replicate: int,
    progress: Progress,
) -> list[Evaluation]:
    """Return the evaluations in a file; what is missing is trained and recorded first.

    Args:
        path: the file.
        children: what they are of.
        make_evaluator: makes what trains; not called where nothing is missing.
        replicate: decides the random numbers (`Evaluator.evaluate`).
        progress: told of every child, whether it is recorded already or not.

    Raises:
        KeyboardInterrupt: a person asked to stop; what was trained is recorded.
        RunError: the file is there and cannot be read.
    """
    file = EvaluationFile(path)
    missing = file.missing(children)
    progress.advance(len(set(children)) - len(missing))
    if not missing:
        return file.recorded(children)
    evaluator = make_evaluator()
    with Clock() as clock:

        def on_step(count: int) -> None:
            clock.check()
            progress.advance(count / evaluator.steps)

        try:
            file.train(missing, evaluator, replicate, on_step)
            clock.check()  # it may have been asked while the last ones were scored
        except Interrupted:
            raise KeyboardInterrupt from None
    return file.recorded(children)


def _read(path: Path) -> dict[Key, Evaluation]:
    try:
        records: list[dict[str, Any]] = parse(path.read_bytes(), path.name, allow_nan=True)
        return {
            (tuple(map(int, r["state"])), int(r["width"])): Evaluation.from_json(r) for r in records
        }
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise RunError(
            f"{path} cannot be read as evaluations: remove it to train its networks again."
        ) from error
