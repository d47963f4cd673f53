"""Work that several processes share: each piece is done by one of them, and known to all."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from autoequivariant.errors import AutoequivariantError
from autoequivariant.searching.sharing import faults
from autoequivariant.searching.sharing.records import Record
from autoequivariant.searching.sharing.store import Point, Store
from autoequivariant.training.clock import Interrupted

Item = TypeVar("Item")
Result = TypeVar("Result")
Done = tuple[Sequence[Item], Sequence[Result]]

_SHARE = 2
"""A process claims one part in so many of what is free, so that another finds some, too."""


@dataclass(frozen=True)
class Work(Generic[Item, Result]):
    """A kind of work.

    Attributes:
        key: names an item; the same in all processes.
        encode: a result as the store holds it; None if it is not to be shared.
        decode: the result of an item; `ValueError` if the record is of something else.
        point: parameters of the network of an item. Default: none.
    """

    key: Callable[[Item], str]
    encode: Callable[[Item, Result], Record | None]
    decode: Callable[[Item, Record], Result]
    point: Callable[[Item], Point] = lambda item: {}


def shared(
    store: Store | None,
    items: Sequence[Item],
    work: Work[Item, Result],
    do: Callable[[Sequence[Item]], Iterable[Done[Item, Result]]],
    on_part: Callable[[float], None],
    n_workers: int = 1,
) -> Iterator[Done[Item, Result]]:
    """Do items, or take over what other processes have done; yield each part once it is ready.

    What another process is doing is waited for. What this process does is in the store before it
    is yielded.

    Args:
        store: what is shared; None for a process that works alone.
        items: different ones.
        work: how they are shared.
        do: does some items, in parts.
        on_part: called with the number of items taken over, and with 0 while this process waits;
            may raise to stop.
        n_workers: how many items are worth doing at once.
    """
    if store is None:
        yield from do(items)
        return
    left = {work.key(item): item for item in items}
    while left:
        store.refresh()
        found = {key: _decoded(store, work, item) for key, item in left.items()}
        ready = {key: result for key, result in found.items() if result is not None}
        if ready:
            on_part(float(len(ready)))
            yield [left.pop(key) for key in ready], list(ready.values())
            continue
        mine = store.claim({key: work.point(left[key]) for key in _chosen(store, left, n_workers)})
        if not mine:
            store.wait(left, lambda: on_part(0.0))
            continue
        try:
            for some, results in do([left[key] for key in mine]):
                yield from _published(store, left, work, some, results)
        finally:
            store.release(mine)


def shared_as_asked(
    store: Store,
    request: Callable[[], Item | None],
    work: Work[Item, Result],
    do: Callable[[Callable[[], Item | None]], Iterable[Done[Item, Result]]],
    on_part: Callable[[float], None],
) -> Iterator[Done[Item, Result]]:
    """Do what `shared` does with items that are asked for one by one, as workers come free.

    Args:
        store, work, on_part: as in `shared`.
        request: returns an item; None if there is none before more results are yielded, or at the
            end.
        do: does items that it requests; ends once there is none and it has done all.
    """
    asked = _Asked(store, request, work)
    try:
        while True:
            for some, results in do(asked.own):
                yield from _published(store, asked.claimed, work, some, results)
                asked.leave(some)
                yield from asked.known(on_part)
            known = list(asked.known(on_part))
            yield from known
            if not known and not asked.of_others:
                return
            if not known:
                store.wait(asked.of_others, lambda: on_part(0.0))
    finally:
        store.release(list(asked.claimed))


@dataclass
class _Asked(Generic[Item, Result]):
    """Items that were asked for: done here, done by others, or known."""

    store: Store
    request: Callable[[], Item | None]
    work: Work[Item, Result]
    claimed: dict[str, Item] = field(default_factory=dict)
    of_others: dict[str, Item] = field(default_factory=dict)
    found: list[tuple[Item, Result]] = field(default_factory=list)

    def own(self) -> Item | None:
        """Return what this process is to do next; None if there is nothing, or more is known."""
        self.store.refresh()
        for key, item in list(self.of_others.items()):
            if self.store.is_free(key) and self._is_claimed(key, item):
                return self.of_others.pop(key)
        while not self.found:
            found = self.request()
            if found is None:
                return None
            key = self.work.key(found)
            self.store.refresh()
            result = _decoded(self.store, self.work, found)
            if result is not None:
                self.found.append((found, result))
            elif self._is_claimed(key, found):
                return found
            else:
                self.of_others[key] = found
        return None

    def leave(self, some: Sequence[Item]) -> None:
        """Leave to others what they have taken over, as the claims had expired."""
        for item in some:
            key = self.work.key(item)
            if key in self.claimed:
                self.of_others[key] = self.claimed.pop(key)

    def known(self, on_part: Callable[[float], None]) -> Iterator[Done[Item, Result]]:
        """Yield what others have done."""
        if self.of_others:
            self.store.refresh()
        for key, item in list(self.of_others.items()):
            result = _decoded(self.store, self.work, item)
            if result is not None:
                self.found.append((self.of_others.pop(key), result))
        while self.found:
            item, result = self.found.pop(0)
            on_part(1.0)
            yield [item], [result]

    def _is_claimed(self, key: str, item: Item) -> bool:
        if not self.store.claim({key: self.work.point(item)}):
            return False
        self.claimed[key] = item
        return True


def agreed(
    store: Store | None,
    name: str,
    decide: Callable[[], Result],
    encode: Callable[[Result], Any],
    decode: Callable[[Any], Result],
    on_part: Callable[[float], None],
) -> Result:
    """Return what the first process decides; all processes have the same.

    Args:
        store: what is shared; None for a process that works alone.
        name: of what is decided.
        decide: called in one process, while others wait.
        encode, decode: to a list or an object of plain values, and back; a record of something else
            is a `ValueError`.
        on_part: as in `shared`.
    """
    work = Work[str, Result](
        key=lambda item: item,
        encode=lambda item, decided: Record(encode(decided), pruned=True),
        decode=lambda item, record: decode(record.content),
    )
    ((_, (decided,)),) = shared(store, [name], work, lambda names: [(names, [decide()])], on_part)
    return decided


def _chosen(store: Store, left: Mapping[str, Any], n_workers: int) -> list[str]:
    """Return the keys to claim: a share of those that are free."""
    free = [key for key in left if store.is_free(key)]
    if not free:
        return []
    # From another place in each process, so that they seldom want the same.
    first = zlib.crc32(store.who.encode()) % len(free)
    return [*free[first:], *free[:first]][: max(n_workers, math.ceil(len(free) / _SHARE))]


def _published(
    store: Store,
    left: dict[str, Item],
    work: Work[Item, Result],
    some: Sequence[Item],
    results: Sequence[Result],
) -> Iterator[Done[Item, Result]]:
    """Publish and yield results; what another process has taken over stays with it."""
    kept: list[tuple[Item, Result]] = []
    error: Exception | None = None
    for item, result in zip(some, results, strict=True):
        key = work.key(item)
        try:
            record = work.encode(item, result) if error is None else None
            is_ours = record is None or store.publish(key, record)
        except (AutoequivariantError, Interrupted) as raised:
            error, is_ours = raised, True  # recorded by this process at least
        if is_ours:
            left.pop(key)
            kept.append((item, result))
    if kept:
        yield [item for item, _ in kept], [result for _, result in kept]
    if error is not None:
        raise error


def _decoded(store: Store, work: Work[Item, Result], item: Item) -> Result | None:
    record = store.record(work.key(item))
    if record is None:
        return None
    try:
        return work.decode(item, record)
    except (ValueError, LookupError, TypeError) as error:  # `ModelError` is a ValueError
        raise faults.refusal(store.address, error) from None
