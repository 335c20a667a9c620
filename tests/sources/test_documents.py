"""Files, their readings, and the words of each."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from sources.models import Document, File, Text
from tests.builders import CHRONICLE, make_document, make_source

pytestmark = pytest.mark.django_db


def test_a_text_that_is_not_held_has_no_words_here():
    document = make_document(held=False)
    assert not document.file.held
    assert Text.objects.window(document.pk, 0, 5, 10) is None
    assert not hasattr(document, "text")


def test_a_window_is_cut_by_the_database(django_assert_num_queries: Any):
    document = make_document()
    with django_assert_num_queries(1):
        before, quote, after = Text.objects.window(document.pk, 4, 13, 4)
    assert (before, quote, after) == (CHRONICLE[0:4], "Chronicle", CHRONICLE[13:17])
    assert Text.objects.window(document.pk, 0, 3, 2) == ("", "The", CHRONICLE[3:5])
    end = len(CHRONICLE)
    assert Text.objects.window(document.pk, end - 5, end, 9)[1:] == ("dusk.", "")


def test_a_number_is_given_once_in_a_source():
    source = make_source()
    first, second = make_document(source=source), make_document("Once more.", source=source)
    assert (first.number, second.number) == (1, 2)
    assert str(second) == "v2 (10 characters)"
    make_document("Elsewhere.")
    with pytest.raises(IntegrityError):
        make_document("A third time.", source=source, number=2)


def test_documents_are_numbered_from_1():
    with pytest.raises(IntegrityError, match="document_numbers_begin_at_one"):
        make_document(number=0)


@pytest.mark.parametrize("wrong", ["", "abc", "A" * 64, "0" * 63, "0" * 65, "0" * 64 + "\n"])
def test_a_hash_is_64_small_hexadecimal_digits(wrong: str):
    with pytest.raises(ValidationError) as refusal:
        File(sha256=wrong, length=1).full_clean()
    assert set(refusal.value.message_dict) == {"sha256"}


def test_the_same_bytes_are_one_file():
    one, other = make_document(), make_document()
    assert one.file == other.file
    with pytest.raises(IntegrityError):
        File.objects.create(sha256=one.file.sha256, length=1)


def test_a_file_is_called_by_its_name_or_its_hash():
    assert str(File(sha256="a" * 64)) == "a" * 12
    assert str(File(sha256="a" * 64, name="chronicle.txt")) == "chronicle.txt"


def test_lists_of_documents_never_load_their_words(django_assert_num_queries: Any):
    for number in range(3):
        make_document(f"Chronicle number {number}.")
    with django_assert_num_queries(1) as queries:
        assert len([str(document) for document in Document.objects.all()]) == 3
    assert "content" not in queries[0]["sql"]


def test_a_second_text_of_a_document_is_refused_and_the_first_stays():
    document = make_document()
    words = document.text.content
    with pytest.raises(IntegrityError), transaction.atomic():
        Text(document=document, content="overwritten").save()
    assert Text.objects.get(document=document).content == words
