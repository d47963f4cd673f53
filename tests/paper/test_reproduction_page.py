"""The page of the reproduction: its tables parse, and every number stands below its command."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from autoequivariant.paper.cnn_settings import CNNSettings
from autoequivariant.paper.mlp_tables import mlp_markdown, section_name

PAGE = Path(__file__).parents[2] / "docs" / "reproduction.md"
UNRUN = "To be run."
NUMBER = re.compile(r"[+-]?[\d,]+(\.\d)?%?( \([+-]?[\d.]+ to [+-]?[\d.]+%?\))?|[\d.]+ to [\d.]+%")
SECTION = re.compile(
    r"^```sh\n((?:aen reproduce|python benchmarks/verdicts/)[^\n]*)\n```\n\n"
    r"<!-- tables: ([\w-]+) -->\n(.*?)<!-- end: ([\w-]+) -->$",
    re.MULTILINE | re.DOTALL,
)
BENCHMARK = re.compile(r"python benchmarks/verdicts/(\w+)\.py .*")
MLP_COMMAND = re.compile(
    r"aen reproduce mlp --dataset (\w+) --source \S+(?: --device cuda)?"
    r"(?: --domains (\w+) --seeds 3)?"
)
CNN_COMMAND = re.compile(
    r"aen reproduce cnn --dataset (\w+) --source (\S+)(?: --backbone (\w+))?(?: --device cuda)?"
)
SHAPES = [(14, 15), (13, 5), (16, 7)]  # rows with the header, and columns, of the three tables
CNN_SHAPES = [(4, 5)]
PAPER = ("mnist", "fashion_mnist")
PYRAMID = tuple(f"{name}-pyramid" for name in ("rotmnist", "fashion_mnist", "asl_massey36"))
CNN = ("rotmnist", "cifar10", *PYRAMID, "cifar10-pyramid")
PROPER = tuple(section_name(dataset, "proper") for dataset in PAPER)
MLP = (*PAPER, *PROPER)

FIRST_NUMBERS = {"symmetries": 3, "symmetries, by seed": 3, "symmetries and augmentations": 2}


def sections(page: str) -> dict[str, str]:
    """What stands between the markers of each data set; the command stands right above."""
    found = SECTION.findall(page)
    assert len(found) == page.count("<!-- tables:") == page.count("<!-- end:")
    assert all(named_by(command) == begin == end for command, begin, _, end in found)
    return {name: text.strip() for _, name, text, _ in found}


def named_by(command: str) -> str:
    """The name of the section whose numbers a command makes."""
    if found := BENCHMARK.fullmatch(command):
        return found[1]
    if found := CNN_COMMAND.fullmatch(command):
        return CNNSettings(found[1], Path(found[2]), backbone=found[3] or "paper").name
    found = MLP_COMMAND.fullmatch(command)
    assert found, command
    return section_name(found[1], found[2] or "paper")


def tables(text: str) -> list[list[list[str]]]:
    """The rows of each table, rules left out."""
    blocks = re.findall(r"(?:^\|.*\|$\n?)+", text, re.MULTILINE)
    rows = [[line[2:-2].split(" | ") for line in block.splitlines()] for block in blocks]
    assert all(set("".join(table[1])) <= set("-:") for table in rows)
    return [[table[0], *table[2:]] for table in rows]


def check(text: str, folder: Path) -> None:
    """Raise AssertionError where the text is not a picture and three tables of numbers."""
    (picture,) = re.findall(r"!\[.+\]\((.+)\)", text)
    assert (folder / picture).is_file(), picture
    check_tables(text, SHAPES)


def check_tables(text: str, shapes: list[tuple[int, int]]) -> None:
    """Raise AssertionError where the text has not just these tables, of numbers."""
    found = tables(text)
    assert [(len(table), len(table[0])) for table in found] == shapes
    for table in found:
        assert {len(row) for row in table} == {len(table[0])}
        first = FIRST_NUMBERS.get(table[0][2], FIRST_NUMBERS.get(table[0][1], 1))
        for row in table[1:]:
            for cell in row[first:]:
                assert NUMBER.fullmatch(cell), cell
                if "%" in cell:
                    assert 0 <= float(cell.partition("%")[0].split()[0]) <= 100


def test_every_table_stands_below_its_command() -> None:
    assert set(sections(PAGE.read_text())) == {*MLP, *CNN, "g_mnist"}


def test_the_table_without_a_search_is_whole() -> None:
    (table,) = tables(sections(PAGE.read_text())["g_mnist"])
    assert [len(row) for row in table] == [7] * (1 + 2 * 6 * 4)
    for row in table[1:]:
        assert all(NUMBER.fullmatch(cell) for cell in [*row[3:5], *row[6].split()]), row


@pytest.mark.parametrize("dataset", [*MLP, *CNN])
def test_the_tables_are_whole(dataset: str) -> None:
    text = sections(PAGE.read_text())[dataset]
    if text == UNRUN:
        return
    if dataset in MLP:
        check(text, PAGE.parent)
    else:
        check_tables(text, CNN_SHAPES)


@pytest.mark.parametrize(
    ("names", "fixture"), [(PAPER, "mlp_results"), (PROPER, "results_of_three_seeds")]
)
def test_the_tables_have_the_headers_that_the_command_writes(
    request: pytest.FixtureRequest, names: tuple[str, ...], fixture: str
) -> None:
    written = [table[0] for table in tables(mlp_markdown(request.getfixturevalue(fixture)))]
    page = sections(PAGE.read_text())
    for name in names:
        if page[name] != UNRUN:
            assert [table[0] for table in tables(page[name])] == written


@pytest.mark.parametrize("fixture", ["mlp_results", "results_of_three_seeds"])
def test_what_the_command_writes_is_accepted(request: pytest.FixtureRequest, fixture: str) -> None:
    results = request.getfixturevalue(fixture)
    for run in results.get("runs", [results]):
        run["mixes"] = [run["mixes"][0] | {"data": f"mix{k}"} for k in range(1, 6)]
    check_tables(mlp_markdown(results), SHAPES)


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("aen reproduce mlp --dataset mnist --source a", "mnist"),
        ("aen reproduce mlp --dataset mnist --source a --domains proper --seeds 3", "mnist-proper"),
        (
            "aen reproduce mlp --dataset mnist --source a --device cuda --domains proper --seeds 3",
            "mnist-proper",
        ),
        ("aen reproduce cnn --dataset rotmnist --source a", "rotmnist"),
        (
            "aen reproduce cnn --dataset rotmnist --source a --backbone pyramid --device cuda",
            "rotmnist-pyramid",
        ),
        (
            "aen reproduce cnn --dataset file --source path/to/signs.npz --backbone pyramid",
            "signs-pyramid",
        ),
        ("python benchmarks/verdicts/g_mnist.py --mnist a", "g_mnist"),
    ],
)
def test_the_section_of_a_command(command: str, name: str) -> None:
    assert named_by(command) == name
    page = f"```sh\n{command}\n```\n\n<!-- tables: {{0}} -->\nText.\n<!-- end: {{0}} -->\n"
    assert sections(page.format(name)) == {name: "Text."}
    with pytest.raises(AssertionError):
        sections(page.format("another"))


@pytest.mark.parametrize(
    "command",
    [
        "aen reproduce mlp --dataset mnist --source a --domains proper",
        "aen reproduce mlp --dataset mnist --source a --domains proper --seeds 2",
        "aen reproduce cnn --dataset rotmnist --source a --scale gpu",
        "aen reproduce cnn --dataset rotmnist",
    ],
)
def test_other_commands_have_no_section(command: str) -> None:
    with pytest.raises(AssertionError):
        named_by(command)


def test_no_number_of_a_reproduction_stands_elsewhere() -> None:
    without = SECTION.sub("", PAGE.read_text())
    assert not re.search(r"\d\.\d+ ?%|\d to \d+\.\d%", without)


def made(**changes: tuple[str, str]) -> str:
    """A section as it should be, with some texts replaced."""
    numbers = ["9", *["93.1"] * 13]
    own = ["80.0% (77.4 to 82.4%)", "82.0% (79.5 to 84.3%)", "+2.0 (-0.1 to +4.1)", "1"]
    mix = ["mix1", "baseline", "none (baseline)", "476,004", "70.0%", "71.2%", "70.3 to 72.1%"]
    widths = [(["0 baseline", *numbers], 13), (["rot90", *own], 12), (mix, 15)]
    text = "![heat map](reproduction.png)\n"
    for row, count in widths:
        header = ["a", "b", "symmetries" if row is mix else "c", *"d" * (len(row) - 3)]
        lines = [header, ["---:"] * len(row), *[row] * count]
        text += "\n" + "".join(f"| {' | '.join(line)} |\n" for line in lines)
    for before, after in changes.values():
        assert before in text
        text = text.replace(before, after, 1)
    return text


def test_a_table_of_cnns_is_checked_too() -> None:
    row = "| baseline | none (baseline) | 17,082 | 81.0% | 80.5 to 81.5% |\n"
    text = (
        "| network | symmetries and augmentations | parameters | test | 95% |\n| --- | --- | ---: |"
    )
    text += " ---: | ---: |\n" + 3 * row
    check_tables(text, CNN_SHAPES)
    with pytest.raises(AssertionError):
        check_tables(text.replace("81.0%", "?"), CNN_SHAPES)


def test_a_whole_section_is_accepted(tmp_path: Path) -> None:
    (tmp_path / "reproduction.png").touch()
    check(made(), tmp_path)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("| 93.1 |", "| |"),
        ("| 93.1 |", "| nan |"),
        ("| 93.1 |", "|"),
        ("82.0% (", "182.0% ("),
        ("(-0.1 to", "(to"),
        ("reproduction.png", "missing.png"),
        ("| 71.2% |", "| ? |"),
    ],
)
def test_a_broken_section_is_found(tmp_path: Path, before: str, after: str) -> None:
    (tmp_path / "reproduction.png").touch()
    with pytest.raises(AssertionError):
        check(made(change=(before, after)), tmp_path)
