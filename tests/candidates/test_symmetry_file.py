"""Candidates from the command line's text and from YAML."""

import os
from contextlib import nullcontext
from pathlib import Path

import pytest

from autoequivariant.candidates.symmetry_file import read_candidates, read_symmetry_file
from autoequivariant.errors import AutoequivariantError, SymmetryError
from autoequivariant.groups.custom.definition import DataSpec, Definition, resolve
from autoequivariant.groups.domain import Features
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.symmetry import Symmetry

KNEES = """\
# pairs of a body
symmetries:
  - swap: left_knee <-> right_knee
  - ring: s1 s2
  - negate: vx
  - name: mirror
    swap: [left_knee <-> right_knee, s1 <-> s2]
    negate: vx
    outputs: {swap: left <-> right}
  - cycles: (0 1)(2 3)
  - image: [1, 0, 2, 3, 4]
    signs: [1, 1, 1, 1, -1]
  - reverse
  - shift:2
  - exchangeable
"""
COLUMNS = ("left_knee", "right_knee", "s1", "s2", "vx")


def write(folder: Path, text: str, name: str = "mine.yaml") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_all_notations_in_one_file(tmp_path: Path) -> None:
    found = read_symmetry_file(write(tmp_path, KNEES))
    symmetries = resolve(found, DataSpec(Features(5), COLUMNS, 1, ("left", "right")))
    assert [str(s) for s in symmetries] == [
        "swap left_knee <-> right_knee",
        "ring s1 s2",
        "negate vx",
        "mirror",
        "cycles (0 1)(2 3)",
        "image 1 0 2 3 4; signs 1 1 1 1 -1",
        "reverse",
        "shift:2",
        *(f"swap:{i}-{i + 1}" for i in range(4)),
    ]
    mirror = symmetries[3]
    assert mirror.action(Features(5)) == Permutation([1, 0, 3, 2, 4], [1, 1, 1, 1, -1])
    assert mirror.output_action(2) == Permutation([1, 0])


def test_a_list_alone(tmp_path: Path) -> None:
    assert read_symmetry_file(write(tmp_path, "- hflip\n- hflip\n- square\n", "a.yml")) == (
        Symmetry("hflip"),
        Definition("square"),
    )


def test_on_the_command_line(tmp_path: Path) -> None:
    path = write(tmp_path, "- negate: 0\n", "with, comma.yaml")
    assert read_candidates(str(path)) == (Definition.of({"negate": 0}),)
    path = write(tmp_path, "- negate: 0\n")
    assert read_candidates(f"hflip, square,{path}") == (
        Symmetry("hflip"),
        Definition("square"),
        Definition.of({"negate": 0}),
    )


BAD: list[tuple[str, str | None]] = [
    ("", "lists no candidates: write one per line"),
    ("symmetries: []", "lists no candidates"),
    ("symmetries: hflip", "lists no candidates"),
    (
        "candidates: [hflip]",
        "must have only symmetries at the top, a list of them (begin each with a dash); got 'candi",
    ),
    ("swap: a <-> b", "at the top, a list of them (begin each with a dash); got 'swap'"),
    ("- hflop", "entry 1: There is no symmetry 'hflop': did you mean hflip"),
    ("- hflip\n- swop: a <-> b\n- 3", "entry 2: A symmetry has no 'swop'"),
    ("- hflip\n- swop: a <-> b\n- 3", "entry 3: A symmetry is a name"),
    ("- [", "is not a YAML file"),
    (
        "- swap: a <-> b\n  swap: c <-> d",
        "entry 1, line 2: 'swap' appears twice in one mapping: keep one",
    ),
    ("- &x {negate: 0}\n- *x", "refers to another part by *"),
    ("- !!python/object/apply:os.system ['true']", "entry 1, line 1: it has the tag"),
    ("- 2026-01-01", "entry 1: There is no symmetry '2026-01-01'"),
    ("- {[1]: 2}", "entry 1, line 1: the key a list of 1 is not text"),
    (f"- swap: 0x{'f' * 5000}", "entry 1, line 1: the number 0xfff"),
    (f"- like: {'9' * 5000}", "has more than 18 digits"),
    (f"- like: translate_x:{'9' * 19}", None),  # whether it is defined depends on the data
    (f"- translate_x:{'9' * 19}", "whole numbers of at most 18 digits"),
    (f"- {'x' * 100_000}", "There is no symmetry 'xxx"),
    (f"- name: {'x' * 100_000}\n  swap: [1]", None),
    (f"- {{{', '.join(f'k{n}: 1' for n in range(40_000))}}}", "'k6', 'k7' and 39,992 more: use"),
    (f"{{{', '.join(f'k{n}: 1' for n in range(40_000))}}}", "'k6', 'k7' and 39,992 more."),
    ("- outputs: {swap: {a: {b: {c: 1}}}}", "must consist of names and numbers"),
    ("- a\n" * 10_000, "Only the first 10 problems are listed."),
    ("- hflip\n" * 10_001, "there are more than 10,000: list fewer"),
    ("- hflip\n" * 10_000, None),
]


