"""The reader: a document with its passages marked, as much of it as may be shown."""

import gc
import re
import uuid
from html import unescape

import pytest
from django.utils import timezone

from battles.publication import open_revision, publish, withdraw
from battles.reader import CONTEXT, Reading
from sources.anchoring import quote_hash
from sources.models import Footnote, Gloss, Passage, SourceIdentifier
from sources.notes import number_of
from tests.builders import (
    CHRONICLE,
    cite,
    make_battle,
    make_document,
    make_origin,
    make_passage,
    make_published,
    make_source,
    make_statement,
    rechecked,
)
from tests.reading import Page

pytestmark = pytest.mark.django_db

PROTECTED = {"rights": "in_copyright"}


def read(client, document):
    return Page(client.get(f"/documents/{document.pk}/"))


def text_of(page):
    """Return the characters of the document as the page holds them."""
    pieces = re.findall(r'<div class="text"[^>]*>(.*?)</div>', page.html, re.DOTALL)
    return unescape(re.sub(r"<[^>]+>", "", "".join(pieces)))


def open_words(number):
    return f"Line {number} of the chronicle is long enough to keep its neighbours apart. "


@pytest.mark.parametrize(
    "text",
    [CHRONICLE, "A <b>bold</b> & 'quoted' 𠀀 line\r\n\fwith 2,689 killed\n\n\nand an end.\n"],
)
def test_an_open_text_is_whole_and_unchanged(client, text):
    document = make_document(text)
    make_published(passage=make_passage("2,689 killed", document=document))
    assert text_of(read(client, document)) == text


def test_every_public_passage_has_one_mark_that_holds_its_words(client):
    document = make_document()
    for quote in ("2,689 killed", "Northern sources: 2,689", "killed. Southern", "2,689"):
        make_published(passage=make_passage(quote, document=document))
    page = read(client, document)
    marks = [one for one in page.ids if one.startswith("p-")]
    assert sorted(marks) == sorted(f"p-{passage.pk}" for passage in Passage.objects.all())


def test_a_passage_of_a_draft_is_not_marked(client):
    document = make_document()
    make_published(passage=make_passage("32,253", document=document))
    draft = make_passage("2,689 killed", document=document)
    cite(make_statement(), draft)
    assert f"p-{draft.pk}" not in read(client, document).ids


def test_the_statements_that_rest_on_a_passage_stand_beside_it(client):
    document = make_document()
    passage = make_passage(document=document)
    statements = [
        make_published(text=f"Sentence {number}.", passage=passage) for number in range(6)
    ]
    page = read(client, document)
    assert set(page.cited) == {str(statement.pk) for statement in statements}
    assert all(
        address == f"/documents/{document.pk}/#p-{passage.pk}"
        for addresses in page.cited.values()
        for address in addresses.values()
    )
    assert statements[0].battle.get_absolute_url() in page.links


def test_what_rests_on_passages_has_names_that_tell_it_apart(client):
    document = make_document()
    for number, quote in enumerate(("2,689 killed", "at dawn", "at dusk")):
        passage = make_passage(quote, document=document)
        make_published(text=f"Sentence {number}.", passage=passage)
    pages = [read(client, document), Page(client.get(passage.get_absolute_url()))]
    names = [
        re.findall('<a class="beside-heading"[^>]* aria-label="(.*?)">A sentence</a>', page.html)
        for page in pages
    ]
    assert names[0] == [f"A sentence: Sentence {number}." for number in range(3)]
    assert names[1] == ["A sentence: Sentence 2."]


def test_a_protected_text_shows_the_passages_and_little_else(client):
    text = "".join(open_words(number) for number in range(60))
    document = make_document(text, source=make_source(**PROTECTED))
    for quote in ("Line 20", "Line 40"):
        make_published(passage=make_passage(quote, document=document))
    page = read(client, document)
    shown = text_of(page)
    assert "Line 20" in shown
    assert "Line 40" in shown
    for hidden in ("Line 0 ", "Line 30 ", "Line 59 "):
        assert hidden not in page.html
    assert len(shown) <= 2 * (2 * CONTEXT + len("Line 20"))
    assert page.words.count("[…]") == 4


def test_excerpts_that_meet_are_joined(client):
    text = "".join(open_words(number) for number in range(30))
    document = make_document(text, source=make_source(**PROTECTED))
    for quote in ("Line 10", "Line 11"):
        make_published(passage=make_passage(quote, document=document))
    page = read(client, document)
    assert page.words.count("[…]") == 2
    assert text_of(page).count("Line 11 ") == 1


