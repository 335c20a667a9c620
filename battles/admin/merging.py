"""Merging two rows that turned out to be one, and moving statements to another battle."""

import hashlib
from collections.abc import Iterable
from typing import Any, ClassVar, cast
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from battles import publication
from battles.admin.desk import DeskAdmin, ReadSourceAdmin
from battles.admin.records import record_as_stored, record_statements_as_found
from battles.admin.steps import chosen_again
from battles.merging import MERGERS, CannotMerge, Merger
from battles.models import Battle, Citation, Statement
from sources.admin.bases import CuratorAdmin, link_to_row
from sources.admin.history import HistoryAdmin, record_row, recorded
from sources.forms import autocomplete
from sources.models import Source
from sources.shown_again import again_or_anew


class MergingAdmin(CuratorAdmin):
    """The page, beside a row's own in the admin, that merges it into another."""

    actions = ("merge_two",)

    def has_merge_permission(self, request: HttpRequest) -> bool:
        """Say whether someone may merge: it changes rows, and what readers see."""
        return self.has_change_permission(request) and request.user.has_perm(
            "battles.publish_statement"
        )

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.merge_view)
        name = f"{self.opts.app_label}_{self.opts.model_name}_merge"
        return [path("<uuid:pk>/merge/", view, name=name), *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        obj = kwargs.get("obj")
        if obj is not None:
            context["merged_into"] = obj.merged_into and link_to_row(obj.merged_into)
            context["may_merge"] = not obj.merged_into_id and self.has_merge_permission(request)
        return super().render_change_form(request, context, *args, **kwargs)

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[QuerySet, bool]:
        if request.path == reverse("admin:autocomplete"):
            queryset = queryset.standing()  # nothing new is to name what was merged
        return super().get_search_results(request, queryset, search_term)

    @admin.action(description="Merge two …", permissions=["merge"])
    def merge_two(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        chosen = list(queryset[:3])
        if len(chosen) != 2:
            messages.warning(request, "Choose two to merge; which of them stays is asked next.")
            return None
        merged, kept = chosen
        return HttpResponseRedirect(self._merge_address(merged, kept))

    def _merge_address(self, merged: Any, kept: Any) -> str:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_merge"
        return reverse(name, args=[merged.pk], query={"into": kept.pk})

    def merge_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Ask which one stays, show what would become of everything, and do it when asked to."""
        if not self.has_merge_permission(request):
            raise PermissionDenied
        merged = self.model._default_manager.filter(pk=pk).first()
        if merged is None:
            return self.missing(request)
        form = self._choice(request)
        merger = None
        if form.is_bound and form.is_valid():
            merger = MERGERS[self.model](merged, form.cleaned_data["into"])
            if request.method == "POST":
                if request.POST.get("shown") == _digest(merger):
                    return self._merge(request, merger)
                messages.warning(
                    request, "Something changed since this page was shown; look again, please."
                )
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"Merge “{merged}” into another",
            "merged": merged,
            "merged_label": self.label_of(merged),
            "kept_label": merger and self.label_of(merger.kept),
            "form": form,
            "merger": merger,
            "reasons": merger.obstacles() if merger else [],
            "shown": merger and _digest(merger),
            "other_way": merger and self._merge_address(merger.kept, merged),
            "media": self.media + form.media,
        }
        return TemplateResponse(request, "admin/battles/merge.html", context)

    def _choice(self, request: HttpRequest) -> forms.Form:
        """Return the form that asks for the one to stay, filled with what the address says."""
        into = forms.ModelChoiceField(
            self.model._default_manager.all(),
            label="The one that stays",
            widget=autocomplete(*_NAMED_BY[self.opts.model_name]),
        )
        choice = type("Choice", (forms.Form,), {"into": into})
        return choice(request.GET if "into" in request.GET else None)

    def _merge(self, request: HttpRequest, merger: Merger) -> HttpResponse:
        here = self._merge_address(merger.merged, merger.kept)
        try:
            named = merger.statements()
            record_statements_as_found(Q(pk__in=named))
            if isinstance(self, HistoryAdmin):
                self.record_as_found(self.model._base_manager.filter(pk=merger.kept.pk))
            with recorded(request):
                touched = merger.run(by=cast(User, request.user))
                record_as_stored(named)
                record_row(merger.kept)
                self.log_change(
                    request, merger.kept, f"Merged “{merger.merged}” ({merger.merged.pk}) into it."
                )
        except CannotMerge as refusal:
            messages.error(request, f"Nothing was merged. {refusal}")
            return HttpResponseRedirect(here)
        editions = ", ".join(f"{battle}, edition {battle.edition}" for battle in touched)
        messages.success(
            request,
            f"“{merger.merged}” is merged into “{merger.kept}”."
            + (f" New editions: {editions}." if editions else ""),
        )
        meta = self.opts
        return HttpResponseRedirect(
            reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[merger.kept.pk])
        )


# The field of a form that proposes rows of a model: its admin knows how to search them.
_NAMED_BY: dict[str | None, tuple[Any, str]] = {
    "battle": (Statement, "battle"),
    "entity": (Statement, "entity"),
    "source": (Citation, "named_source"),
}


def _digest(merger: Merger) -> str:
    """Return what tells whether the plan is still the one that was shown."""
    plan = repr((str(merger.merged.pk), str(merger.kept.pk), merger.moves, merger.obstacles()))
    return hashlib.sha256(plan.encode()).hexdigest()


admin.site.unregister(Source)


@admin.register(Source)
class MergeableSourceAdmin(MergingAdmin, ReadSourceAdmin):
    """Sources, with the way to merge two of them."""

    change_form_template = "admin/battles/source/change_form.html"


class MoveForm(forms.Form):
    """Asks to which battle statements are to move."""

    battle = forms.ModelChoiceField(
        Battle.objects.standing(),
        label="The battle they are about",
        widget=autocomplete(Statement, "battle"),
        error_messages={"required": "Choose the battle they are to move to."},
    )


class MovingAdmin(DeskAdmin):
    """The admin of statements, as far as they move to another battle."""

    actions = (*DeskAdmin.actions, "move")
    asking_actions: ClassVar = (*DeskAdmin.asking_actions, "move")

    @admin.action(description="Move to another battle …", permissions=["change"])
    def move(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        chosen = list(queryset.order_by("pk"))
        form = again_or_anew(request, MoveForm)(request.POST if "battle" in request.POST else None)
        if form.is_valid():
            self._move_to(request, chosen, form.cleaned_data["battle"])
            return None
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Move to another battle",
            "statements": [(row.pk, row.battle, self.says(row)) for row in chosen],
            "public": sum(row.is_published for row in chosen),
            "may_publish": self.has_publish_permission(request),
            "hidden": chosen_again(request),
            "form": form,
            "media": self.media + form.media,
        }
        return TemplateResponse(request, "admin/battles/statement/move.html", context)

    def _move_to(self, request: HttpRequest, chosen: Iterable[Statement], battle: Battle) -> None:
        """Move what can be moved, and tell of the rest."""
        publishing = self.has_publish_permission(request)
        able, reasons = [], {}
        for row in chosen:
            why = publication.obstacles_to_move(row, battle)
            if row.is_published and not publishing:
                why = ["it is public, and only those who publish move it"]
            if why:
                reasons[row] = why
            else:
                able.append(row)
        if able:
            try:
                touched = publication.move(able, battle, by=cast(User, request.user))
            except publication.CannotPublish as refusal:
                self._tell_reasons(request, "Not moved", reasons | refusal.reasons)
                return
            record_as_stored([row.pk for row in able])
            for row in able:
                self.log_change(request, row, f"Moved from “{row.battle}” to “{battle}”.")
            editions = ", ".join(f"{one}, edition {one.edition}" for one in touched)
            moved = "1 statement is" if len(able) == 1 else f"{len(able)} statements are"
            messages.success(
                request,
                f"{moved} now about “{battle}”."
                + (f" New editions: {editions}." if editions else ""),
            )
        self._tell_reasons(request, "Not moved", reasons)
