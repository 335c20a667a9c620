"""Filtered lists: choices that carry their counts, and one page of the rows they leave."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import InvalidPage, Paginator
from django.db.models import QuerySet
from django.http import Http404
from django_filters import FilterSet

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Choice:
    """One value that a filter offers, with the rows that choosing it would leave."""

    value: str
    label: str
    count: int


def unknown_value(noun: str) -> dict[str, str]:
    """Return the message of a choice that was not among those offered."""
    return {"invalid_choice": f"“%(value)s” is {noun} that the archive does not know."}


def offer(
    filterset: FilterSet,
    name: str,
    choices: Iterable[Choice],
    known: Iterable[tuple[str, str]] | None = None,
) -> None:
    """Offer the choices that leave something, or were made; accept every known value."""
    field = filterset.form.fields[name]
    if known is not None:
        field.choices = list(known)
    chosen = (filterset.data or {}).get(name)
    field.widget.choices = [
        ("", "any"),
        *(
            (choice.value, f"{choice.label} ({choice.count:,})")
            for choice in choices
            if choice.count or choice.value == chosen
        ),
    ]


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list, with what is said around it. On an error nothing is listed."""

    rows: list[Any]
    total: int = 0
    number: int = 1
    pages: int = 1
    previous: str = ""
    following: str = ""
    is_filtered: bool = False
    errors: tuple[str, ...] = ()


def listing(filterset: FilterSet, page: str) -> Listing:
    """Return one page of what a filter leaves; raise Http404 for a page that is not there."""
    chosen = {
        name: value for name in filterset.filters if (value := (filterset.data or {}).get(name))
    }
    # An invalid value would make `filterset.qs` return everything.
    if not filterset.is_valid():
        found = filterset.form.errors.values()
        errors = tuple(str(error) for errors in found for error in errors)
        return Listing([], is_filtered=True, errors=errors)
    return paged(filterset.qs, page, chosen)


def paged(
    rows: QuerySet | list[Any],
    page: str,
    chosen: Mapping[str, str] | None = None,
    size: int = PAGE_SIZE,
) -> Listing:
    """Return one page of rows; raise Http404 for a page that is not there."""
    chosen = dict(chosen or {})
    try:
        found = Paginator(rows, size).page(page or 1)
    except InvalidPage as error:
        raise Http404("There is no such page of this list.") from error
    return Listing(
        rows=list(found),
        total=found.paginator.count,
        number=found.number,
        pages=found.paginator.num_pages,
        previous=_address(chosen, found.number - 1) if found.has_previous() else "",
        following=_address(chosen, found.number + 1) if found.has_next() else "",
        is_filtered=bool(chosen),
    )


def _address(chosen: dict[str, str], page: int) -> str:
    query = chosen if page == 1 else chosen | {"page": str(page)}
    return f"?{urlencode(query)}"
