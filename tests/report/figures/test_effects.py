"""Effects of candidates, in points of accuracy or in R²."""

import pytest

from autoequivariant.report.figures.effects import effects
from autoequivariant.report.findings.symmetries.effects import Difference, Effect

MAIN = Difference(0.02, (0.01, 0.03), 1000, 1, 4)
AVERAGED = Difference(-0.01, (-0.03, 0.01), 359, 3, 0)
FOUND = [Effect("hflip", MAIN, "", AVERAGED), Effect("vflip", None, "not trained", AVERAGED)]


@pytest.mark.parametrize(("metric", "factor"), [("accuracy", 100), ("R²", 1)])
def test_the_unit_is_that_of_the_metric(metric: str, factor: float) -> None:
    main, averaged = effects(FOUND, metric).data
    assert main.x == pytest.approx([0.02 * factor])
    assert main.error_x.array == pytest.approx([0.01 * factor])
    assert averaged.x == pytest.approx([-0.01 * factor] * 2)


def test_what_was_not_measured_leaves_its_row_empty() -> None:
    found = effects(FOUND, "accuracy")
    main, averaged = found.data
    assert found.layout.yaxis.ticktext == ("hflip", "vflip")
    assert [round(y) for y in main.y] == [0]
    assert [round(y) for y in averaged.y] == [0, 1]


def test_what_pointing_says() -> None:
    main, averaged = effects(FOUND, "accuracy").data
    assert "+2.0 points, 95% interval +1.0 to +3.0" in main.hovertext[0]
    assert main.hovertext[0].endswith("1 pair of networks, 1,000 samples")
    assert averaged.hovertext[1].startswith("<b>vflip</b>, averaged over other symmetries")
