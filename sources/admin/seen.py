"""Acting on rows as the curator saw them: what changed since is left alone, and named."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.contrib.admin.utils import unquote
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, QuerySet, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

_NOT_TICKED = {"", "0", "False", "false"}  # what a box that is not ticked may be sent as


class SeenActionForm(helpers.ActionForm):
    """The form of a list's actions, with what tells a list from the same list once changed."""

    all_seen = forms.CharField(required=False, label="", widget=forms.HiddenInput)


class SeenAdmin(admin.ModelAdmin):
    """The admin of a model whose rows are acted on and deleted in the version that was seen.

    The version of each row shown travels with the list and its confirmation pages.
    """

    action_form = SeenActionForm
    version_path = "version"  # from the model to the version that counts

    def version_of(self, obj: Any) -> int:
        for name in self.version_path.split("__"):
            obj = getattr(obj, name)
        return obj

    def held_versions(self, ids: Iterable[Any]) -> dict[str, int]:
        """Return id → version as stored now, the rows held until the transaction ends."""
        rows = self.model._base_manager.filter(pk__in=ids).order_by("pk")
        list(rows.select_for_update().values_list("pk"))
        return {str(pk): version for pk, version in rows.values_list("pk", self.version_path)}

    # Lists -------------------------------------------------------------------------------------

    def action_checkbox(self, obj: Any) -> SafeString:
        return format_html(
            '{}<input type="hidden" name="version-{}" value="{}">',
            super().action_checkbox(obj),
            obj.pk,
            self.version_of(obj),
        )

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        context = getattr(response, "context_data", None) or {}
        shown, form = context.get("cl"), context.get("action_form")
        if shown and form and shown.result_count > len(shown.result_list):
            form.fields["all_seen"].initial = self._told_apart(shown.queryset)
        return response

    def _told_apart(self, rows: QuerySet) -> str:
        """Return what differs once any row of a list was changed, added or deleted."""
        told = rows.order_by().aggregate(count=Count("pk"), sum=Sum(self.version_path))
        return f"{told['count']}:{told['sum']}"

    def response_action(
        self, request: HttpRequest, queryset: QuerySet, *args: Any, **kwargs: Any
    ) -> Any:
        if refusal := self._refused_unseen(request, queryset):
            return refusal
        response = super().response_action(request, queryset, *args, **kwargs)
        asked = getattr(response, "context_data", None) or {}
        for row in asked.get("queryset", ()):
            row.version_seen = self.version_of(row)  # for the page that asks whether to delete
        return response

    def _refused_unseen(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        """Take from the request the rows that are not what was seen; answer if none is left."""
        if all_are_chosen(request):
            if self._told_apart(queryset) not in request.POST.getlist("all_seen"):
                messages.error(
                    request,
                    "The list is not the one you saw: rows were changed, added or deleted. "
                    "Nothing was done; this is the list as it is now.",
                )
                return HttpResponseRedirect(request.get_full_path())
            return None
        chosen = request.POST.getlist(helpers.ACTION_CHECKBOX_NAME)
        stored = self.held_versions(chosen)
        seen = [pk for pk in chosen if request.POST.get(f"version-{pk}") == str(stored.get(pk))]
        if left := [pk for pk in chosen if pk not in seen]:
            self._tell_unseen(request, left)
            if not seen:
                return HttpResponseRedirect(request.get_full_path())
            cast(Any, request).POST = request.POST.copy()
            cast(Any, request.POST).setlist(helpers.ACTION_CHECKBOX_NAME, seen)
        return None

    def _tell_unseen(self, request: HttpRequest, ids: list[str]) -> None:
        rows = list(self.model._default_manager.filter(pk__in=ids))
        told = [(self._change_page(row.pk), f"{row}{_reason(request, row)}") for row in rows]
        if deleted := len(set(ids)) - len(rows):
            messages.warning(request, f"{deleted} of those you chose had been deleted meanwhile.")
        if told:
            names = format_html_join("", '<br><a href="{}">{}</a>', told)
            why = "Left as they are, for somebody changed them since you saw the list:"
            messages.warning(request, format_html("{}{}", why, names))

    def _change_page(self, pk: Any) -> str:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        return reverse(name, args=[pk])

    # Deleting ----------------------------------------------------------------------------------

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        with transaction.atomic():
            if request.method == "POST" and (
                refusal := self._changed_meanwhile(request, object_id)
            ):
                return refusal
            response = super().delete_view(request, object_id, extra_context)
        if isinstance(response, TemplateResponse) and response.context_data:
            response.context_data["version"] = self.version_of(response.context_data["object"])
        return response

    def _changed_meanwhile(self, request: HttpRequest, object_id: str) -> HttpResponse | None:
        """Lead back to a row that is not what the page asked about."""
        if request.method != "POST":
            return None
        try:
            versions = self.held_versions([unquote(object_id)])
        except ValidationError:
            return None
        if not versions or not self.has_delete_permission(request):
            return None
        if request.POST.get("version") in {str(version) for version in versions.values()}:
            return None
        messages.error(
            request,
            f"Somebody else changed this {self.opts.verbose_name} since you were asked. Nothing "
            "was deleted; this is what is stored now.",
        )
        return HttpResponseRedirect(self._change_page(object_id))


def all_are_chosen(request: HttpRequest) -> bool:
    """Say whether an action is about all rows of a list, and not those ticked on its page."""
    return not set(request.POST.getlist("select_across")) <= _NOT_TICKED


def _reason(request: HttpRequest, row: Any) -> str:
    """Return the reason that was typed for a row, lest it be lost."""
    typed = request.POST.get(f"reason-{row.pk}", "").strip()
    return f", for which you typed: “{typed}”" if typed else ""
