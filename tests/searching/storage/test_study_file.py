"""An untrusted `study.db` holds Optuna's tables or is refused; nothing in it runs without end."""

import os
import signal
import sqlite3
import struct
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from optuna.distributions import CategoricalDistribution
from optuna.samplers import RandomSampler

from autoequivariant.errors import RunError
from autoequivariant.searching.storage import study_file
from autoequivariant.searching.storage.study import SearchStudy
from autoequivariant.training.child import Child
from autoequivariant.training.evaluation import Evaluation

SPACE = {name: CategoricalDistribution((False, True)) for name in ("hflip", "vflip")}
ENDLESS = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A study with evaluations, a settled round and an open one."""
    study = SearchStudy(tmp_path / "study.db", SPACE)
    evaluation = Evaluation(np.array([True, False]), 7, 0.5)
    study.record([Child((), (), 1), Child((0,), (0,), 1)], 0, [evaluation, evaluation])
    study.record([Child((1,), (1,), 1)], 0, [evaluation])
    for proposal in study.ask(RandomSampler(seed=0), 3):
        study.tell(proposal, [0.5], evaluation)
    study.ask(RandomSampler(seed=1), 2)
    study.add_seconds("search", 1.5)
    study.close()
    return tmp_path / "study.db"


def change(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def open_and_close(path: Path) -> None:
    study = SearchStudy(path, SPACE)
    assert len(study.trained()) == 3 and len(study.pending) == 2
    assert study.add_seconds("search", 0.0) == 1.5
    study.close()


def check_refused(path: Path, phrase: str = "cannot be used as a study") -> None:
    with pytest.raises(RunError, match=phrase) as error:
        SearchStudy(path, SPACE)
    said = str(error.value)
    assert "\n" not in said and len(said) < 600
    assert [p for p in path.parent.iterdir() if p.name.endswith(("-wal", "-shm"))] == []


DEFINITIONS = {
    "a view without end": [
        "ALTER TABLE study_user_attributes RENAME TO other",
        f"CREATE VIEW study_user_attributes AS {ENDLESS}",
    ],
    "a view beside the tables": [f"CREATE VIEW more AS {ENDLESS}"],
    "a trigger": [
        "CREATE TRIGGER more AFTER INSERT ON trials BEGIN DELETE FROM trial_values; END",
    ],
    "another table": ["CREATE TABLE more (x)"],
    "another column": ["ALTER TABLE trials ADD COLUMN more"],
    "a column that is computed": ["ALTER TABLE trials ADD COLUMN more AS (length(hex(number)))"],
    "an index on an expression": ["CREATE INDEX more ON trials (abs(number))"],
    "a constraint that calls a function": [
        "DROP TABLE trial_heartbeats",
        "CREATE TABLE trial_heartbeats (x CHECK (length(randomblob(1000000)) > x))",
    ],
    "a virtual table": ["CREATE VIRTUAL TABLE more USING fts3(x)"],
}
HARMLESS = {
    "the same": [],
    "emptied and filled again": ["VACUUM"],
    "a table that a kill kept from being made": ["DROP TABLE trial_heartbeats"],
    "an index that is missing": ["DROP INDEX ix_trials_study_id"],
}


@pytest.mark.parametrize("name", DEFINITIONS)
def test_other_definitions_are_refused(name: str, path: Path) -> None:
    change(path, *DEFINITIONS[name])
    check_refused(path, "it is not Optuna's: it defines the")


@pytest.mark.parametrize("name", HARMLESS)
def test_definitions_of_optuna_are_accepted(name: str, path: Path) -> None:
    change(path, *HARMLESS[name])
    open_and_close(path)


LOST = {
    "delete from studies": "rows are missing",
    "delete from trials": "rows are missing",
    "delete from trials where number = 0": "rows are missing",
    "delete from study_directions": "study of another search",
    "delete from trial_params where trial_id = 1": "other parameters",
    "delete from trial_params where param_id = 1": "other parameters",
    "delete from trial_values": "another number of values",
    "delete from study_user_attributes": "study of another search",
    "delete from study_user_attributes where key = 'parameters'": "study of another search",
    "delete from study_user_attributes where key = 'evaluations 0 from 0'": "are missing",
    "update study_user_attributes set study_id = null": "another type",
    "update study_user_attributes set key = null where key = 'asked'": "another type",
    "update study_user_attributes set value_json = x'00' where key = 'asked'": "another type",
    "update trials set number = null": "another type",
    "update trials set number = 2": "trials are missing",
    "update trials set number = 9223372036854775807": "cannot be used as a study",
    "update trials set state = 'WAITING' where number = 4": "in no round",
    "update trials set state = 'DONE'": "'DONE' is not among",
    "update trials set state = 'COMPLETE'": "another number of values",
    "update trials set state = 'RUNNING'": "another number of values",
    "update trials set datetime_start = 'yesterday'": "yesterday",
    "update trials set study_id = 7": "rows are missing",
    "update trial_params set param_value = 7": "cannot be used as a study",
    "update trial_params set param_value = 1e999": "cannot be used as a study",
    "update trial_params set param_value = -1 where trial_id = 5": "not one of its choices",
    "update trial_params set param_value = 0.5 where trial_id = 5": "not one of its choices",
    "update trial_params set distribution_json = '[1]'": "cannot be used as a study",
    "update trial_params set distribution_json = replace(distribution_json, 'true', '2')": "other",
    "update trial_values set value = 'x'": "another type",
    "update trial_values set objective = 7": "cannot be used as a study",
    "update studies set study_name = 'x'": "study of another program",
    "update version_info set schema_version = null": "another type",
    "update alembic_version set version_num = 'x'": "no longer compatible",
}


@pytest.mark.parametrize("statement", LOST)
def test_lost_and_changed_rows_are_refused(statement: str, path: Path) -> None:
    open_and_close(path)  # the twin
    change(path, statement)
    check_refused(path, LOST[statement])


@pytest.mark.parametrize(
    "statement",
    [
        "delete from version_info",
        "delete from alembic_version",
        "update trials set datetime_complete = null",
        "insert into study_system_attributes values (1, 1, 'note', '[1]')",
    ],
)
def test_rows_that_do_not_matter(statement: str, path: Path) -> None:
    change(path, statement)
    open_and_close(path)


def link(path: Path, target: Path) -> None:
    path.symlink_to(target)


def hard_link(path: Path, target: Path) -> None:
    path.hardlink_to(target)


def folder(path: Path, _: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize("ending", ["-wal", "-shm", "-journal"])
@pytest.mark.parametrize("make", [link, hard_link, folder])
def test_what_sqlite_would_follow_is_refused(
    make: Callable[[Path, Path], None], ending: str, path: Path
) -> None:
    precious = path.with_name("precious.txt")
    precious.write_bytes(b"precious")
    beside = path.with_name(path.name + ending)
    make(beside, precious)
    with pytest.raises(RunError, match=rf"study\.db{ending} is .*: remove it\.$"):
        SearchStudy(path, SPACE)
    assert precious.read_bytes() == b"precious"
    beside.rmdir() if make is folder else beside.unlink()
    beside.write_bytes(b"")  # the twin
    open_and_close(path)


def test_a_study_that_is_a_link_is_refused(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "study.db").symlink_to(path)
    check_refused(other / "study.db", "it is a link")
    (tmp_path / "run").symlink_to(tmp_path)  # a folder may be one
    open_and_close(tmp_path / "run" / "study.db")


def journal(path: Path, named: Path) -> bytes:
    """A rollback journal that ends with the name of another, which SQLite reads and deletes."""
    magic, name = b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7", str(named).encode()
    pages = path.stat().st_size // 4096
    header = (magic + struct.pack(">5I", 0, 1, pages, 512, 4096)).ljust(512, b"\0")
    checksum = sum(name)
    last = struct.pack(">I", 2**30 // 4096 + 1) + name + struct.pack(">2I", len(name), checksum)
    return header + last + magic


def test_a_journal_that_deletes_another_file_is_refused(path: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious.txt"
    precious.write_text("precious")
    beside = path.with_name("study.db-journal")
    beside.write_bytes(journal(path, precious))
    with pytest.raises(RunError, match=r"study\.db-journal names files .*: remove it"):
        SearchStudy(path, SPACE)
    assert precious.read_text() == "precious"
    beside.write_bytes(journal(path, precious)[:512])  # the twin names none
    open_and_close(path)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="not here: root")
def test_a_file_of_another_user_is_refused(path: Path) -> None:
    beside = path.with_name("study.db-wal")
    beside.write_bytes(b"")
    os.chown(beside, 12345, -1)
    with pytest.raises(RunError, match="belongs to another user: remove it"):
        SearchStudy(path, SPACE)
    os.chown(path, 12345, -1)  # the twin: all of another user's run
    open_and_close(path)


def test_a_size_limit(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(study_file, "MOST_BYTES", path.stat().st_size)
    open_and_close(path)
    monkeypatch.setattr(study_file, "MOST_BYTES", path.stat().st_size - 1)
    check_refused(path, "it has more than")


def test_a_limit_of_notes(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    change(path, "insert into study_system_attributes values (1, 1, 'note', '[1]')")
    monkeypatch.setattr(study_file, "MOST_ATTRIBUTES", 3)
    open_and_close(path)
    monkeypatch.setattr(study_file, "MOST_ATTRIBUTES", 2)
    check_refused(path, "its attributes have more than 2 characters")


def test_queries_have_a_bounded_number_of_steps(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(study_file, "_STEPS_AT_ONCE", 1)
    open_and_close(path)
    monkeypatch.setattr(study_file, "_FEWEST_STEPS", 5)
    monkeypatch.setattr(study_file, "_STEPS_PER_BYTE", 0)
    check_refused(path, "its queries do not end")


def test_steps_are_counted_for_each_query(path: Path) -> None:
    limit = study_file.StepLimit(path)
    with closing(study_file.connect(path, limit)) as connection:
        for _ in range(3):
            connection.execute("SELECT 1")
            assert not limit.tick()
        with pytest.raises(sqlite3.OperationalError, match="interrupted"):
            connection.execute(f"SELECT max(x) FROM ({ENDLESS})").fetchone()
        assert limit.is_exceeded
        assert connection.execute(f"SELECT x FROM ({ENDLESS} LIMIT 1000)").fetchone() == (1,)


def test_ctrl_c_within_a_query(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite calls a query interrupted; that the file is damaged would be wrong."""

    def interrupted(_: study_file.StepLimit) -> bool:
        signal.raise_signal(signal.SIGINT)
        return False

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with monkeypatch.context() as patch:
            patch.setattr(study_file, "_STEPS_AT_ONCE", 1)
            patch.setattr(study_file.StepLimit, "tick", interrupted)
            with pytest.raises(KeyboardInterrupt):
                SearchStudy(path, SPACE)
    finally:
        signal.signal(signal.SIGINT, before)
    open_and_close(path)
