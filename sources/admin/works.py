import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db import models
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from sources import ingest
from sources.admin.bases import ChosenFilter, ProposingAdmin, VersionedAdmin, count_of, link_to_list
from sources.admin.bibliographies import take_in_bibliography
from sources.forms import UploadForm
from sources.models import (
    Contribution,
    Derivation,
    Document,
    Passage,
    Source,
    SourceIdentifier,
    Text,
)

_CHANGED_PASSAGES_NAMED = 20


class ContributionInline(admin.TabularInline):
    model = Contribution
    extra = 1


class IdentifierInline(admin.TabularInline):
    model = SourceIdentifier
    extra = 1
    readonly_fields = ("checked",)

    @admin.display(description="checked")
    def checked(self, identifier: SourceIdentifier) -> str:
        return identifier.problem


class DerivationInline(ProposingAdmin, admin.TabularInline):
    model = Derivation
    fk_name = "source"
    autocomplete_fields = ("derives_from",)
    extra = 1
    verbose_name = "work it says it rests on"
    verbose_name_plural = "works it says it rests on"


class HeldFilter(admin.SimpleListFilter):
    """Whether the words of a document of the source are here."""

    title = "held here"
    parameter_name = "held"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Yes"), ("no", "No")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        held = Exists(Text.objects.filter(document__source=OuterRef("pk")))
        match self.value():
            case "yes":
                return queryset.filter(held)
            case "no":
                return queryset.exclude(held)
        return queryset


@admin.register(Source)
class SourceAdmin(VersionedAdmin):
    change_form_template = "admin/sources/source/change_form.html"
    prepopulated_fields = {"slug": ("title",)}
    autocomplete_fields = ("origin", "contained_in")
    formfield_overrides = {
        **VersionedAdmin.formfield_overrides,
        models.URLField: {"assume_scheme": "https"},
    }
    readonly_fields = ("held", "public", "created")
    inlines = (ContributionInline, IdentifierInline, DerivationInline)
    fieldsets = (
        (None, {"fields": ("title", "slug", "kind", "origin", "language", "proximity", "held")}),
        ("Other titles", {"fields": ("title_sentence", "title_original", "title_translated")}),
        ("Date", {"fields": ("issued_printed", "issued_edtf")}),
        (
            "As published",
            {"fields": ("publisher", "place_published", "volume", "edition", "url")},
        ),
        ("What it stands in", {"fields": ("contained_in",)}),
        ("Archival item", {"fields": ("repository", "fonds", "box")}),
        ("Rights", {"fields": ("rights", "rights_note")}),
        ("For readers", {"fields": ("note", "public", "created")}),
    )
    list_display = (
        "title",
        "kind",
        "origin",
        "issued_printed",
        "rights",
        "documents_listed",
        "passages_listed",
        "public",
    )
    list_filter = (
        "kind",
        "rights",
        "proximity",
        HeldFilter,
        "public",
        ("origin", ChosenFilter),
        ("contained_in", ChosenFilter),
    )
    list_select_related = ("origin",)
    search_fields = (
        "title",
        "title_original",
        "title_translated",
        "slug",
        "contributions__name",
        "contributions__name_original",
        "identifiers__value",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return (
            super()
            .get_queryset(request)
            .annotate(
                document_count=count_of(Document.objects.all(), "source"),
                passage_count=count_of(Passage.objects.all(), "source"),
            )
        )

    @admin.display(description="documents", ordering="document_count")
    def documents_listed(self, source: Any) -> SafeString:
        return link_to_list(Document, source.document_count, source__id__exact=source.pk)

    @admin.display(description="passages", ordering="passage_count")
    def passages_listed(self, source: Any) -> SafeString:
        return link_to_list(Passage, source.passage_count, source__id__exact=source.pk)

    @admin.display(description="held here")
    def held(self, source: Any) -> SafeString | str:
        if source._state.adding:
            return "Save it first; then a document can be uploaded."
        return format_html(
            "{}, {}",
            link_to_list(
                Document, _counted(source.document_count, "document"), source__id__exact=source.pk
            ),
            link_to_list(
                Passage, _counted(source.passage_count, "passage"), source__id__exact=source.pk
            ),
        )

    def get_urls(self) -> list[URLPattern]:
        upload = path(
            "<path:object_id>/upload/",
            self.admin_site.admin_view(self.upload_view),
            name="sources_source_upload",
        )
        bibliography = path(
            "bibliography/",
            self.admin_site.admin_view(self.bibliography_view),
            name="sources_source_bibliography",
        )
        return [bibliography, upload, *super().get_urls()]

    def bibliography_view(self, request: HttpRequest) -> HttpResponse:
        """Make sources of the entries of a bibliography."""
        return take_in_bibliography(self, request)

    def upload_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Take in a file as the next version of a source."""
        source = self.get_object(request, unquote(object_id))
        if not self.has_change_permission(request, source):
            raise PermissionDenied
        if source is None:
            return self.missing(request)
        form = UploadForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            try:
                report = _take_in(form.cleaned_data["file"], source, form.cleaned_data["charset"])
            except ingest.IngestError as error:
                form.add_error(None, str(error))
            else:
                self._tell(request, source, report)
                return HttpResponseRedirect(
                    reverse("admin:sources_document_change", args=[report.document])
                )
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Upload a document",
            "source": source,
            "form": form,
            "media": self.media,
        }
        return TemplateResponse(request, "admin/sources/source/upload.html", context)

    def _tell(self, request: HttpRequest, source: Source, report: ingest.Report) -> None:
        match report.outcome:
            case ingest.Outcome.ALREADY_HELD:
                messages.info(request, "This file is held here already; nothing was added.")
                return
            case ingest.Outcome.RECEIVED:
                said = "The document was known by its hash; its words are now held and verified."
            case _:
                said = (
                    f"Version {report.number} of “{source}” was made, "
                    f"with {report.text_length:,} characters."
                )
        self.log_change(request, source, said)
        messages.success(request, said)
        if report.passages:
            messages.info(request, _what_moved(report.passages))


def _take_in(upload: UploadedFile, source: Source, charset: str) -> ingest.Report:
    with tempfile.NamedTemporaryFile() as copy:
        for chunk in upload.chunks():
            copy.write(chunk)
        copy.flush()
        return ingest.ingest(
            Path(copy.name), source=source, charset=charset or None, name=upload.name or ""
        )


def _what_moved(passages: Iterable[ingest.PassageReport]) -> SafeString:
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


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
