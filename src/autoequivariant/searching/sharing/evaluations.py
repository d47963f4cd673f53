"""Evaluations as processes share them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from autoequivariant.data.split import Split
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.sharing.records import Record
from autoequivariant.searching.sharing.store import Store
from autoequivariant.searching.sharing.work import Done, Work, shared, shared_as_asked
from autoequivariant.searching.storage.study import SearchStudy
from autoequivariant.training.child import Child
from autoequivariant.training.evaluation import Evaluation, keyed_record, read_keyed
from autoequivariant.training.evaluator import Evaluator, Request
from autoequivariant.training.executors.executor import Executor, OnStep
from autoequivariant.training.pruning import Pruning

Item = TypeVar("Item")


def evaluations(
    problem: Problem, n_samples: int, of: Callable[[Item], tuple[Child, int]]
) -> Work[Item, Evaluation]:
    """Return how evaluations are shared.

    Args:
        problem: what is searched.
        n_samples: number of samples that are scored; 0 if it differs.
        of: returns the network and the replicate of an item.
    """
    is_bool = problem.family.task.name == "classification"

    def key(item: Item) -> str:
        child, replicate = of(item)
        return evaluation_key(child, replicate)

    def encode(item: Item, evaluation: Evaluation) -> Record:
        child, _ = of(item)
        return Record(
            keyed_record(child.key, evaluation), problem.values(evaluation), evaluation.pruned
        )

    def decode(item: Item, record: Record) -> Evaluation:
        found, evaluation = read_keyed(record.content)
        if found != of(item)[0].key:
            raise ValueError("it holds a network under the key of another")
        size = evaluation.scores.size
        if size != (n_samples or size) or (evaluation.scores.dtype == bool) != is_bool:
            raise ValueError("it holds scores of other samples")
        return evaluation

    def point(item: Item) -> dict[str, Any]:
        child, _ = of(item)
        return problem.space.point(child) if child.width in problem.space.widths else {}

    return Work(key, encode, decode, point)


def evaluation_key(child: Child, replicate: int) -> str:
    """Return the key of an evaluation."""
    members = ",".join(map(str, child.members)) or "none"
    return f"network {members} width {child.width} replicate {replicate}"


def publish_recorded(store: Store, problem: Problem, study: SearchStudy) -> None:
    """Publish what this process has recorded in its folder, and nobody has claimed or recorded."""
    items = [(problem.space.child(*key), replicate) for key, replicate in study.evaluations]
    work = evaluations(problem, 0, lambda item: item)
    keys = {work.key(item): item for item in items}
    store.refresh()
    for key in store.claim({key: work.point(item) for key, item in keys.items()}):
        child, replicate = keys[key]
        record = work.encode(keys[key], study.evaluations[child.key, replicate])
        if record is not None:
            store.publish(key, record)


def shared_evaluator(
    problem: Problem, splits: tuple[Split, Split], executor: Executor, store: Store | None
) -> Evaluator:
    """Return what trains networks on one split and scores them on another, for all processes."""
    evaluator = problem.evaluator(*splits, executor)
    if store is None:
        return evaluator
    return _SharedEvaluator(evaluator, store, problem, len(splits[1]))


class _SharedEvaluator(Evaluator):
    """Trains what no other process trains, and knows what others have trained."""

    def __init__(
        self, evaluator: Evaluator, store: Store, problem: Problem, n_samples: int
    ) -> None:
        vars(self).update(vars(evaluator))
        self._store, self._problem, self._n_samples = store, problem, n_samples

    def evaluate(
        self,
        children: Sequence[Child],
        replicate: int,
        on_step: OnStep,
        pruning: Pruning | None = None,
    ) -> Iterator[tuple[list[Child], list[Evaluation]]]:
        """Do what `Evaluator.evaluate` does; what another process trains is waited for."""
        train = super().evaluate
        work: Work[Child, Evaluation] = evaluations(
            self._problem, self._n_samples, lambda child: (child, replicate)
        )
        parts = shared(
            self._store,
            children,
            work,
            lambda some: train(some, replicate, on_step, pruning),
            lambda part: on_step(round(part * self.steps)),
            self._executor.n_workers,
        )
        for some, found in parts:
            yield list(some), list(found)

    def evaluate_each(
        self, request: Callable[[], Request | None], on_step: OnStep
    ) -> Iterator[tuple[Child, Evaluation]]:
        """Do what `Evaluator.evaluate_each` does; what another process trains is waited for."""
        train = super().evaluate_each

        def each(
            following: Callable[[], Request | None],
        ) -> Iterator[Done[Request, Evaluation]]:
            asked: dict[Child, Request] = {}

            def remembered() -> Request | None:
                found = following()
                if found is not None:
                    asked[found[0]] = found
                return found

            for child, evaluation in train(remembered, on_step):
                yield [asked.pop(child)], [evaluation]

        work: Work[Request, Evaluation] = evaluations(
            self._problem, self._n_samples, lambda request: (request[0], 0)
        )
        parts = shared_as_asked(
            self._store, request, work, each, lambda part: on_step(round(part * self.steps))
        )
        for some, found in parts:
            for (child, _), evaluation in zip(some, found, strict=True):
                yield child, evaluation
