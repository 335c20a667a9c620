"""Pages of sources."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from sources import dates
from sources.filters import SourceFilter, language_name
from sources.listing import listing, paged
from sources.models import Passage, Source
from sources.responses import moved, page


@require_safe
def source_list(
    request: HttpRequest, filter_class: type[SourceFilter] = SourceFilter
) -> HttpResponse:
    """The sources that published statements rest on, narrowed as readers wish."""
    filters = filter_class(request.GET, Source.objects.public().for_list())
    found = listing(filters, request.GET.get("page", ""))
    return page(
        "sources/source_list.html",
        {"filters": filters, "listing": found},
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
            "passages": paged(passages, request.GET.get("page", "")),
        },
    )
