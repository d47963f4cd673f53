"""Fail when a test of a pytest report (--junitxml) was skipped although it could have run here.

A skip's reason has to begin with 'not here: ' and to name what is missing; what this script can
look for itself, it looks for.
"""

import importlib.util
import re
import shutil
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from pathlib import Path

PREFIX = "not here: "
ROOT = Path(__file__).resolve().parents[1]
# A word in a skip's reason, and whether what it names is here.
HERE: Mapping[str, Callable[[], bool]] = {
    "shared": lambda: (ROOT.parent / "shared" / "data").is_dir(),
    "chromium": lambda: all(shutil.which(name) for name in ("chromium", "chromedriver")),
    "ray": lambda: importlib.util.find_spec("ray") is not None,
    "PostgreSQL": lambda: (
        any(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or shutil.which("initdb") is not None
    ),
    "psycopg": lambda: importlib.util.find_spec("psycopg") is not None,
    "git": lambda: shutil.which("git") is not None and (ROOT / ".git").exists(),
}


def skips(report: Path) -> list[tuple[str, str]]:
    """(test, reason) of every skip; a test that failed as expected (xfail) did run."""
    found = []
    for case in ET.parse(report).iter("testcase"):
        for skipped in case.iter("skipped"):
            if skipped.get("type") == "pytest.xfail":
                continue
            reason = skipped.get("message", "")
            if reason == "collection skipped":  # a whole file: the reason stands in the text
                reason = (skipped.text or "").partition("Skipped: ")[2].rstrip("')\"")
            found.append((f"{case.get('classname', '')}::{case.get('name', '')}", reason))
    return found


def fault(reason: str, here: Mapping[str, Callable[[], bool]] = HERE) -> str | None:
    """Why a skip with this reason is not allowed here, or None."""
    if not reason.startswith(PREFIX):
        return f"its reason does not begin with {PREFIX!r}"
    for word, is_here in here.items():
        if re.search(rf"\b{word}\b", reason) and is_here():
            return f"{word} is here"
    return None


def main(report: Path) -> int:
    if next(ET.parse(report).iter("testcase"), None) is None:
        print(f"{report} holds no test.")
        return 1
    faults = [(test, reason, fault(reason)) for test, reason in skips(report)]
    wrong = [f"{test}: skipped ({reason}), but {why}." for test, reason, why in faults if why]
    for line in wrong:
        print(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
