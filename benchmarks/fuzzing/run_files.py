"""Folders of runs: settings, results, study and model, as `aen report` and `predict` read them."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import struct
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import optuna

from autoequivariant import SearchSettings, search
from autoequivariant.groups.custom.definition import candidate_of
from autoequivariant.inference.saved_model import open_saved
from autoequivariant.report.findings.report import report_of
from autoequivariant.report.findings.summary import findings_of
from autoequivariant.report.page.write import report_html
from autoequivariant.runs.replay import replay_run
from autoequivariant.runs.run import open_run
from autoequivariant.training.executors.options import ExecutorOptions
from fuzzing.kind import Kind, copy
from fuzzing.mutate import Rng, changed_json, damaged, odd_value, pick

optuna.logging.set_verbosity(optuna.logging.WARNING)

_PAGES = 0.05  # share of cases in which the whole page is made
_MODEL = ("model.json", "model.safetensors")


def _table(path: Path, rows: int = 60) -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(rows, 4)).round(3)
    labels = np.where(np.abs(values[:, 0]) + np.abs(values[:, 1]) > 1.5, "yes", "no")
    lines = [",".join([*map(str, row), label]) for row, label in zip(values, labels, strict=True)]
    path.write_text("\n".join(["a,b,c,d,label", *lines]) + "\n")


def _run(data: str, out: Path, **settings: Any) -> None:
    serial = ExecutorOptions("serial")
    search(SearchSettings(data=data, executor=serial, **settings), out)


class _RunKind(Kind):
    """One file of a run's folder is changed, and the run is read for a report."""

    changed: str

    def make(self, folder: Path) -> None:
        _table(folder / "data.csv")
        candidates = ({"swap": "a <-> b"}, {"negate": "a"}, {"swap": "c <-> d"})
        symmetries = tuple(map(candidate_of, candidates))
        for name, more in {"score": {}, "pareto": {"objective": "score,parameters"}}.items():
            more |= {"target": ("label",), "symmetries": symmetries, "epochs": 3, "budget": 6}
            _run(str(folder / "data.csv"), folder / name, **more)

    def mutate(self, rng: Rng, corpus: Path, case: Path) -> None:
        run = case / "run"
        copy(corpus / pick(rng, ("score", "pareto")), run)
        self.change(rng, run / self.changed)
        if rng.random() < 0.05:
            (run / pick(rng, ("results.json", "model.json", "study.db"))).unlink()

    def change(self, rng: Rng, path: Path) -> None:
        """Change the file in place."""
        if rng.random() < 0.2:
            path.write_bytes(damaged(rng, path.read_bytes()))
        else:
            path.write_bytes(changed_json(rng, json.loads(path.read_bytes())))

    def feed(self, rng: Rng, case: Path) -> None:
        run = open_run(case / "run", needs_results=bool(rng.random() < 0.3))
        with replay_run(run) as replay:
            if rng.random() < _PAGES:
                report_html(report_of(replay))
            else:
                findings_of(replay.outcome)


class Config(_RunKind):
    """`config.json`."""

    name, share, changed = "config", 5, "config.json"


class Results(_RunKind):
    """`results.json`."""

    name, share, changed = "results", 4, "results.json"


class Verdicts(_RunKind):
    """`verdicts.json`, which is read where there are no results yet."""

    name, share, changed = "verdicts", 2, "verdicts.json"

    def mutate(self, rng: Rng, corpus: Path, case: Path) -> None:
        super().mutate(rng, corpus, case)
        (case / "run/results.json").unlink(missing_ok=True)


