"""The desk: reading a document and citing it by statements, without leaving the text."""

from functools import partial
from typing import Any, ClassVar, cast
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import DELETION, LogEntry
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Exists, OuterRef, Q
from django.forms.utils import ErrorDict
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from battles import desk
from battles.admin.readings import LAST_BATTLE
from battles.admin.records import record_as_stored, record_statements_as_found
from battles.admin.review import ReviewAdmin
from battles.attribution import attribution
from battles.desk import Choice, Saved, Selection
from battles.drafting.selection import begun_with
from battles.forms import StatementForm, sections_of
from battles.kinds import Kind
from battles.models import Battle, Citation, Statement
from battles.readings import progress
from battles.worklists import DOCUMENTS
from sources import worklists
from sources.admin.bases import work_filter
from sources.admin.documents import DocumentAdmin
from sources.admin.history import recorded
from sources.admin.works import SourceAdmin
from sources.forms import QuoteForm, autocomplete, in_context, label_of_document
from sources.models import Document, Footnote, Origin, Passage, Source, Text
from sources.shown_again import NOT_SAVED, is_shown_again

_LISTED = 50
_VERSIONS = 10  # of a source, to which its page leads
_LAST_SAVE = "desk_last_save"  # in the curator's session
_NEEDED = ("battles.change_statement", "battles.add_citation", "sources.add_passage")


