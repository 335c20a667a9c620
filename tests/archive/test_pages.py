"""The pages of the house, and what holds for every public page."""

import re
import uuid
from urllib.parse import parse_qs, parse_qsl

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.base import SessionBase
from django.db import connection
from django.db.models.query import MAX_GET_RESULTS
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import resolve, reverse

from archive.views import server_error
from battles.filters import COUNTED
from battles.kinds import Kind
from battles.models import Battle, Statement
from sources.characters import showable
from sources.listing import PAGE_SIZE
from sources.models import Passage
from tests.builders import (
    cite,
    make_battle,
    make_curator,
    make_locator,
    make_origin,
    make_published,
    make_source,
    make_statement,
)
from tests.reading import Page
from tests.small_archive import make_small_archive

pytestmark = pytest.mark.django_db


@pytest.fixture
def archive():
    """An archive with a page of every kind; gives their addresses."""
    return make_small_archive()


STATUS = {"missing": 404, "withdrawn": 410}


def test_every_page_answers_as_it_should(client, archive):
    answers = {name: client.get(address).status_code for name, address in archive.items()}
    assert answers == {
        name: 400 if name.endswith(", wrong") else STATUS.get(name, 200) for name in archive
    }


def test_what_was_asked_is_said_back_in_text_and_not_at_length(client, archive):
    for name, address in archive.items():
        page = client.get(address).content.decode()
        assert showable(page) == page, name
        if "in no text" in name:
            assert "\ufffd" in page, name
    for wrong in ("battles", "battle", "accounts", "history", "index", "search"):
        path, _, query = archive[f"{wrong}, wrong"].partition("?")
        asked = {name: "x" * 5000 for name, _ in parse_qsl(query)}
        page = client.get(path, asked)
        assert page.status_code == 400
        assert "x" * 201 not in page.content.decode(), wrong


@pytest.mark.parametrize(
    "query",
    [
        "/battles/?degree=decisive&degree=marginal",
        "/battles/?sort=name&view=map&sort=date",
        "/sources/?held=yes&held=no",
        "/entities/?kind=person&kind=place",
        "/battles/the-ford/?proximity=primary&proximity=secondary",
        "/battles/the-ford/history/?from=1&from=2&to=3",
        "/search/?q=ford&q=river",
        "/search/?q=ford&kind=battles&kind=sources",
    ],
)
def test_several_values_for_what_takes_one_are_named_and_nothing_is_shown(client, archive, query):
    page = Page(client.get(query))
    assert page.status == 400
    [repeated] = [
        values for values in parse_qs(query.partition("?")[2]).values() if len(values) == 2
    ]
    assert "“{}” and “{}” were asked for; choose one.".format(*repeated) in page.words


def test_a_value_that_is_given_twice_counts_once(client, archive):
    once, twice = (client.get(f"/sources/?{query}") for query in ("held=yes", "held=yes&held=yes"))
    assert once.content == twice.content


@pytest.mark.parametrize("address", ["/battles/", "/sources/", "/entities/", "/battles/the-ford/"])
def test_blanks_narrow_nothing(client, archive, address):
    names = ("from_year", "party", "kind", "begins", "origin", "sort")
    asked = client.get(address, dict.fromkeys(names, " "))
    assert asked.content == client.get(address).content


def test_pages_are_the_same_bytes_for_everyone_and_set_no_cookie(client, archive):
    strangers = {name: client.get(address) for name, address in archive.items()}
    make_curator()
    client.login(username="curator", password="ford-and-river")
    for name, address in archive.items():
        response = client.get(address)
        assert response.content == strangers[name].content, name
        for answer in (response, strangers[name]):
            assert not answer.cookies, name
            assert "Cookie" not in answer.get("Vary", ""), name


def test_no_view_reads_the_user_or_the_session(archive):
    class Refused:
        def __get__(self, request, owner=None):
            if request is not None:
                raise AssertionError("a public page asked who is reading it")

    class StrangersRequest(type(RequestFactory().get("/"))):
        user = session = _messages = COOKIES = Refused()

    for address in archive.values():
        request = RequestFactory().get(address)
        request.__class__ = StrangersRequest
        try:
            match = resolve(request.path)
        except Exception:  # noqa: S112  the page of what is missing has no view
            continue
        match.func(request, *match.args, **match.kwargs)


def test_the_whole_way_through_the_middleware_reads_no_session(client, archive, monkeypatch):
    make_curator()
    client.login(username="curator", password="ford-and-river")

    def refuse(*args, **kwargs):
        raise AssertionError("a public page read the session")

    monkeypatch.setattr(SessionBase, "_get_session", refuse)
    monkeypatch.setattr(SessionBase, "_session", property(refuse))
    for address in archive.values():
        client.get(address)


def test_nothing_is_loaded_from_elsewhere_and_nothing_is_inline(client, archive):
    for name, address in archive.items():
        page = Page(client.get(address))
        assert page.resources, name
        assert all(one.startswith(f"/{settings.STATIC_URL.strip('/')}/") for one in page.resources)
        assert page.inline == [], name


