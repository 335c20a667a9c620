"""Seeing a battle as its visitors will, with what is not published yet."""

from typing import Any
from uuid import UUID

from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_safe

from battles.models import Battle, Citation, Statement
from battles.preview import preview_of
from sources.models import Origin, Source
from sources.responses import page

State = Statement.State

# What to show besides what is published: the value in the address, and the states.
_WITH = {"drafts": (State.DRAFT, State.IN_REVIEW), "in-review": (State.IN_REVIEW,)}


class PreviewAdmin(ModelAdmin):
    """The page, beside a battle's own in the admin, that shows it as a visitor will see it."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_safe(self.preview_view))
        return [
            path("<uuid:pk>/preview/", view, name="battles_battle_preview"),
            *super().get_urls(),
        ]

    def preview_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Show the public page of a battle with its drafts in it; nobody keeps it."""
        if not (
            self.has_view_permission(request) and request.user.has_perm("battles.view_statement")
        ):
            raise PermissionDenied
        battle = Battle.objects.select_related("part_of__part_of").filter(pk=pk).first()
        if battle is None:
            raise Http404("There is no such battle.")
        chosen = request.GET.get("with", "drafts")
        if chosen not in _WITH:
            raise Http404("A preview is with drafts, or with what is in review.")
        preview = preview_of(battle, _WITH[chosen], _Addresses(battle))
        drafts = reverse("admin:battles_statement_changelist", query={"battle__id__exact": pk})
        response = page(
            "battles/battle_preview.html",
            {
                "battle": battle,
                "name": battle.name,
                "preview": preview,
                "page": preview.page,
                "filter": None,
                "bibliographies": [],
                "with_drafts": chosen == "drafts",
                "curate": reverse("admin:battles_battle_change", args=[pk]),
                "statements": drafts,
                "home": reverse("admin:index"),
            },
        )
        response["X-Robots-Tag"] = "noindex"
        return response


class _Addresses:
    """Where a curator finds what a preview names: in the admin, since it may not be public."""

    def __init__(self, battle: Battle) -> None:
        cited = Citation.objects.filter(statement__battle=battle).order_by()
        sources = Source.objects.filter(
            Q(pk__in=cited.values("passage__source")) | Q(pk__in=cited.values("named_source"))
        )
        origins = Origin.objects.filter(pk__in=cited.values("claimant"))
        parents = Battle.objects.filter(part_statements__battle=battle)
        self.by_slug: dict[str, dict[str, Any]] = {
            "sources:source-detail": dict(sources.values_list("slug", "pk")),
            "sources:origin-detail": dict(origins.values_list("slug", "pk")),
            "battles:battle-detail": dict(parents.values_list("slug", "pk")),
        }

    def __call__(self, view: str, of: str | UUID) -> str:
        if view in self.by_slug:
            of = self.by_slug[view].get(str(of), "")
        return reverse(_PAGES[view], args=[of]) if of else ""


_PAGES = {
    "battles:battle-detail": "admin:battles_battle_preview",
    "battles:statement-detail": "admin:battles_statement_change",
    "battles:entity-detail": "admin:battles_entity_change",
    "sources:document-detail": "admin:battles_statement_read",
    "sources:passage-detail": "admin:sources_passage_change",
    "sources:source-detail": "admin:sources_source_change",
    "sources:origin-detail": "admin:sources_origin_change",
}
