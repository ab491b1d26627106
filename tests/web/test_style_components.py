"""Components as template tags: what they say, whom they serve, and that they trust nothing they are given."""

import re
from types import SimpleNamespace

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template, TemplateSyntaxError
from django.test import RequestFactory
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from ronghe.web import figures
from ronghe.web.templatetags import ui
from ronghe.web.words import Piece, compare, cut


def _draw(source: str, **values: object) -> str:
    with translation.override("en"):
        return Template("{% load ui %}" + source).render(Context(values))


def _visible(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [
        (1204, None, "1,204"),
        (61.4, None, "61.4"),
        (0.523, None, "0.52"),
        (-3.25, None, "−3.25"),
        (12345.6, None, "12,346"),
        (0, None, "0"),
        (-0.001, 1, "0.0"),
        (7, 2, "7.00"),
        (None, None, ""),
    ],
)
def test_figures_are_written_with_commas_and_a_true_minus(
    value: float | None, decimals: int | None, expected: str
) -> None:
    assert figures.write(value, decimals) == expected


def test_an_interval_needs_both_ends() -> None:
    assert figures.interval_text(58.9, 63.7, None) == "58.9–63.7"
    assert figures.interval_text(58.9, None, None) == ""


@pytest.mark.parametrize(
    ("value", "low", "high", "expected"),
    [
        (141, 60.025, 262.4, "60–262"),
        (61.4, 58.9, 63.7, "58.9–63.7"),
        (78.6, 74, 83, "74–83"),
        (3, 2.61, 3.39, "2.6–3.4"),
        (0.52, 0.479, 0.562, "0.48–0.56"),
        (-3.25, -5.1, -1.4, "−5.10 to −1.40"),
    ],
)
def test_an_interval_is_written_as_exactly_as_its_value(value: float, low: float, high: float, expected: str) -> None:
    with translation.override("en"):
        assert figures.figure(value, low=low, high=high).interval == expected


def test_a_count_is_not_said_twice() -> None:
    count = SimpleNamespace(value=755, unit=SimpleNamespace(value="count"), low=None, high=None, count=755, note="")
    assert _visible(_draw("{% stat 'Postings' measurement=m %}", m=count)) == "Postings 755"


def test_a_negative_interval_is_not_mistaken_for_a_dash() -> None:
    with translation.override("en"):
        assert figures.interval_text(-5.1, -1.4, 1) == "−5.1 to −1.4"


def test_no_value_is_no_data_and_never_zero() -> None:
    assert _visible(_draw("{% number None %}")) == "— No data"
    assert "No data" in _draw("{% stat 'Use of equipment' %}")
    assert _visible(_draw("{% number 0 %}")) == "0"


def test_a_number_opens_its_records() -> None:
    assert '<a href="/records/">1,204</a>' in _draw("{% number 1204 href='/records/' %}")
    assert '<a href="/records/">78.6%</a>' in _draw("{% stat 'Retention' 78.6 unit='%' href='/records/' %}")


def test_a_share_is_shown_as_per_cent_with_its_interval() -> None:
    share = SimpleNamespace(value=0.521, unit=SimpleNamespace(value="share"), low=0.479, high=0.562, count=418, note="")
    text = _visible(_draw("{% number measurement=m %}", m=share))
    assert "52.1%" in text and "47.9–56.2" in text


def test_a_change_carries_its_sign() -> None:
    change = SimpleNamespace(
        value=0.08, unit=SimpleNamespace(value="relative change"), low=None, high=None, count=2, note=""
    )
    assert "+8.0%" in _draw("{% number measurement=m %}", m=change)


@pytest.mark.parametrize("kind", sorted(ui.STATE_SIGNS))
def test_a_state_is_sign_word_and_colour(kind: str) -> None:
    drawn = _draw("{% state kind %}", kind=kind)
    assert f"state--{kind}" in drawn and "<svg" in drawn and _visible(drawn)


def test_each_state_has_a_sign_of_its_own() -> None:
    assert len(set(ui.STATE_SIGNS.values())) == len(ui.STATE_SIGNS) == len(ui.STATE_WORDS)


def test_an_unknown_state_is_no_data_rather_than_an_error() -> None:
    assert "state--none" in _draw("{% state 'perhaps' %}")


def _page(query: str) -> dict[str, object]:
    return {"request": RequestFactory().get(f"/list/{query}")}


def test_sorting_keeps_the_filters_turns_round_and_goes_to_the_first_page() -> None:
    drawn = _draw("{% sort_header 'Seats' 'seats' numeric=True %}", **_page("?region=gz&page=4"))
    assert 'href="?region=gz&amp;sort=-seats"' in drawn and "aria-sort" not in drawn
    drawn = _draw("{% sort_header 'Seats' 'seats' numeric=True %}", **_page("?sort=-seats"))
    assert 'href="?sort=seats"' in drawn and 'aria-sort="descending"' in drawn


def test_pages_keep_the_rest_of_the_address() -> None:
    page = Paginator(range(412), 20).get_page(3)
    drawn = _draw("{% pagination page %}", page=page, **_page("?region=gz&page=3"))
    assert "41–60 of 412" in _visible(drawn)
    assert 'href="?region=gz&amp;page=4" rel="next"' in drawn
    assert '<span aria-current="page">3</span>' in drawn


def test_a_single_page_offers_no_other() -> None:
    page = Paginator(range(3), 20).get_page(1)
    assert "<a" not in _draw("{% pagination page %}", page=page, **_page(""))


def test_the_tab_of_this_address_is_the_current_one() -> None:
    items = [{"label": "All", "url": "/other/"}, {"label": "Mine", "url": "/list/?x=1"}]
    drawn = _draw("{% tabs items %}", items=items, **_page(""))
    assert re.search(r'href="/list/\?x=1" aria-current="page"', drawn)


