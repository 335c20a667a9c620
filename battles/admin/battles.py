from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from battles.admin.datasets import DatasetsAdmin
from battles.admin.merging import MergingAdmin
from battles.admin.preview import PreviewAdmin
from battles.history import BattleTeller
from battles.kinds import Kind
from battles.models import Battle, Question, Side, Statement
from sources.admin.bases import (
    ChosenFilter,
    CuratorAdmin,
    count_of,
    link_to_list,
)
from sources.admin.history import HistoryAdmin


class SideInline(admin.TabularInline):
    model = Side
    extra = 1


class PublicFilter(admin.SimpleListFilter):
    """Whether readers see the battle."""

    title = "public"
    parameter_name = "public"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Yes"), ("no", "Not yet")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        match self.value():
            case "yes":
                return queryset.filter(edition__gte=1)
            case "no":
                return queryset.filter(edition=0)
        return queryset


def _count_column(state: str, label: str) -> Callable[[Any, Any], SafeString]:
    """Return a list column that counts a battle's statements in a state and leads to them."""

    @admin.display(description=label, ordering=f"count_{state}")
    def column(model_admin: Any, battle: Any) -> SafeString:
        return link_to_list(
            Statement,
            getattr(battle, f"count_{state}"),
            battle__id__exact=battle.pk,
            state__exact=state,
        )

    return column


@admin.register(Battle)
class BattleAdmin(HistoryAdmin, PreviewAdmin, MergingAdmin, DatasetsAdmin):
    teller = BattleTeller
    change_form_template = "admin/battles/battle/change_form.html"
    fields = ("name", "slug", "scale", "part_of", "statements_listed", "edition", "created")
    readonly_fields = ("statements_listed", "edition", "created")
    prepopulated_fields = {"slug": ("name",)}
    autocomplete_fields = ("part_of",)
    inlines = (SideInline,)
    list_display = (
        "name",
        "scale",
        "part_of",
        "edition",
        "drafts",
        "in_review",
        "published",
        "withdrawn",
    )
    list_filter = ("scale", PublicFilter, ("part_of", ChosenFilter))
    list_select_related = ("part_of",)
    search_fields = ("name", "slug")

    drafts = _count_column("draft", "drafts")
    in_review = _count_column("in_review", "in review")
    published = _count_column("published", "published")
    withdrawn = _count_column("withdrawn", "withdrawn")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        counts = {
            f"count_{state}": count_of(Statement.objects.filter(state=state), "battle")
            for state in Statement.State.values
        }
        return super().get_queryset(request).annotate(**counts)

    @admin.display(description="statements")
    def statements_listed(self, battle: Any) -> SafeString | str:
        if battle._state.adding:
            return "Save it first; then statements about it can be added."
        links = [
            (
                link_to_list(
                    Statement,
                    f"{getattr(battle, f'count_{state.value}')} {state.label}",
                    battle__id__exact=battle.pk,
                    state__exact=state.value,
                ),
            )
            for state in Statement.State
        ]
        questions = link_to_list(Question, "questions", battle__id__exact=battle.pk)
        return format_html("{} · {}", format_html_join(" · ", "{}", links), questions)


@admin.register(Question)
class QuestionAdmin(CuratorAdmin):
    """The points at issue. Typed ones arise from statements; only their wording is edited."""

    list_display = ("wording", "battle", "kind", "disputed", "answers_listed")
    ordering = ("battle__name", "battle_id", "position", "wording", "pk")
    list_filter = ("kind", "disputed", ("battle", ChosenFilter))
    list_select_related = ("battle",)
    search_fields = ("wording", "battle__name")
    autocomplete_fields = ("battle", "entity")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return (
            super()
            .get_queryset(request)
            .select_related("battle")
            .annotate(answer_count=count_of(Statement.objects.all(), "question"))
        )

    def get_fieldsets(self, request: HttpRequest, obj: Question | None = None) -> Any:
        if obj is None:
            about: tuple[str, ...] = ("battle", "wording", "entity", "position")
        elif obj.kind == Kind.NARRATIVE:
            about = ("battle", "wording", "side", "entity", "position", "answers_listed")
        else:
            about = (
                "battle",
                "wording",
                "kind",
                "side",
                "entity",
                "category",
                "position",
                "answers_listed",
            )
        return ((None, {"fields": about}),)

    def get_readonly_fields(
        self, request: HttpRequest, obj: Question | None = None
    ) -> tuple[str, ...]:
        if obj is None:
            return ("answers_listed",)
        typed = () if obj.kind == Kind.NARRATIVE else ("kind", "side", "entity", "category")
        return ("battle", "answers_listed", *typed)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        if obj is not None and "side" in form.base_fields:
            field: Any = form.base_fields["side"]
            field.queryset = obj.battle.sides.all()
        return form

    @admin.display(description="answers", ordering="answer_count")
    def answers_listed(self, question: Any) -> SafeString:
        return link_to_list(Statement, question.answer_count, question__id__exact=question.pk)
