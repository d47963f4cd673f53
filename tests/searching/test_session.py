"""The folder of a run, and what is closed at its end."""

from pathlib import Path

import numpy as np
import pytest

from autoequivariant.data.arrays import Arrays
from autoequivariant.data.samples import make_samples
from autoequivariant.errors import RunError
from autoequivariant.searching.session import default_folder, open_session
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.training.executors.local import LocalExecutor


class WatchedExecutor(LocalExecutor):
    """Remembers whether it was shut down."""

    is_shut = False

    def shutdown(self) -> None:
        self.is_shut = True
        super().shutdown()


def test_a_session_keeps_the_executor_of_its_caller_and_the_kind_of_run(tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=(60, 3)).astype(np.float32)
    samples = make_samples("table", Arrays(x, (x[:, 0] > 0).astype(int)))
    executor, out = WatchedExecutor(1), tmp_path / "run"
    fitted = SearchSettings("table", symmetries=(), given=True, tests=False)
    with open_session(fitted, out, None, samples, executor) as session:
        assert session.executor is executor
        assert not session.study.trained()
    assert not executor.is_shut
    with (
        pytest.raises(RunError, match="as the settings of a search .it is a fit.: move it away"),
        open_session(SearchSettings("table", tests=False), out, None, samples, executor),
    ):
        pass
    executor.shutdown()


@pytest.mark.parametrize(
    ("data", "name"),
    [
        ("digits", "digits"),
        ("./digits/", "digits"),
        ("set.npz", "set"),
        ("house.CSV", "house"),
        ("house.v2.csv.gz", "house.v2"),
        ("a/house.parquet", "house"),
        ("house.txt", "house.txt"),
        ("v1.2", "v1.2"),
        ("a/b/../mnist/", "mnist"),
        ("/", "search"),
        ("ü ß.npz", "ü ß"),
    ],
)
def test_default_folder(data: str, name: str) -> None:
    assert default_folder(SearchSettings(data)) == Path("runs") / name
    of_fit = "fit-fit" if data == "/" else f"fit-{name}"
    assert default_folder(SearchSettings(data, given=True)) == Path("runs") / of_fit


def test_default_folder_of_relative_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "inner").mkdir()
    monkeypatch.chdir(tmp_path / "inner")
    assert default_folder(SearchSettings(".")) == Path("runs") / "inner"
    assert default_folder(SearchSettings("..")) == Path("runs") / tmp_path.name
