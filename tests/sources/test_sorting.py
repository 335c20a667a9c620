"""One order of names for every database."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.models import Source
from sources.querysets import BY_TITLE
from sources.sorting import LENGTH, sort_key
from tests.builders import make_source


@pytest.mark.parametrize(
    ("one", "other"),
    [("Étoile", "etoile"), ("ＡＢＣ", "abc"), ("St. Mihiel", "st mihiel"), ("Straße", "STRASSE")],
)
def test_names_that_differ_in_marks_case_or_width_are_alike(one, other):
    assert sort_key(one) == sort_key(other)


def test_a_number_or_letter_of_any_script_counts():
    assert sort_key("Hill 255") != sort_key("Hill 256")
    assert sort_key("金城") != sort_key("金化")


@given(st.text())
def test_a_key_is_short_and_the_key_of_itself_folded(name):
    assert len(sort_key(name)) <= LENGTH
    assert sort_key(name.upper().lower()) == sort_key(name.upper().lower().strip())


@given(st.text(max_size=20), st.text(max_size=20))
def test_what_a_name_begins_with_comes_first(one, other):
    key = sort_key(one)
    assert key <= sort_key(f"{one} {other}")


@pytest.mark.django_db
def test_titles_are_in_one_order_on_every_database():
    for title in ("b", "Á", "A", "a b", "ab", "_", "金"):
        make_source(title=title)
    found = Source.objects.order_by(*BY_TITLE).values_list("title", flat=True)
    assert list(found) == ["_", "A", "a b", "ab", "b", "Á", "金"]
