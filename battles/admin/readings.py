"""What was read through, and marking it: a page of each document, beside the desk."""

from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString

from battles.models import Battle, Reading, Statement
from battles.publication import publish_reading, reading_obstacles, withdraw_reading
from battles.readings import Parts, Progress, Unit, mark, progress
from sources.admin.bases import ChosenFilter, ViewedOnlyAdmin, link_to_row
from sources.anchoring import Span
from sources.forms import autocomplete, label_of_document
from sources.models import Document, Text
from sources.shown_again import is_shown_again

LAST_BATTLE = "desk_last_battle"  # in the curator's session
_OPENINGS = 500  # paragraphs of which the numbers are listed


class MarkForm(forms.Form):
    """Which of a document was read through, and for which battle."""

    battle = forms.ModelChoiceField(
        Battle.objects.standing(), widget=autocomplete(Statement, "battle"), label="Read for"
    )
    unit = forms.ChoiceField(label="What was read")
    first = forms.IntegerField(required=False, min_value=1, label="From number")
    last = forms.IntegerField(required=False, min_value=1, label="To number")

    def __init__(self, parts: Parts, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.parts = parts
        unit: Any = self.fields["unit"]
        unit.choices = [(unit.value, unit.label) for unit in parts.units]
        self.span: Span | None = None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                self.span = self.parts.span(
                    Unit(cleaned["unit"]), cleaned["first"], cleaned["last"]
                )
            except ValidationError as refusal:
                self.add_error("first", refusal)
        return cleaned


@admin.register(Reading)
class ReadingAdmin(ViewedOnlyAdmin):
    """Everything that was read through; it is marked on the page of its document."""

    list_display = ("__str__", "of_document", "battle", "state", "at", "by_name")
    list_filter = ("state", ("battle", ChosenFilter), ("document", ChosenFilter))
    list_select_related = ("battle", "document__source")
    date_hierarchy = "at"
    ordering = ("-at", "pk")
    search_fields = ("battle__name", "document__source__title", "by_name")
    fields = (
        "of_document",
        "battle",
        "start",
        "end",
        "at",
        "by_name",
        "state",
        "published_at",
        "withdrawn_because",
    )
    readonly_fields = ("of_document",)

    @admin.display(description="document", ordering="document__source__title")
    def of_document(self, reading: Reading) -> SafeString | str:
        return link_to_row(reading.document, label_of_document(reading.document))

    def get_urls(self) -> list[URLPattern]:
        of_document = path(
            "of/<uuid:pk>/",
            self.admin_site.admin_view(self.document_view),
            name="battles_reading_of",
        )
        return [of_document, *super().get_urls()]

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("battles.publish_statement")

    def has_mark_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("battles.add_reading")

    def has_take_back_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("battles.delete_reading")

    def document_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Show what of a document was read through, and take the steps that are asked for."""
        may_see = self.has_view_permission(request) and request.user.has_perm(
            "sources.view_document"
        )
        if not may_see:
            raise PermissionDenied
        document = Document.objects.with_words().select_related("source").filter(pk=pk).first()
        if document is None:
            raise Http404("There is no such document, or its words are not held here.")
        text = Text.objects.values_list("content", flat=True).get(document=document)
        parts = Parts(text)
        begun = {"battle": request.session.get(LAST_BATTLE), **_selected(request, parts)}
        form = MarkForm(parts, initial=begun)
        status = 200
        if is_shown_again(request):
            messages.warning(
                request, "Nothing was done yet. What you typed is below; send it again."
            )
            if "_mark" in request.POST:
                form = MarkForm(parts, initial=request.POST.dict())
        elif request.method == "POST":
            if "_mark" in request.POST:
                form = MarkForm(parts, request.POST)
            try:
                done = self._taken_step(request, document, form)
            except ValidationError as refusal:
                if form.is_bound:
                    form.add_error(None, refusal)
                else:
                    messages.error(request, " ".join(refusal.messages))
                status = 409
            else:
                if done:
                    messages.success(request, done)
                    return HttpResponseRedirect(reverse("admin:battles_reading_of", args=[pk]))
                status = 409
        found = progress(document)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Read through",
            "document": document,
            "label": label_of_document(document),
            "form": form,
            "typed_reason": request.POST.get("reason", ""),
            "typed_for": request.POST.get("_withdraw"),
            "rows": [(one, _told(parts, one), self._obstacles(request, one)) for one in found],
            "openings": _openings(parts, text),
            "may_mark": self.has_mark_permission(request),
            "may_take_back": self.has_take_back_permission(request),
            "may_publish": self.has_publish_permission(request),
            "media": self.media + form.media,
        }
        return TemplateResponse(
            request, "admin/battles/reading/of_document.html", context, status=status
        )

    def _obstacles(self, request: HttpRequest, found: Progress) -> list[str]:
        if not found.is_read or found.is_published or not self.has_publish_permission(request):
            return []
        return reading_obstacles(found.readings[0].document, found.battle)

    def _taken_step(self, request: HttpRequest, document: Document, form: MarkForm) -> str:
        """Take a step and return what was done; nothing if the form says why it was not."""
        steps: dict[str, tuple[Callable[[HttpRequest], bool], Callable[[], str]]] = {
            "_mark": (self.has_mark_permission, lambda: self._marked(request, document, form)),
            "_take_back": (
                self.has_take_back_permission,
                lambda: self._taken_back(request, document),
            ),
            "_publish": (self.has_publish_permission, lambda: self._published(request, document)),
            "_withdraw": (self.has_publish_permission, lambda: self._withdrawn(request, document)),
        }
        for name, (may, take) in steps.items():
            if name in request.POST:
                if not may(request):
                    raise PermissionDenied
                return take()
        raise ValidationError("Nothing was asked for.")

    def _marked(self, request: HttpRequest, document: Document, form: MarkForm) -> str:
        if not form.is_valid() or form.span is None:
            return ""
        battle = form.cleaned_data["battle"]
        made = mark(document, battle, form.span, by=cast(User, request.user))
        for reading in made:
            self.log_addition(request, reading, [{"added": {}}])
        request.session[LAST_BATTLE] = str(battle.pk)
        told = ", ".join(form.parts.told(Span(row.start, row.end)) for row in made)
        return f"Marked as read through for {battle}: {told}."

    def _taken_back(self, request: HttpRequest, document: Document) -> str:
        wanted = Reading.objects.standing().filter(document=document)
        reading = wanted.filter(pk__in=_ids(request.POST["_take_back"])).first()
        if reading is None:
            raise ValidationError("It was taken back already.")
        if reading.is_public_or_was:
            raise ValidationError("Readers were told of it; it can be withdrawn, with a reason.")
        self.log_deletions(request, Reading.objects.filter(pk=reading.pk))
        reading.delete()
        return "Taken back."

    def _published(self, request: HttpRequest, document: Document) -> str:
        battle = _battle(request.POST["_publish"])
        publish_reading(document, battle)
        self._log(request, document, battle, "Published that it was read through.")
        return f"Readers of {battle} are told where this document is silent."

    def _withdrawn(self, request: HttpRequest, document: Document) -> str:
        battle = _battle(request.POST["_withdraw"])
        self._log(request, document, battle, "Withdrew that it was read through.")
        withdraw_reading(document, battle, request.POST.get("reason", ""))
        return f"Readers of {battle} are no longer told that this document is silent."

    def _log(self, request: HttpRequest, document: Document, battle: Battle, said: str) -> None:
        for reading in Reading.objects.published().filter(document=document, battle=battle):
            self.log_change(request, reading, said)


def _told(parts: Parts, found: Progress) -> tuple[list[tuple[Reading, str]], str]:
    """Return in words what was read, and what was not."""
    read = [(row, parts.told(Span(row.start, row.end))) for row in found.readings]
    return read, ", ".join(parts.told(span) for span in found.unread)


def _selected(request: HttpRequest, parts: Parts) -> dict[str, Any]:
    """Return the paragraphs of what was selected at the desk, if anything was."""
    try:
        span = Span(int(request.GET["start"]), int(request.GET["end"]))
    except (KeyError, ValueError):
        return {}
    if not 0 <= span.start < span.end <= parts.length:
        return {}
    first, last = parts.numbers(span)
    return {"unit": Unit.PARAGRAPHS, "first": first, "last": last}


def _openings(parts: Parts, text: str) -> list[tuple[int, str]]:
    """Return how the paragraphs begin, so that their numbers can be found."""
    starts = enumerate(parts.paragraphs[:-1][:_OPENINGS], 1)
    return [(number, text[start : start + 60].strip().split("\n")[0]) for number, start in starts]


def _battle(typed: str) -> Battle:
    battle = Battle.objects.filter(pk__in=_ids(typed)).first()
    if battle is None:
        raise ValidationError("There is no such battle.")
    return battle


def _ids(typed: str) -> list[UUID]:
    try:
        return [UUID(typed)]
    except ValueError:
        return []
