"""The list of sources and its filters."""

import re

import pytest

from sources.models import Source
from tests.builders import make_document, make_origin, make_source
from tests.reading import Page

pytestmark = pytest.mark.django_db

ADDRESS = "/sources/"


def make_listed(slug, **values):
    origin = values.pop("origin", None) or make_origin("Chroniclers", slug="chroniclers")
    origin.public = True
    origin.save()
    source = make_source(slug=slug, title=values.pop("title", slug), origin=origin, **values)
    Source.objects.filter(pk=source.pk).update(public=True)
    return source


def read(client, query=""):
    return Page(client.get(ADDRESS + query))


def listed(client, query=""):
    page = read(client, query)
    assert page.status == 200, page.words
    links = [link for link in page.links if link.startswith(ADDRESS) and link != ADDRESS]
    return [link.removeprefix(ADDRESS).strip("/") for link in links]


@pytest.fixture
def library():
    """Four sources of three origins, one within another, and one that is not public."""
    states = make_origin("States", slug="states", public=True)
    china = make_origin("China", slug="china", part_of=states, public=True)
    press = make_origin("Press", slug="press", public=True)
    make_listed("annals", origin=china, language="zh-Hans", rights="in_copyright")
    make_document(source=make_listed("report", origin=states, kind="report", language="en"))
    make_document(source=make_listed("gazette", origin=press, language="en"))
    make_document(source=make_listed("lost", origin=press, kind="article"), held=False)
    make_source(slug="draft", origin=china)


def test_public_sources_are_listed_in_the_order_of_their_titles(client, library):
    assert listed(client) == ["annals", "gazette", "lost", "report"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("origin=states", ["annals", "report"]),
        ("origin=china", ["annals"]),
        ("kind=report", ["report"]),
        ("language=zh-Hans", ["annals"]),
        ("rights=in_copyright", ["annals"]),
        ("held=yes", ["gazette", "report"]),
        ("held=no", ["annals", "lost"]),
        ("origin=press&held=no", ["lost"]),
        ("origin=&kind=", ["annals", "gazette", "lost", "report"]),
    ],
)
def test_each_filter_leaves_what_it_says(client, library, query, found):
    assert listed(client, f"?{query}") == found


def test_each_choice_counts_what_it_would_leave(client, library):
    words = read(client).words
    for choice in (
        "States (2)",
        "China (1)",
        "Press (2)",
        "report (1)",
        "article (1)",
        "English (2)",
        "Simplified Chinese (1)",
        "in copyright (1)",
        "public domain (3)",
        "text held here (2)",
        "not held (2)",
    ):
        assert choice in words, choice


def test_the_counts_follow_the_other_filters(client, library):
    words = read(client, "?origin=press").words
    assert "text held here (1)" in words
    assert "States (2)" in words  # of one's own filter the other choices stay
    assert "Simplified Chinese" not in words


def test_origins_are_offered_by_name_whatever_the_letters(client):
    for name in ("zealots", "Álava", "Beta", "alpha"):
        slug = f"by-{name.casefold()}"
        make_listed(name, origin=make_origin(name, slug=slug, public=True))
    html = read(client).html
    offered = re.findall(r'<option value="by-[^>]*>(\S+)', html)
    assert offered == ["Álava", "alpha", "Beta", "zealots"]


def test_an_origin_known_but_without_sources_here_leaves_nothing(client, library):
    make_origin("Russia", slug="russia", public=True)
    page = read(client, "?origin=russia")
    assert page.status == 200
    assert "No source fits." in page.words


@pytest.mark.parametrize(
    ("query", "value"),
    [
        ("origin=nobody", "nobody"),
        ("origin=%00", ""),
        ("kind=scroll", "scroll"),
        ("language=xx", "xx"),
        ("rights=none", "none"),
        ("held=perhaps", "perhaps"),
    ],
)
def test_an_unknown_value_is_named_and_nothing_is_listed(client, library, query, value):
    page = read(client, f"?{query}")
    assert page.status == 400
    assert f"“{value}" in page.words
    assert "that the archive does not know" in page.words
    assert "/sources/annals/" not in page.links
    assert ADDRESS in page.links


def test_a_draft_origin_is_unknown(client, library):
    make_origin("Secret voice", slug="secret")
    page = read(client, "?origin=secret")
    assert page.status == 400
    assert "Secret voice" not in page.words


def test_the_list_costs_the_same_queries_for_one_source_or_many(client, django_assert_num_queries):
    make_listed("one")
    with django_assert_num_queries(7):
        read(client)
    for number in range(8):
        origin = make_origin(f"Voice {number}", slug=f"voice-{number}")
        make_document(source=make_listed(f"s-{number}", origin=origin))
    with django_assert_num_queries(7):
        read(client)


def test_a_long_list_counts_as_readers_write_numbers(client):
    origin = make_origin()
    Source.objects.bulk_create(
        Source(slug=f"s-{number}", title="A", kind="book", origin=origin, public=True)
        for number in range(1001)
    )
    assert "1,001 sources" in Page(client.get("/sources/")).words
