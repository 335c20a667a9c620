from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from battles.admin.merging import MergingAdmin
from battles.models import Entity, EntityIdentifier, EntityName, Statement
from sources.admin.bases import count_of, link_to_list


class NameInline(admin.TabularInline):
    model = EntityName
    extra = 1


class IdentifierInline(admin.TabularInline):
    model = EntityIdentifier
    extra = 1


@admin.register(Entity)
class EntityAdmin(MergingAdmin):
    change_form_template = "admin/battles/entity/change_form.html"
    prepopulated_fields = {"slug": ("name",)}
    fieldsets = (
        (None, {"fields": ("kind", "name", "slug", "description")}),
        (
            "Where a place is",
            {
                "description": "For places alone: all of it, with the gazetteer it comes from, "
                "or none.",
                "fields": ("latitude", "longitude", "precision", "radius_km", "gazetteer"),
            },
        ),
    )
    inlines = (NameInline, IdentifierInline)
    list_display = ("name", "kind", "description", "statements_listed", "members_listed")
    list_filter = ("kind", "precision")
    search_fields = ("name", "slug", "description", "names__text", "names__romanises")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return (
            super()
            .get_queryset(request)
            .annotate(
                entity_count=count_of(Statement.objects.all(), "entity"),
                place_count=count_of(Statement.objects.all(), "place"),
                party_count=count_of(Statement.objects.all(), "party"),
            )
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        if kinds := request.GET.getlist("of_kind"):  # asked by a form's EntitySelect
            queryset = queryset.filter(kind__in=set(kinds) & set(Entity.Kind.values))
        return super().get_search_results(request, queryset, search_term)

    def label_of(self, obj: Entity) -> str:
        return f"{obj.name} ({obj.description or obj.get_kind_display()})"

    @admin.display(description="statements about it")
    def statements_listed(self, entity: Any) -> SafeString:
        if entity.kind == Entity.Kind.PLACE:
            return link_to_list(Statement, entity.place_count, place__id__exact=entity.pk)
        return link_to_list(Statement, entity.entity_count, entity__id__exact=entity.pk)

    @admin.display(description="statements of its own people and units")
    def members_listed(self, entity: Any) -> SafeString | str:
        if entity.kind != Entity.Kind.PARTY:
            return "–"
        return link_to_list(Statement, entity.party_count, party__id__exact=entity.pk)
