"""A kind of network, a sampler, a data source and an executor that the package does not have.

They are those of `docs/add/`: one file and one registry line each, and no change in `src/`. One
search uses all four.
"""

import contextlib
import io
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from autoequivariant import SearchSettings, load_model, search
from autoequivariant.cli import app
from autoequivariant.data.registry import SOURCES
from autoequivariant.groups.symmetry import parse_symmetries
from autoequivariant.searching.samplers.registry import SAMPLERS
from autoequivariant.training.executors.options import ExecutorOptions
from autoequivariant.training.executors.registry import EXECUTORS
from autoequivariant.training.families.registry import KINDS

ADD = Path(__file__).parent.parent / "docs" / "add"
BOARDS = ("xxxoo.... x\nooo.xx..x o\nxoxxoooxx none\n.x.ooo.xx o\no.oxxx..o x\n") * 60


@pytest.fixture
def pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, registries: tuple[dict[str, Any], ...]
) -> dict[str, Any]:
    """What the pages define, after they ran; nothing of it is registered."""
    monkeypatch.chdir(tmp_path)
    before = [dict(registry) for registry in registries]
    names: dict[str, Any] = {"__name__": "docs"}
    for page in ("network", "sampler", "data_source", "executor"):
        text = (ADD / f"{page}.md").read_text()
        for block in re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile(block, f"<{page}>", "exec"), names)
    for registry, entries in zip(registries, before, strict=True):
        registry.clear()
        registry.update(entries)
    return names


def register(names: dict[str, Any]) -> None:
    KINDS["orbit_means"] = names["OrbitMeansKind"]()
    SAMPLERS["flip_one"] = names["FlipOne"]
    SOURCES["boards"] = names["Boards"]()
    EXECUTORS["threads"] = lambda options: names["ThreadExecutor"]()


@pytest.mark.slow
def test_one_search_uses_all_four(pages: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "games.boards").write_text(BOARDS)
    register(pages)
    settings = SearchSettings(
        "games.boards",
        network="orbit_means",
        sampler="flip_one",
        symmetries=parse_symmetries("hflip,vflip,rot90"),
        executor=ExecutorOptions("threads"),
    )
    results = search(settings, Path("run")).results
    assert (results.network, results.sampler, results.data) == ("orbit_means", "flip_one", "games")
    assert results.networks_trained > 1 and results.is_finished
    assert type(load_model("run")) is pages["OrbitMeans"]


@pytest.mark.slow
def test_the_command_line_knows_them(pages: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "games.boards").write_text(BOARDS)
    register(pages)
    words = "search games.boards --network orbit_means --sampler flip_one --symmetries hflip,vflip"
    commands = [
        f"{words} --executor threads --out run",
        "evaluate run",
        "verify run",
        "predict run games.boards",
        "report run",
    ]
    for command in commands:
        result = CliRunner().invoke(app, command.split())
        assert result.exit_code == 0, result.output
    refused = CliRunner().invoke(app, ["export", "run", "--format", "torch"])
    assert refused.exit_code == 2 and "cannot be exported" in refused.output


@pytest.mark.slow
@pytest.mark.parametrize(
    "option", ["--network orbit_means", "--sampler flip_one", "--executor threads"]
)
def test_without_a_registry_line_they_are_refused(
    pages: dict[str, Any], option: str, tmp_path: Path
) -> None:
    result = CliRunner().invoke(app, ["search", "digits", *option.split(), "--out", "none"])
    assert result.exit_code == 2 and option.split()[1] in result.output
    assert not (tmp_path / "none").exists()
