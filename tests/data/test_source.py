"""The contract of data sources, which every registered one keeps."""

import pytest

from autoequivariant.data.arrays import Arrays
from autoequivariant.data.input_spec import InputSpec
from autoequivariant.data.registry import SOURCES
from autoequivariant.data.source import DataSource, ReadOptions, existing_path, file_suffix
from autoequivariant.memory import MemoryBudget


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_the_contract_of_every_source(source, tmp_path):
    assert SOURCES[source.name] is source
    assert bool(source.names) != bool(source.form)
    assert source.options <= set(vars(ReadOptions()))
    assert all(source.recognises(name) for name in source.names)
    for nothing in ("", "a\0b", "a" * 5000, tmp_path / "none", str(tmp_path), "nothing"):
        assert not source.recognises(nothing)


class Toy(DataSource):
    name, names, suffixes = "toy", ("toys",), (".toy", ".toy.gz")

    def read(self, data, options):
        return Arrays([[1.0], [2.0]], [0, 1])


def test_names_and_suffixes_are_recognised(tmp_path):
    (tmp_path / "a.TOY.gz").touch()
    (tmp_path / "b.toy").mkdir()
    toy = Toy()
    assert toy.recognises("toys") and not toy.recognises(tmp_path / "toys")
    assert toy.recognises(tmp_path / "a.TOY.gz") and toy.recognises(f"{tmp_path}/a.TOY.gz")
    assert not toy.recognises(tmp_path / "b.toy") and not toy.recognises(tmp_path / "c.toy")
    assert toy.read_input("toys", InputSpec(), MemoryBudget()) is None


def test_a_source_must_read():
    with pytest.raises(TypeError, match="abstract method 'read'|abstract method read"):
        type("Half", (DataSource,), {})()


@pytest.mark.parametrize("nothing", ["", "a\0b", "a" * 5000, "no/such/file"])
def test_paths_that_cannot_exist(nothing, tmp_path):
    assert existing_path(nothing) is None
    assert existing_path(tmp_path) == existing_path(str(tmp_path)) == tmp_path


def test_suffixes():
    assert file_suffix("a/b.TOY.gz", Toy.suffixes) == ".toy.gz"
    assert file_suffix("a.toy/b", Toy.suffixes) == ""
