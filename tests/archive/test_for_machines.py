"""What programs read: canonical links, descriptions, the sitemap, the feed, robots.txt."""

import json
import re
from html import unescape
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.test import override_settings

from archive import sitemaps
from battles.kinds import Kind
from battles.models import Battle, Statement
from battles.publication import open_revision, publish, withdraw
from tests.builders import (
    cite,
    make_battle,
    make_entity,
    make_origin,
    make_published,
    make_source,
    make_statement,
    rechecked,
)
from tests.reading import Page
from tests.small_archive import make_small_archive

pytestmark = pytest.mark.django_db

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def archive():
    """An archive with a page of every kind; gives their addresses."""
    return make_small_archive()


def head_of(client, address):
    html = client.get(address).content.decode()
    return html[: html.index("</head>")]


def linked_data(client, address):
    found = re.search(
        r'<script type="application/ld\+json">(.*?)</script>', head_of(client, address)
    )
    return json.loads(found[1])


def meta(head, name):
    return re.findall(rf'<meta (?:name|property)="{name}" content="(.*?)">', head)


def sitemap_of(client, section):
    root = ElementTree.fromstring(client.get(f"/sitemap-{section}.xml").content)  # noqa: S314  ours
    return [entry.text for entry in root.iter(f"{SITEMAP}loc")]


# Canonical links


def test_every_page_to_be_found_names_its_one_address(client, archive):
    without = {"battles, filtered", "battles, wrong", "missing", "withdrawn"}
    without |= {name for name in archive if meta(head_of(client, archive[name]), "robots")}
    without -= {"edition", "edition, less what was withdrawn"}  # which are cited by their own
    for name, address in archive.items():
        found = re.findall(r'<link rel="canonical" href="(.*?)">', head_of(client, address))
        path = address if name in ("map", "timeline") else address.split("?")[0]
        assert found == ([] if name in without else [f"{settings.SITE_URL}{path}"]), name


def test_a_later_page_of_a_list_is_a_page_of_its_own(client):
    for number in range(51):
        make_published(Kind.DATE, battle=make_battle(f"Battle {number}"))
    assert f'rel="canonical" href="{settings.SITE_URL}/battles/?page=2"' in head_of(
        client, "/battles/?page=2"
    )


def test_a_filtered_list_asks_not_to_be_listed_and_a_whole_one_does_not(client, archive):
    assert meta(head_of(client, archive["battles, filtered"]), "robots") == ["noindex, follow"]
    assert meta(head_of(client, archive["battles"]), "robots") == []


@pytest.mark.parametrize(
    ("address", "canonical"),
    [
        ("/battles/?sort=date", None),
        ("/battles/?sort=name", "/battles/"),
        ("/battles/?view=map", "/battles/?view=map"),
        ("/battles/?view=list", "/battles/"),
        ("/battles/?view=timeline&sort=date", "/battles/?view=timeline"),
        ("/battles/?view=timeline&page=2", "/battles/?view=timeline&amp;page=2"),
        ("/battles/?view=timeline&sort=name", None),
        ("/sources/?sort=latest", None),
        ("/sources/?sort=title", "/sources/"),
    ],
)
def test_a_view_has_an_address_of_its_own_and_another_order_has_none(client, address, canonical):
    for number in range(51 if "page" in address else 1):
        make_published(Kind.DATE, battle=make_battle(f"Battle {number}"))
    head = head_of(client, address)
    found = re.findall(r'<link rel="canonical" href="(.*?)">', head)
    assert found == ([settings.SITE_URL + canonical] if canonical else [])
    assert meta(head, "robots") == ([] if canonical else ["noindex, follow"])


@override_settings(SITE_URL="https://archive.example")
def test_whole_addresses_begin_as_the_setting_says_whoever_asks(client, archive):
    for address in (archive["battle"], archive["home"]):
        head = client.get(address, headers={"host": "localhost"}).content.decode()
        assert f'<link rel="canonical" href="https://archive.example{address}">' in head


# Descriptions


