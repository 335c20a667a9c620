"""Answers to readers: pages that are the same bytes for everyone."""

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.template.loader import get_template

from sources.models import FormerSlug

_SLUG = re.compile(r"[-\w]+")


def page(template: str, context: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
    """Render a public page.

    The template is never given the request, so nothing of a visitor can reach the page: no
    context processor runs, no user or session is read, no cookie is set.
    """
    drawn = get_template(template, using="public").render(context or {})
    return HttpResponse(drawn, status=status)


def gone(what: str, reason: str, context: dict[str, Any] | None = None) -> HttpResponse:
    """Say that something was withdrawn, and why."""
    return page("410.html", {"what": what, "reason": reason} | (context or {}), status=410)


def moved(
    request: HttpRequest,
    public: QuerySet[Any],
    slug: str,
    address_of: Callable[[Any], str] = lambda row: row.get_absolute_url(),
) -> HttpResponsePermanentRedirect | None:
    """Redirect from the slug of a row that has another by now, or was merged into another row.

    `address_of` gives the address of the page that was asked for, if it is not the row's own.
    """
    row = _led_to(public, [slug]).get(slug)
    if row is None:
        return None
    query = request.META.get("QUERY_STRING", "")
    address = address_of(row)
    return HttpResponsePermanentRedirect(f"{address}?{query}" if query else address)


def moved_in_query(
    request: HttpRequest, named: Mapping[str, Callable[[], QuerySet[Any]]]
) -> HttpResponsePermanentRedirect | None:
    """Redirect from a query that has such slugs to the same one with the slugs of today.

    `named` gives the public rows that the slugs in some parameters name. It is only asked where a
    page does not know a value: those it knows cost nothing.
    """
    query = request.GET.copy()
    for name in named.keys() & query.keys():
        values = query.getlist(name)
        now = _led_to(named[name](), _SLUG.findall(" ".join(values)))
        query.setlist(name, [_with_slugs_of(now, value) for value in values])
    if query == request.GET:
        return None
    return HttpResponsePermanentRedirect(f"{request.path}?{query.urlencode(safe=',')}")


def _with_slugs_of(rows: Mapping[str, Any], value: str) -> str:
    """Return a value with the slugs that rows have, where it has those that lead to them."""
    return _SLUG.sub(lambda slug: rows[slug[0]].slug if slug[0] in rows else slug[0], value)


def _led_to(public: QuerySet[Any], slugs: Collection[str]) -> dict[str, Any]:
    """Return the public rows that slugs lead to which are no longer in use, by these slugs.

    A row that is not public itself leads on to the one that it was merged into.
    """
    former = FormerSlug.objects.filter(kind=public.model._meta.label_lower, slug__in=slugs)
    named = dict(former.values_list("slug", "target"))
    rows = public.in_bulk(list(named.values()))
    if hasattr(public.model, "merged_into"):
        others = set(named.values()) - rows.keys()
        merged = public.filter(Q(merged__slug__in=slugs) | Q(merged__in=others))
        for row in merged.annotate(of=F("merged"), of_slug=F("merged__slug")):
            named[row.of_slug] = row.of
            rows[row.of] = row
    return {slug: rows[pk] for slug, pk in named.items() if pk in rows}
