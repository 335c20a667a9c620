"""The page on which a document is drafted from: what it shows, and what becomes of decisions."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from reversion.models import Version

from battles.drafting.proposals import proposals
from battles.models import Battle, Citation, Dismissal, Entity, Statement
from battles.publication import publish, withdraw
from sources.models import Document, Footnote, Origin
from tests.admin_forms import text_of
from tests.battles.test_drafting import ENTRY
from tests.builders import (
    make_battle,
    make_document,
    make_entity,
    make_origin,
    make_side,
    make_source,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def curator() -> Client:
    user = User.objects.create_user("curator", password="ford-and-river", is_staff=True)
    user.groups.add(Group.objects.get(name="Curator"))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def document() -> Document:
    reference = make_origin("Reference", kind=Origin.Kind.REFERENCE)
    make_origin("North", kind=Origin.Kind.STATE)
    return make_document(ENTRY, source=make_source(title="Book of Fords", origin=reference))


@pytest.fixture
def battle() -> Battle:
    battle = make_battle()
    make_side("North", battle=battle)
    make_side("South", battle=battle)
    return battle


def where(document: Document, battle: Battle | None = None, **query: Any) -> str:
    asked = {"battle": str(battle.pk), **query} if battle else query
    return reverse("admin:battles_statement_draft", args=[document.pk], query=asked or None)


def rows_of(page: Any) -> dict[str, Any]:
    """Return the rows of a page by their words."""
    text = page.context["draft"].text
    return {text[slice(*row.proposal.span)]: row for row in page.context["rows"]}


def sent(page: Any, changes: dict[str, dict[str, str]] | None = None) -> dict[str, Any]:
    """Return what a browser would send, with some fields of some proposals changed."""
    data: dict[str, Any] = {f"shown-{row.key}": "1" for row in page.context["rows"]}
    for words, row in rows_of(page).items():
        for field in row.form:
            data[field.html_name] = str(field.value() if field.value() is not None else "")
        for name, value in (changes or {}).get(words, {}).items():
            data[row.form.add_prefix(name)] = value
    return data


FIRST = "The army crossed the ford at dawn.[2]"
SECOND = "It met no one."


def test_a_sentence_opens_with_its_quote_beside_an_empty_wording(curator, document, battle):
    page = curator.get(where(document, battle))
    row = rows_of(page)[FIRST]
    assert f"<mark>{FIRST}</mark>" in row.quote
    assert row.form["text"].value() == ""
    assert row.form["claimant"].value() == "Reference"
    assert row.form["note_marker"].value() == "[2]"


def test_lines_open_as_they_were_read_with_side_and_claimant_proposed(curator, document, battle):
    rows = rows_of(curator.get(where(document, battle)))
    killed = rows["Northern sources: 2,689 killed"].form
    assert killed["value"].value() == 2689
    assert killed["category"].value() == "killed_in_action"
    assert killed["claimant"].value() == "North"
    wounded = rows["7,548 wounded"].form
    assert wounded["claimant"].value() == "North"
    assert "earlier line" in wounded["inference"].value()
    unnamed = rows["Southern estimation: about 78,000[6]"].form
    assert unnamed["claimant"].value() == ""
    north = str(battle.sides.get(name="North").pk)
    assert rows["Result Northern victory[1][2]"].form["victor"].value() == north
    assert rows["North Duke Odo"].form["side"].value() == north


def test_a_worded_sentence_becomes_a_draft_cited_to_its_exact_passage(curator, document, battle):
    page = curator.get(where(document, battle))
    wording = {FIRST: {"text": "At dawn the army went over.", "section": "course"}}
    answer = curator.post(where(document, battle), sent(page, wording), follow=True)
    assert "Drafted: 1." in text_of(answer)
    statement = Statement.objects.get()
    citation = statement.citations.get()
    assert (statement.text, statement.state) == ("At dawn the army went over.", "draft")
    assert citation.passage.quote == FIRST
    assert citation.passage.start == ENTRY.index(FIRST)
    assert (citation.claimant.name, citation.note_marker) == ("Reference", "[2]")
    assert Version.objects.get_for_object(statement).count() == 1
    assert FIRST not in rows_of(curator.get(where(document, battle)))
    accepted = curator.get(where(document, battle, show="accepted"))
    assert [row.statements for row in accepted.context["rows"]] == [[statement]]
    assert "At dawn the army went over." in text_of(accepted)


def test_all_lines_of_an_infobox_are_accepted_at_once_with_the_names_they_are_first_to_name(
    curator, document, battle
):
    make_battle("Northern War", scale="war")
    make_entity("Duke Odo", "person")
    page = curator.get(where(document, battle))
    assert rows_of(page)["North Duke Odo"].new_names == ["North"]
    named = {"Southern estimation: about 78,000[6]": {"claimant": "Reference"}}
    data = sent(page, named) | {"_accept_lines": "1"}
    answer = curator.post(where(document, battle), data, follow=True)
    assert "Drafted: 17." in text_of(answer)
    made = Statement.objects.filter(battle=battle)
    assert made.filter(kind="casualties").count() == 4
    assert made.get(kind="date").date_edtf == "1453-07-13/1453-07-27"
    assert made.get(kind="result").victor.name == "North"
    odo = made.get(kind="commander", entity__name="Duke Odo")
    assert (odo.party.name, odo.side.name) == ("North", "North")
    assert Entity.objects.filter(name="Duke Odo").count() == 1
    assert Entity.objects.filter(name="North").count() == 1
    assert Entity.objects.get(name="I Corps").kind == "unit"
    assert made.filter(citations__isnull=True).count() == 0
    killed = made.get(kind="casualties", value=7548)
    assert killed.citations.get().claimant.name == "North"
    assert Citation.objects.get(statement=killed).passage.quote == "7,548 wounded"
    publish(made.exclude(kind="part_of"))
    kinds = {one.kind for one in curator.get(where(document, battle)).context["draft"].of("open")}
    assert kinds == {"narrative", "source"}


def test_what_cannot_be_accepted_says_why_beside_the_field_and_the_rest_is_saved(
    curator, document, battle
):
    page = curator.get(where(document, battle))
    changes = {
        "Part of the Northern War": {"decision": "accept"},
        "Southern estimation: about 78,000[6]": {"decision": "accept"},
        "two corps": {"decision": "accept", "value": "", "scope": "my own words"},
        "7,548 wounded": {"decision": "accept"},
    }
    answer = curator.post(where(document, battle), sent(page, changes))
    assert answer.status_code == 409
    assert [row.value for row in Statement.objects.all()] == [7548]
    rows = rows_of(answer)
    assert "7,548 wounded" not in rows
    assert "No battle is called “Northern War”." in str(
        rows["Part of the Northern War"].form.errors["parent"]
    )
    told = rows["Southern estimation: about 78,000[6]"].form.errors["claimant"]
    assert "The passage says “Southern estimation”" in str(told)
    corps = rows["two corps"].form
    assert "Give a number" in str(corps.non_field_errors())
    assert corps["scope"].value() == "my own words"


def test_sentences_are_joined_and_the_joined_quote_is_cited(curator, document, battle):
    page = curator.get(where(document, battle))
    changes = {FIRST: {"decision": "join", "text": "They crossed."}, SECOND: {"text": ""}}
    answer = curator.post(where(document, battle), sent(page, changes))
    both = f"{FIRST} {SECOND}"
    row = rows_of(answer)[both]
    assert row.form["text"].value() == "They crossed."
    assert SECOND not in rows_of(answer)
    changes = {both: {"text": "They crossed and met nobody."}}
    curator.post(where(document, battle), sent(answer, changes))
    assert Citation.objects.get().passage.quote == both
    still_open = rows_of(curator.get(where(document, battle)))
    assert FIRST not in still_open
    assert SECOND not in still_open
    withdrawn = Statement.objects.all()
    publish(withdrawn)
    withdraw(withdrawn, "An error.")
    assert SECOND in rows_of(curator.get(where(document, battle)))


def test_what_was_dismissed_is_remembered_for_its_battle_and_can_be_brought_back(
    curator, document, battle
):
    page = curator.get(where(document, battle))
    words = "Date 13–27 July 1453"
    curator.post(where(document, battle), sent(page, {words: {"decision": "dismiss"}}))
    dismissal = Dismissal.objects.get()
    assert (dismissal.kind, dismissal.by.username) == ("date", "curator")
    assert words not in rows_of(curator.get(where(document, battle)))
    assert words in rows_of(curator.get(where(document, make_battle("Another"))))
    gone = curator.get(where(document, battle, show="dismissed"))
    assert list(rows_of(gone)) == [words]
    back = {"back": [gone.context["rows"][0].key], "_bring_back": "1"}
    curator.post(where(document, battle, show="dismissed"), back)
    assert not Dismissal.objects.exists()
    assert words in rows_of(curator.get(where(document, battle)))


def test_sending_the_same_page_twice_drafts_once(curator, document, battle):
    page = curator.get(where(document, battle))
    data = sent(page, {FIRST: {"text": "They crossed."}})
    curator.post(where(document, battle), data)
    again = curator.post(where(document, battle), data)
    assert again.status_code == 409
    assert "Somebody decided this meanwhile" in text_of(again)
    assert rows_of(again)[FIRST].form["text"].value() == "They crossed."
    assert Statement.objects.count() == 1


def test_a_part_of_the_document_is_drafted_from(curator, document, battle):
    page = curator.get(where(document, battle, first=2, last=2))
    assert len(page.context["draft"].of("open")) == 11
    assert "South 2nd Army" not in rows_of(page)
    page = curator.get(where(document, battle, first=5, last=5))
    assert list(rows_of(page)) == [FIRST, SECOND, "By St. Odo's day, 3.5 miles were held."]
    backwards = curator.get(where(document, battle, first=7, last=5))
    assert "ends before it begins" in text_of(backwards)


@pytest.mark.parametrize("shown", ["0-3", "x", "-1-5", "0-999999", ""])
def test_a_place_that_is_not_proposed_is_refused(curator, document, battle, shown):
    answer = curator.post(where(document, battle), {f"shown-{shown}": "1"}, follow=True)
    assert answer.status_code == 200
    assert not Statement.objects.exists()


def test_who_may_not_draft_reads_the_proposals_and_sends_nothing(document, battle):
    user = User.objects.create_user("viewer", password="ford-and-river", is_staff=True)
    names = ("view_statement", "view_document")
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    viewer = Client()
    viewer.force_login(user)
    page = viewer.get(where(document, battle))
    assert "Date 13–27 July 1453" in rows_of(page)
    assert "What to do with it" not in text_of(page)
    assert viewer.post(where(document, battle), {}).status_code == 403


def test_documents_and_the_desk_lead_to_drafting(curator, document):
    for page in ("admin:sources_document_change", "admin:battles_statement_read"):
        answer = curator.get(reverse(page, args=[document.pk]))
        assert where(document) in answer.content.decode()
    assert "Propose" in text_of(curator.get(where(document)))


def test_a_long_document_asks_no_more_and_shows_a_part_at_a_time(curator, battle):
    def queries(text: str) -> int:
        source = make_source(origin=make_origin("Reference", kind=Origin.Kind.REFERENCE))
        document = make_document(text, source=source)
        with CaptureQueriesContext(connection) as captured:
            page = curator.get(where(document, battle))
        assert len(page.context["rows"]) == 20
        return len(captured)

    queries(ENTRY)  # once, for what is remembered between requests
    few = queries(ENTRY + " ")
    assert queries(ENTRY * 30) == few
    assert few <= 18


def test_every_proposal_of_the_encyclopedia_is_drafted_or_refused_for_a_reason(
    curator, battle, originals: Path
):
    path = originals / "seeds" / "kumsong-encyclopedia.txt"
    if not path.is_file():
        pytest.skip("the encyclopedia entry is not among the original documents")
    text = path.read_text(encoding="utf-8")
    make_battle("Korean War", scale="war")
    make_origin("South Korea", kind=Origin.Kind.STATE)
    make_origin("China", kind=Origin.Kind.STATE)
    for side in ("China", "United Nations"):
        make_side(side, battle=battle)
    document = make_document(text, source=make_source(rights="in_copyright"))
    for _ in range(3):
        page = curator.get(where(document, battle))
        wordings = {
            words: {"text": f"A sentence of our own, number {row.proposal.start}."}
            for words, row in rows_of(page).items()
            if row.proposal.kind == "narrative"
        }
        data = sent(page, wordings) | {"_accept_lines": "1"}
        curator.post(where(document, battle), data)
    lines = [one for one in proposals(text) if one.kind != "source"]
    assert Statement.objects.filter(battle=battle).count() == len(lines) == 36
    quotes = set(Citation.objects.values_list("passage__start", "passage__end", "passage__quote"))
    assert quotes == {(one.start, one.end, text[one.start : one.end]) for one in lines}
    chinese = Statement.objects.get(value=32253).citations.get()
    assert chinese.claimant.name == "China"
    missing = Statement.objects.get(value=4136).citations.get()
    assert (missing.claimant.name, missing.note_marker) == ("South Korea", "[7]")


def test_works_are_looked_at_as_sources_and_known_once_they_are_here(curator, document, battle):
    page = curator.get(where(document, battle, first=7))
    assert [one.kind for one in page.context["draft"].of("open")].count("source") == 2
    assert "It names 2 works not here yet." in text_of(page)
    lines = "\n".join(page.context["draft"].open_works)
    preview = curator.post(
        reverse("admin:sources_source_bibliography"), {"text": lines, "name": "fords.txt"}
    )
    assert [one.entry.values["title"] for one in preview.context["new"]] == [
        "The Ford",
        "Fords and Bridges",
    ]
    make_source(title="Fords and Bridges", issued_edtf="1999")
    page = curator.get(where(document, battle))
    assert "It names 1 work not here yet." in text_of(page)
    accepted = curator.get(where(document, battle, show="accepted"))
    assert [str(row.sources[0]) for row in accepted.context["rows"]] == ["Fords and Bridges"]


def test_a_note_that_was_supplied_is_shown_and_its_source_named(curator, document, battle):
    letters = make_source(title="Letters of Odo")
    Footnote.objects.create(
        document=document,
        marker="[2]",
        number=2,
        times=2,
        first=ENTRY.index("[2]"),
        text="Odo, Letters, p. 7.",
        named_source=letters,
        supplied=timezone.now(),
    )
    page = curator.get(where(document, battle))
    assert "[2] Odo, Letters, p. 7. (Letters of Odo)" in text_of(page)
    words = {"text": "At dawn the army went over."}
    curator.post(where(document, battle), sent(page, {FIRST: words}))
    assert Citation.objects.get().named_source == letters


def test_what_was_typed_and_not_received_is_shown_again_before_it_is_saved(
    curator, document, battle
):
    page = curator.get(where(document, battle))
    words = {"text": "At dawn the army went over."}
    data = sent(page, {FIRST: words, "two corps": {"decision": "accept"}})
    again = curator.post(where(document, battle), data | {"_shown_again": "1"})
    assert "Nothing is saved until you save it." in text_of(again)
    assert not Statement.objects.exists()
    rows = rows_of(again)
    assert rows[FIRST].form["text"].value() == words["text"]
    assert rows["two corps"].form["decision"].value() == "accept"
    curator.post(where(document, battle), sent(again))
    assert Statement.objects.count() == 2


def test_a_page_sent_after_the_sign_in_ended_is_given_back(curator, document, battle):
    page = curator.get(where(document, battle))
    data = sent(page, {FIRST: {"text": "At dawn the army went over."}})
    answer = Client().post(where(document, battle), data)
    assert answer.status_code == 403
    assert "At dawn the army went over." in text_of(answer)
    assert "You are not signed in any more." in text_of(answer)
    assert not Statement.objects.exists()


def test_what_a_statement_rests_on_is_accepted_even_if_it_was_dismissed(curator, document, battle):
    page = curator.get(where(document, battle))
    curator.post(where(document, battle), sent(page, {FIRST: {"text": "They went over."}}))
    passage = Citation.objects.get().passage
    Dismissal.objects.create(
        document=document, battle=battle, start=passage.start, end=passage.end, kind="narrative"
    )
    assert FIRST in rows_of(curator.get(where(document, battle, show="accepted")))
    assert FIRST not in rows_of(curator.get(where(document, battle, show="dismissed")))
