"""Citations: made and changed on their statement's page, listed on their own."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from battles import worklists
from battles.admin.records import record_as_stored
from battles.forms import CitationForm, NewCitationForm, NewCitations
from battles.models import Citation, Statement
from sources.admin.bases import ChosenFilter, ProposingAdmin, link_to_row, work_filter
from sources.admin.history import RecordedAdmin
from sources.admin.seen import SeenAdmin


class CitationInline(ProposingAdmin, admin.StackedInline):
    """The citations a statement has."""

    model = Citation
    form = CitationForm
    extra = 0
    autocomplete_fields = ("claimant", "named_source")
    readonly_fields = ("quoted", "rechecked")
    fields = ("quoted", "claimant", "bearing", "named_source", "note_marker", "note")
    verbose_name_plural = "citations"

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        is_revision = obj is not None and obj.revises_id
        return (*self.fields, "rechecked") if is_revision else self.fields

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        citations = super().get_queryset(request)
        return citations.select_related("passage__source", "passage__document", "statement")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # the inline below adds

    @admin.display(description="re-checked")
    def rechecked(self, citation: Citation) -> str:
        if citation.rechecked_at is None:
            return "Not yet."
        when = date_format(timezone.localtime(citation.rechecked_at), "j F Y, H:i")
        return f"{when}, by {citation.rechecked_by_name or 'the import'}"

    @admin.display(description="passage")
    def quoted(self, citation: Citation) -> SafeString:
        return format_html(
            '{}<br><span class="help">{}</span>',
            in_context(citation),
            link_to_row(citation.passage, f"Passage in {citation.passage.source}"),
        )


class NewCitationInline(ProposingAdmin, admin.StackedInline):
    """Cites one passage more."""

    model = Citation
    form = NewCitationForm
    formset = NewCitations
    extra = 1
    autocomplete_fields = ("claimant", "named_source")
    verbose_name = "citation to add"
    verbose_name_plural = "cite a passage"
    fieldsets = (
        (None, {"fields": ("document", "words", "place", "claimant", "bearing", "locator")}),
        (
            "Or cite a passage that is known already",
            {"classes": ["collapse"], "fields": ("known_passage",)},
        ),
        (
            "Or a source of which no document is held",
            {
                "classes": ["collapse"],
                "description": "Say where in it above, in “locator”.",
                "fields": ("source",),
            },
        ),
        (
            "What the account itself names, and a note",
            {"classes": ["collapse"], "fields": ("named_source", "note_marker", "note")},
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).none()

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Citation)
class CitationAdmin(SeenAdmin, RecordedAdmin):
    """The citations of all statements. They are made and changed on their statement's page."""

    version_path = "statement__version"

    list_display = ("quoted", "source", "claimant", "bearing", "statement_linked", "state")
    list_filter = (
        work_filter(*worklists.CITATIONS),
        "bearing",
        "statement__state",
        ("claimant", ChosenFilter),
        ("statement", ChosenFilter),
        ("passage", ChosenFilter),
        ("passage__source", ChosenFilter),
    )
    search_fields = ("passage__quote", "passage__locator", "passage__source__title", "note")
    search_help_text = "Quotes, locators, titles of sources and notes."
    fields = (
        "statement_linked",
        "in_context",
        "passage",
        "claimant",
        "bearing",
        "named_source",
        "note_marker",
        "note",
        "created",
    )
    readonly_fields = ("statement_linked", "in_context")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return (
            super()
            .get_queryset(request)
            .select_related("statement", "passage__source", "claimant", "named_source")
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Citation | None = None) -> bool:
        return False

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Lead to the history of its statement, which tells of it, too."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        citation = self.get_object(request, unquote(object_id))
        if citation is None:
            return self.missing(request)
        where = reverse("admin:battles_statement_history", args=[citation.statement_id])
        return HttpResponseRedirect(where)

    def held_versions(self, ids: Iterable[Any]) -> dict[str, int]:
        of = Citation.objects.filter(pk__in=ids).order_by().values("statement")
        list(Statement.objects.filter(pk__in=of).select_for_update().order_by("pk"))
        return super().held_versions(ids)

    def kept(self, rows: Iterable[Citation]) -> QuerySet:
        ids = [row.pk for row in rows]
        seen = Statement.objects.seen_by_readers()
        return Citation.objects.filter(pk__in=ids, statement__in=seen)

    def delete_model(self, request: HttpRequest, obj: Citation) -> None:
        super().delete_model(request, obj)
        record_as_stored([obj.statement_id])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        # One by one, because each tells its statement that it changed.
        for citation in queryset:
            self.delete_model(request, citation)

    @admin.display(description="citation")
    def quoted(self, citation: Citation) -> str:
        return str(citation.passage)

    @admin.display(description="source", ordering="passage__source__title")
    def source(self, citation: Citation) -> str:
        return str(citation.passage.source)

    @admin.display(description="statement")
    def statement_linked(self, citation: Citation) -> SafeString | str:
        return link_to_row(citation.statement)

    @admin.display(description="its state", ordering="statement__state")
    def state(self, citation: Citation) -> str:
        return citation.statement.get_state_display()

    @admin.display(description="the passage")
    def in_context(self, citation: Citation) -> SafeString | str:
        return in_context(citation)


def is_frozen(statement: Statement | None) -> bool:
    """Say whether a statement takes no changes, because readers see it or have seen it."""
    return statement is not None and statement.is_public_or_was


def in_context(citation: Citation) -> SafeString | str:
    """Return the words that a citation cites, marked in those around them."""
    passage = citation.passage
    if passage.document_id is None:
        return passage.locator
    if not passage.is_verified:
        return "Not yet verified here: the document is not held."
    return format_html(
        '<span class="document-text">…{}<mark>{}</mark>{}…</span>',
        passage.prefix,
        passage.quote,
        passage.suffix,
    )
