"""Pages that mkdocs adds to this folder: top-level files, every command, every package.

Links out of `docs/` become links to the pages of the site.
"""

from __future__ import annotations

import importlib
import pkgutil
import posixpath
import re
from pathlib import Path

from command_pages import command_page
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

import autoequivariant
from autoequivariant.cli import app

ROOT = Path(__file__).resolve().parents[2]
# Files outside docs/ and their pages.
PAGES = {
    "README.md": "project/readme.md",
    "ARCHITECTURE.md": "project/architecture.md",
    "CONTRIBUTING.md": "project/contributing.md",
    "CHANGELOG.md": "project/changes.md",
    "CITATION.cff": "project/cite.md",
    "benchmarks/aen_table/README.md": "project/table.md",
    "examples/tiny.py": "project/tiny.md",
}
# Packages from the lowest to the highest, and those without a Python interface.
ORDER = ("groups", "data", "nn", "training", "searching", "runs", "report", "estimator")
HIDDEN = ("cli", "report.findings", "report.page")
SHOWN = "    options: {show_root_heading: true, show_root_toc_entry: true}"
FENCES = {".py": "python", ".cff": "yaml"}
CODE = re.compile(r"<code>([^<\n]*)</code>")
LONGEST = 24  # longer words may break: they may not fit a narrow screen
LINK = re.compile(r"(?<=\]\()(?!\w+:|#|/)([^)#\s]+)")


def packages() -> list[str]:
    """Return the packages that list public names (`__all__`), lowest first; the top one is ""."""
    found = [
        module.name.partition(".")[2]
        for module in pkgutil.walk_packages(autoequivariant.__path__, "autoequivariant.")
        if module.ispkg and hasattr(importlib.import_module(module.name), "__all__")
    ]
    return ["", *sorted((name for name in found if name not in HIDDEN), key=_place)]


def _place(name: str) -> tuple[int, str]:
    top = name.partition(".")[0]
    return (ORDER.index(top) if top in ORDER else len(ORDER), name)


def package_page(name: str) -> str:
    """Return the page of a package: its docstring, and each public name from its docstring.

    Names that are public at the top are described there alone.
    """
    path = f"autoequivariant.{name}".rstrip(".")
    module = importlib.import_module(path)
    members = sorted(member for member in module.__all__ if not member.startswith("_"))
    page = [f"# `{path}`", (module.__doc__ or "").strip()]
    for member in members:
        if name and member in autoequivariant.__all__:
            page.append(f"## `{member}`\n\nSee [`autoequivariant.{member}`](autoequivariant.md).")
        else:
            page.append(f"::: {_defined(path, member)}\n{SHOWN}")
    return "\n\n".join(page) + "\n"


def _defined(package: str, name: str) -> str:
    """Return the path of a public name where it is defined, which for lazy imports is elsewhere."""
    value = getattr(importlib.import_module(package), name)
    is_own = str(getattr(value, "__module__", "")).startswith("autoequivariant.")
    if is_own and hasattr(value, "__qualname__"):
        return f"{value.__module__}.{value.__qualname__}"
    return f"{package}.{name}"


def _page(name: str) -> str:
    return f"reference/{f'autoequivariant.{name}'.rstrip('.')}.md"


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put a page for each package into the navigation."""
    for section in config.nav or []:
        for pages in section.values():
            for entry in pages if isinstance(pages, list) else []:
                if entry.get("Python") == []:
                    entry["Python"] = [
                        {name or "autoequivariant": _page(name)} for name in packages()
                    ]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated pages."""
    for source, page in PAGES.items():
        text = (ROOT / source).read_text("utf-8")
        fence = FENCES.get(Path(source).suffix)
        if fence is not None:
            text = f"# {Path(source).name}\n\n```{fence}\n{text}```\n"
        files.append(File.generated(config, page, content=text))
    made = {_page(name): package_page(name) for name in packages()}
    for page, text in {**made, "reference/commands.md": command_page(app, "aen")}.items():
        files.append(File.generated(config, page, content=text))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Turn links of the repository into links of the site."""
    here = page.file.src_uri
    sources = {site: source for source, site in PAGES.items()}
    return with_site_links(markdown, sources.get(here, f"docs/{here}"), here)


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Keep short words of code in one piece on narrow screens."""
    return with_whole_words(html)


def with_whole_words(html: str) -> str:
    """Return HTML that never breaks a line within a short word of code, such as `--target`."""

    def whole(code: re.Match[str]) -> str:
        words = re.split(r"(\s+)", code[1])
        return f"<code>{''.join(map(_whole, words))}</code>"

    return CODE.sub(whole, html)


def _whole(word: str) -> str:
    return f'<span class="whole">{word}</span>' if word.strip() and len(word) <= LONGEST else word


def with_site_links(markdown: str, source: str, page: str) -> str:
    """Return the text of a file of the repository with the links of its page on the site.

    A link to a file without a page is unchanged, so mkdocs warns.
    """

    def on_site(match: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(source), match[1]))
        if target not in PAGES and not target.startswith("docs/"):
            return match[0]
        site = PAGES.get(target, target.removeprefix("docs/"))
        return posixpath.relpath(site, posixpath.dirname(page) or ".")

    return LINK.sub(on_site, markdown)
