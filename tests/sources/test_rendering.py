"""What public templates print is escaped, once."""

from typing import Any

import markupsafe
import pytest
from django.template.loader import engines
from django.utils.functional import lazystr
from django.utils.safestring import mark_safe
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError

from sources.rendering import escaped

PRINTED = st.one_of(
    st.text(),
    st.text(alphabet="<>&'\"a"),
    st.text(alphabet="<>&'\"a").map(markupsafe.Markup),
    st.text(alphabet="<>&'\"a").map(mark_safe),
    st.text(alphabet="<>&'\"a").map(lazystr),
    st.integers(),
    st.uuids(),
    st.none(),
)


@given(PRINTED)
def test_a_value_is_escaped_as_the_library_does_it(value: Any):
    assert escaped(value) == str(markupsafe.escape(value))


@pytest.mark.parametrize(
    ("template", "drawn"),
    [
        ("{{ value }}", "&lt;b&gt; &amp; &#34;"),
        ("{{ value|safe }}", '<b> & "'),
        (
            "{% macro line(it) %}<i>{{ it }}</i>{% endmacro %}{{ line(value) }}",
            "<i>&lt;b&gt; &amp; &#34;</i>",
        ),
        ("{% set kept %}<i>{{ value }}</i>{% endset %}{{ kept }}", "<i>&lt;b&gt; &amp; &#34;</i>"),
        ("{{ '<i>'|safe ~ value }}", "<i>&lt;b&gt; &amp; &#34;"),
        ("{{ [value, value]|join(', ') }}", "&lt;b&gt; &amp; &#34;, &lt;b&gt; &amp; &#34;"),
    ],
)
def test_a_template_escapes_what_it_prints_once(template: str, drawn: str):
    assert engines["public"].from_string(template).render({"value": '<b> & "'}) == drawn


@pytest.mark.parametrize(
    ("template", "drawn"),
    [
        ("{{ value.upper().title() }}", "Ford"),
        ("{{ (value or value).upper() }}", "FORD"),
        ("{% for one in [value] %}{{ loop.index }} {{ one.upper() }}{% endfor %}", "1 FORD"),
        ("{% block name %}{{ value }}{% endblock %}, {{ self.name() }}", "ford, ford"),
        (
            "{% macro box(one, two=2) %}{{ one }}, {{ two }}: {{ caller() }}{% endmacro %}"
            "{% call box(1, two=3) %}{{ value }}{% endcall %}",
            "1, 3: ford",
        ),
        ("{% macro one(a, b) %}{{ a }}{{ b }}{% endmacro %}{{ one(*[1, 2]) }}", "12"),
    ],
)
def test_a_template_asks_for_attributes_and_calls(template: str, drawn: str):
    assert engines["public"].from_string(template).render({"value": "ford"}) == drawn


@pytest.mark.parametrize("template", ["{{ value.nothing }}", "{{ nothing.at_all }}"])
def test_what_is_not_there_is_an_error(template: str):
    with pytest.raises((AttributeError, UndefinedError)):
        engines["public"].from_string(template).render({"value": "ford"})
