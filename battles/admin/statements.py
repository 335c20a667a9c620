"""Statements in the admin: begun by battle and kind, with the values of that kind alone."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.safestring import SafeString

from battles import worklists
from battles.admin.citations import CitationInline, NewCitationInline, is_frozen
from battles.admin.drafting import DraftingAdmin
from battles.admin.merging import MovingAdmin
from battles.admin.records import record_as_stored
from battles.forms import StatementForm, sections_of
from battles.kinds import Kind
from battles.models import Battle, Citation, Statement
from sources.admin.bases import ChosenFilter, count_of, link_to_list, link_to_row, work_filter

_BATTLES_PROPOSED = 25

KINDS_IN_WORDS: dict[Kind, str] = {
    Kind.NAME: "what the battle is called",
    Kind.PART_OF: "which campaign or war it belongs to",
    Kind.DATE: "when it was, began or ended",
    Kind.PLACE: "where it was fought",
    Kind.RESULT: "who won, or that nobody did",
    Kind.BELLIGERENT: "a party that fought",
    Kind.COMMANDER: "a person who commanded",
    Kind.UNIT: "a unit that took part",
    Kind.STRENGTH: "how many took part",
    Kind.CASUALTIES: "how many were killed, wounded, captured or lost",
    Kind.NARRATIVE: "one sentence of the account",
    Kind.NOTE: "a remark of the archive's own",
}


class RevisionFilter(admin.SimpleListFilter):
    """Whether a draft revises a published statement."""

    title = "revision"
    parameter_name = "revision"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Revisions"), ("no", "New statements")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() in {"yes", "no"}:
            return queryset.filter(revises__isnull=self.value() == "no")
        return queryset


@admin.register(Statement)
class StatementAdmin(MovingAdmin, DraftingAdmin):
    form = StatementForm
    change_form_template = "admin/battles/statement/change_form.html"
    autocomplete_fields = ("parent", "place", "entity", "party")
    readonly_fields = ("battle_linked", "kind", "state", "answers", "created")
    list_display = ("says", "kind", "state", "last_step", "citations_listed", "battle")
    ordering = ("battle__name", "battle_id", "kind", "section", "position", "created", "pk")
    list_filter = (
        work_filter(*worklists.STATEMENTS),
        "state",
        "kind",
        RevisionFilter,
        ("battle", ChosenFilter),
        ("question", ChosenFilter),
        ("entity", ChosenFilter),
        ("place", ChosenFilter),
        ("party", ChosenFilter),
    )
    search_fields = (
        "text",
        "printed",
        "battle__name",
        "entity__name",
        "place__name",
        "side__name",
    )
    search_help_text = "Wording, battles, parties, persons, units, places and sides."

    # What a list and a form show -------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        statements: Any = super().get_queryset(request)
        return (
            statements.with_values()
            .select_related("revises")
            .annotate(citation_count=count_of(Citation.objects.all(), "statement"))
        )

    @admin.display(description="citations", ordering="citation_count")
    def citations_listed(self, statement: Any) -> SafeString:
        return link_to_list(Citation, statement.citation_count, statement__id__exact=statement.pk)

    @admin.display(description="battle")
    def battle_linked(self, statement: Statement) -> SafeString | str:
        return link_to_row(statement.battle)

    @admin.display(description="answers the question")
    def answers(self, statement: Statement) -> SafeString | str:
        return link_to_row(statement.question)

    def get_fieldsets(self, request: HttpRequest, obj: Statement | None = None) -> Any:
        kind = Kind(obj.kind) if obj else self._begun(request)[0]
        if kind is None:
            return ()
        about = ("battle_linked", "kind", "state") if obj else ()
        quoted = ("is_quotation",) if kind == Kind.NARRATIVE else ()
        place = ("question", "position") if kind == Kind.NARRATIVE else ("position",)
        if obj and kind != Kind.NARRATIVE and obj.question_id:
            place = ("answers", "position")
        return [
            *([(None, {"fields": about})] if about else []),
            *sections_of(kind),
            (
                "As printed, and how we read it",
                {
                    "description": "What the document prints is kept apart from how we read it.",
                    "fields": (*quoted, "printed", "inference"),
                },
            ),
            ("Its place on the page", {"fields": place}),
        ]

    def get_form(
        self,
        request: HttpRequest,
        obj: Statement | None = None,
        change: bool = False,
        **kwargs: Any,
    ) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        kind, battle = (Kind(obj.kind), obj.battle) if obj else self._begun(request)
        return type("StatementFormOfAKind", (form,), {"kind": kind, "battle": battle})

    def get_inlines(self, request: HttpRequest, obj: Statement | None) -> list[Any]:
        if obj is None:
            return [NewCitationInline]
        if is_frozen(obj):
            return [CitationInline]
        return [CitationInline, NewCitationInline]

    # Beginning a statement -------------------------------------------------------------------

    def _begun(self, request: HttpRequest) -> tuple[Kind | None, Battle | None]:
        """Return the kind and the battle that the address names."""
        kind = request.GET.get("kind")
        try:
            battle = Battle.objects.filter(pk=request.GET.get("battle", "")).first()
        except ValidationError:
            battle = None
        return (Kind(kind) if kind in Kind.values else None), battle

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        kind, battle = self._begun(request)
        if not self.has_add_permission(request):
            raise PermissionDenied
        if kind is None or battle is None:
            return self._choose(request, battle)
        context = {
            "title": f"Add a statement about {battle}: {kind.label}",
            **(extra_context or {}),
        }
        return super().add_view(request, form_url, context)

    def _choose(self, request: HttpRequest, battle: Battle | None) -> HttpResponse:
        """Ask which battle a new statement is about, then of which kind it is."""
        wanted = request.GET.get("q", "").replace("\0", "").strip()
        battles = Battle.objects.standing()
        if wanted:
            battles = battles.filter(name__icontains=wanted)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Add a statement",
            "battle": battle,
            "wanted": wanted,
            "battles": [] if battle else battles[:_BATTLES_PROPOSED],
            "kinds": KINDS_IN_WORDS.items(),
            "media": self.media,
        }
        return TemplateResponse(request, "admin/battles/statement/choose.html", context)

    # Saving ----------------------------------------------------------------------------------

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        record_as_stored([form.instance.pk])
