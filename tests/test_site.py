"""The documentation site: the page of every option, links, and the check of what pages load."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import typer

from autoequivariant.cli import app

ROOT = Path(__file__).resolve().parents[1]


def loaded(path: str) -> ModuleType:
    name = Path(path).stem
    spec = importlib.util.spec_from_file_location(name, ROOT / path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # hooks.py imports its neighbour by name
    spec.loader.exec_module(module)
    return module


DIAGRAMS = loaded("docs/diagrams.py")
PAGES = loaded("docs/theme/command_pages.py")
CHECK = loaded(".ci/check_site.py")


def leaves(command: Any, name: str) -> dict[str, Any]:
    if not hasattr(command, "commands"):
        return {name: command}
    inner = [leaves(child, f"{name} {word}") for word, child in command.commands.items()]
    return {key: value for part in inner for key, value in part.items()}


def test_every_option_has_a_line() -> None:
    page = PAGES.command_page(app, "aen")
    sections = dict(re.findall(r"^## `(.+?)`\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL))
    commands = leaves(typer.main.get_command(app), "aen")
    assert set(sections) == {"aen", *commands}
    for name, command in commands.items():
        for parameter in command.params:
            assert (
                f"`{parameter.opts[0]}`" in sections[name]
                or parameter.name.upper() in sections[name]
            )
    assert "| `--budget` | `250` | Largest number of networks to train. |" in sections["aen search"]
    assert "| `--dataset` | required |" in sections["aen reproduce mlp"]
    assert "| `--version` | flag |" in sections["aen"]


def test_the_diagrams_are_up_to_date() -> None:
    for name, picture in DIAGRAMS.diagrams().items():
        kept = (ROOT / "docs" / "pictures" / name).read_text("utf-8")
        assert kept == picture, f"{name} is outdated: run python docs/make_pictures.py diagrams"


@pytest.mark.parametrize(
    ("text", "source", "page", "expected"),
    [
        ("[a](docs/cnn.md#x)", "README.md", "project/readme.md", "[a](../cnn.md#x)"),
        ("[a](../README.md)", "docs/cnn.md", "cnn.md", "[a](project/readme.md)"),
        ("[a](cnn.md)", "docs/search.md", "search.md", "[a](cnn.md)"),
        ("[a](../cnn.md)", "docs/how_to/images.md", "how_to/images.md", "[a](../cnn.md)"),
        ("![a](pictures/a.png)", "docs/search.md", "search.md", "![a](pictures/a.png)"),
        ("[a](https://optuna.org)", "README.md", "project/readme.md", "[a](https://optuna.org)"),
        ("[a](#here)", "README.md", "project/readme.md", "[a](#here)"),
        ("[a](LICENSE)", "README.md", "project/readme.md", "[a](LICENSE)"),
    ],
)
def test_links_lead_to_pages_of_the_site(text: str, source: str, page: str, expected: str) -> None:
    pytest.importorskip("mkdocs", reason="not here: no mkdocs")
    assert loaded("docs/theme/hooks.py").with_site_links(text, source, page) == expected


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<code>--target price</code>", ["--target", "price"]),
        ("<td><code>classification</code> or <code>--a</code>", ["classification", "--a"]),
        (f"<code>{'a-' * 20}</code>", []),
        ("<pre><code>aen --help\n</code></pre>", []),
        ("<pre><code><span>aen</span> --help</code></pre>", []),
    ],
)
def test_short_words_of_code_are_not_broken(html: str, expected: list[str]) -> None:
    pytest.importorskip("mkdocs", reason="not here: no mkdocs")
    found = loaded("docs/theme/hooks.py").with_whole_words(html)
    assert re.findall(r'<span class="whole">(.*?)</span>', found) == expected
    assert re.sub(r'<span class="whole">(.*?)</span>', r"\1", found) == html


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Args:\n    a, b: both.", "Args:\n    a: both.\n    b: both."),
        (
            "Args:\n    a_, b: both,\n        and more.\n    c: one.",
            "Args:\n    a_: both,\n        and more.\n    b: both,\n        and more.\n    c: one.",
        ),
        ("Args:\n    a: b, c: d.", "Args:\n    a: b, c: d."),
        ("Of these, some: all.", "Of these, some: all."),
    ],
)
def test_names_that_share_an_entry_get_one_each(text: str, expected: str) -> None:
    pytest.importorskip("griffe", reason="not here: no griffe")
    assert loaded("docs/theme/docstrings.py").one_name_each(text) == expected


def test_every_package_with_public_names_has_a_page() -> None:
    pytest.importorskip("mkdocs", reason="not here: no mkdocs")
    hooks = loaded("docs/theme/hooks.py")
    assert hooks.packages() == [
        *("", "groups", "data", "nn", "nn.symmetrize", "training"),
        *("training.executors", "training.families"),
        *("searching", "searching.samplers", "searching.samplers.dqn"),
        *("runs", "report", "estimator", "estimator.symmetric"),
    ]
    top, searching = hooks.package_page(""), hooks.package_page("searching")
    assert "::: autoequivariant.estimator.estimators.AutoEquivariantClassifier\n" in top
    assert "::: autoequivariant.searching.run.search\n" in top
    assert "::: autoequivariant.searching.run.search\n" not in searching
    assert "::: autoequivariant.searching.problem.Problem\n" in searching
    assert "show_attribute_values: true" in (ROOT / "mkdocs.yml").read_text("utf-8")


def test_every_page_of_the_repository_is_in_the_navigation() -> None:
    navigation = (ROOT / "mkdocs.yml").read_text("utf-8")
    for page in (ROOT / "docs").rglob("*.md"):
        assert f": {page.relative_to(ROOT / 'docs').as_posix()}\n" in navigation


@pytest.mark.parametrize(
    ("html", "faults"),
    [
        ('<a href="https://optuna.org">x</a><img src="a.png">', 0),
        ('<img src="data:image/png;base64,x"><script>let a</script>', 0),
        ('<link rel="next" href="b.html">', 0),
        ('<img src="b.png">', 1),
        ('<script src="https://example.org/a.js"></script>', 1),
        ('<link rel="stylesheet" href="//example.org/a.css">', 1),
        ('<p style="background: url(https://example.org/a.png)">', 1),
        ('<img srcset="a.png 1x, https://example.org/a.png 2x">', 1),
    ],
)
def test_what_a_page_loads_is_checked(tmp_path: Path, html: str, faults: int) -> None:
    (tmp_path / "a.png").touch()
    (tmp_path / "index.html").write_text(html)
    assert len(list(CHECK.faults(tmp_path))) == faults
    assert CHECK.main(tmp_path) == bool(faults)


def test_styles_are_checked_and_a_missing_site_fails(tmp_path: Path) -> None:
    assert CHECK.main(tmp_path) == 1
    (tmp_path / "index.html").write_text("")
    (tmp_path / "a.css").write_text('@import "https://example.org/font.css";')
    assert CHECK.main(tmp_path) == 1
