"""Answers to readers: pages that are the same bytes for everyone."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.template.loader import get_template


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
    """Redirect a former slug to the row it named, if that is one of the public rows.

    `address_of` gives the address of the page that was asked for, if it is not the row's own.
    """
    row = public.model.moved_to(slug)
    if row is None or not public.filter(pk=row.pk).exists():
        return None
    query = request.META.get("QUERY_STRING", "")
    address = address_of(row)
    return HttpResponsePermanentRedirect(f"{address}?{query}" if query else address)