def test_a_short_protected_text_tells_no_omission_where_there_is_none(client):
    document = make_document("2,689 killed.", source=make_source(**PROTECTED))
    make_published(passage=make_passage(document=document))
    assert "[…]" not in read(client, document).words


def test_pages_are_told(client):
    document = make_document("one\ftwo, 2,689 killed\fthree")
    make_published(passage=make_passage(document=document))
    page = read(client, document)
    assert 'data-page="2"' in page.html
    assert 'data-page="3"' in page.html


def test_pages_and_paragraphs_of_a_whole_text_have_addresses_in_order(client):
    document = make_document("one\n\ntwo\n\n\fthree, 2,689 killed\n\nfour goes\fon")
    make_published(passage=make_passage(document=document))
    page = read(client, document)
    addresses = [one for one in page.ids if one.startswith(("page-", "par-"))]
    assert addresses == ["page-1", "par-1", "par-2", "page-2", "par-3", "par-4", "page-3"]
    assert {f"#{address}" for address in addresses} <= set(page.links)


def test_a_text_without_pages_names_none(client):
    document = make_document()
    make_published(passage=make_passage(document=document))
    assert not [one for one in read(client, document).ids if one.startswith("page-")]


def test_an_excerpt_keeps_the_numbers_that_its_pages_and_paragraphs_have_in_the_whole(client):
    pages = [f"Heading {number}.\n\n{open_words(number) * 4}" for number in range(1, 7)]
    document = make_document("\n\n\f".join(pages), source=make_source(**PROTECTED))
    for quote in ("Heading 3", "Line 3", "Heading 5"):
        make_published(passage=make_passage(quote, document=document))
    page = read(client, document)
    addresses = [one for one in page.ids if one.startswith(("page-", "par-"))]
    assert addresses == [
        "page-2",
        "page-3",
        "par-5",
        "par-6",
        "page-4",
        "page-5",
        "par-9",
        "par-10",
    ]


def test_of_several_excerpts_of_a_page_the_first_bears_its_address(client):
    text = "One.\f" + "".join(open_words(number) for number in range(60))
    document = make_document(text, source=make_source(**PROTECTED))
    for quote in ("Line 20", "Line 40"):
        make_published(passage=make_passage(quote, document=document))
    page = read(client, document)
    assert page.words.count("page 2") == 2
    assert page.ids.count("page-2") == 1


def test_passages_are_numbered_in_the_order_of_their_marks(client):
    document = make_document()
    quotes = ("Northern sources: 2,689", "Northern", "killed. Southern", "2,689 killed", "dusk")
    for quote in quotes:
        make_published(passage=make_passage(quote, document=document))
    page = read(client, document)
    marks = [one.removeprefix("p-") for one in page.ids if one.startswith("p-")]
    numbered = re.findall(r'class="entry-number" href="#p-([^"]+)"[^>]*>(\d+)<', page.html)
    assert numbered == [(mark, str(number)) for number, mark in enumerate(marks, 1)]
    for mark, number in numbered:
        assert re.search(rf'class="marker" href="[^"]*#p-{mark}"[^>]*>{number}<', page.html)


def test_the_markers_of_a_statement_stand_in_the_order_of_their_numbers(client):
    document = make_document(CHRONICLE)
    late, early = (make_passage(words, document=document) for words in ("at dusk", "at dawn"))
    statement = make_statement()
    for passage in (make_passage(), late, early):
        cite(statement, passage)
    publish([statement])
    numbers = re.findall(r'class="marker"[^>]*>(\d+)<', read(client, document).html)
    assert numbers == ["1", "2", "3"]


def test_each_passage_leads_to_the_one_before_and_the_one_after(client):
    document = make_document()
    passages = [make_passage(quote, document=document) for quote in ("Chronicle", "2,689", "dusk")]
    for passage in passages:
        make_published(passage=passage)
    html = read(client, document).html
    first, second, third = (f"#p-{passage.pk}" for passage in passages)
    assert re.findall(r'href="([^"]+)" rel="prev"', html) == [first, second]
    assert re.findall(r'href="([^"]+)" rel="next"', html) == [second, third]


def test_a_document_not_held_is_stepped_through_as_well(client):
    source = make_source(**PROTECTED)
    document = make_document(source=source, held=False)
    for start, digest in ((30, "later"), (3, "sooner")):
        passage = Passage.objects.create(
            source=source,
            document=document,
            start=start,
            end=start + 9,
            quote_sha256=quote_hash(digest),
        )
        make_published(passage=passage)
    page = read(client, document)
    [following] = re.findall(r'href="#([^"]+)" rel="next"', page.html)
    assert [one for one in page.ids if one.startswith("p-")][1] == following


