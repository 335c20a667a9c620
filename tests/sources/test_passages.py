"""A passage stands where it says it stands, or is refused."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.anchoring import CONTEXT, quote_hash
from sources.models import Document, Gloss, Passage, Text
from tests.builders import CHRONICLE, make_document, make_locator, make_passage, make_source

pytestmark = pytest.mark.django_db


def at(document: Document, start: int | None, end: int | None, **values: Any) -> Passage:
    return Passage(source=document.source, document=document, start=start, end=end, **values)


def refusal_of(passage: Passage) -> str:
    """Return what both a form and a bare save say against a passage."""
    with pytest.raises(ValidationError) as by_form:
        passage.full_clean()
    with pytest.raises(ValidationError) as by_save:
        passage.save()
    assert by_save.value.messages == by_form.value.messages[: len(by_save.value.messages)]
    assert not Passage.objects.exists()
    return " ".join(by_save.value.messages)


def test_a_passage_takes_its_words_and_what_surrounds_them_from_the_text():
    document = make_document()
    start = CHRONICLE.index("2,689 killed")
    passage = at(document, start, start + 12)
    passage.full_clean()
    passage.save()
    passage.refresh_from_db()
    assert (passage.quote, str(passage)) == ("2,689 killed", "2,689 killed")
    assert passage.prefix == CHRONICLE[max(0, start - CONTEXT) : start]
    assert passage.suffix == CHRONICLE[start + 12 : start + 12 + CONTEXT]
    assert passage.quote_sha256 == quote_hash("2,689 killed")
    assert passage.is_verified
    assert passage.span == (start, start + 12)


def test_offsets_count_code_points():
    text = "🏔️ 金城战役 was fought in 𠀀𠀁, é́."
    document = make_document(text)
    for start, end in ((3, 7), (0, 2), (22, 24), (len(text) - 3, len(text))):
        passage = at(document, start, end)
        passage.save()
        assert passage.quote == text[start:end]


@settings(max_examples=60, deadline=None, database=None)
@given(st.data())
def test_any_span_of_any_text_reads_as_python_reads_it(data: st.DataObject):
    alphabet = st.sampled_from("ab \n,é金성🏔\u200d\u0301𠀀'%_\\")
    text = data.draw(st.text(alphabet, min_size=1, max_size=120).filter(str.strip))
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    document = make_document(text)
    window = Text.objects.window(document.pk, start, end, 10)
    assert window == (text[max(0, start - 10) : start], text[start:end], text[end : end + 10])


@pytest.mark.parametrize(
    ("start", "end"), [(5, 5), (6, 5), (0, len(CHRONICLE) + 1), (len(CHRONICLE), 9999), (-1, 5)]
)
def test_what_is_no_span_of_the_document_is_refused(start: int, end: int):
    document = make_document()
    with pytest.raises((ValidationError, IntegrityError)) as refusal:
        at(document, start, end).save()
    if start >= 0:
        assert f"[{start}, {end}) is not a span of this document" in str(refusal.value)


@pytest.mark.parametrize(("start", "end"), [(None, 5), (5, None), (None, None)])
def test_a_document_without_a_place_in_it_is_refused(start: int | None, end: int | None):
    said = refusal_of(at(make_document(), start, end))
    assert said == "A passage of a document needs its first and last place."


def test_white_space_alone_is_refused():
    start = CHRONICLE.index("\n\n")
    said = refusal_of(at(make_document(), start, start + 2))
    assert said.endswith("holds nothing but white space.")


def test_words_that_stand_elsewhere_are_refused_with_what_stands_there():
    start = CHRONICLE.index("2,689 killed")
    document = make_document()
    for values in ({"quote": "2,698 killed"}, {"quote_sha256": quote_hash("2,698 killed")}):
        said = refusal_of(at(document, start, start + 12, **values))
        assert "The words given do not stand at" in said
        assert "“2,689 killed”" in said
    at(document, start, start + 12, quote_sha256=quote_hash("2,689 killed")).full_clean()


def test_a_document_that_is_not_held_is_cited_by_hash_and_place():
    document = make_document(held=False)
    unverified = at(document, 3, 9, quote_sha256=quote_hash("Chroni"))
    unverified.full_clean()
    unverified.save()
    assert not unverified.is_verified
    assert str(unverified) == "[3, 9) not yet verified here"


@pytest.mark.parametrize("values", [{}, {"quote": "Chroni", "quote_sha256": "0" * 64}])
def test_a_document_that_is_not_held_vouches_for_no_words(values: dict[str, str]):
    said = refusal_of(at(make_document(held=False), 3, 9, **values))
    assert "carries the hash of its quote and no quote" in said


def test_a_locator_stands_alone():
    locator = make_locator("p. 12")
    locator.full_clean()
    assert str(locator) == "p. 12"
    with pytest.raises(ValueError, match="has no span"):
        _ = locator.span


@pytest.mark.parametrize(
    "values",
    [
        {"locator": ""},
        {"locator": "p. 12", "start": 3},
        {"locator": "p. 12", "start": 3, "end": 9},
        {"locator": "p. 12", "quote": "words"},
        {"locator": "p. 12", "quote_sha256": "0" * 64},
    ],
)
def test_a_locator_with_half_a_span_is_refused(values: dict[str, Any]):
    passage = Passage(source=make_source(), **values)
    with pytest.raises(ValidationError, match="either a span of a document"):
        passage.full_clean()
    with pytest.raises(IntegrityError, match="passage_is_a_span_or_a_locator"):
        passage.save()


def test_a_span_may_carry_the_printed_page_too():
    passage = make_passage(locator="p. 479")
    passage.full_clean()
    assert (passage.quote, passage.locator) == ("2,689 killed", "p. 479")


def test_a_long_passage_is_called_by_its_beginning():
    passage = make_passage("The army crossed the ford at dawn, and the army crossed the ford again")
    assert str(passage) == "The army crossed the ford at dawn, and the army crossed the…"
    assert len(str(passage)) == 60
    gloss = Gloss(passage=passage, text="L'armée " * 20, language="fr", by="ada")
    assert len(str(gloss)) == 60


def test_a_gloss_says_its_language_and_who_wrote_it():
    gloss = Gloss(passage=make_passage(), text="2 689 tués")
    with pytest.raises(ValidationError) as refusal:
        gloss.full_clean()
    assert set(refusal.value.message_dict) == {"language", "by"}
    gloss.language, gloss.by = "fr", "ada"
    gloss.full_clean()


def test_a_passage_leads_to_its_page():
    passage = make_passage()
    assert str(passage.pk) in passage.get_absolute_url()
