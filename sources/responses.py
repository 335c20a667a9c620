"""Answers to readers: pages that are the same bytes for everyone."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.template.loader import get_template
from django.urls import reverse


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
    request: HttpRequest, public: QuerySet[Any], slug: str, view: str = ""
) -> HttpResponsePermanentRedirect | None:
    """Redirect a former slug to the row it named, if that is one of the public rows: to its own
    address, or to that of another `view` of it."""
    row = public.model.moved_to(slug)
    if row is None or not public.filter(pk=row.pk).exists():
        return None
    query = request.META.get("QUERY_STRING", "")
    address = reverse(view, args=[row.slug]) if view else row.get_absolute_url()
    return HttpResponsePermanentRedirect(f"{address}?{query}" if query else address)