def test_what_rests_on_several_passages_is_told_beside_the_first_and_named_at_the_others(client):
    document = make_document()
    first, second = (make_passage(quote, document=document) for quote in ("Chronicle", "dusk"))
    statement = make_statement(text="It was told once.")
    for passage in (second, first):
        cite(statement, passage)
    publish([statement])
    page = read(client, document)
    assert page.words.count("It was told once.") == 1
    assert "A sentence, at 1" in page.words
    assert set(page.cited[str(statement.pk)].values()) == {
        f"/documents/{document.pk}/#p-{passage.pk}" for passage in (first, second)
    }


def test_beside_a_short_line_one_statement_stands_open_and_the_others_are_folded(client):
    document = make_document()
    passage = make_passage("2,689 killed", document=document)
    for number in range(3):
        make_published(text=f"Sentence {number}.", passage=passage)
    page = read(client, document)
    assert "2 more" in page.words
    assert len(page.cited) == 3


def test_on_whose_word_is_said_where_the_source_passes_it_on(client):
    document = make_document()
    statement = make_statement(text="Many fell.")
    cite(statement, make_passage(document=document), claimant=make_origin("China"))
    publish([statement])
    assert "on the word of China" in read(client, document).words


@pytest.mark.parametrize(
    ("claimant", "bearing", "said"),
    [
        ("China", "disputes", "disputed by China"),
        ("China", "context", "context from China"),
        ("Chroniclers", "disputes", "(disputed here)"),
        ("Chroniclers", "context", "(context)"),
    ],
)
def test_how_a_passage_bears_on_a_statement_is_said_beside_it(client, claimant, bearing, said):
    document = make_document()
    statement = make_statement(text="Many fell.")
    cite(statement)
    passage = make_passage(document=document)
    cite(statement, passage, claimant=make_origin(claimant), bearing=bearing)
    publish([statement])
    assert said in read(client, document).words


def test_the_battle_cited_most_is_named_once_and_others_where_they_are_meant(client):
    document = make_document()
    passage = make_passage(document=document)
    ford, bridge = make_battle("Battle of the Ford"), make_battle("Battle of the Bridge")
    for number, battle in enumerate((bridge, ford, ford)):
        make_published(battle=battle, text=f"Sentence {number}.", passage=passage)
    words = read(client, document).words
    assert (
        "cited for Battle of the Ford, or for another battle where the margin names it: "
        "Battle of the Bridge." in words
    )
    assert words.count("Battle of the Ford") == 1
    assert words.count("Battle of the Bridge") == 2


def test_of_many_battles_a_few_are_named_first_and_the_others_folded(client):
    passage = make_passage()
    for number in range(1, 17):
        make_published(battle=make_battle(f"Fight {number:02}"), passage=passage)
    page = read(client, passage.document)
    head = page.html.partition('<div class="reader ')[0]
    shown, folded = head.split("<details")
    assert shown.count(">Fight ") == 9
    assert folded.count(">Fight ") == 7
    assert "7 more battles" in page.words


def test_an_older_version_stays_open_and_leads_to_the_newest_that_is_public(client):
    source = make_source()
    versions = [make_document(f"2,689 killed. v{n}", source=source) for n in (1, 2, 3)]
    for version in versions[:2]:
        make_published(passage=make_passage(document=version))
    older, newest = (read(client, version) for version in versions[:2])
    assert older.status == 200
    assert "This is version 1, kept because statements cite it. Version 2 is the newest." in (
        older.words
    )
    assert versions[1].get_absolute_url() in older.links
    assert "is the newest" not in newest.words
    assert client.get(versions[2].get_absolute_url()).status_code == 404


def test_a_passage_leads_to_its_words_in_the_original_on_the_web(client):
    source = make_source(url="https://example.org/ford?a=1", **PROTECTED)
    passage = make_passage("32,253", document=make_document(source=source))
    make_published(passage=passage)
    address = "https://example.org/ford?a=1#:~:text=killed.%20Southern%20sources%3A-,32%2C253"
    assert address in read(client, passage.document).links
    assert address in Page(client.get(passage.get_absolute_url())).links


def test_a_passage_of_a_source_that_is_not_on_the_web_leads_nowhere_else(client):
    passage = make_passage()
    make_published(passage=passage)
    for page in (read(client, passage.document), Page(client.get(passage.get_absolute_url()))):
        assert ":~:" not in page.html


