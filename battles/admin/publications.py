import json
from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from battles.models import Publication
from sources.admin.bases import ChosenFilter, ViewedOnlyAdmin

_PLUMBING = frozenset(("id", "statement", "quote_sha256", "created"))


@admin.register(Publication)
class PublicationAdmin(ViewedOnlyAdmin):
    """What became public or was withdrawn, exactly as it was then."""

    list_display = ("statement", "action", "battle", "edition", "at", "by_name")
    list_filter = ("action", ("battle", ChosenFilter), ("statement", ChosenFilter))
    list_select_related = ("battle", "statement")
    date_hierarchy = "at"
    ordering = ("-at", "battle", "-edition", "pk")
    search_fields = ("battle__name", "by_name", "reason")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "battle",
                    "edition",
                    "statement",
                    "action",
                    "reason",
                    "at",
                    "by_name",
                    "what_readers_saw",
                )
            },
        ),
        ("The record as data", {"classes": ["collapse"], "fields": ("as_data",)}),
    )
    readonly_fields = ("what_readers_saw", "as_data")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("battle", "statement")

    @admin.display(description="what readers saw")
    def what_readers_saw(self, publication: Publication) -> SafeString:
        if not publication.record:
            return format_html("{}", "What was withdrawn stayed where this record came from.")
        record, labels = publication.record, publication.record["labels"]
        passages = {passage["id"]: passage for passage in record["passages"]}
        parts = [("The statement", _rows(record["statement"], labels))]
        for number, citation in enumerate(record["citations"], 1):
            title = f"Citation {number}"
            if citation["id"] == record["evidence"]:
                title += " (its evidence)"
            values = {**passages[citation["passage"]], **citation}
            parts.append((title, _rows(values, labels)))
        return format_html_join("", "<h4>{}</h4><dl class='record'>{}</dl>", parts)

    @admin.display(description="data")
    def as_data(self, publication: Publication) -> SafeString:
        data = json.dumps(publication.record, indent=2, ensure_ascii=False)
        return format_html('<div class="document-text">{}</div>', data)


def _rows(values: Mapping[str, Any], labels: Mapping[str, str]) -> SafeString:
    return format_html_join(
        "",
        "<dt>{}</dt><dd>{}</dd>",
        (
            (name.replace("_", " "), labels.get(str(value), value))
            for name, value in values.items()
            if value not in (None, "") and name not in _PLUMBING
        ),
    )
