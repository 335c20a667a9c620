"""The pages of the house itself: the first one, how to read the archive, and errors."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import TooManyFilesSent
from django.db.models import Count, Max, QuerySet, Sum
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.templatetags.static import static
from django.urls import get_script_prefix, reverse
from django.views.decorators.http import require_safe

from archive.middleware import DESK
from battles.models import Battle, Publication
from battles.pages import listed
from battles.search import FINDERS as BATTLE_FINDERS
from sources.listing import Listing, NoSuchPageError, paged, several_values
from sources.models import Origin, Source
from sources.query import LONGEST_QUERY, QueryError, parse
from sources.rendering import absolute
from sources.responses import page
from sources.search import FINDERS as SOURCE_FINDERS
from sources.search import LIMIT, Result, entries_of, found

RECENT = 8
FINDERS = BATTLE_FINDERS + SOURCE_FINDERS
ON_A_PAGE = 20
FIRST = 5  # results of each kind on a page that shows all kinds


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What this is, where to begin, and what is new."""
    battles = Battle.objects.public()
    published = Publication.objects.filter(
        action=Publication.Action.PUBLISHED, battle__edition__gte=1
    )
    recent = (
        published.of_newest_editions(RECENT)
        .order_by()
        .values("battle__name", "battle__slug", "edition")
        .annotate(at=Max("at"), number=Count("pk"))
        .values_list("battle__name", "battle__slug", "edition", "at", "number", named=True)
        .order_by("-at", "battle__sort_key", "battle__slug", "edition")
    )
    most_told = battles.for_list().order_by("-statements_published", "sort_key", "pk")[:RECENT]
    return page(
        "archive/home.html",
        {
            "counts": {
                "battles": battles.count(),
                "statements": _total(battles, "statements_published"),
                "passages": _total(Source.objects.public(), "passages_published"),
                "sources": Source.objects.public().standing().count(),
                "origins": Origin.objects.public().count(),
            },
            "battles": listed(most_told),
            "recent": recent,
        },
    )


def _total(rows: QuerySet, column: str) -> int:
    return rows.aggregate(number=Sum(column))["number"] or 0


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """How to read the archive, and the laws it keeps."""
    return page("archive/about.html")


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """What crawlers may visit: everything but the curators' desk (RFC 9309)."""
    lines = [
        "User-agent: *",
        f"Disallow: {get_script_prefix()}{DESK}/",
        f"Sitemap: {absolute(reverse('sitemap-index'))}",
    ]
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")


@require_safe
def favicon(request: HttpRequest) -> HttpResponsePermanentRedirect:
    """The sign of the archive, where browsers look for it unasked."""
    return HttpResponsePermanentRedirect(static("favicon.ico"))


@dataclass(frozen=True, slots=True)
class Shelf:
    """What a search found of one kind, and what of it the page shows."""

    slug: str
    label: str
    href: str
    number: int
    is_more: bool  # than can be counted here
    is_chosen: bool = False
    results: list[Result] = field(default_factory=list)
    paging: Listing | None = None


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """What is found of a question: the first of each kind, or all of one, page by page."""
    asked, kind = request.GET.get("q", ""), request.GET.get("kind", "")
    context: dict[str, Any] = {
        "q": asked[:LONGEST_QUERY],
        "kind": kind,
        "problem": "",
        "shelves": [],
    }
    problem = several_values(request.GET, "q") or several_values(request.GET, "kind")
    if kind and kind not in {finder.slug for finder in FINDERS}:
        context["kind"] = ""
        problem = f"“{kind:.80}” is a kind that the archive does not know."
    if problem:
        return page("archive/search.html", context | {"problem": problem}, status=400)
    if not asked:
        return page("archive/search.html", context)
    try:
        query = parse(asked)
    except QueryError as error:
        return page("archive/search.html", context | {"problem": str(error)}, status=400)
    shelves = []
    for finder in FINDERS:
        ids = found(query, finder)
        shown, paging = ids[:FIRST], None
        if kind == finder.slug:
            paging = paged(
                ids[:LIMIT],
                request.GET.get("page", ""),
                {"q": asked, "kind": kind},
                size=ON_A_PAGE,
            )
            shown = paging.rows
        elif kind:
            shown = []
        shelves.append(
            Shelf(
                slug=finder.slug,
                label=finder.label,
                href=f"?{urlencode({'q': asked, 'kind': finder.slug})}",
                number=min(len(ids), LIMIT),
                is_more=len(ids) > LIMIT,
                is_chosen=kind == finder.slug,
                results=finder.results(query, entries_of(shown)) if shown else [],
                paging=paging,
            )
        )
    context |= {
        "shelves": shelves,
        "everything": f"?{urlencode({'q': asked})}",
        "is_unclosed": query.is_unclosed,
        "is_empty": not any(shelf.number for shelf in shelves),
    }
    return page("archive/search.html", context)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    most = settings.DATA_UPLOAD_MAX_NUMBER_FILES
    if isinstance(exception, TooManyFilesSent):
        said = f"More than {most} files came at once, and none was taken in. Send fewer at a time."
    else:
        said = "What was sent is not what a browser sends."
    return page("400.html", {"said": said}, status=400)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    said = str(exception) if isinstance(exception, NoSuchPageError) else ""
    return page("404.html", {"said": said}, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    return page("500.html", status=500)
