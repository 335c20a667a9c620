"""Public pages are answered from memory, and never with what is no longer so."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.db.models import F, Value
from django.db.models.functions import Concat

from archive.page_store import PageStore, accepts_gzip, is_known
from battles.kinds import Kind
from battles.models import (
    Battle,
    Citation,
    Entity,
    EntityName,
    Publication,
    Question,
    Side,
    Statement,
)
from battles.publication import publish, withdraw
from sources.models import Gloss, Origin, Passage, Source
from tests.builders import cite, make_battle, make_curator, make_published, make_statement
from tests.small_archive import make_small_archive
from tests.visitors import Process, ask

pytestmark = pytest.mark.django_db(transaction=True)


class Django:
    """The application behind the store, which says how often it was asked."""

    def __init__(self) -> None:
        self.application = get_wsgi_application()
        self.asked: list[str] = []

    def __call__(self, environ, start_response):
        self.asked.append(environ["PATH_INFO"])
        return self.application(environ, start_response)


@pytest.fixture
def django() -> Django:
    return Django()


@pytest.fixture
def make_store() -> Iterator[Callable[..., PageStore]]:
    made = []

    def make(application: Any, capacity: int = 8_000_000, **how: Any) -> PageStore:
        made.append(PageStore(application, capacity, **how))
        return made[-1]

    yield make
    for store in made:
        store.close()


@pytest.fixture
def store(django, make_store) -> PageStore:
    return make_store(django)


@pytest.fixture
def processes() -> Iterator[list[Process]]:
    found = [Process() for _ in range(3)]
    yield found
    for process in found:
        process.end()


def test_a_page_is_made_once_for_each_encoding(store, django):
    make_published(battle=make_battle(slug="ford"))
    pages = [ask(store, "/battles/ford/") for _ in range(3)]
    packed = [ask(store, "/battles/ford/", accept_encoding="gzip") for _ in range(3)]
    assert django.asked == ["/battles/ford/"] * 2
    assert {page.body for page in pages} == {packed[0].text.encode()}
    assert {page.body for page in packed} == {packed[0].body}
    assert len(packed[0].body) < len(pages[0].body) / 2
    assert pages[0].headers["ETag"] != packed[0].headers["ETag"]
    for page in (*pages, *packed):
        assert page.headers["Vary"] == "Accept-Encoding"
        assert page.headers["Cache-Control"] == "public, no-cache"
        assert page.headers["Content-Length"] == str(len(page.body))
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_a_page_outlives_changes_that_it_does_not_show(store, django):
    make_published(battle=make_battle(slug="ford"))
    page = ask(store, "/battles/ford/")
    make_statement(battle=make_battle(slug="hill"))  # a draft, as curators save all day
    other = make_published(battle=Battle.objects.get(slug="hill"))
    assert ask(store, "/battles/ford/") == page
    assert ask(store, "/battles/ford/", if_none_match=page.headers["ETag"]).status == 304
    assert django.asked == ["/battles/ford/"]
    assert "/battles/hill/" in ask(store, "/battles/").text
    withdraw([other], "It was a forgery.")
    assert ask(store, "/battles/ford/") == page


CHANGES = [
    *(
        (model, column, Concat(Value("New "), F(column)))
        for model, column in [
            (Battle, "name"),
            (Side, "name"),
            (Question, "wording"),
            (Entity, "name"),
            (EntityName, "text"),
            (Origin, "name"),
            (Source, "title"),
            (Gloss, "text"),
            (Citation, "note"),
            (Statement, "inference"),
            (Passage, "locator"),
        ]
    ),
    (Battle, "scale", "campaign"),
    (Source, "language", "ko"),
    (Source, "rights", "in_copyright"),
    (Publication, "at", datetime(1953, 7, 13, tzinfo=UTC)),
]


def test_whatever_changes_pages_are_as_if_made_anew(store, django):
    pages = [
        address for address in make_small_archive().values() if ask(store, address).status == 200
    ]
    before = {address: ask(store, address).body for address in pages}
    for model, column, value in CHANGES:
        # Past all rules of the model: what matters here is that it is noticed.
        assert model._base_manager.update(**{column: value})
        now = {address: ask(store, address).body for address in pages}
        assert now == {address: ask(django, address).body for address in pages}, column
        assert now != before, column
        before = now


def test_who_has_the_page_is_told_so_until_it_changes(store):
    statement = make_published(battle=make_battle(slug="ford"))
    etag = ask(store, "/battles/ford/").headers["ETag"]
    known = ask(store, "/battles/ford/", if_none_match=f'"other", W/{etag}')
    assert (known.status, known.body, known.headers["ETag"]) == (304, b"", etag)
    assert not {"Content-Length", "Content-Type"} & known.headers.keys()
    assert "Content-Security-Policy" in known.headers
    cite(more := make_statement(Kind.NAME, battle=statement.battle))
    publish([more])
    changed = ask(store, "/battles/ford/", if_none_match=etag)
    assert changed.status == 200
    assert "Ford Fight" in changed.text


def test_what_is_withdrawn_is_never_unchanged(store):
    statement = make_published(battle=make_battle(slug="ford"))
    address = f"/statements/{statement.pk}/"
    etag = ask(store, address).headers["ETag"]
    withdraw([statement], "It was a forgery.")
    for known in (etag, "*"):
        answer = ask(store, address, if_none_match=known)
        assert answer.status == 410
        assert "It was a forgery." in answer.text
        assert "ETag" not in answer.headers
        assert answer.headers["Cache-Control"] == "no-cache"


def test_a_page_says_the_same_again_as_when_it_was_made(store, django):
    for name, address in make_small_archive().items():
        django.asked.clear()
        made = ask(store, address)
        if made.status != 200:
            continue
        assert ask(store, address) == made, name
        assert ask(store, address, "HEAD").headers == made.headers, name
        assert ask(store, address, "HEAD").body == b"", name
        assert len(django.asked) == 1, name


def test_asking_for_the_head_alone_makes_the_whole_page(store, django):
    head = ask(store, "/about/", "HEAD")
    page = ask(store, "/about/")
    assert (head.body, head.headers) == (b"", page.headers)
    assert page.text.startswith("<!doctype html>")
    assert django.asked == ["/about/"]


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/battles/no-such-battle/", 404),
        ("/battles/?from_year=never", 400),
        ("/favicon.ico", 301),
        ("/admin/", 302),
        ("/admin/account/login/", 200),
    ],
)
def test_what_is_no_public_page_is_never_stored(store, django, address, status):
    for _ in range(2):
        answer = ask(store, address, if_none_match="*")
        assert answer.status == status
        assert "public" not in answer.headers["Cache-Control"]
    assert len(django.asked) == 2


def test_curators_are_never_answered_from_the_store(store, client, django):
    client.force_login(make_curator())
    cookie = f"sessionid={client.cookies['sessionid'].value}"
    assert "no-store" in ask(store, "/admin/", cookie=cookie).headers["Cache-Control"]
    assert ask(store, "/admin/").status == 302
    # And what they see of public pages is what everybody sees.
    assert ask(store, "/about/", cookie=cookie) == ask(store, "/about/")
    assert django.asked.count("/about/") == 1


@pytest.mark.parametrize(
    "said",
    [
        [("Cache-Control", "public, no-cache"), ("Set-Cookie", "me=1")],
        [("Cache-Control", "public, no-cache"), ("Vary", "Cookie")],
        [("Cache-Control", "private")],
        [],
    ],
)
def test_an_answer_for_somebody_is_not_stored(make_store, said):
    def application(environ, start_response):
        start_response("200 OK", [*said, ("Content-Length", "2")])
        return [b"me"]

    answer = ask(make_store(application), "/")
    assert (answer.body, "ETag" in answer.headers) == (b"me", False)


def test_hosts_and_schemes_keep_apart(store, django, settings):
    settings.SECURE_SSL_REDIRECT, settings.SECURE_HSTS_SECONDS = True, 31536000
    django.application = get_wsgi_application()
    for _ in range(2):
        secure = ask(store, "/about/", scheme="https")
        assert "max-age=31536000" in secure.headers["Strict-Transport-Security"]
        plain = ask(store, "/about/")
        assert (plain.status, plain.headers["Location"]) == (301, "https://testserver/about/")
        assert ask(store, "/about/", scheme="https", host="evil.example").status == 400
    assert len(django.asked) == 5


def test_a_proxy_says_the_scheme_only_where_its_word_is_taken(django, make_store, settings):
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    django.application = get_wsgi_application()
    store = make_store(django, by_proxy=True)
    assert ask(store, "/about/", x_forwarded_proto="https").status == 200
    assert ask(store, "/about/", x_forwarded_proto="http").status == 301
    assert ask(store, "/about/").status == 301


def test_the_memory_of_pages_is_bounded(django, make_store):
    store = make_store(django, 200_000)
    for number in range(100):
        ask(store, f"/about/?{number}", accept_encoding="gzip")
    assert 10 < len(store._pages) < 50
    assert store._size <= 200_000
    django.asked.clear()
    ask(store, "/about/?99", accept_encoding="gzip")
    ask(store, "/about/?0", accept_encoding="gzip")
    assert len(django.asked) == 1


def test_without_a_counter_every_page_is_made_anew(store, django):
    connection.ensure_connection()
    connection.connection.execute("DELETE FROM sources_counter")  # past what counts
    for _ in range(2):
        assert ask(store, "/about/").status == 200
    assert len(django.asked) == 2
    make_battle()
    for _ in range(2):
        assert ask(store, "/about/").status == 200
    assert len(django.asked) == 3


def test_the_first_request_shows_what_any_process_published_or_withdrew(processes):
    battle = make_battle(slug="ford")
    make_published(battle=battle)
    drafts = []
    for number in range(12):
        draft = make_statement(battle=battle, text=f"They crossed for the {number}th time.")
        cite(draft)
        drafts.append(draft)
    known = ""
    for number, draft in enumerate(drafts):
        address = f"/statements/{draft.pk}/"
        processes[number % 3].publish(draft)
        for process in processes:
            page = process.ask("/battles/ford/", if_none_match=known)
            assert page.status == 200
            assert draft.text in page.text
            assert process.ask(address).status == 200
            assert process.ask("/battles/ford/", if_none_match=page.headers["ETag"]).status == 304
        known = page.headers["ETag"]
        if number % 2:
            etag = processes[0].ask(address).headers["ETag"]
            processes[(number + 1) % 3].withdraw(draft, "It was a forgery.")
            for process in processes:
                page = process.ask("/battles/ford/", if_none_match=known)
                assert page.status == 200
                assert draft.text not in page.text
                assert process.ask(address, if_none_match=etag).status == 410
            known = page.headers["ETag"]


def test_nothing_old_is_stored_while_others_ask_and_publish(processes):
    """One process publishes; two are asked without a pause, and never go back in time."""
    battle = make_battle(slug="ford")
    make_published(battle=battle)
    for number in range(20):
        cite(make_statement(battle=battle, text=f"Word {number:02}."))
    drafts = list(Statement.objects.drafts().order_by("text"))
    published = [0]
    failures: list[str] = []

    def visit(process: Process) -> None:
        seen = 0
        while published[0] < len(drafts) and not failures:
            least = published[0]
            text = process.ask("/battles/ford/").text
            seen_now = sum(f"Word {number:02}." in text for number in range(20))
            if seen_now < max(least, seen):
                failures.append(f"{seen_now} of {least} published, {seen} seen before")
            seen = seen_now

    visitors = [threading.Thread(target=visit, args=[one]) for one in processes[1:]]
    for visitor in visitors:
        visitor.start()
    for draft in drafts:
        processes[0].publish(draft)
        published[0] += 1
    for visitor in visitors:
        visitor.join()
    assert not failures


@pytest.mark.parametrize(
    ("header", "accepted"),
    [
        ("gzip, deflate, br", True),
        ("br;q=1.0, GZIP;q=0.5", True),
        ("gzip;q=0", False),
        ("gzip; q=0.0, *", False),
        ("*", True),
        ("", False),
        ("identity", False),
        ("x-gzip-not", False),
    ],
)
def test_encodings_are_read_as_they_are_written(header, accepted):
    assert accepts_gzip(header) is accepted


def test_validators_are_compared_whole():
    assert is_known('W/"a", "b"', '"b"')
    assert not is_known('"ab"', '"a"')
    assert not is_known("", '"a"')
