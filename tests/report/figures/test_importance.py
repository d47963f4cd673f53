"""Bars with the largest share on top."""

from autoequivariant.report.figures.importance import importance


def test_the_largest_is_on_top_and_names_are_no_markup() -> None:
    found = importance([("swap a <-> b", 0.8), ("width", 0.2)])
    (bars,) = found.data
    assert bars.y == ("swap a &lt;-&gt; b", "width")
    assert bars.text == ("80.0%", "20.0%")
    assert found.layout.yaxis.categoryarray == ("width", "swap a &lt;-&gt; b")
