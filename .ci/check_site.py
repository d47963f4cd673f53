"""Fail when a page of the built site loads something from elsewhere, or that is not there.

A link that a reader follows may lead anywhere; a script, a style, a font or a picture may not.
"""

import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

STYLE_URL = re.compile(r"""(?:url\(|@import\s+)["']?([^"')\s]+)""")


class Loads(HTMLParser):
    """Collects what a page loads by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.found += [given[name] for name in ("src", "data", "poster") if name in given]
        self.found += re.findall(r"(\S+)(?:\s[^,]*)?", given.get("srcset", ""))
        self.found += STYLE_URL.findall(given.get("style", ""))
        if tag == "link" and given.get("rel") not in ("prev", "next"):
            self.found.append(given.get("href", ""))


def loaded(path: Path) -> list[str]:
    """Addresses of what a page or a style loads."""
    text = path.read_text("utf-8")
    if path.suffix == ".css":
        return STYLE_URL.findall(text)
    loads = Loads()
    loads.feed(text)
    return loads.found


def fault(address: str, path: Path) -> str | None:
    """What is wrong with what the file at `path` loads, or None."""
    parts = urlsplit(address)
    if parts.scheme == "data" or not address:
        return None
    if parts.scheme or parts.netloc:
        return f"loads {address} from elsewhere"
    if parts.path and not (path.parent / unquote(parts.path)).exists():
        return f"loads {address}, which is not there"
    return None


def faults(site: Path) -> Iterator[str]:
    for path in sorted([*site.rglob("*.html"), *site.rglob("*.css")]):
        if path.name == "404.html":  # its addresses begin at the top of a server
            continue
        for address in loaded(path):
            found = fault(address, path)
            if found is not None:
                yield f"{path.relative_to(site)} {found}."


def main(site: Path) -> int:
    if not (site / "index.html").is_file():
        print(f"{site} holds no site.")
        return 1
    wrong = list(faults(site))
    for line in wrong:
        print(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