class PanelForm(QuoteForm):
    """What is cited, by which statements, on whose word and how it bears on them."""

    # The page says which document; None takes the inherited fields away.
    document = None  # type: ignore[assignment]
    source = None  # type: ignore[assignment]

    at = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)
    battle = forms.ModelChoiceField(
        Battle.objects.standing(), widget=autocomplete(Statement, "battle"), help_text=""
    )
    wanted = forms.CharField(
        required=False,
        label="Find statements",
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
        help_text="Words, names, a kind or a number.",
    )
    kind = forms.ChoiceField(
        required=False,
        choices=[("", "no new statement"), *Kind.choices],
        label="Start a new statement",
    )
    claimant = forms.ModelChoiceField(
        Origin.objects.all(),
        required=False,
        widget=autocomplete(Citation, "claimant"),
        label="On whose word",
    )

    def __init__(self, document: Document, text: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cited_document, self.text = document, text
        self.selection: Selection | None = None
        self.choices: list[Choice] = []
        words: Any = self.fields["words"]
        words.label = "Quote"
        for name in ("bearing", "named_source", "note_marker", "note"):
            model_field: Any = Citation._meta.get_field(name)
            widget: dict[str, Any] = (
                {"widget": autocomplete(Citation, name)} if name == "named_source" else {}
            )
            if name == "note":
                widget["widget"] = forms.Textarea(attrs={"rows": 2})
            self.fields[name] = model_field.formfield(**widget)
        bearing: Any = self.fields["bearing"]
        bearing.choices = Citation.Bearing.choices

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        try:
            self.choices = [Choice.loads(value) for value in self._ticked()]
        except ValidationError as refusal:
            self.add_error(None, refusal)
        try:
            self._select(cleaned)
        except ValidationError as refusal:
            self.add_error(None, refusal)
        if not self._ticked() and not cleaned.get("kind"):
            self.add_error(None, "Tick the statements that rest on this, or start a new one.")
        if not cleaned.get("claimant") and "claimant" not in self.errors:
            if self.reported:
                self.add_error(
                    "claimant", f"The passage says “{self.reported.words}”: say whose word it is."
                )
            elif self.cited_document.source.origin is None:
                self.add_error("claimant", "The source has no origin yet: say whose word it is.")
            else:
                cleaned["claimant"] = self.cited_document.source.origin
        return cleaned

    @property
    def reported(self) -> Any:
        """Whose word the passage reports, if it says so."""
        if self.selection is None:
            return None
        origins = Origin.objects.order_by("name", "pk")
        return attribution(self.text, self.selection.start, self.selection.end, origins)

    def _ticked(self) -> list[str]:
        data: Any = self.data
        return list(dict.fromkeys(data.getlist("statements")))

    def _select(self, cleaned: dict[str, Any]) -> None:
        if cleaned.get("at"):
            selection = Selection.loads(cleaned["at"])
            desk.check(selection, self.text)
            self.selection = selection
        elif quote := (cleaned.get("words") or "").strip():
            if span := self._place(self.cited_document, quote):
                self.selection = Selection(*span, self.text[span.start : span.end])
        else:
            self.add_error("words", "Select words in the text, or paste them here.")


def _told_later(form: Any, *, but: tuple[str, ...] = ()) -> None:
    """Keep what is wrong with a form to itself until it is saved, but for some fields."""
    form._errors = ErrorDict({name: form.errors[name] for name in but if name in form.errors})


class DeskAdmin(ReviewAdmin):
    """The desk's pages, which belong to the admin of statements."""

    change_list_template = "admin/battles/statement/change_list.html"

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("read/", wrap(self.shelf_view), name="battles_statement_shelf"),
            path("read/<uuid:pk>/", wrap(self.desk_view), name="battles_statement_read"),
            path("read/<uuid:pk>/cite/", wrap(self.cite_view), name="battles_statement_cite"),
            path(
                "read/<uuid:pk>/undo/",
                wrap(require_POST(self.undo_view)),
                name="battles_statement_undo",
            ),
            *super().get_urls(),
        ]

    def has_desk_permission(self, request: HttpRequest) -> bool:
        """Say whether someone may cite from the desk, and not only read there."""
        return request.user.has_perms(_NEEDED)

    def _readable(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request) and request.user.has_perm("sources.view_document")

    # Choosing a document -----------------------------------------------------------------------

    def shelf_view(self, request: HttpRequest) -> HttpResponse:
        """List the documents that can be read here."""
        if not self._readable(request):
            raise PermissionDenied
        wanted = request.GET.get("q", "").replace("\0", "").strip()
        documents = Document.objects.filter(
            Exists(Text.objects.filter(document=OuterRef("pk")))
        ).select_related("source")
        if wanted:
            documents = documents.filter(
                Q(source__title__icontains=wanted)
                | Q(source__title_original__icontains=wanted)
                | Q(source__slug__icontains=wanted)
                | Q(pk__in=_ids(wanted))
                | Q(source__in=_ids(wanted))
            )
        rows = documents.annotate(cited=Count("passages__citations")).order_by("-created", "pk")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Read a document",
            "wanted": wanted,
            "documents": [(row, label_of_document(row)) for row in rows[:_LISTED]],
            "media": self.media,
        }
        return TemplateResponse(request, "admin/battles/desk/shelf.html", context)

    # Reading -----------------------------------------------------------------------------------

    def desk_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Show a document, its passages marked, and what rests on each beside it."""
        document, text = self._document(request, pk)
        notes = list(
            Footnote.objects.filter(document=document).with_words().order_by("number", "pk")
        )
        stretches = desk.read(document, text, notes)
        for stretch in stretches:
            for mark in stretch.marks:
                for citation in mark.citations:
                    cast(Any, citation).says = self.says(citation.statement)
        last = request.session.get(_LAST_SAVE) or {}
        context = {
            **self._about(request, document),
            "stretches": stretches,
            "uncited": desk.in_steps(desk.uncited_sentences(text, stretches)),
            "panel": PanelForm(document, text),
            "may_undo": last.get("document") == str(document.pk),
            "progress": progress(document),
            "missing": [note for note in notes if not note.supplied],
            "may_see_notes": request.user.has_perm("sources.view_footnote"),
            "may_supply_notes": request.user.has_perm("sources.change_footnote"),
            "may_see_readings": request.user.has_perm("battles.view_reading"),
        }
        return TemplateResponse(request, "admin/battles/desk/desk.html", context)

    def _document(self, request: HttpRequest, pk: UUID) -> tuple[Document, str]:
        if not self._readable(request):
            raise PermissionDenied
        document = Document.objects.select_related("source__origin").filter(pk=pk).first()
        text = Text.objects.filter(document=pk).values_list("content", flat=True).first()
        if document is None or text is None:
            raise Http404("There is no such document, or its words are not held here.")
        return document, text

    def _about(self, request: HttpRequest, document: Document) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Read and cite",
            "document": document,
            "label": label_of_document(document),
            "may_cite": self.has_desk_permission(request),
            "media": self.media + PanelForm(document, "").media,
        }

    def _begun_with(self, request: HttpRequest, document: Document) -> dict[str, Any]:
        battles = Battle.objects.standing()
        last = battles.filter(pk__in=_ids(request.session.get(LAST_BATTLE, "")))
        battle = last.first() or (
            battles.filter(statements__citations__passage__document=document)
            .order_by("name", "pk")
            .first()
        )
        return {"battle": battle, "bearing": Citation.Bearing.SUPPORTS}

    # Citing ------------------------------------------------------------------------------------

    def cite_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Show the panel for a selection, and save what it says when asked to."""
        document, text = self._document(request, pk)
        if not self.has_desk_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseRedirect(_desk(document))
        form = PanelForm(document, text, self._with_proposals(request, document, text))
        valid = form.is_valid()
        new = self._new_statement(request, form)
        if "_save" in request.POST:
            valid = (new is None or new.is_valid()) and valid
            if valid and (saved := self._saved(request, form, new)):
                where = f"{_desk(document)}#p-{saved.passage}"
                if request.headers.get("X-Desk"):
                    return JsonResponse({"next": where}, status=201)
                return HttpResponseRedirect(where)
        else:
            _told_later(form, but=("words", "place"))
            if new is not None:
                _told_later(new)
        if is_shown_again(request):
            messages.warning(request, NOT_SAVED)
        if form.selection and not form["at"].value():
            cast(Any, form.data)["at"] = form.selection.dumps()
        status = 409 if "_save" in request.POST else 200
        context = {**self._about(request, document), **self._panel(request, form, new)}
        return TemplateResponse(request, "admin/battles/desk/cite.html", context, status=status)

    def _with_proposals(self, request: HttpRequest, document: Document, text: str) -> Any:
        """Return what was sent, with a battle and a claimant proposed to a panel newly opened."""
        sent = request.POST.copy()
        if "_open" not in sent and "_save" not in sent and not sent.get("proposed_for"):
            sent["_open"] = "1"
        if "_open" in sent:
            begun = self._begun_with(request, document)
            sent.setdefault("bearing", begun["bearing"])
            if begun["battle"] is not None:
                sent.setdefault("battle", str(begun["battle"].pk))
            opened = PanelForm(document, text, sent)
            opened.is_valid()
            if opened.selection and (reported := opened.reported):
                sent["claimant"] = str(reported.origin.pk) if reported.origin else ""
            elif opened.selection and document.source.origin:
                sent["claimant"] = str(document.source.origin.pk)
            sent["proposed_for"] = "1" if opened.selection else ""
        return sent

    def _new_statement(self, request: HttpRequest, form: PanelForm) -> Any:
        kind, battle = form.cleaned_data.get("kind"), form.cleaned_data.get("battle")
        if not kind or battle is None or not self.has_add_permission(request):
            return None
        names = [name for _, section in sections_of(Kind(kind)) for name in section["fields"]]
        if kind == Kind.NARRATIVE:
            names += ["question", "is_quotation"]
        made = forms.modelform_factory(
            Statement,
            form=StatementForm,
            fields=[*names, "printed", "inference"],
            formfield_callback=partial(self.formfield_for_dbfield, request=request),
        )
        of_kind = type("NewStatement", (made,), {"kind": Kind(kind), "battle": battle})
        sent = form.data
        # Only what a form of this very kind sent is what was typed into this one.
        fresh = sent.get("kind_shown") != kind
        if fresh:
            sent = _without_new(sent)
            if "_save" not in request.POST:  # what nobody saw is not saved
                self._propose_values(form, Kind(kind), battle, sent)
        return of_kind(sent, prefix="new")

    def _propose_values(self, form: PanelForm, kind: Kind, battle: Battle, sent: Any) -> None:
        """Fill in what the words selected say, where nothing was typed."""
        if form.selection is None:
            return
        found = begun_with(form.cited_document, form.text, battle, kind, form.selection.span)
        marker = found.pop("note_marker", "")
        if marker and not form.data.get("note_marker"):
            cast(Any, form.data)["note_marker"] = marker
        for name, value in found.items():
            sent.setdefault(f"new-{name}", value)

    def _panel(self, request: HttpRequest, form: PanelForm, new: Any) -> dict[str, Any]:
        """Return what the panel shows: the words, and the statements to choose among."""
        battle = form.cleaned_data.get("battle")
        ticked = list(desk.chosen(form.choices))
        rows = ticked
        if battle is not None:
            found = desk.proposed(battle, form.cleaned_data.get("wanted") or "")
            rows = [*ticked, *(row for row in found if row not in ticked)]
        ids = {choice.statement for choice in form.choices}
        return {
            "panel": form,
            "new": new,
            "quote": form.selection and in_context(form.text, form.selection.span),
            "reported": form.reported,
            "battle": battle,
            "rows": [(Choice.of(row), self.says(row), row, row.pk in ids) for row in rows],
        }

    def _saved(self, request: HttpRequest, form: PanelForm, new: Any) -> Saved | None:
        """Save what the panel says, or tell the form why it cannot be."""
        cleaned = form.cleaned_data
        names = ("claimant", "bearing", "named_source", "note_marker", "note")
        chosen = [choice.statement for choice in form.choices]
        record_statements_as_found(Q(pk__in=chosen) | Q(revises__in=chosen))
        try:
            with recorded(request):
                saved = desk.cite(
                    form.cited_document,
                    cast(Selection, form.selection),
                    form.choices,
                    new and new.instance,
                    locator=cleaned["locator"],
                    **{name: cleaned[name] for name in names},
                )
                record_as_stored(saved.versions)
                for row in Statement.objects.filter(pk__in=saved.versions).order_by("pk"):
                    if row.pk in saved.made and row.revises_id is None:
                        self.log_addition(request, row, [{"added": {}}])
                    else:
                        said = "Opened a revision and cited" if row.pk in saved.made else "Cited"
                        self.log_change(request, row, f"{said} a passage at the desk.")
        except ValidationError as refusal:
            if isinstance(refusal, desk.StaleChoiceError):
                form.choices = [Choice.of(row) for row in desk.chosen(form.choices)]
            form.add_error(None, refusal)
            return None
        request.session[LAST_BATTLE] = str(cleaned["battle"].pk)
        request.session[_LAST_SAVE] = {
            "document": str(form.cited_document.pk),
            "saved": saved.as_data(),
        }
        number = len(saved.citations)
        revisions = Statement.objects.filter(pk__in=saved.made, revises__isnull=False).count()
        told = f"{number} citation{'s' if number > 1 else ''} saved."
        if revisions:
            told += " What is published is cited by its revision, which is opened now."
        messages.success(request, told)
        return saved

    def undo_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Take back the curator's last save at the desk."""
        document, _ = self._document(request, pk)
        if not self.has_desk_permission(request):
            raise PermissionDenied
        last = request.session.pop(_LAST_SAVE, None)
        if last is None or last["document"] != str(document.pk):
            messages.warning(request, "There is nothing to take back.")
            return HttpResponseRedirect(_desk(document))
        saved = Saved.from_data(last["saved"])
        made: list[Any] = [
            *Statement.objects.filter(pk__in=saved.made).order_by("pk"),
            *Passage.objects.filter(pk=saved.passage),
        ]
        try:
            with recorded(request):
                desk.take_back(saved)
                self._log_taken_back(request, made)
                kept = [pk for pk in saved.versions if pk not in saved.made]
                record_as_stored(kept)
                for row in Statement.objects.filter(pk__in=kept).order_by("pk"):
                    self.log_change(request, row, "Took back a citation made at the desk.")
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
        else:
            messages.success(request, "The last save was taken back.")
        return HttpResponseRedirect(_desk(document))

    def _log_taken_back(self, request: HttpRequest, rows: list[Any]) -> None:
        """Note which rows are gone, so that they can be found again and restored."""
        gone: Any = [row for row in rows if not type(row).objects.filter(pk=row.pk).exists()]
        LogEntry.objects.log_actions(
            cast(Any, request.user).pk, gone, DELETION, change_message="taken back at the desk"
        )


