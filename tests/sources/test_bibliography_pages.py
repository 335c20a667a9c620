"""Citations on the page of a source, and bibliographies to take away."""

import json

import pytest

from sources.bibliographies.formats import FORMATS
from sources.bibliographies.importing import READERS
from sources.models import Contribution, Source, SourceIdentifier
from tests.builders import make_curator, make_origin, make_source
from tests.reading import Page

pytestmark = pytest.mark.django_db


def make_public(slug, **values):
    origin = make_origin("Chroniclers", slug="chroniclers")
    type(origin).objects.filter(pk=origin.pk).update(public=True)
    source = make_source(slug=slug, origin=origin, **{"title": slug.title()} | values)
    Source.objects.filter(pk=source.pk).update(public=True)
    return source


@pytest.fixture
def library():
    annals = make_public("annals", language="zh", issued_edtf="1990")
    Contribution.objects.create(
        source=annals, name="Xu, Yan", name_original="徐焰", family_first=True
    )
    SourceIdentifier.objects.create(source=annals, scheme="isbn", value="7-5043-0542-2")
    make_public("gazette", language="en", kind="article", contained_in=annals)
    make_source(slug="draft", title="Secret draft", language="en")


def keys(response, format_name):
    text = response.getvalue().decode().replace("\r\n", "\n")
    reading = READERS["bibtex" if format_name == "biblatex" else format_name](text)
    assert reading.unreadable == []
    return [entry.key for entry in reading.entries]


@pytest.mark.parametrize("format_name", FORMATS)
def test_the_list_is_taken_away_whole_in_each_format_without_drafts(client, library, format_name):
    answer = client.get(f"/bibliography/{format_name}/")
    assert answer.status_code == 200
    assert answer["Content-Type"] == FORMATS[format_name].media_type
    suffix = FORMATS[format_name].suffix
    assert answer["Content-Disposition"] == f'attachment; filename="sources.{suffix}"'
    assert keys(answer, format_name) == ["annals", "gazette"]


def test_the_list_is_taken_away_as_it_is_filtered(client, library):
    page = Page(client.get("/sources/?language=en&page="))
    (address,) = [link for link in page.links if "/ris/" in link]
    assert address == "/bibliography/ris/?language=en"
    assert keys(client.get(address), "ris") == ["gazette"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["annals", "beta", "gazette"]),
        ("?sort=date", ["annals", "beta", "gazette"]),
        ("?sort=latest", ["beta", "annals", "gazette"]),
    ],
)
def test_the_list_is_taken_away_in_its_order(client, library, query, expected):
    make_public("beta", title="beta", issued_edtf="2001")
    assert keys(client.get(f"/bibliography/ris/{query}"), "ris") == expected


def test_an_invalid_filter_is_refused_with_its_message_and_gives_no_file(client, library):
    answer = client.get("/bibliography/bibtex/?language=xx")
    assert answer.status_code == 400
    assert "Content-Disposition" not in answer
    assert "“xx” is a language that the archive does not know" in Page(answer).words


@pytest.mark.parametrize(
    "address",
    [
        "/bibliography/docx/",
        "/bibliography/bibtex/sources/draft/",
        "/bibliography/bibtex/sources/none/",
        "/bibliography/bibtex/battles/none/",
    ],
)
def test_drafts_and_unknown_formats_and_sources_are_missing_alike(client, library, address):
    assert client.get(address).status_code == 404


def test_the_page_of_a_source_cites_it_and_gives_its_files(client, library):
    page = Page(client.get("/sources/annals/"))
    assert "Chicago (18th ed.) Xu Yan 徐焰. Annals. 1990." in page.words
    assert "APA (7th ed.) Xu, Y. (1990). Annals." in page.words
    assert "MLA (9th ed.) Xu Yan. Annals. 1990." in page.words
    assert "ISBN 7-5043-0542-2 as printed; not a valid ISBN" in page.words
    for name in FORMATS:
        address = f"/bibliography/{name}/sources/annals/"
        assert address in page.links
        assert keys(client.get(address), name) == ["annals"]


def test_a_draft_of_what_a_source_stands_in_is_not_told(client, library):
    Source.objects.filter(slug="annals").update(public=False)
    answer = client.get("/bibliography/csl-json/sources/gazette/")
    assert "container-title" not in json.loads(answer.getvalue())[0]


def test_a_bibliography_is_the_same_for_everyone(client, library):
    before = client.get("/bibliography/bibtex/").getvalue()
    client.force_login(make_curator())
    assert client.get("/bibliography/bibtex/").getvalue() == before


def test_a_slug_beyond_ascii_gives_a_file_name_that_every_browser_takes(client, library):
    make_public("抗美援朝")
    answer = client.get("/bibliography/ris/sources/抗美援朝/")
    assert answer["Content-Disposition"] == 'attachment; filename="sources.ris"'


def test_many_sources_take_as_many_queries_as_few(client, library, django_assert_num_queries):
    for number in range(6):
        source = make_public(f"book-{number}")
        Contribution.objects.create(source=source, name="Berg, Ann")
    # Four for the filter's choices, four for the rows and what belongs to them.
    with django_assert_num_queries(8):
        assert client.get("/bibliography/csl-json/").getvalue()


@pytest.mark.parametrize("format_name", FORMATS)
def test_one_source_is_kept_by_caches_as_its_page_is(client, library, format_name):
    slug = Source.objects.filter(public=True).values_list("slug", flat=True)[0]
    response = client.get(f"/bibliography/{format_name}/sources/{slug}/")
    assert not response.streaming
    assert response["Cache-Control"] == "public, no-cache"
    assert response["Content-Length"] == str(len(response.content))
