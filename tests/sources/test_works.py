"""Works: what their record holds and refuses."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import F
from django.db.models.deletion import ProtectedError
from django.db.transaction import atomic

from sources.dates import day_number
from sources.models import Contribution, Derivation, Source, SourceIdentifier
from tests.builders import make_origin, make_published, make_source

pytestmark = pytest.mark.django_db


def test_the_date_of_issue_is_kept_as_printed_and_as_days():
    source = make_source(issued_printed="July 1953", issued_edtf="1953-07")
    source.full_clean()
    source.refresh_from_db()
    assert (source.issued_printed, source.issued_edtf) == ("July 1953", "1953-07")
    assert source.issued_earliest == day_number(1953, 7, 1)
    assert source.issued_latest == day_number(1953, 7, 31)


def test_a_work_without_a_date_has_no_days():
    source = make_source(issued_printed="undated")
    assert (source.issued_earliest, source.issued_latest) == (None, None)


def test_works_sort_by_date_before_the_year_0_too():
    in_order = ["-0430", "0115", "1453", "1953-07-27", ""]
    for edtf in reversed(in_order):
        make_source(issued_edtf=edtf)
    by_date = Source.objects.order_by(F("issued_earliest").asc(nulls_last=True))
    assert list(by_date.values_list("issued_edtf", flat=True)) == in_order


@pytest.mark.parametrize(
    ("values", "field", "message"),
    [
        ({"issued_edtf": "Spring 1990"}, "issued_edtf", ""),
        ({"language": "Chinese!"}, "language", "Write a language tag"),
        ({"language": "en\n"}, "language", "Write a language tag"),
        ({"url": "kumsong"}, "url", "Enter a valid URL"),
        ({"kind": "scroll"}, "kind", "is not a valid choice"),
        ({"rights": "mine"}, "rights", "is not a valid choice"),
        ({"slug": "two words"}, "slug", "Enter a valid"),
        ({"title": ""}, "title", "cannot be blank"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(values: dict[str, str], field: str, message: str):
    source = Source(**{"slug": "a-work", "title": "A work"} | values)
    with pytest.raises(ValidationError) as refusal:
        source.full_clean()
    assert set(refusal.value.message_dict) == {field}
    assert message in refusal.value.message_dict[field][0]


@pytest.mark.parametrize("language", ["en", "ko", "zh-Hans", "grc", "de-CH-1996", ""])
def test_language_tags_are_taken(language: str):
    make_source(language=language).full_clean()


def test_a_public_work_has_an_origin():
    source = make_source(origin=None)
    with pytest.raises(IntegrityError, match="public_source_has_an_origin"):
        Source.objects.filter(pk=source.pk).update(public=True)


def test_a_work_is_neither_in_nor_derived_from_itself():
    source = make_source()
    source.contained_in = source
    with pytest.raises(ValidationError, match="something that it contains"):
        source.full_clean()
    with pytest.raises(IntegrityError, match="source_is_not_contained_in_itself"), atomic():
        source.save()
    with pytest.raises(ValidationError, match="cannot derive from itself"):
        Derivation(source=source, derives_from=source).full_clean()
    with pytest.raises(IntegrityError, match="source_does_not_derive_from_itself"):
        Derivation.objects.create(source=source, derives_from=source)


def test_works_that_contain_one_another_are_refused():
    series = make_source(title="A series")
    volume = make_source(title="A volume", contained_in=series)
    chapter = make_source(title="A chapter", contained_in=volume)
    chapter.full_clean()
    series.contained_in = chapter
    with pytest.raises(ValidationError) as refusal:
        series.full_clean()
    assert refusal.value.message_dict["contained_in"] == [
        "This would place the source in something that it contains."
    ]
    Source.objects.filter(pk=series.pk).update(contained_in=volume)
    chapter.refresh_from_db()
    with pytest.raises(ValidationError, match="something that it contains"):
        chapter.full_clean()


@pytest.mark.parametrize(
    "make",
    [
        lambda one, other: Derivation(source=one, derives_from=other),
        lambda one, other: SourceIdentifier(source=one, scheme="isbn", value="0-19-1"),
    ],
)
def test_the_same_thing_is_recorded_once(make: Any):
    one, other = make_source(), make_source()
    make(one, other).save()
    with pytest.raises(ValidationError, match="already recorded"):
        make(one, other).full_clean()


@pytest.mark.parametrize("rights", Source.Rights.values)
def test_only_open_works_are_shown_whole(rights: str):
    assert make_source(rights=rights).is_open is (rights in {"public_domain", "open_licence"})


def test_parts_without_meaning_alone_go_with_a_draft_and_bases_do_not():
    source, base = make_source(), make_source(title="An older work")
    Contribution.objects.create(source=source, name="Ada")
    SourceIdentifier.objects.create(source=source, scheme="isbn", value="0-19-1")
    Derivation.objects.create(source=source, derives_from=base)
    with pytest.raises(ProtectedError):
        base.delete()
    source.delete()
    for part in (Contribution, SourceIdentifier, Derivation):
        assert not part.objects.exists()
    assert Source.objects.get() == base


def test_contributors_keep_their_order_and_their_three_names():
    source = make_source()
    for position, name in ((2, "Bao"), (1, "Ada"), (3, "Chung")):
        Contribution.objects.create(
            source=source, position=position, name=name, name_original="金", name_corrected="Kim"
        )
    assert [str(person) for person in source.contributions.all()] == ["Ada", "Bao", "Chung"]


def test_the_list_of_works_asks_as_often_for_many_as_for_few(django_assert_num_queries: Any):
    for number in range(5):
        source = make_source(origin=make_origin(f"Voice {number}", slug=f"voice-{number}"))
        Contribution.objects.create(source=source, name=f"Author {number}")
    with django_assert_num_queries(2):
        for source in Source.objects.for_list():
            assert source.origin.name
            assert [str(person) for person in source.contributions.all()]


def test_a_public_source_keeps_to_origins_that_readers_know():
    source = make_published().evidence.passage.source
    source.origin = make_origin("A voice never published")
    with pytest.raises(ValidationError, match="never published"):
        source.save()
    with pytest.raises(ValidationError, match="never published"):
        source.full_clean()