@pytest.mark.parametrize(("text", "phrase"), BAD, ids=lambda text: text and text[:40])
def test_invalid_files(tmp_path: Path, text: str, phrase: str | None) -> None:
    path = write(tmp_path, text)
    if phrase is None:
        assert len(read_symmetry_file(path)) == 1
        return
    with pytest.raises(AutoequivariantError) as error:
        read_symmetry_file(path)
    assert phrase in str(error.value)
    assert str(path) in str(error.value)
    assert len(str(error.value)) <= 4000


def test_a_long_list_on_the_command_line(tmp_path: Path) -> None:
    path = write(tmp_path, "- negate: 0\n")
    steps = [f"shift:{step}" for step in range(9_999)]
    assert len(read_candidates(",".join([*steps, str(path)]))) == 10_000
    with pytest.raises(AutoequivariantError, match="10,001 symmetries are named, more than 10,000"):
        read_candidates(",".join([*steps, "hflip", str(path)]))
    with pytest.raises(SymmetryError, match="Only the first 10 problems are listed"):
        read_candidates(",".join(f"s:{step}" for step in steps))


def test_unreadable_files(tmp_path: Path) -> None:
    with pytest.raises(AutoequivariantError, match="There is no file"):
        read_candidates(str(tmp_path / "none.yaml"))
    (tmp_path / "folder.yaml").mkdir()
    with pytest.raises(AutoequivariantError, match="cannot be read"):
        read_candidates(str(tmp_path / "folder.yaml"))
    os.mkfifo(tmp_path / "pipe.yaml")
    with pytest.raises(AutoequivariantError, match="not a regular file"):
        read_candidates(str(tmp_path / "pipe.yaml"))
    with (tmp_path / "large.yaml").open("wb") as file:
        file.truncate(2**33)  # takes no room on the disk
    with pytest.raises(AutoequivariantError, match="more than 10,000,000 bytes"):
        read_candidates(str(tmp_path / "large.yaml"))
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(AutoequivariantError, match="is not a YAML file"):
        read_candidates(str(tmp_path / "bytes.yaml"))


@pytest.mark.parametrize("name", ["null", "yes", "none", "swap:0-1", "square", '"a\\e[1m"', "a,b"])
def test_reserved_names(tmp_path: Path, name: str) -> None:
    file = tmp_path / "mine.yaml"
    for called, is_valid in ((name, False), ("mirror", True), ("3", True)):
        file.write_text(f"- name: {called}\n  negate: 0\n- [1, 0]\n")
        refused = pytest.raises(SymmetryError, match="called|name:")
        with nullcontext() if is_valid else refused:
            first, second = resolve(read_candidates(str(file)), DataSpec(Features(2)))
            assert (str(first), str(second)) == (called, "image 1 0")