def test_a_document_not_held_lists_its_places_in_our_own_words(client):
    source = make_source(title="Annals", url="https://example.org/annals", **PROTECTED)
    SourceIdentifier.objects.create(source=source, scheme="isbn", value="978-0-8032-7795-3")
    document = make_document(source=source, held=False)
    passage = Passage.objects.create(
        source=source, document=document, start=3, end=12, quote_sha256=quote_hash("Chronicle")
    )
    Gloss.objects.create(passage=passage, language="en", text="Names the work.", by="a reader")
    statement = make_published(passage=passage)
    page = read(client, document)
    assert f"p-{passage.pk}" in page.ids
    assert "Names the work." in page.words
    assert "Characters 3 to 12" in page.words
    assert "Not yet verified here" in page.words
    assert "https://example.org/annals" in page.links
    assert "ISBN 978-0-8032-7795-3" in page.words
    assert str(statement.pk) in page.cited


def test_where_the_original_is_to_be_found_is_said_in_its_own_script_too(client):
    source = make_source(
        title="Reminiscences",
        title_original="河上回忆",
        language="zh-Hans",
        repository="The Provincial Archive",
        **PROTECTED,
    )
    passage = Passage.objects.create(
        source=source,
        document=make_document(source=source, held=False),
        start=0,
        end=9,
        quote_sha256=quote_hash("Chronicle"),
    )
    make_published(passage=passage)
    page = read(client, passage.document)
    assert "The original: Reminiscences 河上回忆; The Provincial Archive" in page.words


def test_a_document_of_a_source_that_is_not_public_answers_like_a_missing_one(client):
    draft = client.get(f"/documents/{make_document().pk}/")
    missing = client.get(f"/documents/{uuid.uuid4()}/")
    assert (draft.status_code, draft.content) == (404, missing.content)


def test_foreign_text_is_marked_with_its_language(client):
    document = make_document("金城战役", source=make_source(language="zh-Hans"))
    make_published(passage=make_passage("战役", document=document))
    assert '<div class="text" lang="zh-Hans">' in read(client, document).html


def drop(passage):
    """Publish a statement on a passage, and revise it onto another."""
    statement = make_published(passage=passage)
    revision = open_revision(statement)
    revision.citations.all().delete()
    cite(revision, make_passage("32,253", document=make_document()))
    publish(rechecked(revision))


@pytest.mark.parametrize("rights", ["public_domain", "in_copyright"])
def test_the_address_of_a_passage_that_a_revision_dropped_says_so(client, rights):
    passage = make_passage(
        "2,689 killed", document=make_document(source=make_source(rights=rights))
    )
    drop(passage)
    page = read(client, passage.document)
    assert page.ids.count(f"p-{passage.pk}") == 1
    assert "no longer cited here. The statement that cited it was revised." in page.words
    assert passage.get_absolute_url() in page.links
    place = f"{passage.document.get_absolute_url()}?at={passage.start}-{passage.end}#p-found"
    if rights == "public_domain":
        assert '<mark id="p-found">2,689 killed</mark>' in client.get(place).content.decode()
    else:
        assert "2,689" not in page.html
    assert (place in page.links) == (rights == "public_domain")


@pytest.mark.parametrize("held", [True, False])
def test_the_address_of_a_passage_that_was_withdrawn_gives_the_reason(client, held):
    passage = make_passage("2,689 killed")
    if not held:
        passage = Passage.objects.create(
            source=passage.source,
            document=make_document("Else.", source=passage.source, held=False),
            start=0,
            end=3,
            quote_sha256=quote_hash("Els"),
        )
    withdraw([make_published(passage=passage)], "It counts another army.")
    page = read(client, passage.document)
    assert page.ids.count(f"p-{passage.pk}") == 1
    assert "The reason given: It counts another army." in page.words
    assert passage.get_absolute_url() in page.links
    assert "?at=" not in page.html


def test_a_passage_that_something_rests_on_still_is_no_former_one(client):
    passage = make_passage("2,689 killed")
    make_published(passage=passage)
    drop(passage)
    withdraw([make_published(passage=passage)], "It counts another army.")
    assert "no longer cited" not in read(client, passage.document).words


def test_the_reader_costs_the_same_queries_with_one_passage_or_many(
    client, django_assert_num_queries
):
    text = "".join(open_words(number) for number in range(30))
    document = make_document(text)
    make_published(passage=make_passage("Line 0", document=document))
    with django_assert_num_queries(10):
        read(client, document)
    battle = make_battle()
    statements = [make_statement(battle=battle) for _ in range(10, 20)]
    for number, statement in enumerate(statements, 10):
        cite(statement, make_passage(f"Line {number}", document=document))
    publish(statements)
    with django_assert_num_queries(10):
        page = read(client, document)
    assert len(page.cited) == 11