def test_a_breadcrumb_needs_pairs() -> None:
    drawn = _draw("{% breadcrumb 'Demand' '/demand/' 'Verilog' %}")
    assert '<a href="/demand/">Demand</a>' in drawn and '<span aria-current="page">Verilog</span>' in drawn
    with pytest.raises(TemplateSyntaxError, match="pairs"):
        _draw("{% breadcrumb 'Demand' 'Verilog' %}")


def test_progress_asks_again_only_while_there_is_something_to_wait_for() -> None:
    running = _draw("{% progress 412 1200 poll='/jobs/7/progress/' %}")
    assert 'hx-get="/jobs/7/progress/"' in running and 'hx-trigger="every 1s"' in running and "34%" in running
    assert "hx-get" not in _draw("{% progress 1200 1200 state='ok' %}")


def test_progress_of_unknown_length_has_no_value() -> None:
    drawn = _draw("{% progress None label='Waiting' %}")
    assert '<progress aria-label="Waiting"></progress>' in drawn


def test_a_dialog_has_a_way_without_scripts() -> None:
    assert 'href="#refuse"' in _draw("{% dialog_button 'refuse' 'Refuse' %}")
    assert 'href="/refuse/"' in _draw("{% dialog_button 'refuse' 'Refuse' href='/refuse/' %}")


def test_what_people_typed_is_escaped_everywhere() -> None:
    bad = "<img src=x onerror=alert(1)>"
    sources = [
        "{% page_header bad lead=bad eyebrow=bad %}{{ bad }}{% endpage_header %}",
        "{% card bad note=bad %}{{ bad }}{% endcard %}",
        "{% stat bad 1 unit=bad note=bad %}",
        "{% number 1 unit=bad %}",
        "{% state 'ok' bad %}",
        "{% tag bad %}",
        "{% button bad %}",
        "{% empty bad %}{{ bad }}{% endempty %}",
        "{% note 'info' bad %}{{ bad }}{% endnote %}",
        "{% diff bad '' %}",
        "{% code bad %}",
        "{% marked bad spans %}",
        "{% facts items %}",
        "{% timeline items %}",
        "{% inbox items %}",
        "{% steps items %}",
        "{% definition bad %}{{ bad }}{% enddefinition %}",
        "{% dialog 'x' bad %}{{ bad }}{% enddialog %}",
    ]
    item = {
        "label": bad,
        "value": bad,
        "title": bad,
        "text": bad,
        "time": bad,
        "actor": bad,
        "due": bad,
        "note": bad,
        "url": "/",
    }
    spans = [{"start": 0, "end": 4, "label": bad, "id": bad}]
    for source in sources:
        assert "<img" not in _draw(source, bad=bad, items=[item], spans=spans), source


def test_actions_of_a_page_header_are_drawn_and_not_escaped() -> None:
    assert '<a class="button" href="/x/">Go</a>' in _draw(
        "{% page_header 'T' %} {% button 'Go' href='/x/' %} {% endpage_header %}"
    )


class _Form(forms.Form):
    name = forms.CharField(help_text="As in the contract.")
    note = forms.CharField(required=False)
    file = forms.FileField(required=False)
    kinds = forms.MultipleChoiceField(choices=[("a", "A")], widget=forms.CheckboxSelectMultiple, required=False)
    agree = forms.BooleanField()


def test_a_form_ties_labels_help_and_errors_to_their_fields() -> None:
    with translation.override("en"):
        drawn = str(_Form({"name": ""}))
    assert '<label for="id_name">' in drawn
    assert 'aria-describedby="id_name_helptext id_name_error"' in drawn and 'id="id_name_error"' in drawn
    assert 'aria-invalid="true"' in drawn
    assert "2 things need your attention." in drawn and '<a href="#id_name">' in drawn
    assert "data-file-drop" in drawn and "<fieldset" in drawn


def test_only_fields_that_may_stay_empty_say_so() -> None:
    with translation.override("en"):
        drawn = str(_Form()["name"].as_field_group()), str(_Form()["note"].as_field_group())
    assert "optional" not in drawn[0] and "optional" in drawn[1]


@given(st.text(max_size=60), st.lists(st.tuples(st.integers(-5, 70), st.integers(-5, 70)), max_size=8))
def test_marked_runs_always_give_the_text_back(text: str, spans: list[tuple[int, int]]) -> None:
    runs = list(cut(text, [Piece(start, end, {"kind": "ok"}) for start, end in spans]))
    assert "".join(run.text for run in runs) == text


def test_of_overlapping_spans_the_earlier_and_longer_wins() -> None:
    runs = [
        run.text
        for run in cut("timing closure", [Piece(7, 14, {"a": 1}), Piece(0, 6, {"a": 1}), Piece(0, 14, {"a": 1})])
        if run.about
    ]
    assert runs == ["timing closure"]


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_difference_holds_both_texts(before: str, after: str) -> None:
    changes = compare(before, after)
    assert "".join(change.text for change in changes if change.kind != "added") == before
    assert "".join(change.text for change in changes if change.kind != "removed") == after


def test_a_difference_in_chinese_is_shown_by_character() -> None:
    assert [(c.kind, c.text) for c in compare("讲授时序分析", "讲授静态时序分析")] == [
        ("same", "讲授"),
        ("added", "静态"),
        ("same", "时序分析"),
    ]


def test_a_plain_share_is_shown_as_per_cent_too() -> None:
    assert "52%" in _visible(_draw('{% number value unit="share" decimals=0 %}', value=0.521)).replace(" ", "")
