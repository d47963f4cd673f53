"""Names are text, whatever markup a filter adds."""

import json

import plotly.graph_objects as go
from markupsafe import Markup

from autoequivariant.report.page.filters import breakable, figure_json, shown, whole_words


def test_no_name_ends_a_script() -> None:
    text = figure_json(go.Figure(layout={"title": {"text": "</script><b>"}}))
    assert "<" not in text
    assert json.loads(text)["layout"]["title"]["text"] == "</script><b>"


def test_text_is_escaped_where_a_filter_adds_markup() -> None:
    whole = '<span class="whole">&lt;i&gt;-3</span>'
    assert whole_words("<b> <i>-3 a") == f"&lt;b&gt; {whole} a"
    assert breakable("<b>_x") == "&lt;b&gt;_<wbr>x"


def test_names_in_the_page_change_no_direction() -> None:
    assert shown("a\u202eb\nc\x1b") == "a\\u202eb\nc\\x1b"
    assert whole_words("a\u202eb c") == "a\\u202eb c"
    assert breakable("a\u202e_b") == "a\\u202e_<wbr>b"
    assert shown(Markup("<b>\t")) == Markup("<b>\t")
    assert shown(3) == 3