def test_pages_carry_what_is_shown_when_they_are_shared(client, archive):
    head = head_of(client, archive["battle"])
    assert meta(head, "og:title") == ["Battle of the Ford"]
    assert meta(head, "og:type") == ["article"]
    assert meta(head, "og:url") == [f"{settings.SITE_URL}/battles/the-ford/"]
    assert meta(head, "og:description")[0].startswith("Battle of the Ford")
    [picture] = meta(head, "og:image")
    assert picture.startswith(f"{settings.SITE_URL}{settings.STATIC_URL}card.")


@pytest.mark.parametrize(
    ("page", "about"),
    [
        ("statement", "Battle of the Ford"),
        ("source", "Chronicle of the Ford"),
        ("reader, open", "Chronicle of the Ford"),
        ("passage", "Chronicle of the Ford"),
        ("origin", "China"),
        ("person", "Deng Hua"),
    ],
)
def test_every_page_of_one_thing_describes_itself(client, archive, page, about):
    head = head_of(client, archive[page])
    assert about in meta(head, "og:description")[0]
    assert meta(head, "description") == meta(head, "og:description")


def test_a_reference_manager_finds_what_a_source_is(client):
    source = make_source(
        title="River & Ford", issued_edtf="1990-21", publisher="Ford Press", language="en"
    )
    source.contributions.create(name="Li, Wei", name_original="李伟")
    source.contributions.create(name="Academy of the Ford", role="editor", position=2)
    source.identifiers.create(scheme="isbn", value="978-0-306-40615-7")
    type(source).objects.filter(pk=source.pk).update(public=True)
    head = head_of(client, source.get_absolute_url())
    assert meta(head, "citation_title") == ["River &amp; Ford"]
    assert meta(head, "citation_author") == ["Li, Wei"]
    assert meta(head, "citation_publication_date") == ["spring 1990"]
    assert meta(head, "citation_isbn") == ["978-0-306-40615-7"]
    work = linked_data(client, source.get_absolute_url())
    assert work["name"] == "River & Ford"
    assert work["author"] == [{"@type": "Person", "name": "Li, Wei", "alternateName": ["李伟"]}]
    assert work["editor"] == [{"name": "Academy of the Ford"}]  # nobody said it is a person
    assert work["isbn"] == ["978-0-306-40615-7"]


@pytest.mark.parametrize(
    ("kind", "named"), [("article", "journal_title"), ("chapter", "inbook_title")]
)
def test_a_part_of_a_work_names_the_whole_and_its_pages(client, kind, named):
    whole = make_source(title="Journal of Fords", public=True)
    whole.identifiers.create(scheme="issn", value="0378-5955")
    part = make_source(kind=kind, contained_in=whole, volume="7", pages="12–19", public=True)
    part.contributions.create(name="Kim, Sol", role="editor", position=0)
    head = head_of(client, part.get_absolute_url())
    assert meta(head, f"citation_{named}") == ["Journal of Fords"]
    assert (meta(head, "citation_firstpage"), meta(head, "citation_lastpage")) == (["12"], ["19"])
    assert meta(head, "citation_editor") == ["Kim, Sol"]
    assert meta(head, "citation_issn") == ["0378-5955"]


@pytest.mark.parametrize(
    ("kind", "edtf", "printed", "published"),
    [
        ("book", "1990-05", "May 1990", "1990-05"),
        ("book", "", "1979", "1979"),
        ("book", "1990-21", "Spring 1990", None),
        ("archival_item", "198X", "the eighties", None),
    ],
)
def test_linked_data_of_a_source_holds_what_its_type_may(client, kind, edtf, printed, published):
    source = make_source(
        kind=kind, issued_edtf=edtf, issued_printed=printed, repository="Provincial Archive"
    )
    source.identifiers.create(scheme="isbn", value="978-0-306-40615-7")
    type(source).objects.filter(pk=source.pk).update(public=True)
    work = linked_data(client, source.get_absolute_url())
    assert work.get("datePublished") == published  # a date by ISO 8601, or none
    assert ("holdingArchive" in work) is (work["@type"] == "ArchiveComponent")
    assert ("isbn" in work) is (work["@type"] == "Book")
    assert ("identifier" in work) is (work["@type"] != "Book")


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("person", "Person"),
        ("press", "Organization"),
        ("reference", "CreativeWork"),
        ("scholarship", "Thing"),
    ],
)
def test_linked_data_of_an_origin_says_what_it_is(client, kind, expected):
    origin = make_origin(kind=kind)
    type(origin).objects.filter(pk=origin.pk).update(public=True)
    assert linked_data(client, origin.get_absolute_url())["@type"] == expected


