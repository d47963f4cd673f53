"""What candidates do to a sample: the action itself, whatever the kind of data."""

from pathlib import Path

import numpy as np
import pytest

from autoequivariant.groups.custom.definition import candidate_of
from autoequivariant.groups.symmetry import parse_symmetries
from autoequivariant.report.findings.symmetries.candidate_moves import moves_of
from autoequivariant.searching.experiment import make_experiment
from autoequivariant.searching.settings.settings import SearchSettings

KINDS = [
    ((6, 6), None, "hflip,negate", "picture", 1),
    ((6, 6, 6), None, "flip_x", "slices", 3),
    ((12,), "sequence", "reverse", "lines", 1),
    ((4,), "features", "swap:0-1", "columns", 0),
    ((6, 6), "pairs", "reverse,negate", "picture", 1),
]


@pytest.mark.parametrize(("shape", "kind", "names", "shown", "count"), KINDS)
def test_each_kind_of_data(
    tmp_path: Path, shape: tuple[int, ...], kind: str | None, names: str, shown: str, count: int
) -> None:
    x = np.random.default_rng(0).normal(size=(60, *shape)).astype("float32")
    np.savez(tmp_path / "data.npz", x_train=x, y_train=np.arange(60) % 2)
    path = str(tmp_path / "data.npz")
    experiment = make_experiment(
        SearchSettings(path, kind=kind, symmetries=parse_symmetries(names))
    )
    moves = moves_of(experiment.problem, experiment.data)
    assert (moves.kind, len(moves.before)) == (shown, count)
    first = moves.moves[0]
    assert len(first.after) == count
    if shown == "picture":
        rows = slice(None, None, -1 if kind == "pairs" else 1)
        assert np.array_equal(first.after[0], moves.before[0][rows, ::-1])
        assert not np.array_equal(moves.moves[1].after[0], moves.before[0])  # negated
    if shown == "lines":
        assert np.array_equal(first.after[0], moves.before[0][:, ::-1])
    if shown == "columns":
        assert first.columns == ("0 → 1 → 0",)
        assert first.share == 0.5
    without = moves_of(experiment.problem, None)
    assert not without.before
    assert not any(move.after for move in without.moves)
    assert without.moves[0].columns == first.columns


def strands(tmp_path: Path) -> str:
    rng = np.random.default_rng(0)
    x = np.eye(4, dtype="uint8")[rng.integers(0, 4, (60, 6))].transpose(0, 2, 1)
    np.savez(tmp_path / "dna.npz", x_train=x, y_train=np.arange(60) % 2)
    return str(tmp_path / "dna.npz")


def test_strands_of_dna_are_letters(tmp_path: Path) -> None:
    names = parse_symmetries("reverse_complement,reverse")
    experiment = make_experiment(
        SearchSettings(strands(tmp_path), kind="sequence", symmetries=names)
    )
    moves = moves_of(experiment.problem, experiment.data)
    before = "".join(moves.before[0])
    assert moves.kind == "letters" and set(before) <= set("ACGT") and len(before) == 6
    other, backwards = ("".join(move.after[0]) for move in moves.moves)
    assert backwards == before[::-1]
    assert other == before[::-1].translate(str.maketrans("ACGT", "TGCA"))
    assert moves.moves[0].others == ("Letters change places: A → T → A, C → G → C.",)
    assert moves.moves[1].others == ()


def test_columns_go_by_their_names_and_targets_are_said(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    rows = [",".join(f"{v:.3f}" for v in row) for row in rng.normal(size=(60, 4))]
    (tmp_path / "t.csv").write_text("\n".join(["left,right,speed,force", *rows]))
    own = [
        {"name": "mirror", "swap": "left <-> right", "negate": "speed", "outputs": "negate"},
        {"swap": "left <-> right"},
    ]
    settings = SearchSettings(
        str(tmp_path / "t.csv"), target=("force",), symmetries=tuple(map(candidate_of, own))
    )
    experiment = make_experiment(settings)
    mirror, swap = moves_of(experiment.problem, experiment.data).moves
    assert mirror.columns == ("left → right → left", "speed → −speed")
    assert (mirror.share, mirror.others) == (1.0, ("Targets change sign: force → −force.",))
    assert (swap.columns, swap.others) == (("left → right → left",), ())


def test_the_reason_of_a_proposal_comes_first(tmp_path: Path) -> None:
    columns = "x1,y1,x2,y2"
    rows = np.random.default_rng(0).normal(size=(60, 4)).round(3)
    lines = [f"{','.join(map(str, row))},{number % 2}" for number, row in enumerate(rows)]
    (tmp_path / "data.csv").write_text("\n".join([f"{columns},target", *lines]))
    settings = SearchSettings(str(tmp_path / "data.csv"), target=("target",), propose="names")
    (move,) = moves_of(make_experiment(settings).problem, None).moves
    assert move.name == "records 1 <-> 2"
    assert move.others == ("Proposed from names: 2 records 1 ... 2 have the same fields x, y.",)
