"""Pages of sources and of the voices they come from."""

from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from sources import dates
from sources.bibliographies.formats import bibliography, bibliography_links
from sources.citing import cited
from sources.filters import SourceFilter, language_name
from sources.linked_data import origin_as_agent, source_as_work
from sources.listing import Listing, listing, paged
from sources.models import Origin, Passage, Source
from sources.responses import moved, page


@require_safe
def source_list(request: HttpRequest) -> HttpResponse:
    """The sources that published statements rest on, narrowed as readers wish."""
    filters = SourceFilter(request.GET, Source.objects.public().for_list())
    return _list_page(filters, listing(filters, request.GET.get("page", "")))


@require_safe
def source_list_bibliography(request: HttpRequest, format_name: str) -> HttpResponseBase:
    """The sources that a filter leaves, all of them, as a bibliography to take away."""
    filters = SourceFilter(request.GET, Source.objects.public())
    if not filters.is_valid():
        return _list_page(filters, listing(filters, ""))
    return bibliography(filters.qs.order_by("title", "pk"), format_name, "sources")


def _list_page(filters: SourceFilter, found: Listing) -> HttpResponse:
    chosen = {name: value for name in filters.filters if (value := filters.data.get(name))}
    return page(
        "sources/source_list.html",
        {
            "filters": filters,
            "listing": found,
            "bibliographies": bibliography_links("sources:source-list-bibliography", query=chosen),
        },
        status=400 if found.errors else 200,
    )


@require_safe
def source_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """A source: what it is, whose voice, its readings and the passages cited from it."""
    source = Source.objects.public().with_description().filter(slug=slug).first()
    if source is None:
        if redirect := moved(request, Source.objects.public(), slug):
            return redirect
        raise Http404("There is no source at this address.")
    passages = (
        Passage.objects.public()
        .filter(source=source)
        .select_related("document")
        .prefetch_related("glosses")
        .order_by("document__number", "start", "end", "locator", "pk")
    )
    return page(
        "sources/source_detail.html",
        {
            "source": source,
            "language": language_name(source.language) if source.language else "",
            "issued": source.issued_printed
            or (dates.describe(source.issued_edtf) if source.issued_edtf else ""),
            "linked_data": source_as_work(source),
            "passages": paged(passages, request.GET.get("page", "")),
            "cited_as": cited(source),
            "bibliographies": bibliography_links("sources:source-bibliography", source.slug),
        },
    )


@require_safe
def source_bibliography(request: HttpRequest, format_name: str, slug: str) -> HttpResponseBase:
    """One source as a bibliography to take away."""
    found = Source.objects.public().filter(slug=slug)
    if not found.exists():
        raise Http404("There is no source at this address.")
    return bibliography(found.order_by("pk"), format_name, slug)


@require_safe
def origin_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """A voice that accounts come from, what it is part of, and its sources."""
    origin = Origin.objects.public().select_related("part_of").filter(slug=slug).first()
    if origin is None:
        if redirect := moved(request, Origin.objects.public(), slug):
            return redirect
        raise Http404("There is no origin at this address.")
    parts = Origin.objects.public().filter(part_of=origin).order_by("name", "pk")
    public_sources = Count("sources", filter=Q(sources__public=True))
    sources = Source.objects.public().for_list().filter(origin=origin).order_by("title", "pk")
    return page(
        "sources/origin_detail.html",
        {
            "origin": origin,
            "parent": origin.part_of if origin.part_of and origin.part_of.public else None,
            "parts": parts.annotate(number=public_sources),
            "linked_data": origin_as_agent(origin),
            "sources": paged(sources, request.GET.get("page", "")),
        },
    )
