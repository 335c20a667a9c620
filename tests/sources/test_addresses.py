"""`address` gives what the resolver gives, whatever the key."""

from uuid import UUID

import pytest
from django.urls import NoReverseMatch, reverse, set_script_prefix
from hypothesis import given
from hypothesis import strategies as st

from sources.addresses import address, addresses

SLUGS = st.from_regex(r"\A[-\w]+\Z")


@given(st.uuids())
def test_an_address_of_an_id_is_that_of_the_resolver(key: UUID):
    for view in ("battles:statement-detail", "sources:passage-detail", "battles:entity-detail"):
        assert address(view, key) == reverse(view, args=[key])


@given(SLUGS)
def test_an_address_of_a_slug_in_any_script_is_that_of_the_resolver(slug: str):
    for view in ("battles:battle-detail", "battles:battle-accounts-csv", "sources:source-detail"):
        assert address(view, slug) == reverse(view, args=[slug])


@given(SLUGS, st.integers(1, 999_999_999))
def test_so_is_one_of_two_keys_of_which_one_is_a_number(slug: str, number: int):
    view = "battles:battle-edition"
    assert address(view, slug, number) == reverse(view, args=[slug, number])


@given(st.lists(st.one_of(st.uuids(), SLUGS)))
def test_the_addresses_on_one_page_are_the_same(keys: list[UUID | str]):
    where = addresses()
    for key in [*keys, *keys]:
        view = "battles:statement-detail" if isinstance(key, UUID) else "sources:source-detail"
        assert where(view, key) == address(view, key)


def test_a_page_without_keys_has_an_address():
    assert address("battles:battle-list") == reverse("battles:battle-list")


def test_an_empty_key_is_an_error_as_it_is_to_the_resolver():
    with pytest.raises(NoReverseMatch):
        address("battles:battle-detail", "")


def test_a_page_that_is_not_there_is_an_error():
    with pytest.raises(NoReverseMatch):
        address("battles:nowhere", "a")


def test_an_archive_below_another_address_is_linked_there():
    address("battles:battle-detail", "ford")
    set_script_prefix("/archive/")
    try:
        assert address("battles:battle-detail", "ford") == "/archive/battles/ford/"
        assert addresses()("battles:battle-detail", "ford") == "/archive/battles/ford/"
    finally:
        set_script_prefix("/")
