"""What search engines are led to: every public page that may be found by itself.

Not editions, which are there to be cited and nearly repeat the page of their battle, nor what a
list leaves when it is narrowed: those pages ask not to be listed.
"""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.db.models import Max, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_safe

from battles.models import Battle, Entity, Statement
from sources.addresses import address
from sources.models import Document, Origin, Passage, Source
from sources.rendering import absolute


class Section(Sitemap):
    """Part of the sitemap; its addresses begin as `SITE_URL` does, whoever asks."""

    limit = 50_000  # the most that one file may hold (sitemaps.org)
    protocol = urlsplit(settings.SITE_URL).scheme

    def get_domain(self, site: Any = None) -> str:
        return urlsplit(settings.SITE_URL).netloc


class Rooms(Section):
    """The pages of the house itself."""

    def items(self) -> list[str]:
        return [
            "home",
            "about",
            "battles:battle-list",
            "battles:entity-list",
            "sources:source-list",
        ]

    def location(self, item: str) -> str:
        return reverse(item)


class Battles(Section):
    def items(self) -> QuerySet[Battle]:
        return self.dated(Battle.objects.public())

    def dated(self, battles: QuerySet[Battle]) -> QuerySet[Battle]:
        return battles.annotate(published_at=Max("publications__at")).order_by("slug")

    def lastmod(self, item: Any) -> Any:
        return item.published_at


class Histories(Battles):
    """The editions of battles; those of one that was merged are still told."""

    def items(self) -> QuerySet[Battle]:
        return self.dated(Battle.objects.seen_by_readers())

    def location(self, item: Battle) -> str:
        return item.get_history_url()


class Comparisons(Battles):
    """The accounts side by side, of battles of which anything is said."""

    def items(self) -> QuerySet[Battle]:
        return self.dated(Battle.objects.public().filter(statements_published__gt=0))

    def location(self, item: Battle) -> str:
        return address("battles:battle-accounts", item.slug)


class Statements(Section):
    def items(self) -> QuerySet[Statement]:
        return Statement.objects.published().only("pk").order_by("pk")


class Sources(Section):
    def items(self) -> QuerySet[Source]:
        return Source.objects.public().standing().only("slug").order_by("slug")


class Origins(Section):
    def items(self) -> QuerySet[Origin]:
        return Origin.objects.public().only("slug").order_by("slug")


class Entities(Section):
    def items(self) -> QuerySet[Entity]:
        return Entity.objects.public().only("pk").order_by("pk")


class Documents(Section):
    def items(self) -> QuerySet[Document]:
        return Document.objects.public().only("pk").order_by("pk")


class Passages(Section):
    def items(self) -> QuerySet[Passage]:
        return Passage.objects.public().only("pk").order_by("pk")


SECTIONS: dict[str, type[Section]] = {
    "rooms": Rooms,
    "battles": Battles,
    "comparisons": Comparisons,
    "histories": Histories,
    "statements": Statements,
    "sources": Sources,
    "origins": Origins,
    "entities": Entities,
    "documents": Documents,
    "passages": Passages,
}


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The files of the sitemap. Django's own view would name them after the host it is asked by."""
    files = []
    for name, section in SECTIONS.items():
        file = absolute(reverse("sitemap", args=[name]))
        pages = section().paginator.num_pages
        files += [file, *(f"{file}?p={number}" for number in range(2, pages + 1))]
    context = {"sitemaps": [{"location": file} for file in files]}
    listed = render_to_string("sitemap_index.xml", context)
    return HttpResponse(listed, content_type="application/xml")