def test_linked_data_of_a_person_gives_the_names_and_codes_that_the_page_has(client):
    deng = make_entity("Deng Hua", "person", description="A commander")
    deng.names.create(text="鄧華", language="zh")
    deng.identifiers.create(scheme="wikidata", value="Q1")
    deng.identifiers.create(scheme="other", value="17")
    make_published(Kind.COMMANDER, entity=deng)
    person = linked_data(client, deng.get_absolute_url())
    assert person["@type"] == "Person"
    assert person["@id"].endswith(deng.get_absolute_url())
    assert (person["name"], person["alternateName"]) == ("Deng Hua", ["鄧華"])
    assert person["sameAs"] == ["https://www.wikidata.org/wiki/Q1"]
    assert "geo" not in person


@pytest.mark.parametrize(
    ("precision", "radius", "expected"),
    [("point", None, "GeoCoordinates"), ("radius", 20, "GeoCircle"), ("region", None, None)],
)
def test_linked_data_of_a_place_never_gives_a_middle_for_a_point(
    client, precision, radius, expected
):
    where = {"latitude": "38.5", "longitude": "127.6", "gazetteer": "a list of places"}
    ford = make_entity("Ford", "place", precision=precision, radius_km=radius, **where)
    make_published(Kind.PLACE, place=ford)
    place = linked_data(client, ford.get_absolute_url())
    assert place["@type"] == "Place"
    assert place.get("geo", {}).get("@type") == expected
    if radius:
        assert place["geo"]["geoRadius"] == "20 km"


def test_linked_data_of_a_battle_names_the_licence_of_what_the_archive_says(
    client, archive, settings
):
    assert "license" not in linked_data(client, archive["battle"])
    settings.CONTENT_LICENCE = "CC BY 4.0"
    assert linked_data(client, archive["battle"])["license"] == "CC BY 4.0"
    settings.CONTENT_LICENCE_URL = "https://creativecommons.org/licenses/by/4.0/"
    assert linked_data(client, archive["battle"])["license"] == settings.CONTENT_LICENCE_URL


def test_an_edition_is_cited_by_its_own_address_and_day(client, archive):
    head = head_of(client, archive["edition"])
    [day] = meta(head, "citation_online_date")
    assert re.fullmatch("[0-9]{4}/[0-9]{2}/[0-9]{2}", day)
    assert meta(head, "citation_publication_date") == [day]
    assert meta(head, "citation_author") == ["Battle History Archive"]
    assert meta(head, "citation_public_url") == [f"{settings.SITE_URL}{archive['edition']}"]
    assert meta(head_of(client, archive["battle"]), "citation_public_url") == [
        f"{settings.SITE_URL}{archive['battle']}"
    ]


def test_linked_data_does_not_choose_between_rivals(client, archive):
    event = linked_data(client, archive["battle"])["mainEntity"]
    assert event["name"] == "Battle of the Ford"
    assert event["alternateName"] == ["金城战役"]
    make_published(Kind.NAME, battle=Battle.objects.get(slug="the-ford"), text=event["name"])
    event = linked_data(client, archive["battle"])["mainEntity"]
    assert event["alternateName"] == ["金城战役"]
    assert event["superEvent"]["name"] == "River War"
    assert "startDate" not in event


