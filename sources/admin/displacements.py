"""Passages that a newer version of their source displaced, until a curator has looked at them."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from sources import worklists
from sources.admin.bases import ChosenFilter, ViewedOnlyAdmin, link_to_row, work_filter
from sources.forms import label_of_document
from sources.models import Displacement, Text

_AROUND = 120  # code points shown before and after the place in the newer version


@admin.register(Displacement)
class DisplacementAdmin(ViewedOnlyAdmin):
    list_display = ("__str__", "newer", "outcome", "found", "settled", "settled_by")
    list_filter = (
        work_filter(*worklists.DISPLACEMENTS),
        "outcome",
        ("settled", admin.EmptyFieldListFilter),
        ("document", ChosenFilter),
    )
    search_fields = ("passage__quote", "document__source__title")
    actions = ("settle",)
    fields: ClassVar[tuple[str, ...]] = (
        "outcome",
        "cited",
        "newer",
        "there",
        "found",
        "settled",
        "settled_by",
    )
    readonly_fields: ClassVar[tuple[str, ...]] = ("cited", "newer", "there")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows = super().get_queryset(request)
        return rows.select_related("passage", "document__source", "settled_by")

    def has_settle_permission(self, request: HttpRequest) -> bool:
        """Say whether someone may say that a passage was looked at."""
        return request.user.has_perm("sources.change_passage")

    @admin.action(description="Mark as looked at", permissions=["settle"])
    def settle(self, request: HttpRequest, rows: Any) -> None:
        settled = rows.waiting().order_by().update(settled=timezone.now(), settled_by=request.user)
        messages.success(request, f"Marked as looked at: {settled}.")

    @admin.display(description="newer version", ordering="document__source__title")
    def newer(self, row: Displacement) -> SafeString | str:
        return link_to_row(row.document, label_of_document(row.document))

    @admin.display(description="the passage as it was")
    def cited(self, row: Displacement) -> SafeString | str:
        return link_to_row(row.passage, row.passage.quote)

    @admin.display(description="in the newer version")
    def there(self, row: Displacement) -> SafeString | str:
        if row.start is None or row.end is None:
            return "Nowhere."
        window = Text.objects.window(row.document_id, row.start, row.end, _AROUND)
        if window is None:
            return "Its text is not held."
        return format_html('<div class="document-text">{}<mark>{}</mark>{}</div>', *window)
