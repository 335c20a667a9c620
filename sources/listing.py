"""Filtered lists: choices that carry their counts, and one page of the rows they leave."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.paginator import InvalidPage, Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponsePermanentRedirect
from django.utils.datastructures import MultiValueDict
from django.utils.text import capfirst
from django_filters import FilterSet

from sources.responses import moved_in_query

PAGE_SIZE = 50


class NoSuchPageError(Http404):
    """A list was asked for a page that it does not have; the message says so to readers."""


def several_values(asked: MultiValueDict[str, str], name: str) -> str:
    """Return what is wrong if several values were given for what takes one, or nothing."""
    values = [f"“{value:.80}”" for value in dict.fromkeys(asked.getlist(name)) if value]
    if len(values) < 2:
        return ""
    return f"{', '.join(values[:-1])} and {values[-1]} were asked for; choose one."


class OneOfEach(forms.Form):
    """A form of whose fields each takes one value."""

    data: MultiValueDict[str, str]

    def clean(self) -> dict[str, Any]:
        chosen = super().clean() or {}
        for name, field in self.fields.items():
            if problem := several_values(self.data, name):
                self.add_error(name, f"{capfirst(field.label)}: {problem}")
        return chosen


class ListFilter(FilterSet):
    """A filter set of which some filters arrange rows rather than leave any out, and some are
    given the slugs of other rows."""

    arranging: tuple[str, ...] = ()
    named: Mapping[str, Callable[[], QuerySet]] = {}  # the public rows that slugs name

    @property
    def usual_order(self) -> str:
        """The order where none was chosen."""
        return ""

    @property
    def is_reordered(self) -> bool:
        """Say whether readers chose another order than the one in which the list stands."""
        return (self.data or {}).get("sort", "") not in ("", self.usual_order)

    @property
    def chosen(self) -> dict[str, Any]:
        """What readers chose, cleaned; nothing of it while some of it is wrong."""
        return self.form.cleaned_data if self.is_valid() else {}


@dataclass(frozen=True, slots=True)
class Choice:
    """One value that a filter offers, with the rows that choosing it would leave.

    Without a count nothing is said of how many there are.
    """

    value: str
    label: str
    count: int | None = None


def unknown_value(noun: str) -> dict[str, str]:
    """Return the message of a choice that was not among those offered; a long one is cut."""
    return {"invalid_choice": f"“%(value).80s” is {noun} that the archive does not know."}


def offer(filterset: ListFilter, name: str, choices: Iterable[Choice]) -> None:
    """Offer the choices that leave something, or were made; which are accepted is another thing."""
    field = filterset.form.fields[name]
    chosen = (filterset.data or {}).get(name)
    field.widget.choices = [
        ("", "any"),
        *(
            (choice.value, _worded(choice))
            for choice in choices
            if choice.count != 0 or choice.value == chosen
        ),
    ]


def _worded(choice: Choice) -> str:
    return choice.label if choice.count is None else f"{choice.label} ({choice.count:,})"


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


def chosen_in(filterset: ListFilter) -> dict[str, str]:
    """Return what readers chose, by the names of the filters, in their order."""
    data = filterset.data or {}
    return {name: value for name in filterset.filters if (value := data.get(name))}


def is_narrowed(filterset: ListFilter) -> bool:
    """Say whether anything was chosen that leaves rows out, rather than arranging them."""
    return any(name not in filterset.arranging for name in chosen_in(filterset))


def errors_of(filterset: ListFilter) -> tuple[str, ...]:
    """Return what is wrong with the values chosen; `filterset.qs` would then return everything."""
    if filterset.is_valid():
        return ()
    return tuple(str(error) for errors in filterset.form.errors.values() for error in errors)


def moved_choices(
    request: HttpRequest, filterset: ListFilter
) -> HttpResponsePermanentRedirect | None:
    """Redirect from what was chosen by slugs that are no longer in use to the same by others."""
    return None if filterset.is_valid() else moved_in_query(request, filterset.named)


def listing(
    filterset: ListFilter, page: str, *, size: int = PAGE_SIZE, total: int | None = None
) -> Listing:
    """Return one page of what a filter leaves; raise NoSuchPageError if it is not there."""
    if errors := errors_of(filterset):
        return Listing([], is_filtered=True, errors=errors)
    return paged(
        filterset.qs,
        page,
        chosen_in(filterset),
        size=size,
        total=total,
        is_filtered=is_narrowed(filterset),
    )


def paged(
    rows: QuerySet | list[Any],
    page: str,
    chosen: Mapping[str, str] | None = None,
    *,
    size: int = PAGE_SIZE,
    total: int | None = None,
    is_filtered: bool = False,
) -> Listing:
    """Return one page of rows, which are counted unless `total` says how many there are.

    Raises NoSuchPageError for a page that is not there.
    """
    chosen = dict(chosen or {})
    paginator = Paginator(rows, size)
    if total is not None:
        paginator.count = total
    try:
        found = paginator.page(page or 1)
    except InvalidPage as error:
        said = f"There is no page “{page:.80}” of this list; it has {paginator.num_pages}."
        raise NoSuchPageError(said) from error
    return Listing(
        rows=list(found),
        total=paginator.count,
        number=found.number,
        pages=paginator.num_pages,
        previous=address(chosen, found.number - 1) if found.has_previous() else "",
        following=address(chosen, found.number + 1) if found.has_next() else "",
        is_filtered=is_filtered,
    )


def address(chosen: Mapping[str, str], page: int = 1) -> str:
    """Return the query that shows a page of what was chosen."""
    query = dict(chosen) if page == 1 else {**chosen, "page": str(page)}
    return f"?{urlencode(query)}"
