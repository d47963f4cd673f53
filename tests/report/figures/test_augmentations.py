"""A cell for each group and set; dots say which augmentations a set has."""

from autoequivariant.report.figures.augmentations import augmented
from autoequivariant.report.figures.style import GRID, INK
from autoequivariant.report.findings.augmentations import Augmented

FOUND = Augmented(
    ("none", "hflip"), ("shear", "erase"), ((), ("shear",)), ((0.5, None), (0.7, 0.9))
)


def test_cells() -> None:
    cells, _ = augmented(FOUND, "accuracy").data
    assert cells.y == ("none", "hflip")
    assert [list(line) for line in cells.z] == [[0.5, None], [0.7, 0.9]]
    assert (cells.zmin, cells.zmax) == (0.5, 0.9)
    assert cells.hovertext[0][0] == "<b>none</b><br>no augmentation<br>50.0%"
    assert cells.hovertext[0][1].endswith("shear<br>")  # not trained


def test_dots() -> None:
    _, dots = augmented(FOUND, "accuracy").data
    filled = {
        (x, y)
        for x, y, color in zip(dots.x, dots.y, dots.marker.color, strict=True)
        if color == INK
    }
    assert filled == {(1, "shear")}
    assert set(dots.marker.color) == {INK, GRID}
    assert len(dots.x) == 4


def test_a_search_whose_networks_were_all_pruned() -> None:
    pruned = Augmented(("none",), ("shear",), ((),), ((None,),))
    assert len(augmented(pruned, "R²").data) == 2
