"""Work that two processes share; here both are in one, and take turns."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from autoequivariant.errors import RunError
from autoequivariant.searching.sharing.address import Address
from autoequivariant.searching.sharing.records import Record
from autoequivariant.searching.sharing.store import Store
from autoequivariant.searching.sharing.work import Work, agreed, shared, shared_as_asked
from autoequivariant.training.clock import Interrupted

Done = tuple[Sequence[int], Sequence[int]]


def decode(item: int, record: Record) -> int:
    found = record.content["square"]
    if found != item**2:
        raise ValueError("it is no square")
    return int(found)


SQUARES = Work[int, int](str, lambda item, square: Record({"square": square}), decode)


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[tuple[Store, Store]]:
    with ExitStack() as opened:
        address = Address.parse(f"journal:{tmp_path}/store")
        one, two = (Store(address, "one", {}, ["maximize"], "x", lambda: None) for _ in range(2))
        opened.callback(one.close)
        opened.callback(two.close)
        yield one, two


class Worker:
    """Squares numbers, one by one, and remembers which."""

    def __init__(self) -> None:
        self.done: list[int] = []

    def __call__(self, items: Iterable[int]) -> Iterator[Done]:
        for item in items:
            self.done.append(item)
            yield [item], [item**2]


def results(parts: Iterable[Done]) -> dict[int, int]:
    return {
        item: square
        for items, squares in parts
        for item, square in zip(items, squares, strict=True)
    }


def nothing(part: float) -> None:
    pass


def test_alone_everything_is_done() -> None:
    worker = Worker()
    assert results(shared(None, [1, 2, 3], SQUARES, worker, nothing)) == {1: 1, 2: 4, 3: 9}
    assert worker.done == [1, 2, 3]


def taking_turns(parts: Iterator[Done], found: dict[int, int]) -> Callable[[float], None]:
    """While one process waits, the other goes on."""

    def on_part(part: float) -> None:
        if not part:
            found.update(results([next(parts, ([], []))]))

    return on_part


def test_each_item_is_done_once(stores: tuple[Store, Store]) -> None:
    items, expected = list(range(10)), {n: n**2 for n in range(10)}
    first, second = Worker(), Worker()
    parts = shared(stores[0], items, SQUARES, first, nothing)
    found = results([next(parts)])
    turns = taking_turns(parts, found)
    assert results(shared(stores[1], items, SQUARES, second, turns)) == expected
    found |= results(parts)
    assert found == expected
    assert first.done and second.done
    assert sorted(first.done + second.done) == items


def test_all_is_there_for_a_late_one(stores: tuple[Store, Store]) -> None:
    results(shared(stores[0], [1, 2], SQUARES, Worker(), nothing))
    late, counted = Worker(), list[float]()
    assert results(shared(stores[1], [1, 2], SQUARES, late, counted.append)) == {1: 1, 2: 4}
    assert (late.done, sum(counted)) == ([], 2)


def test_what_is_stopped_is_given_back(stores: tuple[Store, Store]) -> None:
    def stopping(items: Iterable[int]) -> Iterator[Done]:
        raise Interrupted
        yield

    with pytest.raises(Interrupted):
        list(shared(stores[0], [1, 2], SQUARES, stopping, nothing))
    second = Worker()
    assert results(shared(stores[1], [1, 2], SQUARES, second, nothing)) == {1: 1, 2: 4}


def test_what_cannot_be_published_is_recorded_here(
    stores: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(key: str, record: Record) -> bool:
        raise RunError("the store is gone")

    monkeypatch.setattr(stores[0], "publish", failing)
    parts = shared(stores[0], [1], SQUARES, Worker(), nothing)
    assert results([next(parts)]) == {1: 1}
    with pytest.raises(RunError, match="gone"):
        next(parts)


def test_what_is_not_to_be_shared_is_done_by_each(stores: tuple[Store, Store]) -> None:
    secret = Work[int, int](str, lambda item, square: None, decode)
    workers = Worker(), Worker()
    for store, worker in zip(stores, workers, strict=True):
        assert results(shared(store, [1, 2], secret, worker, nothing)) == {1: 1, 2: 4}
        assert sorted(worker.done) == [1, 2]


def test_wrong_records_are_refused(stores: tuple[Store, Store]) -> None:
    stores[0].claim({"2": {}})
    stores[0].publish("2", Record({"square": 5}))
    with pytest.raises(RunError, match="cannot be used .it is no square."):
        list(shared(stores[1], [2], SQUARES, Worker(), nothing))


class Requests:
    """Numbers that are asked for one by one; each needs some results first."""

    def __init__(self, needed: dict[int, set[int]]) -> None:
        self.left, self.needed, self.known = list(needed), needed, set[int]()

    def __call__(self) -> int | None:
        ready = [item for item in self.left if self.needed[item] <= self.known]
        if not ready:
            return None
        self.left.remove(ready[0])
        return ready[0]


def as_requested(worker: Worker) -> Callable[[Callable[[], int | None]], Iterator[Done]]:
    return lambda request: worker(iter(request, None))


def asked(
    store: Store, requests: Requests, worker: Worker, on_part: Callable[[float], None] = nothing
) -> dict[int, int]:
    found = {}
    for some, squares in shared_as_asked(store, requests, SQUARES, as_requested(worker), on_part):
        found |= results([(some, squares)])
        requests.known |= set(some)
    return found


def test_items_that_depend_on_results(stores: tuple[Store, Store]) -> None:
    results(shared(stores[0], [2], SQUARES, Worker(), nothing))
    worker = Worker()
    needed = {1: set[int](), 2: {1}, 3: {1, 2}, 4: {3}}
    assert asked(stores[1], Requests(needed), worker) == {1: 1, 2: 4, 3: 9, 4: 16}
    assert worker.done == [1, 3, 4]


def test_items_of_others_are_waited_for(stores: tuple[Store, Store]) -> None:
    stores[0].refresh()
    stores[0].claim({"2": {}})
    worker = Worker()

    def on_part(part: float) -> None:
        if not part and not stores[0].has("2"):
            stores[0].publish("2", Record({"square": 4}))

    needed = {2: set[int](), 3: set[int](), 4: {2}}
    assert asked(stores[1], Requests(needed), worker, on_part) == {2: 4, 3: 9, 4: 16}
    assert worker.done == [3, 4]


def test_items_that_others_give_back_are_done(stores: tuple[Store, Store]) -> None:
    stores[0].refresh()
    stores[0].claim({"2": {}})
    worker = Worker()
    found = asked(stores[1], Requests({2: set()}), worker, lambda _: stores[0].release(["2"]))
    assert (found, worker.done) == ({2: 4}, [2])


def test_all_agree_on_the_first_decision(stores: tuple[Store, Store]) -> None:
    def decide(value: int) -> Callable[[], int]:
        return lambda: value

    for store, value in zip(stores, (1, 2), strict=True):
        found = agreed(
            store, "x", decide(value), lambda one: [one], lambda plain: plain[0], nothing
        )
        assert found == 1
    assert agreed(None, "x", decide(3), lambda one: [one], lambda plain: plain[0], nothing) == 3
