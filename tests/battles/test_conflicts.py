"""Two people changed the same row: both texts are shown, and either is taken, field by field."""

import html
import re

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from sources.admin.conflicts import marked
from tests.admin_forms import address, conflict_told, filled, save, text_of
from tests.builders import (
    cite,
    make_battle,
    make_curator,
    make_published,
    make_side,
    make_statement,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def curator() -> Client:
    client = Client()
    client.force_login(make_curator())
    return client


def chosen(page, *theirs: str) -> dict[str, str]:
    """Return what a browser sends from a refused form where theirs is taken for some fields."""
    data = filled(page)
    for difference in page.context["conflict"].differences:
        if difference.theirs:
            [data[difference.carries]] = difference.theirs
        data[difference.take] = "theirs" if difference.name in theirs else "mine"
    return data


def test_each_field_is_taken_from_either_text_in_one_save(curator: Client):
    draft = make_statement()
    where = address(draft)
    mine = filled(curator.get(where)) | {"text": "Mine.", "printed": "my words", "inference": ""}
    save(curator, where, text="Theirs.", printed="their words")
    page = curator.post(where, mine)
    curator.post(where, chosen(page, "text"))
    draft.refresh_from_db()
    assert (draft.text, draft.printed) == ("Theirs.", "my words")


def test_taking_theirs_loses_nothing_when_somebody_saves_again_meanwhile(curator: Client):
    draft = make_statement()
    where = address(draft)
    mine = filled(curator.get(where)) | {"text": "Mine."}
    save(curator, where, text="Theirs.")
    answer = chosen(curator.post(where, mine), "text")
    save(curator, where, text="Newest.")
    page = curator.post(where, answer)
    assert conflict_told(page) == {"Sentence": ("Newest.", "Mine.")}
    draft.refresh_from_db()
    assert draft.text == "Newest."


def test_citations_that_differ_or_came_meanwhile_are_shown_and_taken(curator: Client):
    draft = make_statement()
    cite(draft)
    where = address(draft)
    mine = filled(curator.get(where)) | {"citations-0-note": "Mine.", "text": "My sentence."}
    save(curator, where, citations__0__note="Theirs.")
    cite(draft)
    page = curator.post(where, mine)
    [label] = [label for label in conflict_told(page) if label.endswith("Note")]
    assert conflict_told(page)[label] == ("Theirs.", "Mine.")
    assert len(page.context["conflict"].added) == 1
    curator.post(where, chosen(page, "citations-0-note"))
    draft.refresh_from_db()
    assert draft.text == "My sentence."
    assert sorted(draft.citations.values_list("note", flat=True)) == ["", "Theirs."]


def test_a_side_removed_meanwhile_is_told_and_the_rest_can_be_saved(curator: Client):
    battle = make_battle()
    north, south = make_side(battle=battle), make_side("South", battle=battle)
    where = address(battle)
    mine = filled(curator.get(where)) | {"name": "Battle of the Bridge"}
    assert mine["sides-0-id"] == str(north.pk)
    save(curator, where, sides__0__DELETE="on", name="Battle of the Ford, again")
    page = curator.post(where, mine | {"sides-1-name": "Southern League"})
    assert [row for row in page.context["conflict"].removed if "“North”" in row]
    curator.post(where, chosen(page))
    battle.refresh_from_db()
    assert battle.name == "Battle of the Bridge"
    assert list(battle.sides.values_list("pk", "name")) == [(south.pk, "Southern League")]


def test_a_statement_published_meanwhile_is_left_as_readers_see_it(curator: Client):
    public = make_published()
    page = curator.post(address(public), {"version": public.version, "text": "Mine."})
    assert page.status_code == 409
    assert "Mine." in text_of(page)


def test_both_texts_are_marked_word_by_word_with_words_for_screen_readers():
    stored, typed = marked("about 4,000 men", "about 5,000 men & boys")
    assert "only in what is stored: </span>4<span" in stored
    assert stored.startswith("about <del>")
    assert "only in what you typed: </span>5<span" in typed
    assert "&amp; boys" in typed
    han, _ = marked("第二十兵团", "第三十兵团")
    assert han.startswith("第<del>")
    assert "</del>十兵团" in han


@given(st.text(max_size=60), st.text(max_size=60))
def test_marks_change_no_character_of_either_text(stored: str, typed: str):
    def plain(words: str) -> str:
        words = re.sub(r'<span class="visually-hidden">.*?</span>', "", words, flags=re.DOTALL)
        return html.unescape(re.sub(r"</?(?:ins|del)>", "", words))

    before, after = marked(stored, typed)
    # html.unescape also reads what a browser would change: compare what both wrote escaped.
    assert plain(before) == html.unescape(html.escape(stored))
    assert plain(after) == html.unescape(html.escape(typed))
    assert ("<del>" in before or "<ins>" in after) == (stored != typed)
