"""Names are text, whatever markup a filter adds."""

import json

import plotly.graph_objects as go

from autoequivariant.report.page.filters import breakable, figure_json, whole_words


def test_no_name_ends_a_script() -> None:
    text = figure_json(go.Figure(layout={"title": {"text": "</script><b>"}}))
    assert "<" not in text
    assert json.loads(text)["layout"]["title"]["text"] == "</script><b>"


def test_text_is_escaped_where_a_filter_adds_markup() -> None:
    whole = '<span class="whole">&lt;i&gt;-3</span>'
    assert whole_words("<b> <i>-3 a") == f"&lt;b&gt; {whole} a"
    assert breakable("<b>_x") == "&lt;b&gt;_<wbr>x"
