"""The page of one source."""

import pytest

from sources.models import Contribution, Derivation, Gloss, Origin, Source, SourceIdentifier
from tests.builders import (
    make_document,
    make_locator,
    make_origin,
    make_passage,
    make_source,
)
from tests.reading import Page

pytestmark = pytest.mark.django_db


def make_shown(**values):
    source = make_source(**values)
    Source.objects.filter(pk=source.pk).update(public=True)
    Origin.objects.filter(pk=source.origin_id).update(public=True)
    source.refresh_from_db()
    return source


def read(client, source):
    return Page(client.get(f"/sources/{source.slug}/"))


def test_it_tells_what_the_source_is_and_whose_voice(client):
    source = make_shown(
        slug="first-confrontation",
        title="First Confrontation",
        title_original="第一次较量",
        language="zh-Hans",
        origin=make_origin("Scholars"),
        issued_edtf="1990",
        publisher="A Publishing House",
        rights="in_copyright",
        rights_note="© 1990",
    )
    Contribution.objects.create(
        source=source, name="Xue, Yan", name_original="徐焰", name_corrected="Xu Yan"
    )
    SourceIdentifier.objects.create(source=source, scheme="isbn", value="7-5043-0542-1")
    page = read(client, source)
    for words in (
        "First Confrontation",
        "第一次较量",
        "Scholars",
        "Xue, Yan 徐焰",
        "archive’s correction: Xu Yan",
        "Simplified Chinese",
        "1990",
        "In copyright. © 1990",
        "ISBN 7-5043-0542-1",
        "Not held here",
    ):
        assert words in page.words, words
    assert '<p class="subtitle" lang="zh-Hans">第一次较量</p>' in page.html


def test_it_tells_where_in_its_journal_it_stands_and_when_it_was_read(client):
    source = make_source(
        kind="article",
        volume="14",
        issue="2",
        pages="241–58",
        url="https://ford.example/",
        accessed="2024-09-03",
        public=True,
    )
    page = Page(client.get(source.get_absolute_url()))
    for words in ("Number 2", "Pages 241–58", "read on 3 September 2024"):
        assert words in page.words


def test_it_lists_its_documents_and_public_passages(client):
    source = make_shown()
    document = make_document(source=source)
    shown = make_passage("2,689 killed", document=document, public=True, seen=True)
    make_passage("32,253", document=document)
    locator = make_locator("p. 479", source=source)
    Gloss.objects.create(passage=locator, language="en", text="Losses were lower.", by="us")
    bare = make_locator("p. 480", source=source)
    type(locator).objects.filter(pk__in=[locator.pk, bare.pk]).update(public=True)
    page = read(client, source)
    assert document.get_absolute_url() in page.links
    assert shown.get_absolute_url() in page.links
    assert "2,689 killed" in page.words
    assert "32,253" not in page.words
    assert "Losses were lower." in page.words
    assert "p. 479 not yet verified here" in page.words
    assert page.words.count("p. 480") == 1


def test_only_public_sources_are_named_around_it(client):
    source = make_shown(contained_in=make_source(title="Secret Volume"))
    Derivation.objects.create(source=source, derives_from=make_source(title="Secret Base"))
    Derivation.objects.create(source=source, derives_from=make_shown(title="Open Base"))
    words = read(client, source).words
    assert "Secret" not in words
    assert "Open Base" in words


def test_a_draft_source_answers_like_a_missing_one(client):
    draft = client.get(f"/sources/{make_source(slug='draft').slug}/")
    missing = client.get("/sources/no-such-source/")
    assert (draft.status_code, draft.content) == (404, missing.content)


def test_a_former_slug_redirects(client):
    source = make_shown(slug="old-name")
    source.slug = "new-name"
    source.save()
    response = client.get("/sources/old-name/")
    assert (response.status_code, response["Location"]) == (301, "/sources/new-name/")


def test_it_costs_the_same_queries_with_one_passage_or_many(client, django_assert_num_queries):
    source = make_shown()
    text = "".join(f"Line {number}. " for number in range(20))
    document = make_document(text, source=source)
    make_passage("Line 0.", document=document, public=True)
    with django_assert_num_queries(10):
        read(client, source)
    for number in range(1, 12):
        make_passage(f"Line {number}.", document=document, public=True)
        SourceIdentifier.objects.create(source=source, scheme="other", value=str(number))
        Derivation.objects.create(source=source, derives_from=make_shown())
    with django_assert_num_queries(10):
        read(client, source)


def test_a_scan_says_that_it_has_no_text_and_what_transcribes_it(client):
    source = make_shown()
    lacks = "None of its 12 pages has text: they are pictures, it seems."
    scan = make_document("", source=source, lacks=lacks)
    words = make_document(source=source, transcribes=scan)
    page = client.get(f"/sources/{source.slug}/").content.decode()
    assert f'Version 1, held without text. <span class="fine">{lacks}</span>' in page
    assert "a transcription of version 1" not in page  # nobody has cited it yet
    make_passage("2,689 killed", document=words, public=True, seen=True)
    page = client.get(f"/sources/{source.slug}/").content.decode()
    assert "Version 2</a>, a transcription of version 1" in page
    assert client.get(scan.get_absolute_url()).status_code == 404


def test_what_a_text_lacks_is_told_and_what_nobody_cited_is_not(client):
    source = make_shown()
    part = make_document(source=source, lacks="1 of 2 pages has no text: 2.")
    make_document("Uncited.", source=source, lacks="1 of 9 pages has no text: 8.")
    make_passage("2,689 killed", document=part, public=True, seen=True)
    page = client.get(f"/sources/{source.slug}/").content.decode()
    assert "1 of 2 pages has no text: 2." in page
    assert "1 of 9 pages" not in page
    reader = client.get(part.get_absolute_url()).content.decode()
    assert "The text is not the whole document. 1 of 2 pages has no text: 2." in reader


def test_a_source_of_scans_alone_is_not_held_as_text(client):
    source = make_shown()
    make_document("", source=source, lacks="None of its 3 pages has text.")
    assert source.title in client.get("/sources/?held=no").content.decode()
    assert source.title not in client.get("/sources/?held=yes").content.decode()


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"volume": "2", "edition": "3rd ed."}, "Volume 2, 3rd ed."),
        ({"edition": "3rd ed."}, "Edition 3rd ed."),
    ],
)
def test_an_edition_is_not_called_a_volume(client, values, told):
    assert told in read(client, make_shown(**values)).words


def test_identifiers_and_nearness_are_called_so(client):
    source = make_shown(proximity="participant")
    source.identifiers.create(scheme="oclc", value="1234")
    words = read(client, source).words
    assert "Identifiers OCLC 1234" in words
    assert "Nearness to the events" in words
