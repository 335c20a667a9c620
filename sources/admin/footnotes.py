"""Notes missing from documents, and what curators supply for them."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from sources import worklists
from sources.admin.bases import ChosenFilter, VersionedAdmin, link_to_row, work_filter
from sources.forms import FootnoteForm, label_of_document
from sources.models import Footnote, Text

_AROUND = 120  # code points shown before and after a marker


@admin.register(Footnote)
class FootnoteAdmin(VersionedAdmin):
    """The notes that documents call for and do not hold."""

    form = FootnoteForm
    list_display = ("label", "of_document", "times", "told", "supplied_by")
    ordering = ("document__source__title", "document_id", "number", "pk")
    list_filter = (
        work_filter(*worklists.FOOTNOTES),
        ("supplied", admin.EmptyFieldListFilter),
        ("document", ChosenFilter),
    )
    search_fields = ("text", "document__source__title", "document__source__slug")
    search_help_text = "What notes say, and titles of the source."
    autocomplete_fields = ("named_source",)
    fields: ClassVar[tuple[str, ...]] = (
        "of_document",
        "label",
        "times",
        "there",
        "text",
        "words",
        "place",
        "stands",
        "named_source",
    )
    readonly_fields: ClassVar[tuple[str, ...]] = (
        "of_document",
        "label",
        "times",
        "there",
        "stands",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows = super().get_queryset(request)
        return rows.select_related("document__source", "passage", "supplied_by")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # found in texts alone

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Footnote, form: Any, change: bool) -> None:
        if obj.passage is not None and obj.passage._state.adding:
            obj.passage.save()
        obj.supply(request.user, timezone.now())
        super().save_model(request, obj, form, change)

    def label_of(self, obj: Footnote) -> str:
        return f"{obj.marker} of {label_of_document(obj.document)}"

    @admin.display(description="note", ordering="number")
    def label(self, note: Footnote) -> str:
        return note.marker if note.times else f"{note.marker}, a gap in the numbers"

    @admin.display(description="document", ordering="document__source__title")
    def of_document(self, note: Footnote) -> SafeString | str:
        return link_to_row(note.document, label_of_document(note.document))

    @admin.display(description="supplied", ordering="supplied")
    def told(self, note: Footnote) -> str:
        words = note.words
        return words if len(words) <= 80 else f"{words[:79]}…"

    @admin.display(description="first called for")
    def there(self, note: Footnote) -> SafeString | str:
        if note.first is None:
            return "Nowhere; the numbers around it are."
        end = note.first + len(note.marker)
        window = Text.objects.window(note.document_id, note.first, end, _AROUND)
        if window is None:
            return "Its text is not held."
        return format_html('<div class="document-text">{}<mark>{}</mark>{}</div>', *window)

    @admin.display(description="stands at")
    def stands(self, note: Footnote) -> SafeString | str:
        return link_to_row(note.passage)
