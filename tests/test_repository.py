"""The files around the code agree with each other."""

import importlib.util
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = [text for extra in PROJECT["optional-dependencies"].values() for text in extra]
DIRECT = [
    requirement
    for requirement in map(Requirement, [*PROJECT["dependencies"], *EXTRAS])
    if requirement.name != PROJECT["name"]
]
# Put together here, so that this file does not hold what it looks for.
MACHINE_PATHS = tuple(f"/{folder}/" for folder in ("work", "root"))


def pins(text: str) -> dict[str, Version]:
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return {
        canonicalize_name(name): Version(version)
        for name, version in (line.split("==") for line in lines)
    }


def unpinned(requirements: list[Requirement], pinned: dict[str, Version]) -> list[str]:
    """The requirements that have no pin, or one outside their range."""
    return [
        str(requirement)
        for requirement in requirements
        if (version := pinned.get(canonicalize_name(requirement.name))) is None
        or version not in requirement.specifier
    ]


def test_constraints_pin_every_direct_dependency_within_its_range() -> None:
    pinned = pins((ROOT / "constraints.txt").read_text("utf-8"))
    assert unpinned(DIRECT, pinned) == []
    assert pinned["torch"] == Version("2.13.0")
    assert not [name for name in pinned if name.startswith(("nvidia", "cuda", "triton"))]


@pytest.mark.parametrize(
    ("requirement", "text", "expected"),
    [
        ("numpy>=2,<3", "numpy==2.4.6", []),
        ("pre-commit>=4", "# tools\npre_commit==4.7.0", []),
        ("numpy>=2,<3", "numpy==1.26.4", ["numpy<3,>=2"]),
        ("numpy>=2,<3", "scipy==1.17.1", ["numpy<3,>=2"]),
    ],
)
def test_a_missing_or_wrong_pin_is_found(requirement: str, text: str, expected: list[str]) -> None:
    assert unpinned([Requirement(requirement)], pins(text)) == expected


def test_every_dependency_has_a_lower_and_an_upper_bound() -> None:
    for requirement in DIRECT:
        operators = {clause.operator for clause in requirement.specifier}
        assert ">=" in operators, requirement
        assert "<" in operators or requirement.name == "packaging", requirement


def test_the_citation_names_the_paper_and_the_version() -> None:
    citation = (ROOT / "CITATION.cff").read_text("utf-8")
    assert "2104.04848" in citation
    assert f"version: {PROJECT['version']}\n" in citation


def test_the_package_says_that_it_is_typed() -> None:
    assert (ROOT / "src" / PROJECT["name"] / "py.typed").is_file()


def tracked_files() -> list[Path]:
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not here: no git")
    command = ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z"]
    listing = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [path for name in listing.split("\0") if name and (path := ROOT / name).is_file()]


def has_machine_path(text: str) -> bool:
    """Whether an absolute path of the machine that this was written on stands in the text."""
    starts = "|".join(map(re.escape, MACHINE_PATHS))
    return re.search(rf"(?<![\w.~])(?:{starts})", text) is not None


def test_no_tracked_file_holds_a_path_of_one_machine() -> None:
    holding = [p for p in tracked_files() if has_machine_path(p.read_text("utf-8", "replace"))]
    assert holding == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("see {0}main", True),
        ("'{1}.cache'", True),
        ("a frame{0}piece", False),
        ("..{0}main", False),
    ],
)
def test_a_path_of_one_machine_is_recognised(text: str, expected: bool) -> None:
    assert has_machine_path(text.format(*MACHINE_PATHS)) is expected


def test_public_documents_do_not_speak_of_the_shared_folder() -> None:
    documents = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    assert [path.name for path in documents if "../shared" in path.read_text("utf-8")] == []


def test_the_readme_states_the_install_that_ci_runs() -> None:
    command = "pip install -c constraints.txt -e '.[test]'"
    for name in ("README.md", "CONTRIBUTING.md", ".ci/run"):
        assert command in (ROOT / name).read_text("utf-8"), name


def check_skips() -> ModuleType:
    spec = importlib.util.spec_from_file_location("check_skips", ROOT / ".ci" / "check_skips.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("reason", "allowed"),
    [
        ("not here: no CUDA", True),
        ("not here: shared data is absent", False),
        ("not here: no folder ../shared/data/mnist", False),
        ("not here: no digits", True),
        ("not here: no git", True),
        ("slow", False),
        ("", False),
    ],
)
def test_only_a_skip_that_has_to_be_is_allowed(reason: str, allowed: bool) -> None:
    here = {"shared": lambda: True, "git": lambda: False}
    assert (check_skips().fault(reason, here) is None) is allowed


@pytest.mark.slow
def test_the_skips_of_a_real_report_are_read(tmp_path: Path) -> None:
    tmp_path.joinpath("test_a.py").write_text(
        "import pytest\n"
        "def test_one(): pytest.skip('too slow')\n"
        "@pytest.mark.skipif(True, reason='not here: no CUDA')\n"
        "def test_two(): pass\n"
        "@pytest.mark.xfail\n"
        "def test_three(): assert False\n"
    )
    tmp_path.joinpath("test_b.py").write_text(
        "import pytest\npytest.skip('not here: no CUDA', allow_module_level=True)\n"
    )
    report = tmp_path / "report.xml"
    command = [sys.executable, "-m", "pytest", f"--rootdir={tmp_path}", f"--junitxml={report}"]
    subprocess.run([*command, str(tmp_path)], cwd=tmp_path, check=True, capture_output=True)
    reasons = sorted(reason for _, reason in check_skips().skips(report))
    assert reasons == ["not here: no CUDA", "not here: no CUDA", "too slow"]
    assert check_skips().main(report) == 1


@pytest.mark.parametrize(
    ("cases", "status"),
    [
        ("<testcase name='a'/>", 0),
        ("<testcase name='a'><skipped message='not here: no CUDA'/></testcase>", 0),
        ("<testcase name='a'><skipped message='slow'/></testcase>", 1),
        ("", 1),
    ],
)
def test_a_report_is_judged_by_its_skips(tmp_path: Path, cases: str, status: int) -> None:
    report = tmp_path / "report.xml"
    report.write_text(f"<testsuites><testsuite>{cases}</testsuite></testsuites>")
    assert check_skips().main(report) == status
