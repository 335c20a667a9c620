"""The wording of protected texts is not published as the archive's own."""

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from archive.verification import verify_statements
from battles.models import Publication, Statement
from battles.publication import CannotPublish, open_revision, publish
from battles.schemas import STATEMENT
from battles.wording import in_quotation_marks, without_quotation_marks
from tests.builders import (
    cite,
    make_battle,
    make_document,
    make_passage,
    make_source,
    make_statement,
)

pytestmark = pytest.mark.django_db

WORDS = "The army crossed the ford at dawn, and at noon it met the “Old Guard” of Lund."


def told(text: str, *, rights: str = "in_copyright", quote: str = WORDS, **values) -> Statement:
    document = make_document(WORDS, source=make_source(title="Fords", rights=rights))
    statement = make_statement(text=text, **values)
    cite(statement, make_passage(quote, document=document))
    return statement


@pytest.mark.parametrize(
    "text",
    [
        WORDS,
        "the army  crossed the Ford at dawn — and at noon it met the 'Old Guard' of Lund",
        "The army crossed the ford at dawn.",
        "Ｔhe army crossed the ford at dawn, and at noon it met the «Old Guard» of Lünd!",
    ],
)
@pytest.mark.parametrize("rights", ["in_copyright", "unknown"])
def test_a_sentence_in_the_words_of_a_protected_text_is_not_published(text: str, rights: str):
    statement = told(text, rights=rights)
    with pytest.raises(CannotPublish, match="repeats the words of the protected source “Fords”"):
        publish([statement])
    statement.refresh_from_db()
    assert statement.state == "draft"


@pytest.mark.parametrize(
    ("text", "rights"),
    [
        ("At dawn the army went over the ford.", "in_copyright"),
        ("It met the “Old Guard”.", "in_copyright"),
        (WORDS, "public_domain"),
        (WORDS, "open_licence"),
    ],
)
def test_a_sentence_of_our_own_and_the_words_of_an_open_text_are(text: str, rights: str):
    publish([told(text, rights=rights)])


def test_a_chinese_sentence_is_compared_as_well():
    document = make_document(
        "北军于凌晨渡过了河口，并击退了守军。", source=make_source(rights="unknown")
    )
    statement = make_statement(text="北军于凌晨渡过了河口,并击退了守军")
    cite(statement, make_passage("北军于凌晨渡过了河口，并击退了守军。", document=document))
    with pytest.raises(CannotPublish):
        publish([statement])


def test_what_is_marked_as_a_quotation_is_published_in_quotation_marks():
    statement = told(WORDS, is_quotation=True)
    publish([statement])
    for path in (statement.battle.get_absolute_url(), statement.get_absolute_url()):
        page = Client().get(path).content.decode()
        assert f"“{WORDS}”" in page
    revision = open_revision(Statement.objects.get())
    assert revision.is_quotation
    assert STATEMENT.dump(statement)["is_quotation"] is True


def test_a_revision_that_is_no_quotation_any_more_is_refused():
    statement = told(WORDS, is_quotation=True)
    publish([statement])
    revision = open_revision(Statement.objects.get())
    revision.is_quotation = False
    revision.save()
    with pytest.raises(CannotPublish, match="repeats the words"):
        publish([revision])


def test_a_quotation_that_has_its_marks_gets_no_others():
    assert in_quotation_marks("“We are there.”") == "“We are there.”"
    assert in_quotation_marks("「金城」") == "「金城」"
    assert in_quotation_marks("“Go,” he said, “now!”") == "““Go,” he said, “now!””"
    assert in_quotation_marks("It met the “Guard”.") == "“It met the “Guard”.”"


def test_only_marks_around_all_of_printed_words_are_taken_off():
    assert without_quotation_marks("“the Forgotten War”") == "the Forgotten War"
    assert without_quotation_marks("“Go,” he said, “now!”") == "“Go,” he said, “now!”"
    assert without_quotation_marks("the “Guard”") == "the “Guard”"


def test_an_edition_tells_its_quotations_and_records_say_nothing_of_other_sentences():
    quoted = told(WORDS, is_quotation=True)
    publish([quoted])
    publish([plain := told("At dawn they went over.")])
    for statement, marked in ((quoted, f"“{WORDS}”"), (plain, "At dawn they went over.")):
        address = f"{statement.battle.get_absolute_url()}editions/1/"
        assert marked in Client().get(address).content.decode()
    records = {row.statement_id: row.record["statement"] for row in Publication.objects.all()}
    assert records[quoted.pk]["is_quotation"] is True
    assert "is_quotation" not in records[plain.pk]  # as in records made before it was marked
    assert list(verify_statements(Statement.objects.all())) == []


def test_only_a_sentence_can_be_a_quotation():
    statement = make_statement("note", battle=make_battle())
    statement.is_quotation = True
    with pytest.raises(ValidationError, match="Only a narrative statement"):
        statement.full_clean()
