from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from sources import worklists
from sources.admin.bases import (
    ChosenFilter,
    ProposingAdmin,
    VersionedAdmin,
    link_to_row,
    work_filter,
)
from sources.forms import (
    NewPassageForm,
    PassageForm,
    label_of_document,
    label_of_passage,
)
from sources.models import Gloss, Passage, Text

_AROUND = 300  # code points shown before and after a passage


class GlossInline(ProposingAdmin, admin.StackedInline):
    model = Gloss
    extra = 1


class VerifiedFilter(admin.SimpleListFilter):
    """Whether a passage of a document was compared with its text."""

    title = "verified here"
    parameter_name = "verified"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Yes"), ("no", "Not yet"), ("locator", "A locator alone")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        match self.value():
            case "yes":
                return queryset.exclude(quote="")
            case "no":
                return queryset.filter(quote="", document__isnull=False)
            case "locator":
                return queryset.filter(document=None)
        return queryset


@admin.register(Passage)
class PassageAdmin(VersionedAdmin):
    """Places in sources. They are cited from their statements; here they are read and glossed."""

    inlines = (GlossInline,)
    list_display = ("__str__", "source", "document_number", "locator", "public", "created")
    ordering = ("source__title", "source_id", "document_id", "start", "end", "pk")
    list_filter = (
        work_filter(*worklists.PASSAGES),
        "public",
        VerifiedFilter,
        ("source", ChosenFilter),
        ("document", ChosenFilter),
    )
    search_fields = ("quote", "locator", "source__title")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("source", "document")

    def label_of(self, obj: Passage) -> str:
        return label_of_passage(obj)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        self_form = PassageForm if change else NewPassageForm
        return super().get_form(request, obj, change, form=self_form, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return (
                (
                    "By its words",
                    {
                        "description": "Choose the document and paste what it says.",
                        "fields": ("document", "words", "place"),
                    },
                ),
                (
                    "Or by its first and last place",
                    {"classes": ["collapse"], "fields": ("start", "end")},
                ),
                (
                    "Or by a locator alone",
                    {
                        "description": "For a source of which no document is held here. A "
                        "locator can also go with a quote.",
                        "fields": ("source", "locator"),
                    },
                ),
            )
        return (
            (None, {"fields": ("in_context", "source", "of_document", "span", "locator")}),
            ("For the record", {"fields": ("quote_sha256", "public", "created")}),
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        if obj is None:
            return ()
        fixed = (
            "in_context",
            "source",
            "of_document",
            "span",
            "quote_sha256",
            "public",
            "created",
        )
        return (*fixed, "locator") if obj.seen else fixed

    @admin.display(description="document", ordering="document__number")
    def document_number(self, passage: Passage) -> str:
        return f"v{passage.document.number}" if passage.document else "–"

    @admin.display(description="document")
    def of_document(self, passage: Passage) -> SafeString | str:
        if passage.document is None:
            return "None: a locator alone"
        return link_to_row(passage.document, label_of_document(passage.document))

    @admin.display(description="characters")
    def span(self, passage: Passage) -> str:
        return "–" if passage.document is None else f"{passage.start} to {passage.end}"

    @admin.display(description="in its context")
    def in_context(self, passage: Passage) -> SafeString | str:
        if passage.document_id is None:
            return passage.locator
        window = Text.objects.window(passage.document_id, *passage.span, _AROUND)
        if window is None:
            return "Not yet verified here: the document is not held."
        return format_html('<div class="document-text">{}<mark>{}</mark>{}</div>', *window)
