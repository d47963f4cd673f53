"""The wheel and the sdist: what they hold, and that they install and work on their own."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest
from packaging.metadata import Metadata

ROOT = Path(__file__).resolve().parents[1]
TOP = {"autoequivariant"}
NEEDED = {"constraints.txt", "mkdocs.yml", "pyproject.toml", "LICENSE", "README.md", ".ci/run"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    (path,) = built.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel; what it depends on comes from the present one."""
    folder = tmp_path_factory.mktemp("venv")
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "-q"]
    options = ["--no-deps", "--no-index", "--no-warn-script-location"]
    subprocess.run([*pip, *options, str(wheel)], check=True, capture_output=True)
    (site,) = folder.glob("lib/*/site-packages")
    (site / "present.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder


def run(
    installed: Path, *words: str | Path, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    clean = {name: v for name, v in os.environ.items() if not name.startswith("PYTHON")}
    command = [str(word) for word in words]
    command[0] = str(installed / "bin" / command[0])
    return subprocess.run(command, cwd=cwd or installed, env=clean, capture_output=True, text=True)


def test_the_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    info = f"{wheel.name.split('-py3')[0]}.dist-info"
    assert {name.split("/")[0] for name in names} == {"autoequivariant", info}
    here = ROOT / "src"
    kinds = (".py", ".typed", ".css", ".html", ".js")
    sources = [p for p in here.rglob("*") if p.is_file() and p.suffix in kinds]
    assert {p.relative_to(here).as_posix() for p in sources} == {
        name for name in names if not name.startswith(info)
    }
    assert "autoequivariant/py.typed" in names
    assert f"{info}/licenses/LICENSE" in names


def test_the_metadata_are_valid(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    (name,) = [name for name in archive.namelist() if name.endswith("/METADATA")]
    metadata = Metadata.from_email(archive.read(name), validate=True)
    assert metadata.description_content_type == "text/markdown"
    assert metadata.description == (ROOT / "README.md").read_text("utf-8")
    assert metadata.license_expression == "MIT"
    assert str(metadata.requires_python) == ">=3.11"
    assert {"docs", "hub", "test", "dev"} <= set(metadata.provides_extra or [])


def test_the_sdist_holds_what_the_tests_need(built: Path) -> None:
    (path,) = built.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert names >= NEEDED
    for folder in ("src", "tests", "docs", "examples", "benchmarks", ".ci"):
        here = [
            p for p in (ROOT / folder).rglob("*") if p.is_file() and "__pycache__" not in str(p)
        ]
        assert {p.relative_to(ROOT).as_posix() for p in here} <= names
    assert not any(name.startswith(("runs/", "data/", "site/", ".git/")) for name in names)


@pytest.mark.slow
def test_what_is_installed_searches(installed: Path, tmp_path: Path) -> None:
    done = run(installed, "aen", "--version")
    assert done.stdout.startswith("aen "), done.stderr
    words = "search digits --symmetries hflip,vflip --budget 4 --epochs 1".split()
    done = run(installed, "aen", *words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "4 networks" in done.stdout
    where = run(
        installed, "python", "-c", "import autoequivariant; print(autoequivariant.__file__)"
    )
    assert Path(where.stdout).is_relative_to(installed)


LIGHT = """
import sys
import autoequivariant.nn.layers.shared_linear
heavy = ("autoequivariant.data", "autoequivariant.nn.any_model", "scipy")
print(*sorted({name for name in sys.modules if name.startswith(heavy)}))
from autoequivariant import nn
assert all(callable(getattr(nn, name)) for name in nn.__all__)
try:
    nn.absent
except AttributeError as error:
    print(error)
"""


def test_a_layer_does_not_load_what_reads_data() -> None:
    command = [sys.executable, "-c", LIGHT]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "\nmodule 'autoequivariant.nn' has no attribute 'absent'\n"


TYPED = "from autoequivariant.errors import DataError\nreveal_type(DataError.__name__)\n"


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("mypy") is None, reason="not here: no mypy")
def test_types_are_seen_where_it_is_installed(installed: Path, tmp_path: Path) -> None:
    script = tmp_path / "user.py"
    script.write_text(TYPED)

    def checked() -> str:
        mypy = [sys.executable, "-m", "mypy", "--python-executable", installed / "bin" / "python"]
        clean = {
            name: v for name, v in os.environ.items() if name not in ("PYTHONPATH", "MYPYPATH")
        }
        options = ["--cache-dir", os.devnull, str(script)]
        command = [*map(str, mypy), *options]
        return subprocess.run(
            command, cwd=tmp_path, env=clean, capture_output=True, text=True
        ).stdout

    assert 'str"' in (said := checked()), said
    (marker,) = installed.glob("lib/*/site-packages/autoequivariant/py.typed")
    kept = shutil.move(marker, tmp_path / "py.typed")
    try:
        assert "missing library stubs or py.typed marker" in (said := checked()), said
    finally:
        shutil.move(kept, marker)
