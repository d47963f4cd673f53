"""Stores of all kinds: who does what, what expires, and what is written once."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.distributions import CategoricalDistribution
from optuna.storages import RDBStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import TrialState
from sqlalchemy.exc import OperationalError

from autoequivariant.errors import RunError
from autoequivariant.searching.sharing import faults, opening
from autoequivariant.searching.sharing import patience as patience_module
from autoequivariant.searching.sharing.address import Address
from autoequivariant.searching.sharing.records import Record
from autoequivariant.searching.sharing.store import Store
from autoequivariant.searching.sharing.watchdog import LEAST_SECONDS, Watchdog
from autoequivariant.training.clock import Interrupted

from ...postgresql import Server
from ...sharing_process import wait_until

KINDS = ("postgresql", "sqlite", "journal")
Open = Callable[..., Store]


@pytest.fixture(params=KINDS)
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql":
        server: Server = request.getfixturevalue("postgresql")
        return server.make()
    file = tmp_path / "store"
    return f"sqlite:///{file}" if request.param == "sqlite" else f"journal:{file}"


@contextmanager
def opener(address: str) -> Iterator[Open]:
    with ExitStack() as opened:

        def open_store(
            check: Callable[[], None] = lambda: None, watchdog: Watchdog | None = None
        ) -> Store:
            parameters = {"hflip": CategoricalDistribution((False, True))}
            place = Address.parse(address)
            found = Store(place, "one", parameters, ["maximize"], "x", check, watchdog)
            opened.callback(found.close)
            return found

        yield open_store


@pytest.fixture
def open_store(address: str) -> Iterator[Open]:
    with opener(address) as found:
        yield found


def work(*keys: str) -> dict[str, dict[str, Any]]:
    return {key: {"hflip": True} for key in keys}


def test_the_first_claim_counts(open_store: Open) -> None:
    one, two = open_store(), open_store()
    one.refresh()
    two.refresh()
    assert one.claim(work("a", "b")) == ["a", "b"]
    assert two.claim(work("a", "b", "c")) == ["c"]  # it did not know
    assert not two.is_free("a")
    assert two.claim(work("a")) == []


def test_what_is_published_is_known_to_all(open_store: Open) -> None:
    one, two = open_store(), open_store()
    one.claim(work("a", "b"))
    assert one.publish("a", Record({"x": 1}, [0.5], chunks=["p", "q"]))
    assert one.publish("b", Record([float("nan")], [float("nan")], pruned=True))
    two.refresh()
    found = two.record("a")
    assert found is not None
    assert (found.content, found.chunks) == ({"x": 1}, ["p", "q"])
    other = two.record("b")
    assert other is not None and len(other.content) == 1
    assert two.record("c") is None
    assert open_store().has("a")


def test_what_is_given_back_is_free(open_store: Open) -> None:
    one, two = open_store(), open_store()
    one.claim(work("a", "b"))
    one.release(["a"])
    two.refresh()
    assert [two.is_free(key) for key in "ab"] == [True, False]
    one.close()
    two.refresh()
    assert two.is_free("b")


def test_claims_expire_without_heartbeats(
    open_store: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "GRACE_SECONDS", 1)
    monkeypatch.setattr(opening, "HEARTBEAT_SECONDS", 10**6)
    dead = open_store()
    monkeypatch.setattr(opening, "HEARTBEAT_SECONDS", 0.1)
    alive, waiting = open_store(), open_store()
    dead.claim(work("a"))
    alive.claim(work("b"))
    waiting.refresh()

    def is_free() -> bool:
        waiting.wait(["a", "b"], lambda: None)
        waiting.refresh()
        return waiting.is_free("a")

    wait_until(is_free)
    assert not waiting.is_free("b")
    assert waiting.claim(work("a")) == ["a"]
    assert not dead.publish("a", Record({"x": 1}, [0.5]))
    assert waiting.publish("a", Record({"x": 2}, [0.5]))
    dead.refresh()
    found = dead.record("a")
    assert found is not None and found.content == {"x": 2}


def test_claims_of_a_process_that_is_stuck_expire(
    open_store: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "GRACE_SECONDS", 1)
    monkeypatch.setattr(opening, "HEARTBEAT_SECONDS", 0.1)
    seconds = [0.0]
    stuck, slow = (open_store(watchdog=Watchdog(lambda: seconds[0])) for _ in range(2))
    waiting = open_store()
    stuck.claim(work("a"))
    slow.claim(work("b"))
    seconds[0] = LEAST_SECONDS + 1
    slow.progressed()
    waiting.refresh()

    def is_free() -> bool:
        waiting.wait(["a", "b"], lambda: None)
        waiting.refresh()
        return waiting.is_free("a")

    wait_until(is_free)
    assert not waiting.is_free("b")
    assert waiting.claim(work("a")) == ["a"]
    assert waiting.publish("a", Record({"x": 1}, [0.5]))
    stuck.progressed()  # it goes on after all
    assert not stuck.publish("a", Record({"x": 2}, [0.5]))
    assert slow.publish("b", Record({"x": 3}, [0.5]))
    trials = waiting._opened.study.get_trials(states=[TrialState.COMPLETE])
    assert [trial.user_attrs["record"] for trial in trials] == [{"x": 3}, {"x": 1}]


def test_a_claim_without_a_first_heartbeat_expires(
    open_store: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "GRACE_SECONDS", 1)
    monkeypatch.setattr(opening, "HEARTBEAT_SECONDS", 10**6)
    dead, waiting = open_store(), open_store()
    dead.refresh()
    monkeypatch.setattr(dead, "_record_heartbeat", lambda _: None)
    dead.claim(work("a"))

    def is_free() -> bool:
        waiting.refresh()
        waiting.wait(["a"], lambda: None)
        waiting.refresh()
        return waiting.is_free("a")

    wait_until(is_free)


def lost() -> OperationalError:
    """The error of a connection that ends before its answer comes."""

    class OperationalErrorOfDriver(Exception):
        sqlstate = "08006"

    return OperationalError("", {}, OperationalErrorOfDriver("server closed the connection"))


def losing_answers(monkeypatch: pytest.MonkeyPatch, store: Store, method: str) -> list[int]:
    """Let the answer of the first call get lost, after it was applied."""
    original, calls = getattr(store._storage, method), []

    def applied(*arguments: Any, **named: Any) -> Any:
        calls.append(1)
        done = original(*arguments, **named)
        if len(calls) == 1:
            raise lost()
        return done

    monkeypatch.setattr(store._storage, method, applied)
    return calls


@pytest.mark.parametrize(
    "method",
    ["create_new_trial", "record_heartbeat", "set_trial_user_attr", "set_trial_state_values"],
)
def test_what_may_have_been_written_is_not_recorded_twice(
    open_store: Open, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    one, two = open_store(), open_store()
    calls = losing_answers(monkeypatch, one, method)
    assert one.claim(work("a")) == ["a"]
    assert one.publish("a", Record({"x": 1}, [0.5]))
    assert len(calls) > 1
    trials = two._opened.study.get_trials()
    assert sum(trial.state == TrialState.COMPLETE for trial in trials) == 1
    assert not any(trial.state == TrialState.RUNNING for trial in trials)
    two.refresh()
    assert two.record("a") is not None


def test_a_store_that_is_away_is_waited_for(
    open_store: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store()
    original, fails = store._storage.get_all_trials, [lost(), lost()]

    def reading(*arguments: Any, **named: Any) -> Any:
        if fails:
            raise fails.pop()
        return original(*arguments, **named)

    monkeypatch.setattr(store._storage, "get_all_trials", reading)
    store.refresh()
    assert not fails
    fails += [lost()] * 1000
    monkeypatch.setattr(patience_module, "PATIENCE_SECONDS", 0.0)
    with pytest.raises(RunError, match="has not answered for 0 seconds .*nothing recorded is lost"):
        store.refresh()


def test_it_can_be_interrupted_meanwhile(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop() -> None:
        raise Interrupted

    with opener(address) as open_store:
        store = open_store(stop)
        losing_answers(monkeypatch, store, "get_all_trials")
        with pytest.raises(Interrupted):
            store.refresh()


def test_other_trials_are_refused(open_store: Open) -> None:
    store = open_store()
    store._opened.study.add_trial(optuna.create_trial(state=TrialState.COMPLETE, value=1.0))
    with pytest.raises(RunError, match="cannot be used .*trial 0"):
        store.refresh()


@pytest.mark.parametrize(
    "attributes",
    [{"key": "a"}, {"key": 1, "who": "x"}, {"key": "a", "who": "x", "record": 1}]
    + [{"key": "a", "who": "x", "record": {}, "chunk 1": "x"}],
)
def test_malformed_records_are_refused(tmp_path: Path, attributes: dict[str, Any]) -> None:
    with opener(f"journal:{tmp_path}/store") as open_store:
        store = open_store()
        trial = optuna.create_trial(state=TrialState.COMPLETE, value=1.0, user_attrs=attributes)
        store._opened.study.add_trial(trial)
        with pytest.raises(RunError, match="cannot be used"):
            store.refresh()
            store.record("a")


def test_a_killed_write_to_a_journal_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "store"
    with opener(f"journal:{path}") as open_store:
        open_store().claim(work("a"))
        with path.open("ab") as file:
            file.write(b'{"op_code": 4, "wor')
        assert open_store().claim(work("a", "b")) == ["b"]
    assert all(line.endswith("}\n") for line in path.read_text().splitlines(keepends=True))
    list(JournalFileBackend(str(path)).read_logs(0))


def test_of_another_version_of_optuna(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path}/store.db"
    with opener(address) as open_store:
        open_store()
    with closing(RDBStorage(address).engine.raw_connection()) as connection:
        connection.cursor().execute("UPDATE alembic_version SET version_num = 'v3.0.0.a'")
        connection.commit()
    with opener(address) as open_store, pytest.raises(RunError, match="another version of Optuna"):
        open_store()


def test_reasons_do_not_hold_a_password() -> None:
    address = Address.parse("postgresql://me:secret@host/data")
    text = str(faults.refusal(address, ValueError("postgresql://me:secret@host is wrong")))
    assert "secret" not in text and "postgresql://me@host/data" in text
