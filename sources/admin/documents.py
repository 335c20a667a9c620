from collections import Counter
from collections.abc import Iterable
from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from sources import ingest, worklists
from sources.admin.bases import (
    ChosenFilter,
    ViewedOnlyAdmin,
    count_of,
    link_to_list,
    link_to_row,
    work_filter,
)
from sources.forms import label_of_document
from sources.models import Document, File, Footnote, Passage, Text

_CHANGED_PASSAGES_NAMED = 20


class WholeFilter(admin.SimpleListFilter):
    """Whether the text is the whole of its file."""

    title = "text"
    parameter_name = "text"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("whole", "Whole"), ("part", "In part"), ("none", "None")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        match self.value():
            case "whole":
                return queryset.filter(lacks="")
            case "part":
                return queryset.filter(text_length__gt=0).exclude(lacks="")
            case "none":
                return queryset.filter(text_length=0)
        return queryset


@admin.register(Document)
class DocumentAdmin(ViewedOnlyAdmin):
    """The readings of files. They are made by uploading a file to a source."""

    change_form_template = "admin/sources/document/change_form.html"
    list_display = (
        "label",
        "file",
        "held",
        "text_length",
        "passages_listed",
        "notes_missing",
        "created",
    )
    list_filter = (
        work_filter(*worklists.DOCUMENTS),
        "file__held",
        WholeFilter,
        "extractor",
        "file__media_type",
        ("source", ChosenFilter),
    )
    search_fields = ("source__title", "source__title_original", "source__slug", "file__name")
    search_help_text = "Titles of the source and file names."
    fields: ClassVar[tuple[str, ...]] = (
        "source",
        "number",
        "words",
        "lacks",
        "transcribes",
        "passages_listed",
        "notes_missing",
        "file",
        "extractor",
        "extractor_version",
        "charset",
        "text_sha256",
        "text_length",
        "created",
    )
    readonly_fields: ClassVar[tuple[str, ...]] = ("words", "passages_listed", "notes_missing")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return (
            super()
            .get_queryset(request)
            .select_related("source", "file")
            .annotate(
                passage_count=count_of(Passage.objects.all(), "document"),
                missing_count=count_of(Footnote.objects.filter(supplied=None), "document"),
                has_text=Exists(Text.objects.filter(document=OuterRef("pk"))),
            )
        )

    def get_urls(self) -> list[URLPattern]:
        read_again = path(
            "<path:object_id>/read-again/",
            self.admin_site.admin_view(self.read_again_view),
            name="sources_document_read_again",
        )
        return [read_again, *super().get_urls()]

    def has_upload_permission(self, request: HttpRequest) -> bool:
        """Say whether someone may give a source another version."""
        return request.user.has_perm("sources.change_source")

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context["may_upload"] = self.has_upload_permission(request)
        return super().render_change_form(request, context, *args, **kwargs)

    def read_again_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Read the file of a document with today's extractor."""
        if not self.has_upload_permission(request):
            raise PermissionDenied
        document = self.get_object(request, unquote(object_id))
        if document is None:
            return self.missing(request)
        if request.method == "POST":
            return HttpResponseRedirect(
                reverse("admin:sources_document_change", args=[_read_again(request, document)])
            )
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Read its file again",
            "document": document,
            "label": self.label_of(document),
        }
        return TemplateResponse(request, "admin/sources/document/read_again.html", context)

    def is_public(self, obj: Document) -> bool:
        return obj.source.public

    def label_of(self, obj: Document) -> str:
        return label_of_document(obj)

    @admin.display(description="document", ordering="source__title")
    def label(self, document: Document) -> str:
        return f"{document.source}, v{document.number}"

    @admin.display(description="held", boolean=True)
    def held(self, document: Any) -> bool:
        return document.has_text

    @admin.display(description="passages", ordering="passage_count")
    def passages_listed(self, document: Any) -> SafeString:
        return link_to_list(Passage, document.passage_count, document__id__exact=document.pk)

    @admin.display(description="notes missing", ordering="missing_count")
    def notes_missing(self, document: Any) -> SafeString:
        return link_to_list(
            Footnote, document.missing_count, document__id__exact=document.pk, supplied__isempty=1
        )

    @admin.display(description="its words")
    def words(self, document: Any) -> SafeString | str:
        if not document.has_text:
            return "Not held here."
        if not document.text_length:
            return "It has none."
        return link_to_row(Text(document=document), "Read the text")


def _read_again(request: HttpRequest, document: Document) -> UUID:
    """Read a document's file again, tell what came of it, and return the document to show."""
    try:
        report = ingest.read_again(document)
    except ingest.IngestError as error:
        messages.error(request, f"It could not be read again. {error}")
        return document.pk
    if report.outcome is ingest.Outcome.READS_THE_SAME:
        messages.info(request, f"It reads the same as version {report.number}; nothing was added.")
    else:
        messages.success(request, f"Version {report.number} of “{document.source}” was made.")
        if report.passages:
            messages.info(request, what_moved(report.passages))
    return report.document or document.pk


def what_moved(passages: Iterable[ingest.PassageReport]) -> SafeString:
    """Return what a new version does to the passages of earlier ones, with links to those."""
    passages = list(passages)
    counts = Counter(passage.outcome for passage in passages)
    changed = [passage for passage in passages if passage.outcome != "same"]
    return format_html(
        "Passages of earlier versions: {}. Nothing was re-pointed.{}",
        ", ".join(f"{number} {outcome}" for outcome, number in sorted(counts.items())),
        format_html_join(
            "",
            '<br>{}: <a href="{}">{}</a>',
            (
                (
                    passage.outcome,
                    reverse("admin:sources_passage_change", args=[passage.passage]),
                    passage.quote[:80] or passage.passage,
                )
                for passage in changed[:_CHANGED_PASSAGES_NAMED]
            ),
        ),
    )


@admin.register(File)
class FileAdmin(ViewedOnlyAdmin):
    list_display = ("__str__", "media_type", "length", "held", "documents_listed", "created")
    list_filter = ("held", "media_type")
    search_fields = ("name", "sha256")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return (
            super()
            .get_queryset(request)
            .annotate(document_count=count_of(Document.objects.all(), "file"))
        )

    @admin.display(description="documents", ordering="document_count")
    def documents_listed(self, file: Any) -> SafeString:
        return link_to_list(Document, file.document_count, file__id__exact=file.pk)


@admin.register(Text)
class TextAdmin(ViewedOnlyAdmin):
    """The words of documents; only a text's own page loads them."""

    list_display = ("label", "characters")
    list_filter = (("document__source", ChosenFilter),)
    search_fields = ("document__source__title", "document__file__name")
    fields = ("of", "words")
    readonly_fields = ("of", "words")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("document__source").defer("content")

    def label_of(self, obj: Text) -> str:
        return label_of_document(obj.document)

    @admin.display(description="document", ordering="document__source__title")
    def label(self, text: Text) -> str:
        return label_of_document(text.document)

    @admin.display(ordering="document__text_length")
    def characters(self, text: Text) -> str:
        return f"{text.document.text_length:,}"

    @admin.display(description="document")
    def of(self, text: Text) -> SafeString | str:
        return link_to_row(text.document, label_of_document(text.document))

    @admin.display(description="text")
    def words(self, text: Text) -> SafeString:
        return format_html('<div class="document-text">{}</div>', text.content)
