from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from sources.admin.bases import (
    ChosenFilter,
    ViewedOnlyAdmin,
    count_of,
    link_to_list,
    link_to_row,
)
from sources.forms import label_of_document
from sources.models import Document, File, Passage, Text


@admin.register(Document)
class DocumentAdmin(ViewedOnlyAdmin):
    """The readings of files. They are made by uploading a file to a source."""

    list_display = (
        "label",
        "file",
        "held",
        "text_length",
        "passages_listed",
        "created",
    )
    list_filter = ("file__held", "extractor", "file__media_type", ("source", ChosenFilter))
    search_fields = ("source__title", "source__title_original", "source__slug", "file__name")
    search_help_text = "Titles of the source and file names."
    fields = (
        "source",
        "number",
        "words",
        "passages_listed",
        "file",
        "extractor",
        "extractor_version",
        "charset",
        "text_sha256",
        "text_length",
        "created",
    )
    readonly_fields = ("words", "passages_listed")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return (
            super()
            .get_queryset(request)
            .select_related("source", "file")
            .annotate(
                passage_count=count_of(Passage.objects.all(), "document"),
                has_text=Exists(Text.objects.filter(document=OuterRef("pk"))),
            )
        )

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

    @admin.display(description="its words")
    def words(self, document: Any) -> SafeString | str:
        if not document.has_text:
            return "Not held here."
        return link_to_row(Text(document=document), "Read the text")


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
