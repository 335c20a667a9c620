from typing import Any, BinaryIO, ClassVar, cast

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from sources import ingest
from sources.admin.bases import ChosenFilter, ProposingAdmin, VersionedAdmin, count_of, link_to_list
from sources.admin.bibliographies import take_in_bibliography
from sources.admin.documents import what_moved
from sources.admin.history import HistoryAdmin
from sources.forms import UploadForm
from sources.history import SourceTeller
from sources.models import (
    Contribution,
    Derivation,
    Document,
    Passage,
    Source,
    SourceIdentifier,
)
from sources.shown_again import again_or_anew


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
        match self.value():
            case "yes":
                return queryset.filter(held=True)
            case "no":
                return queryset.filter(held=False)
        return queryset


@admin.register(Source)
class SourceAdmin(HistoryAdmin, VersionedAdmin):
    teller = SourceTeller
    change_form_template = "admin/sources/source/change_form.html"
    prepopulated_fields = {"slug": ("title",)}
    autocomplete_fields = ("origin", "contained_in")
    formfield_overrides = {
        **VersionedAdmin.formfield_overrides,
        models.URLField: {"assume_scheme": "https"},
    }
    readonly_fields: ClassVar[tuple[str, ...]] = ("held", "public", "created")
    inlines = (ContributionInline, IdentifierInline, DerivationInline)
    fieldsets: ClassVar[Any] = (
        (None, {"fields": ("title", "slug", "kind", "origin", "language", "proximity", "held")}),
        ("Other titles", {"fields": ("title_sentence", "title_original", "title_translated")}),
        ("Date", {"fields": ("issued_printed", "issued_edtf")}),
        (
            "As published",
            {
                "fields": (
                    *("publisher", "place_published", "volume", "issue", "edition"),
                    *("url", "accessed"),
                )
            },
        ),
        ("What it stands in", {"fields": ("contained_in", "pages")}),
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
        view = self.admin_site.admin_view
        return [
            path("upload/", view(self.upload_new_view), name="sources_source_upload_new"),
            path("bibliography/", view(self.bibliography_view), name="sources_source_bibliography"),
            path("<path:object_id>/upload/", view(self.upload_view), name="sources_source_upload"),
            *super().get_urls(),
        ]

    def upload_new_view(self, request: HttpRequest) -> HttpResponse:
        """Take in files, each as a source of its own."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        return self._upload(request, None)

    def bibliography_view(self, request: HttpRequest) -> HttpResponse:
        """Make sources of the entries of a bibliography."""
        return take_in_bibliography(self, request)

    def upload_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Take in files as the next versions of a source."""
        source = self.get_object(request, unquote(object_id))
        if not self.has_change_permission(request, source):
            raise PermissionDenied
        if source is None:
            return self.missing(request)
        return self._upload(request, source)

    def _upload(self, request: HttpRequest, source: Source | None) -> HttpResponse:
        """Take in files, sent all at once, or by the page's script one after the other."""
        form = again_or_anew(request, UploadForm)(
            request.POST or None, request.FILES or None, source=source, initial=request.GET.dict()
        )
        results: list[tuple[str, ingest.Report | None, str]] = []
        by_script = request.headers.get("X-Requested-With") == "XMLHttpRequest"
        if request.method == "POST" and form.is_valid():
            results = [
                (upload.name, *self._take_in(request, upload, source, form.cleaned_data))
                for upload in form.cleaned_data["files"]
            ]
            [(_, report, refused), *others] = results
            if report and not others and not by_script:
                _tell(request, report)
                address = reverse("admin:sources_document_change", args=[report.document])
                return HttpResponseRedirect(address)
            if not others and not by_script:
                form.add_error(None, refused)
                results = []
        elif by_script:
            said = [str(error) for errors in form.errors.values() for error in errors]
            results = [("", None, " ".join(said))]
        context = {
            "results": [
                (name, report, report and report.passages and what_moved(report.passages), refused)
                for name, report, refused in results
            ],
            "held_now": sum(report is not None for _, report, _ in results),
        }
        if by_script:
            return TemplateResponse(request, "admin/sources/includes/upload_rows.html", context)
        context |= {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Upload documents",
            "source": source,
            "form": form,
            "media": self.media,
        }
        return TemplateResponse(request, "admin/sources/source/upload.html", context)

    def _take_in(
        self,
        request: HttpRequest,
        upload: UploadedFile,
        source: Source | None,
        chosen: dict[str, Any],
    ) -> tuple[ingest.Report | None, str]:
        """Take in one upload; return its report, or the reason against it."""
        try:
            report = ingest.ingest_upload(
                cast(BinaryIO, upload),
                upload.name or "",
                source=source,
                transcribes=chosen.get("transcribes"),
                charset=chosen["charset"] or None,
            )
        except ingest.IngestError as error:
            return None, str(error)
        if report.outcome is not ingest.Outcome.ALREADY_HELD:
            self.log_change(request, Source.objects.get(slug=report.source), _said(report))
        return report, ""


def _tell(request: HttpRequest, report: ingest.Report) -> None:
    """Tell what became of the one file of an upload."""
    if report.outcome is ingest.Outcome.ALREADY_HELD:
        messages.info(request, _said(report))
        return
    messages.success(request, _said(report))
    if report.lacks:
        messages.warning(request, report.lacks)
    if report.passages:
        messages.info(request, what_moved(report.passages))


def _said(report: ingest.Report) -> str:
    match report.outcome:
        case ingest.Outcome.ALREADY_HELD:
            return "This file is held here already; nothing was added."
        case ingest.Outcome.RECEIVED:
            return "The document was known by its hash; its words are now held and verified."
    extent = f"with {report.text_length:,} characters" if report.text_length else "without text"
    return f"Version {report.number} of “{report.title}” was made, {extent}."


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