def test_the_content_security_policy_opens_nothing_unsafe(client, archive):
    for address in archive.values():
        policy = client.get(address)["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy


def test_every_statement_shown_links_to_its_passages_on_every_page(client, archive):
    led_to = set()
    for name, address in archive.items():
        for statement, addresses in Page(client.get(address)).cited.items():
            citations = Statement.objects.published().get(pk=statement).citations.all()
            assert set(addresses) == {str(citation.pk) for citation in citations}, name
            led_to |= {(addresses[str(one.pk)], f"p-{one.passage_id}") for one in citations}
    assert len(led_to) == Passage.objects.public().count()
    for address, passage in led_to:
        assert passage in Page(client.get(address)).ids


def test_no_two_markers_of_a_page_have_one_accessible_name(client, archive):
    for name, address in archive.items():
        page = client.get(address).content.decode()
        names = re.findall(r'<a class="marker[^>]*aria-label="([^"]*)"', page)
        assert len(names) == len(set(names)), name


def test_no_page_has_one_id_twice(client, archive):
    for name, address in archive.items():
        ids = Page(client.get(address)).ids
        assert len(ids) == len(set(ids)), name


def test_what_labels_and_descriptions_name_is_on_the_page(client, archive):
    for name, address in archive.items():
        page = Page(client.get(address))
        assert page.named <= {*page.ids}, name


def test_every_link_within_the_archive_opens(client, archive):
    links = {
        link.partition("#")[0]
        for address in archive.values()
        for link in Page(client.get(address)).links
        if link.startswith("/")
    }
    closed = {link for link in links if client.get(link).status_code != 200}
    # Where the reader says that a passage is no longer cited, it leads to more about that.
    former = Passage.objects.no_longer_public()
    told = {reverse("sources:passage-detail", args=[passage.pk]) for passage in former}
    assert closed <= told
    assert {client.get(link).status_code for link in closed} <= {410}


def test_drafts_are_invisible_everywhere(client, archive):
    battle = make_battle("Secret Battle")
    cite(make_statement(battle=battle, text="Secret sentence."))
    public = Battle.objects.get(slug="the-ford")
    passage = Passage.objects.public().filter(quote="at dawn").get()
    cite(make_statement(battle=public, text="Secret draft."), passage)
    make_source(title="Secret Source", origin=make_origin("Secret Origin"))
    for name, address in archive.items():
        assert "Secret" not in client.get(address).content.decode(), name


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_public_pages_are_only_read(client, archive, method):
    for name in ("home", "search", "battles", "battle", "statement", "sources", "reader, open"):
        assert getattr(client, method)(archive[name]).status_code == 405


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "FOO", "OPTIONS"])
def test_whoever_sends_to_a_public_page_without_a_token_hears_that_it_is_only_read(method):
    client = Client(enforce_csrf_checks=True)
    for address in ("/", "/battles/", "/search/", "/feed/", "/sitemap.xml", "/sitemap-battles.xml"):
        response = client.generic(method, address)
        assert (response.status_code, response["Allow"]) == (405, "GET, HEAD"), address
    assert client.generic(method, "/administrator/").status_code == 404


def test_the_desk_refuses_what_comes_without_a_token():
    client = Client(enforce_csrf_checks=True)
    assert client.post("/admin/login/").status_code == 403
    assert client.post("/admin/account/login/").status_code == 403


def test_head_answers_without_a_body(client, archive):
    response = client.head(archive["battle"])
    assert (response.status_code, response.content) == (200, b"")


@pytest.mark.parametrize(
    "address",
    ["/battles/%00/", "/sources/%00/", "/origins/a%00b/", "/statements/x/", "/battles/a b/"],
)
def test_an_address_that_cannot_be_is_not_found(client, address):
    assert client.get(address).status_code == 404


def test_the_first_page_counts_what_is_public(client):
    make_published(passage=make_locator())
    make_statement()
    make_source()
    words = Page(client.get("/")).words
    assert re.search(r"\bbattles 1\b", words)
    assert re.search(r"\bstatements 1\b", words)
    assert re.search(r"\bsources 1\b", words)
    assert "edition 1, 1 statement" in words


def test_the_first_page_of_an_empty_archive_says_so(client):
    assert "Nothing is published yet." in Page(client.get("/")).words


def test_no_page_asks_of_many_tables_by_a_query_within_the_query(client):
    # PostgreSQL reorders no more than eight tables: it would join all rows of all of them first.
    for address in make_small_archive().values():
        with CaptureQueriesContext(connection) as asked:
            client.get(address)
        for query in asked:
            if "IN (SELECT" in query["sql"]:
                assert query["sql"].count(" JOIN ") < 8, f"{address}: {query['sql']}"


def test_the_first_of_many_rows_are_the_first_in_some_order(client):
    # PostgreSQL may begin with others when it is asked again: a page would seem to have changed.
    limits = set()
    for address in (*make_small_archive().values(), "/battles/?disputed=no"):
        with CaptureQueriesContext(connection) as asked:
            client.get(address)
        for query in asked:
            limited = re.search(r"(ORDER BY (?:(?!SELECT).)+)?LIMIT (\d+)$", query["sql"])
            if limited and int(limited[2]) not in (1, MAX_GET_RESULTS):
                assert limited[1], f"{address}: {query['sql']}"
                limits.add(int(limited[2]))
    assert limits >= {PAGE_SIZE, COUNTED + 1}


def test_the_first_page_costs_the_same_queries_with_one_battle_or_many(
    client, django_assert_num_queries
):
    make_published(Kind.DATE)
    with django_assert_num_queries(11):
        client.get("/")
    for number in range(8):
        make_published(Kind.DATE, battle=make_battle(f"Battle {number}"))
    with django_assert_num_queries(11):
        client.get("/")


def test_about_says_the_laws_in_plain_words(client):
    words = Page(client.get(reverse("about"))).words
    for law in (
        "Nothing uncited is published.",
        "Rivals are not ranked.",
        "Addresses are permanent.",
    ):
        assert law in words


def test_the_page_of_a_fault_needs_no_database(django_assert_num_queries):
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    with django_assert_num_queries(0):
        page = Page(server_error(request))
    assert page.status == 500
    assert "Something went wrong" in page.words


def test_missing_addresses_lead_on(client):
    page = Page(client.get(f"/statements/{uuid.uuid4()}/"))
    assert page.status == 404
    assert {"/battles/", "/sources/"} <= set(page.links)