def test_a_version_that_nobody_cited_from_is_not_public(client):
    statement = make_published()
    source = statement.evidence.passage.source
    uncited = make_document("A new sentence.", source=source)
    assert client.get(f"/documents/{uncited.pk}/").status_code == 404
    page = client.get(f"/sources/{source.slug}/").content.decode()
    assert f"/documents/{uncited.pk}/" not in page


# Notes ------------------------------------------------------------------------------------------

NOTED = (
    "They crossed the ford at dawn.[1] It rained.¹ They left.[2] "
    + "Nothing else is told of that day. " * 8
    + "They came again.[3]"
)


def supply(document, marker, **values):
    first = document.text.content.find(marker)
    return Footnote.objects.create(
        document=document,
        marker=marker,
        number=number_of(marker),
        times=1 if first >= 0 else 0,
        first=first if first >= 0 else None,
        supplied=timezone.now(),
        **values,
    )


def test_a_supplied_note_is_shown_under_the_text_and_its_marker_leads_there_and_back(client):
    document = make_document(NOTED)
    make_published(passage=make_passage("They left.", document=document))
    letters = make_source(title="Letters of Odo", slug="letters")
    note = supply(document, "[1]", text="Odo & Bero, <p. 7>.", named_source=letters)
    raised = supply(document, "¹", text="By night.")
    Footnote.objects.create(document=document, marker="[2]", number=2, times=1, first=0)
    page = read(client, document)
    assert text_of(page) == NOTED
    assert "Odo & Bero, <p. 7>." in page.words
    assert "It names Letters of Odo" in page.words
    assert "By night." in page.words
    for one in (note, raised):
        assert {f"note-{one.pk}", f"call-{one.pk}"} <= set(page.ids)
        assert f'href="#note-{one.pk}"' in page.html
        assert f'href="#call-{one.pk}"' in page.html
    assert page.html.count('class="call"') == 2
    assert "/sources/letters/" not in page.links  # readers do not see it yet


def test_of_a_protected_text_a_note_shows_only_what_it_names_and_only_where_it_is_called_for(
    client,
):
    document = make_document(NOTED, source=make_source(**PROTECTED))
    make_published(passage=make_passage("They came again.", document=document))
    letters = make_source(title="Letters of Odo")
    hidden = supply(document, "[1]", text="Odo, p. 7.", named_source=make_source(title="A novel"))
    named = supply(document, "[3]", text="Bero, p. 9.", named_source=letters)
    page = read(client, document)
    assert "It names Letters of Odo" in page.words
    for words in ("Bero, p. 9.", "Odo, p. 7.", "A novel"):
        assert words not in page.html
    assert f"note-{named.pk}" in page.ids
    assert f"note-{hidden.pk}" not in page.ids


def test_a_note_of_a_protected_text_that_stands_in_it_is_shown_once_its_passage_is_public(client):
    document = make_document(NOTED, source=make_source(**PROTECTED))
    make_published(passage=make_passage("They came again.", document=document))
    passage = make_passage("crossed the ford", document=document)
    supply(document, "[3]", passage=passage)
    assert "crossed the ford" not in read(client, document).html
    make_published(passage=passage)
    page = read(client, document)
    assert "It stands in the text" in page.words
    assert f'href="#p-{passage.pk}"' in page.html


def test_a_page_without_supplied_notes_has_no_place_for_them(client):
    document = make_document(NOTED)
    make_published(passage=make_passage("They left.", document=document))
    assert 'class="supplied"' not in read(client, document).html
    supply(document, "[9]", text="Told nowhere.")
    page = read(client, document)
    assert "[9] Told nowhere." in page.words
    assert "#call-" not in page.html


def test_a_note_that_was_just_supplied_is_shown_at_once(client):
    document = make_document(NOTED)
    make_published(passage=make_passage("They left.", document=document))
    assert "Odo, p. 7." not in read(client, document).html
    note = supply(document, "[1]", text="Odo, p. 7.")
    assert "Odo, p. 7." in read(client, document).html
    note.text = "Odo, p. 8."
    note.save()
    assert "Odo, p. 8." in read(client, document).html


def test_a_text_is_let_go_of_when_its_page_is_drawn(client):
    document = make_document()
    make_published(passage=make_passage(document=document))
    gc.collect()
    gc.disable()  # what then remains is in a circle, and would wait for the collector
    try:
        read(client, document)
        assert not [thing for thing in gc.get_objects() if type(thing) is Reading]
    finally:
        gc.enable()
