"""The pages of the house itself: the first one, how to read the archive, and errors."""

from django.db.models import Count, Max, Q
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import require_safe

from battles.models import Battle, Publication, Statement
from battles.pages import with_dates
from sources.models import Origin, Passage, Source
from sources.rendering import absolute
from sources.responses import page

RECENT = 8


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What this is, where to begin, and what is new."""
    battles = Battle.objects.public()
    recent = (
        Publication.objects.filter(action=Publication.Action.PUBLISHED, battle__edition__gte=1)
        .order_by()
        .values("battle__name", "battle__slug", "edition")
        .annotate(at=Max("at"), number=Count("pk"))
        .order_by("-at", "battle__name", "edition")[:RECENT]
    )
    most_told = (
        battles.with_disputed()
        .select_related("part_of")
        .annotate(number=Count("statements", filter=Q(statements__state="published")))
        .order_by("-number", "name", "pk")[:RECENT]
    )
    return page(
        "archive/home.html",
        {
            "counts": {
                "battles": battles.count(),
                "statements": Statement.objects.published().count(),
                "passages": Passage.objects.public().count(),
                "sources": Source.objects.public().count(),
                "origins": Origin.objects.public().count(),
            },
            "battles": with_dates(list(most_told)),
            "recent": recent,
        },
    )


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """How to read the archive, and the laws it keeps."""
    return page("archive/about.html")


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """What crawlers may visit: everything but the curators' desk (RFC 9309)."""
    lines = [
        "User-agent: *",
        f"Disallow: {reverse('admin:index')}",
        f"Sitemap: {absolute(reverse('sitemap-index'))}",
    ]
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")


@require_safe
def favicon(request: HttpRequest) -> HttpResponsePermanentRedirect:
    """The sign of the archive, where browsers look for it unasked."""
    return HttpResponsePermanentRedirect(static("favicon.ico"))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page("404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    return page("500.html", status=500)