def _desk(document: Document) -> str:
    return reverse("admin:battles_statement_read", args=[document.pk])


def _ids(typed: str) -> list[UUID]:
    try:
        return [UUID(typed)]
    except ValueError:
        return []


def _without_new(sent: Any) -> Any:
    kept = sent.copy()
    for name in [name for name in kept if name.startswith("new-")]:
        del kept[name]
    for name in ("printed", "inference"):
        if value := sent.get(f"new-{name}"):
            kept[f"new-{name}"] = value
    return kept


admin.site.unregister(Document)
admin.site.unregister(Source)


@admin.register(Document)
class ReadDocumentAdmin(DocumentAdmin):
    """Documents, with the way to the desk."""

    fields = ("source", "desk", "read_through", *DocumentAdmin.fields[1:])
    readonly_fields = (*DocumentAdmin.readonly_fields, "desk", "read_through")
    list_filter = (work_filter(*worklists.DOCUMENTS, *DOCUMENTS), *DocumentAdmin.list_filter[1:])

    @admin.display(description="desk")
    def desk(self, document: Document) -> SafeString | str:
        if not Text.objects.filter(document=document).exists():
            return "Its words are not held here."
        return format_html(
            '<a href="{}">Read and cite</a> · <a href="{}">Draft from this document</a>',
            _desk(document),
            reverse("admin:battles_statement_draft", args=[document.pk]),
        )

    @admin.display(description="read through")
    def read_through(self, document: Document) -> SafeString | str:
        if not document.text_length or not Text.objects.filter(document=document).exists():
            return "There is nothing to read."
        found = [f"{one.standing} for {one.battle}" for one in progress(document)]
        return format_html(
            '{}. <a href="{}">Mark what was read</a>',
            "; ".join(found).capitalize() or "Unread",
            reverse("admin:battles_reading_of", args=[document.pk]),
        )


@admin.register(Source)
class ReadSourceAdmin(SourceAdmin):
    """Sources, with the way to the desk for each document, the newest first."""

    fieldsets: ClassVar[Any] = (
        (None, {"fields": (*SourceAdmin.fieldsets[0][1]["fields"], "desk")}),
        *SourceAdmin.fieldsets[1:],
    )
    readonly_fields = (*SourceAdmin.readonly_fields, "desk")

    @admin.display(description="desk")
    def desk(self, source: Source) -> SafeString | str:
        if source._state.adding:
            return "Upload a document first; then it can be read here."
        rows = Document.objects.with_words().filter(source=source).order_by("-number")
        links = [(_desk(row), row.number) for row in rows[:_VERSIONS]]
        return format_html_join(", ", '<a href="{}">Read and cite v{}</a>', links) or (
            "No words of it are held here."
        )