def test_every_page_names_an_event_by_the_same_id(client, archive):
    page = linked_data(client, archive["battle"])
    war = linked_data(client, archive["war"])
    event = page["mainEntity"]
    assert event["@id"] != page["@id"] == event["url"]
    assert linked_data(client, archive["statement"])["about"]["@id"] == event["@id"]
    assert event["superEvent"]["@id"] == war["mainEntity"]["@id"] != event["@id"]


def test_linked_data_says_where_a_battle_is_filed_by_pages(client, archive):
    trail = linked_data(client, archive["battle"])["breadcrumb"]["itemListElement"]
    assert [step["name"] for step in trail] == ["Battles", "River War", "Battle of the Ford"]
    # Each item is a thing, never the text of an address.
    assert trail[-1]["item"] == {"@id": f"{settings.SITE_URL}{archive['battle']}"}


def test_linked_data_gives_what_all_accounts_leave_at_one(client):
    first = make_published(Kind.DATE, date_edtf="1453-05-29")
    make_published(Kind.DATE, battle=first.battle, date_edtf="1453-05-29")
    address = first.battle.get_absolute_url()
    assert linked_data(client, address)["mainEntity"]["startDate"] == "1453-05-29"
    make_published(Kind.DATE, battle=first.battle, date_edtf="1453")
    assert "startDate" not in linked_data(client, address)["mainEntity"]


@pytest.mark.parametrize(
    ("dates", "start", "end"),
    [
        ([("1953-07-13/1953-07-27", "whole")], "1953-07-13", "1953-07-27"),
        ([("1953-07-13/..", "whole")], "1953-07-13", None),
        ([("1953-07-13", "start"), ("1953-07-27", "end")], "1953-07-13", "1953-07-27"),
        ([("1953-07-13", "whole"), ("1953-07-27", "end")], "1953-07-13", "1953-07-27"),
        ([("1953-07-13", "phase")], None, None),
        ([("1953-07~", "whole")], None, None),
    ],
)
def test_linked_data_says_when_a_battle_began_and_ended(client, dates, start, end):
    battle = make_battle()
    for edtf, aspect in dates:
        make_published(Kind.DATE, battle=battle, date_edtf=edtf, aspect=aspect)
    event = linked_data(client, battle.get_absolute_url())["mainEntity"]
    assert (event.get("startDate"), event.get("endDate")) == (start, end)


def test_linked_data_does_not_give_what_a_passage_is_cited_against(client):
    date = make_statement(Kind.DATE, date_edtf="1453-05-29")
    cite(date)
    cite(date, bearing="disputes")
    publish([date])
    event = linked_data(client, date.battle.get_absolute_url())["mainEntity"]
    assert "startDate" not in event


def test_a_statement_is_a_claim_with_its_voice_and_its_place(client, archive):
    claim = linked_data(client, archive["statement"])
    statement = Statement.objects.get(text="They crossed at dawn.")
    assert claim["@type"] == "Claim"
    assert claim["text"] == "They crossed at dawn."
    assert [agent["name"] for agent in claim["author"]] == ["Chroniclers"]
    passage = statement.evidence.passage
    assert [agent["@id"] for agent in claim["author"]] == [
        linked_data(client, "/origins/chroniclers/")["@id"]
    ]
    assert claim["appearance"][0]["url"].endswith(f"{passage.document_id}/#p-{passage.pk}")


def test_linked_data_cannot_end_its_element(client):
    sentence = make_published(text="</script><b>not markup</b>")
    html = client.get(sentence.get_absolute_url()).content.decode()
    assert html.count("</script>") == 2  # the module's and the data's own
    assert linked_data(client, sentence.get_absolute_url())["text"].startswith("</script>")


# The sitemap

IN_THE_SITEMAP = {
    *("home", "battles", "index", "person", "place", "battle", "war", "history", "accounts"),
    *("accounts of one", "statement", "sources", "source", "source, not held", "origin"),
    *("reader, open", "reader, protected", "reader, not held", "passage", "passage, not held"),
}


