"""Pages of sources."""

from dataclasses import replace
from uuid import UUID

from django.db.models import Q, prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_safe

from sources import dates
from sources.bibliographies.formats import bibliography, bibliography_links, long_bibliography
from sources.citation_tags import citation_tags
from sources.citing import cited
from sources.filters import SourceFilter, language_name
from sources.linked_data import source_as_work
from sources.listing import Listing, chosen_in, listing, moved_choices, paged
from sources.models import Passage, Source
from sources.prepared import PreparedForMany
from sources.responses import moved, page

_for_list = PreparedForMany(
    lambda ids: Source.objects.for_list().filter(pk__in=ids).prefetch_related(None).order_by(), UUID
)


@require_safe
def source_list(request: HttpRequest, filter_class: type[SourceFilter]) -> HttpResponse:
    """The sources that published statements rest on, narrowed as readers wish."""
    # The ids alone are sorted; what is shown is read of one page of them.
    sources = Source.objects.public().standing().values_list("pk", flat=True)
    filters = filter_class(request.GET, sources)
    if redirect := moved_choices(request, filters):
        return redirect
    found = listing(filters, request.GET.get("page", ""), total=filters.total)
    return _list_page(filters, replace(found, rows=_listed(found.rows)))


def _listed(ids: list[UUID]) -> list[Source]:
    """Return what a list shows of sources, in the order of their ids."""
    sources = {source.pk: source for source in _for_list(ids)}
    prefetch_related_objects(list(sources.values()), "contributions")
    return [sources[pk] for pk in ids]


@require_safe
def source_list_bibliography(
    request: HttpRequest, format_name: str, filter_class: type[SourceFilter]
) -> HttpResponseBase:
    """The sources that a filter leaves, all of them, as a bibliography to take away."""
    filters = filter_class(request.GET, Source.objects.public().standing())
    if redirect := moved_choices(request, filters):
        return redirect
    if not filters.is_valid():
        return _list_page(filters, listing(filters, ""))
    return long_bibliography(filters.qs, format_name, "sources")


def _list_page(filters: SourceFilter, found: Listing) -> HttpResponse:
    return page(
        "sources/source_list.html",
        {
            "filters": filters,
            "listing": found,
            "bibliographies": bibliography_links(
                "sources:source-list-bibliography", query=chosen_in(filters)
            ),
        },
        status=400 if found.errors else 200,
    )


@require_safe
def source_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """A source: what it is, whose voice, its readings and the passages cited from it."""
    public = Source.objects.public().standing()
    source = public.with_description().filter(slug=slug).first()
    if source is None:
        if redirect := moved(request, public, slug):
            return redirect
        raise Http404("There is no source at this address.")
    passages = (
        Passage.objects.public()
        .filter(Q(source=source) | Q(source__merged_into=source))
        .select_related("document")
        .prefetch_related("glosses")
        .order_by("document__number", "start", "end", "locator", "pk")
    )
    issued = source.issued_printed or (
        dates.describe(source.issued_edtf) if source.issued_edtf else ""
    )
    return page(
        "sources/source_detail.html",
        {
            "source": source,
            "language": language_name(source.language) if source.language else "",
            "issued": issued,
            "linked_data": source_as_work(source),
            "citation_tags": citation_tags(source, issued),
            "passages": paged(passages, request.GET.get("page", "")),
            "cited_as": cited(source),
            "bibliographies": bibliography_links("sources:source-bibliography", source.slug),
        },
    )


@require_safe
def source_bibliography(request: HttpRequest, format_name: str, slug: str) -> HttpResponseBase:
    """One source as a bibliography to take away."""
    public = Source.objects.public().standing()
    found = public.filter(slug=slug)
    if not found.exists():

        def address_of(row: Source) -> str:
            return reverse("sources:source-bibliography", args=[format_name, row.slug])

        if redirect := moved(request, public, slug, address_of):
            return redirect
        raise Http404("There is no source at this address.")
    return bibliography(found.order_by("pk"), format_name, slug)