class Study(_RunKind):
    """`study.db`: bytes, rows, values, and other things in place of tables."""

    name, share, changed = "study", 5, "study.db"
    _statements = (
        "drop table {table}",
        "delete from {table}",
        "delete from {table} where rowid = (select max(rowid) from {table})",
        "update {table} set {column} = null",
        "update {table} set {column} = ? where rowid = (select min(rowid) from {table})",
        "update {table} set {column} = ?",
        "insert or replace into {table} select * from {table}",
        "alter table {table} rename column {column} to other",
        "alter table {table} rename to other",
        "alter table {table} drop column {column}",
        "alter table {table} add column other text default 'x'",
        "create table other (a)",
        "create index other on {table} ({column})",
        "create trigger other after insert on {table} begin delete from {table}; end",
        "create view other as select * from {table}",
    )
    _endless = (
        "create view {table} as with recursive n(i) as (select 1 union all select i + 1 from n) "
        "select i as {column}, i as study_id, i as key, i as value_json from n"
    )

    def change(self, rng: Rng, path: Path) -> None:
        if rng.random() < 0.3:
            path.write_bytes(damaged(rng, path.read_bytes()))
            return
        connection = sqlite3.connect(path)
        # A change may break what the next one needs.
        with suppress(sqlite3.Error, TypeError, ValueError):
            connection.execute("pragma foreign_keys = off")
            if rng.random() < 0.02:
                self._make_endless(rng, connection)
            else:
                for _ in range(int(rng.geometric(0.7))):
                    self._execute(rng, connection)
            connection.commit()
        connection.close()

    def _make_endless(self, rng: Rng, connection: sqlite3.Connection) -> None:
        """Put a view that does not end in place of a table."""
        table, column = self._place(rng, connection)
        connection.execute(f"drop table {table}")
        connection.execute(self._endless.format(table=table, column=column))

    def _execute(self, rng: Rng, connection: sqlite3.Connection) -> None:
        if rng.random() < 0.35:
            self._change_json(rng, connection)
            return
        table, column = self._place(rng, connection)
        statement = pick(rng, self._statements)
        value = odd_value(rng)
        if not isinstance(value, str | float | None) and not (
            isinstance(value, int) and abs(value) < 2**63
        ):
            value = str(value)
        if isinstance(value, str):
            value = value.encode("utf-8", "replace").decode()
        arguments = (value,) * statement.count("?")
        connection.execute(statement.format(table=table, column=column), arguments)

    @staticmethod
    def _place(rng: Rng, connection: sqlite3.Connection) -> tuple[str, str]:
        """Return a table and one of its columns."""
        found = connection.execute("select name from sqlite_master where type = 'table'")
        tables = sorted(name for (name,) in found if not name.startswith("sqlite_"))
        table = pick(rng, tables)
        return table, pick(
            rng, [row[1] for row in connection.execute(f"pragma table_info({table})")]
        )

    @staticmethod
    def _change_json(rng: Rng, connection: sqlite3.Connection) -> None:
        """Change a value that Optuna keeps as JSON."""
        table, column = pick(
            rng,
            (
                ("study_user_attributes", "value_json"),
                ("study_user_attributes", "value_json"),
                ("trial_params", "distribution_json"),
                ("trial_system_attributes", "value_json"),
            ),
        )
        rows = connection.execute(f"select rowid, {column} from {table}").fetchall()
        if rows:
            number, text = pick(rng, rows)
            content = changed_json(rng, json.loads(text)).decode("utf-8", "replace")
            connection.execute(
                f"update {table} set {column} = ? where rowid = ?", (content, number)
            )


class Model(Kind):
    """`model.json` and `model.safetensors`, alone in a folder."""

    name, share = "model", 8

    def make(self, folder: Path) -> None:
        _table(folder / "data.csv")
        data = str(folder / "data.csv")
        swap = (candidate_of({"swap": "a <-> b", "negate": "c"}),)
        runs: dict[str, tuple[str, dict[str, Any]]] = {
            "classes": (data, {"target": ("label",), "symmetries": swap}),
            "targets": (data, {"target": ("d",), "drop": ("label",)}),
            "cnn": ("digits", {"network": "cnn", "train_size": 200, "validation_size": 100}),
            "mlp": ("digits", {"network": "mlp", "train_size": 200, "validation_size": 100}),
        }
        for name, (source, settings) in runs.items():
            _run(source, folder / f"{name}-run", epochs=1, budget=2, **settings)
            (folder / name).mkdir()
            for file in _MODEL:
                shutil.copyfile(folder / f"{name}-run" / file, folder / name / file)
            shutil.rmtree(folder / f"{name}-run")

    def mutate(self, rng: Rng, corpus: Path, case: Path) -> None:
        copy(pick(rng, sorted(path for path in corpus.iterdir() if path.is_dir())), case / "model")
        description, weights = (case / "model" / name for name in _MODEL)
        how = rng.random()
        if how < 0.2:
            weights.write_bytes(damaged(rng, weights.read_bytes()))
            self._sign(rng, description, weights)
        elif how < 0.35:
            self._change_header(rng, weights)
            self._sign(rng, description, weights)
        elif how < 0.45:
            description.write_bytes(damaged(rng, description.read_bytes()))
        else:
            content = json.loads(description.read_bytes())
            if rng.random() < 0.05:
                self._repeat(rng, content)
            description.write_bytes(changed_json(rng, content))

    @staticmethod
    def _sign(rng: Rng, description: Path, weights: Path) -> None:
        """Mostly make the digest that of the changed file, so that its content is read."""
        if rng.random() < 0.8:
            content = json.loads(description.read_bytes())
            content["weights_sha256"] = hashlib.sha256(weights.read_bytes()).hexdigest()
            description.write_bytes(json.dumps(content).encode())

    @staticmethod
    def _change_header(rng: Rng, weights: Path) -> None:
        content = weights.read_bytes()
        size = struct.unpack("<Q", content[:8])[0]
        header = changed_json(rng, json.loads(content[8 : 8 + size]))
        weights.write_bytes(struct.pack("<Q", len(header)) + header + content[8 + size :])

    @staticmethod
    def _repeat(rng: Rng, content: dict[str, Any]) -> None:
        """Make the longest lists very long."""
        for name, value in content.items():
            if isinstance(value, list) and value and rng.random() < 0.5:
                content[name] = value * int(pick(rng, (10, 3_000, 100_000)))

    def feed(self, rng: Rng, case: Path) -> None:
        saved = open_saved(case / "model")
        network = saved.description.network
        shape = (2, network.in_channels, *network.domain.shape)
        saved.outputs(np.zeros(shape, np.dtype(saved.description.samples or "float32")))