def pages_to_be_found(client):
    """Follow all links from the first page; return the pages that may be listed."""
    waiting, seen, found = ["/"], {"/"}, set()
    while waiting:
        address = waiting.pop()
        answer = client.get(address)
        if not answer["Content-Type"].startswith("text/html") or answer.status_code != 200:
            continue
        page = Page(answer)
        names_itself = f'rel="canonical" href="{settings.SITE_URL}{address}"' in page.html
        if names_itself and not meta(page.html, "robots"):
            found.add(address)
        for link in page.links:
            target = link.partition("#")[0]
            if target.startswith("/") and target not in seen and "?" not in target:
                seen.add(target)
                waiting.append(target)
    return found


def test_an_edition_is_there_to_be_cited_and_asks_not_to_be_listed(client, archive):
    for name in ("edition", "edition, less what was withdrawn"):
        head = head_of(client, archive[name])
        assert meta(head, "robots") == ["noindex, follow"]
        assert f'rel="canonical" href="{settings.SITE_URL}{archive[name]}"' in head


def test_the_sitemap_leads_to_every_public_page_and_to_no_other(client, archive):
    cite(make_statement(battle=make_battle("Secret Battle")))
    make_source(title="Secret Source", slug="secret-source")
    index = ElementTree.fromstring(client.get("/sitemap.xml").content)  # noqa: S314  ours
    files = [entry.text for entry in index.iter(f"{SITEMAP}loc")]
    assert len(files) == len(sitemaps.SECTIONS)
    addresses = []
    for file in files:
        assert file.startswith(settings.SITE_URL)
        root = ElementTree.fromstring(client.get(file[len(settings.SITE_URL) :]).content)  # noqa: S314
        addresses += [entry.text for entry in root.iter(f"{SITEMAP}loc")]
    assert len(addresses) == len(set(addresses))
    paths = {address[len(settings.SITE_URL) :] for address in addresses}
    assert {client.get(path).status_code for path in paths} == {200}
    assert {archive[name] for name in IN_THE_SITEMAP} <= paths
    assert paths >= pages_to_be_found(client)
    for path in paths:
        head = head_of(client, path)
        assert f'rel="canonical" href="{settings.SITE_URL}{path}"' in head
        assert meta(head, "robots") == []
    assert archive["withdrawn"] not in paths
    assert not any("secret" in path for path in paths)


