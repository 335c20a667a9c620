"""Editions read back from their records, and what changed between two of them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from battles.editions import pieces, read_edition
from battles.kinds import Bound, Category, Kind, Section
from battles.merging import BattleMerger
from battles.models import Battle, Publication, Statement
from battles.pages import battle_page
from battles.publication import open_revision, publish, withdraw
from tests.builders import (
    cite,
    make_battle,
    make_curator,
    make_document,
    make_entity,
    make_locator,
    make_origin,
    make_passage,
    make_published,
    make_question,
    make_side,
    make_source,
    make_statement,
    rechecked,
)
from tests.reading import Page
from tests.small_archive import make_small_archive

pytestmark = pytest.mark.django_db


@pytest.fixture
def battle():
    return make_battle(slug="the-ford")


def revise(statement, **values):
    revision = open_revision(statement)
    for name, value in values.items():
        setattr(revision, name, value)
    revision.save()
    publish(rechecked(revision))


def edition(client, battle, number):
    return Page(client.get(battle.get_edition_url(number)))


def changes(client, battle, first, last):
    return Page(client.get(f"{battle.get_history_url()}?from={first}&to={last}"))


# An edition


def test_an_edition_keeps_what_it_said(client, battle):
    statement = make_published(battle=battle, text="They crossed at dawn.")
    revise(statement, text="They crossed at dusk.")
    make_published(battle=battle, text="Nobody followed.")
    first, third = edition(client, battle, 1), edition(client, battle, 3)
    assert "They crossed at dawn." in first.words
    assert "dusk" not in first.words
    assert "Nobody followed." not in first.words
    assert "They crossed at dusk." in third.words
    assert "Nobody followed." in third.words
    assert "This is an earlier edition" in first.words
    assert battle.get_absolute_url() in first.links
    assert "It is the current one." in third.words


def test_the_current_edition_says_what_the_page_says_in_the_same_order_and_numbers(client):
    make_small_archive()
    for battle in Battle.objects.public():
        page, kept = battle_page(battle), read_edition(battle, battle.edition).page
        assert kept.statements
        for one, other in zip(page.statements, kept.statements, strict=True):
            assert (one.pk, one.text, one.heading) == (other.pk, other.text, other.heading)
            assert [(c.number, c.href, c.label, c.quote) for c in one.citations] == [
                (c.number, c.href, c.label, c.quote) for c in other.citations
            ]
        assert [(g.wording, g.standing) for g in page.disputed] == [
            (g.wording, g.standing) for g in kept.disputed
        ]
        shown = edition(client, battle, battle.edition)
        assert set(shown.cited) == {str(statement.pk) for statement in page.statements}


def test_an_edition_is_read_from_the_records_alone(client, battle):
    north, south = make_side("North", battle=battle), make_side("South", battle=battle)
    source, voice = make_source(title="Annals"), make_origin("China")
    statement = make_statement(
        Kind.BELLIGERENT, battle=battle, side=north, entity=make_entity("Wei")
    )
    passage = make_passage("2,689 killed", document=make_document(source=source))
    cite(statement, passage, claimant=voice)
    publish([statement])
    for row in (battle, north, source, voice, statement.entity):
        name = "title" if row == source else "name"
        row.refresh_from_db()
        setattr(row, name, "Renamed")
        row.save()
    south.delete()
    _, _, words = edition(client, battle, 1).words.partition("Battles Renamed Edition 1")
    assert "Renamed" not in words
    for name in ("Battle of the Ford", "North", "Wei", "Annals", "China"):
        assert name in words


@pytest.fixture
def filed_otherwise(client):
    """The first edition of a battle that has another parent, scale and name now, as have its
    voices."""
    wars = (
        make_battle("War of the Fords", slug="fords", scale="war"),
        make_battle("River War", scale="war"),
    )
    for war in wars:
        make_published(battle=war)
    battle = make_battle(slug="the-ford", part_of=wars[0], scale="campaign")
    source = make_source(title="Annals", origin=make_origin("Wei Press"))
    statement = make_statement(battle=battle)
    cite(
        statement, make_passage(document=make_document(source=source)), claimant=make_origin("Wei")
    )
    publish([statement])

    def change():
        battle.refresh_from_db()
        battle.part_of, battle.scale, battle.name = wars[1], "battle", "Fight at the Ford"
        battle.save()
        source.origin.refresh_from_db()
        source.origin.name = "Renamed Press"
        source.origin.save()
        return edition(client, battle, 1)

    return change


def test_an_edition_keeps_its_filing_and_the_origins_of_its_sources(filed_otherwise):
    page = filed_otherwise()
    assert "Battles War of the Fords Fight at the Ford Edition 1 campaign" in page.words
    assert "/battles/fords/" in page.links
    assert "Reported in Annals, Wei Press" in page.words
    for word in ("River War", "Renamed Press", "not everything was recorded"):
        assert word not in page.words


def test_an_edition_says_what_is_of_today_because_its_records_do_not_hold_it(filed_otherwise):
    one = Publication.objects.get(battle__slug="the-ford")
    del one.record["filing"], one.record["origins"]
    Publication._base_manager.bulk_update([one], ["record"])
    page = filed_otherwise()
    assert "Battles River War Fight at the Ford Edition 1 battle Battle of the Ford" in page.words
    assert "Reported in Annals, Renamed Press" in page.words
    assert (
        "As it is today stands here what it is filed under and whether it is a battle, a campaign "
        "or a war, and which origins its sources have, and what these are called." in page.words
    )


def test_what_was_withdrawn_since_shows_its_reason_and_no_word_more(client, battle):
    statement = make_published(battle=battle, text="They drank the river dry.", printed="drank")
    make_published(battle=battle, text="They crossed.")
    withdraw([statement], "The passage is about horses.")
    page = edition(client, battle, 2)
    assert "drank" not in page.html
    assert "The passage is about horses." in page.words
    assert "They crossed." in page.words
    assert len(page.cited) == 1
    compared = changes(client, battle, 1, 3)
    assert "drank" not in compared.html
    assert "The passage is about horses." in compared.words


def test_the_notes_of_an_edition_keep_their_numbers_whatever_is_withdrawn_since(client, battle):
    first, second, third = (make_statement(battle=battle, text=f"Sentence {n}.") for n in "123")
    for statement in (first, second, second, third):
        cite(statement)
    publish([first, second, third])
    markers = re.compile(r'<a class="marker[^>]*>(\d+)</a>')
    assert markers.findall(edition(client, battle, 1).html) == ["1", "2", "3", "4"]
    withdraw([second], "The passage is about horses.")
    page = edition(client, battle, 1)
    assert markers.findall(page.html) == ["1", "4"]
    reason = "Sentence, notes 2–\N{WORD JOINER}3: The passage is about horses."
    assert reason in page.words
    assert markers.findall(edition(client, battle, 2).html) == ["1", "2"]


def test_a_record_that_came_without_its_words_shows_the_reason(client, battle):
    statement = make_published(battle=battle, text="They drank the river dry.")
    withdraw([statement], "The passage is about horses.")
    Publication._base_manager.bulk_update(
        [Publication(pk=pk, record={}) for pk in Publication.objects.values_list("pk", flat=True)],
        ["record"],
    )
    for page in (edition(client, battle, 1), changes(client, battle, 1, 2)):
        assert page.status == 200
        assert "The passage is about horses." in page.words


def drop(passage, battle):
    """Publish a statement on a passage, and revise it onto another."""
    statement = make_published(battle=battle, text="They crossed at dawn.", passage=passage)
    revision = open_revision(statement)
    cite(revision, make_passage("crossed the ford at dawn"))
    revision.citations.get(passage=passage).delete()
    revision.refresh_from_db()
    publish(rechecked(revision))
    return statement


def test_a_passage_of_an_open_text_that_a_revision_dropped_is_quoted_and_opens(client, battle):
    passage = make_passage("2,689 killed")
    drop(passage, battle)
    page = edition(client, battle, 1)
    assert passage.quote in page.words
    assert "No longer shown here" not in page.words
    [[address]] = [list(addresses.values()) for addresses in page.cited.values()]
    assert '<mark id="p-found">2,689 killed</mark>' in client.get(address).content.decode()
    assert f"“{passage.quote}”" in changes(client, battle, 1, 2).words


def test_a_protected_passage_that_a_revision_dropped_is_no_longer_shown(client, battle):
    source = make_source(rights="in_copyright")
    passage = make_passage("2,689 killed", document=make_document(source=source))
    statement = drop(passage, battle)
    page = edition(client, battle, 1)
    assert "They crossed at dawn." in page.words
    assert passage.quote not in page.words
    assert "No longer shown here: the statement was revised since." in page.words
    [[address]] = [list(addresses.values()) for addresses in page.cited.values()]
    assert address == statement.get_absolute_url()
    assert client.get(address).status_code == 200


def test_a_dropped_passage_on_which_something_else_was_withdrawn_is_no_longer_shown(client, battle):
    passage = make_passage("2,689 killed")
    drop(passage, battle)
    withdraw([make_published(passage=passage)], "It counts another army.")
    assert passage.quote not in edition(client, battle, 1).words


def test_an_edition_says_that_accounts_differed_when_they_did(client, battle):
    side = make_side(battle=battle)
    figures = {"battle": battle, "side": side, "category": Category.DIED}
    one = make_published(Kind.CASUALTIES, value=100, **figures)
    other = make_published(Kind.CASUALTIES, value=200, bound=Bound.AT_LEAST, **figures)
    question = make_question("Who had the guns?", battle=battle)
    for name in ("Northern annals", "Southern annals"):
        statement = make_statement(
            battle=battle, section=Section.FORCES, question=question, text=f"{name} did."
        )
        cite(statement, claimant=make_origin(name))
        publish([statement])
    revise(other, value=50)
    assert "accounts differ" not in edition(client, battle, 1).words
    assert "Casualties, North; died accounts differ" not in edition(client, battle, 5).words
    then = edition(client, battle, 4)
    assert f"#q-{one.question_id}" in then.links
    assert f"#q-{question.pk}" in then.links
    assert f"#q-{one.question_id}" not in edition(client, battle, 5).links


def test_an_edition_keeps_the_order_it_had(client, battle):
    sides = [make_side(name, battle=battle) for name in ("Zhao", "Qin")]
    for side in sides:
        side.position = 1 + sides.index(side)
        side.save()
        make_published(Kind.BELLIGERENT, battle=battle, side=side, entity=make_entity(side.name))
    sides[0].position = 9
    sides[0].save()
    words = edition(client, battle, 2).words
    assert words.index("Zhao") < words.index("Qin")


@pytest.mark.parametrize("number", ["2", "0", "01", "999999999", "9999999999", "x"])
def test_an_edition_that_never_was_is_not_found(client, battle, number):
    make_published(battle=battle)
    assert client.get(f"/battles/the-ford/editions/{number}/").status_code == 404


def test_the_editions_of_a_draft_battle_are_not_found(client, battle):
    make_statement(battle=battle)
    for address in (battle.get_edition_url(1), battle.get_history_url()):
        assert client.get(address).status_code == 404


def test_former_slugs_lead_on_from_editions_and_history(client, battle):
    make_published(battle=battle)
    battle.refresh_from_db()
    battle.slug = "new-ford"
    battle.save()
    for old, new in (
        ("/battles/the-ford/editions/1/", "/battles/new-ford/editions/1/"),
        ("/battles/the-ford/history/?from=1&to=2", "/battles/new-ford/history/?from=1&to=2"),
    ):
        response = client.get(old)
        assert (response.status_code, response["Location"]) == (301, new)


def test_a_former_slug_leads_to_the_editions_it_had_once_its_battle_was_merged_into_another(
    client, battle
):
    other = make_battle("Battle of the Bridge", slug="bridge")
    make_published(battle=battle)
    make_published(battle=other)
    battle.refresh_from_db()
    battle.slug = "new-ford"
    battle.save()
    BattleMerger(battle, other).run()
    for old, new in (
        ("/battles/the-ford/", "/battles/bridge/"),
        ("/battles/the-ford/editions/1/", "/battles/new-ford/editions/1/"),
        ("/battles/the-ford/history/", "/battles/new-ford/history/"),
    ):
        assert client.get(old)["Location"] == new
        assert client.get(new).status_code == 200


def test_an_edition_with_nothing_left_says_so(client, battle):
    withdraw([make_published(battle=battle)], "It said nothing of the kind.")
    words = edition(client, battle, 1).words
    assert "All that this edition said was withdrawn since." in words
    assert "It said nothing of the kind." in words


# What changed


def test_the_history_lists_editions_with_what_each_did_and_never_who(client, battle):
    curator = make_curator("somebody-secret")
    statement = make_statement(battle=battle)
    cite(statement)
    publish([statement], by=curator)
    revise(statement, text="They crossed at dusk.")
    withdraw([statement], "It said nothing of the kind.", by=curator)
    page = Page(client.get(battle.get_history_url()))
    assert "Edition 3 1 statement withdrawn" in page.words
    assert "Edition 2 1 statement revised" in page.words
    assert "Edition 1 1 statement published" in page.words
    assert {battle.get_edition_url(number) for number in (1, 2, 3)} <= set(page.links)
    assert "somebody-secret" not in page.html


def test_a_change_is_shown_word_by_word(client, battle):
    statement = make_published(battle=battle, text="They crossed the ford at dawn.")
    revise(statement, text="They crossed the river at dawn.", inference="The ford lay there.")
    page = changes(client, battle, 1, 2)
    assert "changed sentence" in page.words
    assert '<del><span class="visually-hidden">no longer: </span>ford</del>' in page.html
    assert '<ins><span class="visually-hidden">now: </span>river</ins>' in page.html
    assert "Inferred now: The ford lay there." in page.words
    assert "Section" not in page.words


def test_changed_sources_are_told(client, battle):
    statement = make_published(battle=battle)
    revision = open_revision(statement)
    cite(revision, make_locator("p. 9", source=make_source(title="Annals of Wei")))
    publish(rechecked(revision))
    words = changes(client, battle, 1, 2).words
    assert "Source 2 now: On the word of Chroniclers, reported in Annals of Wei" in words


def test_what_came_is_shown_with_its_sources(client, battle):
    make_published(battle=battle)
    added = make_published(Kind.DATE, battle=battle, printed="29 May")
    page = changes(client, battle, 1, 2)
    assert "added date Date: 29 May" in page.words
    assert set(page.cited) == {str(added.pk)}


def test_what_came_and_was_withdrawn_later_is_not_shown(client, battle):
    make_published(battle=battle)
    late = make_published(battle=battle, text="They drank the river dry.")
    withdraw([late], "The passage is about horses.")
    page = changes(client, battle, 1, 2)
    assert "drank" not in page.html
    assert "withdrawn since sentence The reason given: The passage is about horses." in page.words


def test_what_neither_edition_held_is_no_change_between_them(client, battle):
    make_published(battle=battle)
    between = make_published(battle=battle, text="They drank the river dry.")
    withdraw([between], "The passage is about horses.")
    assert "They say the same" in changes(client, battle, 1, 3).words
    make_published(battle=battle, text="Nobody followed.")
    words = changes(client, battle, 1, 4).words
    assert "added sentence Nobody followed." in words
    assert "horses" not in words
    assert "They say the same" not in words


def test_what_was_withdrawn_says_in_which_edition(client, battle):
    withdrawn = make_published(battle=battle)
    make_published(battle=battle)
    withdraw([withdrawn], "The passage is about horses.")
    make_published(battle=battle)
    page = changes(client, battle, 1, 4)
    said = "withdrawn sentence In edition 3. The reason given: The passage is about horses."
    assert said in page.words
    assert battle.get_edition_url(3) in page.links


def test_what_was_published_again_unchanged_says_so(client, battle):
    statement = make_published(battle=battle)
    revise(statement)
    assert "its words and sources are the same" in changes(client, battle, 1, 2).words


def test_changes_over_several_editions_are_told_once(client, battle):
    statement = make_published(battle=battle, text="One.")
    for text in ("Two.", "Three."):
        statement.refresh_from_db()
        revise(statement, text=text)
    page = changes(client, battle, 1, 3)
    assert "no longer: One. now: Three." in page.words
    assert "Two." not in page.words


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("from=2&to=1", "Compare an edition with a later one."),
        ("from=1&to=1", "Compare an edition with a later one."),
        ("from=1&to=9", "To edition: “9” is no edition of this battle; there are 2."),
        ("from=<b>&to=2", "From edition: “<b>” is no edition of this battle; there are 2."),
        ("from=1", "Say to edition which; there are 2."),
        ("from=%00&to=2", "is no edition of this battle"),
    ],
)
def test_editions_that_cannot_be_compared_are_named(client, battle, query, problem):
    revise(make_published(battle=battle), text="Else.")
    page = Page(client.get(f"{battle.get_history_url()}?{query}"))
    assert page.status == 400
    assert problem in page.words
    assert "From edition 1 to" not in page.words


words_ = st.lists(st.sampled_from(["a", "b", "金城", "the", "ford."]), max_size=8).map(" ".join)


@given(words_, words_)
def test_the_pieces_of_a_difference_make_up_both_texts(old, new):
    found = list(pieces(old, new))
    assert " ".join(piece.text for piece in found if piece.change != "ins") == old
    assert " ".join(piece.text for piece in found if piece.change != "del") == new


# Cost


def test_editions_and_history_cost_the_same_with_one_statement_or_many(
    client, django_assert_num_queries
):
    one, many = make_battle("One"), make_battle("Many")
    for battle, number in ((one, 1), (many, 8)):
        rows = [
            make_published(
                Kind.CASUALTIES, battle=battle, value=value, side=make_side(battle=battle)
            )
            for value in range(number)
        ]
        revise(rows[0], value=99)
        withdraw(rows[-1:], "No.")
        make_published(battle=battle)
    for battle in (one, many):
        last = Publication.objects.filter(battle=battle).count()
        with django_assert_num_queries(7):
            edition(client, battle, last)
        with django_assert_num_queries(9):
            assert changes(client, battle, 1, last).status == 200
        assert Statement.objects.filter(battle=battle, state="withdrawn").count() == 1
