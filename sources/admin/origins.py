from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from sources.admin.bases import (
    ChosenFilter,
    CuratorAdmin,
    ViewedOnlyAdmin,
    count_of,
    link_to_list,
)
from sources.models import FormerSlug, Origin, Source


@admin.register(Origin)
class OriginAdmin(CuratorAdmin):
    fields = ("name", "slug", "kind", "part_of", "description", "public")
    readonly_fields = ("public",)
    prepopulated_fields = {"slug": ("name",)}
    autocomplete_fields = ("part_of",)
    list_display = ("name", "kind", "part_of", "public", "sources_listed")
    list_filter = ("kind", "public", ("part_of", ChosenFilter))
    list_select_related = ("part_of",)
    search_fields = ("name", "slug", "description")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return (
            super()
            .get_queryset(request)
            .annotate(source_count=count_of(Source.objects.all(), "origin"))
        )

    @admin.display(description="sources", ordering="source_count")
    def sources_listed(self, origin: Any) -> SafeString:
        return link_to_list(Source, origin.source_count, origin__id__exact=origin.pk)


@admin.register(FormerSlug)
class FormerSlugAdmin(ViewedOnlyAdmin):
    list_display = ("slug", "kind", "target", "since")
    list_filter = ("kind",)
    search_fields = ("slug",)