def test_a_section_past_the_limit_is_split(client, archive, monkeypatch):
    monkeypatch.setattr(sitemaps.Section, "limit", 4)
    index = client.get("/sitemap.xml").content.decode()
    pages = re.findall(r"sitemap-statements\.xml\?p=(\d+)", index)
    published = Statement.objects.published().count()
    assert len(pages) == -(-published // 4) - 1
    found = sitemap_of(client, "statements")
    for page in pages:
        root = ElementTree.fromstring(client.get(f"/sitemap-statements.xml?p={page}").content)  # noqa: S314
        found += [entry.text for entry in root.iter(f"{SITEMAP}loc")]
    assert len(found) == len(set(found)) == published


def test_the_sitemap_says_when_a_battle_last_changed(client):
    statement = make_published()
    at = statement.publications.get().at
    assert (
        f"<lastmod>{at:%Y-%m-%d}</lastmod>" in client.get("/sitemap-battles.xml").content.decode()
    )


# The feed


def entries(client):
    response = client.get("/feed/")
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    return ElementTree.fromstring(response.content).findall(f"{ATOM}entry")  # noqa: S314  ours


def test_the_feed_tells_each_edition_once_the_newest_first(client):
    ford = make_battle("Battle of the Ford", slug="the-ford")
    make_published(battle=ford)
    second = make_published(battle=ford, position=1)
    withdraw([second], "It was a misprint.")
    found = entries(client)
    titles = [entry.find(f"{ATOM}title").text for entry in found]
    assert titles == [f"Battle of the Ford, edition {number}" for number in (3, 2, 1)]
    assert (
        found[0].find(f"{ATOM}summary").text == "1 statement withdrawn. Why: “It was a misprint.”"
    )
    assert found[1].find(f"{ATOM}summary").text == "1 statement published."
    assert len({entry.find(f"{ATOM}id").text for entry in found}) == 3
    for number, entry in zip((3, 2, 1), found, strict=True):
        link = entry.find(f"{ATOM}link").attrib["href"]
        assert link == f"{settings.SITE_URL}/battles/the-ford/editions/{number}/"


def test_the_feed_tells_what_was_revised_from_what_is_new(client):
    statement = make_published()
    revision = open_revision(statement)
    new = make_statement(battle=statement.battle, position=1)
    cite(new)
    publish([*rechecked(revision), new])
    found = entries(client)
    said = "1 statement published. 1 statement revised."
    assert found[0].find(f"{ATOM}summary").text == said


def test_a_reason_is_told_in_the_feed_as_it_was_written(client):
    battle = make_battle("Battle of the Ford")
    withdraw([make_published(battle=battle)], "R&D: <em> counted < 5.")
    [summary] = entries(client)[0].findall(f"{ATOM}summary")
    assert summary.attrib["type"] == "html"
    assert unescape(summary.text).endswith("Why: “R&D: <em> counted < 5.”")
    assert "<" not in summary.text


@pytest.mark.parametrize("character", ["\f", "\v", "\x01", "\x7f", "\ufffe"])
def test_the_feed_shows_no_character_that_its_format_forbids(client, character):
    battle = make_battle("Battle of the Ford")
    statement = make_published(battle=battle)
    Battle.objects.filter(pk=battle.pk).update(name=f"The{character}Ford")
    withdraw([statement], f"Misprint{character}on page 3.")
    [newest, _] = entries(client)
    shown = " " if character == "\f" else "\ufffd"
    assert newest.find(f"{ATOM}title").text == f"The{shown}Ford, edition 2"
    assert f"“Misprint{shown}on page 3.”" in newest.find(f"{ATOM}summary").text


def test_the_feed_names_its_author_as_the_format_demands(client):
    make_published()
    feed = ElementTree.fromstring(client.get("/feed/").content)  # noqa: S314  ours
    assert feed.find(f"{ATOM}author/{ATOM}name").text == "Battle History Archive"


def test_the_id_of_an_entry_outlives_the_slug_of_its_battle(client):
    battle = make_published().battle
    before = [entry.find(f"{ATOM}id").text for entry in entries(client)]
    Battle.objects.filter(pk=battle.pk).update(slug="renamed")
    assert [entry.find(f"{ATOM}id").text for entry in entries(client)] == before


def test_drafts_are_not_in_the_feed(client):
    cite(make_statement(battle=make_battle("Secret Battle")))
    assert entries(client) == []


def test_a_feed_without_entries_does_not_follow_the_clock(client):
    response = client.get("/feed/")
    updated = ElementTree.fromstring(response.content).find(f"{ATOM}updated")  # noqa: S314  ours
    assert updated.text == "1970-01-01T00:00:00+00:00"
    assert response["Last-Modified"] == "Thu, 01 Jan 1970 00:00:00 GMT"


def test_the_feed_costs_the_same_queries_for_one_edition_or_many(client, django_assert_num_queries):
    make_published()
    with django_assert_num_queries(3):
        client.get("/feed/")
    for number in range(4):
        make_published(battle=make_battle(f"Battle {number}"))
    with django_assert_num_queries(3):
        client.get("/feed/")


# Crawlers and browsers


def test_crawlers_may_read_all_but_the_curators_desk(client):
    response = client.get("/robots.txt")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response.content.decode().splitlines() == [
        "User-agent: *",
        "Disallow: /admin/",
        f"Sitemap: {settings.SITE_URL}/sitemap.xml",
    ]


def test_browsers_find_the_sign_where_they_look_for_it(client):
    response = client.get("/favicon.ico")
    assert response.status_code == 301
    assert response["Location"].startswith("/static/favicon")


@pytest.mark.parametrize(
    "address", ["/feed/", "/sitemap.xml", "/sitemap-battles.xml", "/robots.txt"]
)
def test_what_machines_read_sets_no_cookie_and_reads_no_session(client, archive, address):
    response = client.get(address)
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")
