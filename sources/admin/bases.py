"""What the admin of every model has in common: kept rows, safe saves, links to related lists."""

from collections.abc import Iterable
from typing import Any, ClassVar, cast

from django.contrib import admin, messages
from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.utils import quote, unquote
from django.contrib.admin.widgets import AdminTextareaWidget
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.deletion import ProtectedError, RestrictedError
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from sources.admin.conflicts import conflict_of, lost_rows, settled, without_lost_rows
from sources.admin.seen import SeenAdmin
from sources.forms import ProposingSelect, VersionedForm
from sources.models import ImmutableError, StaleSave
from sources.shown_again import again_or_anew, is_shown_again, typed, typed_in_words
from sources.worklists import PARAMETER, WorkList


def count_of(rows: QuerySet, by: str) -> Coalesce:
    """Return a column that counts `rows` by their key `by`.

    A subquery counts for the rows of one page alone; a join would count for the whole table.
    """
    counts = rows.order_by().filter(**{by: OuterRef("pk")}).values(by)
    return Coalesce(
        Subquery(counts.annotate(count=Count("pk")).values("count"), output_field=IntegerField()),
        0,
    )


def link_to_list(model: type[models.Model], words: Any, **lookups: Any) -> SafeString:
    """Return a link to the list of `model` with filters set."""
    meta = model._meta
    address = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist", query=lookups)
    return format_html('<a href="{}">{}</a>', address, words)


def link_to_row(row: models.Model | None, words: str = "") -> SafeString | str:
    """Return a link to a row's own page in the admin."""
    if row is None:
        return "–"
    meta = row._meta
    address = reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[quote(row.pk)])
    return format_html('<a href="{}">{}</a>', address, words or str(row))


class ChosenFilter(admin.RelatedFieldListFilter):
    """Shows by which row a list was filtered, when a link led there; never lists all rows."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        if not self.lookup_val:
            return []
        chosen = self.lookup_val if isinstance(self.lookup_val, list) else [self.lookup_val]
        try:
            rows = list(field.related_model._default_manager.filter(pk__in=chosen[:1]))
        except ValidationError:
            return []
        return [(str(row.pk), str(row)) for row in rows]

    def has_output(self) -> bool:
        return bool(self.lookup_choices)


def work_filter(*lists: WorkList) -> type[admin.SimpleListFilter]:
    """Return a filter of a list by what waits for a curator."""

    class WorkFilter(admin.SimpleListFilter):
        title = "what waits"
        parameter_name = PARAMETER

        def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
            return [(work.key, work.title) for work in lists]

        def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
            for work in lists:
                if work.key == self.value():
                    return work.waiting(queryset)
            return queryset

    return WorkFilter


class ProposingAdmin(BaseModelAdmin):
    """Fields that propose rows as one types, and short boxes for long texts; also for inlines."""

    formfield_overrides = {models.TextField: {"widget": AdminTextareaWidget(attrs={"rows": 3})}}

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", ProposingSelect(db_field, self.admin_site))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


_REFUSALS = (ProtectedError, RestrictedError, ValidationError, ImmutableError)  # by models


class Prevented(list[Any]):
    """What a deletion would take along and may not, in words, and whether readers have seen it."""

    seen = False


class CuratorAdmin(ProposingAdmin, admin.ModelAdmin):
    """The admin of a model: what readers have seen is kept, and a refusal is told kindly."""

    list_per_page = 50
    show_full_result_count = False
    # Actions that ask for words first, and show those again that could not be received.
    asking_actions: ClassVar[tuple[str, ...]] = ()
    delete_confirmation_template = "admin/kept_delete_confirmation.html"
    delete_selected_confirmation_template = "admin/kept_delete_selected_confirmation.html"

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        return again_or_anew(request, form)

    def kept(self, rows: Iterable[Any]) -> QuerySet | list[Any]:
        """Return which of `rows` are never deleted, because readers have seen them."""
        manager = self.model._default_manager
        if not hasattr(manager, "seen_by_readers"):
            return []
        return manager.filter(pk__in=[row.pk for row in rows]).seen_by_readers()

    def label_of(self, obj: Any) -> str:
        """Return what tells a row from others, with what it belongs to."""
        return str(obj)

    def is_public(self, obj: Any) -> bool:
        """Say whether readers see a row now."""
        manager = self.model._default_manager
        return hasattr(manager, "public") and manager.public().filter(pk=obj.pk).exists()

    def view_on_site(self, obj: Any) -> str | None:
        if hasattr(obj, "get_absolute_url") and self.is_public(obj):
            return obj.get_absolute_url()
        return None

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        to_delete, counts, lacking, protected = super().get_deleted_objects(objs, request)
        kept = [format_html("{}: {}", row._meta.verbose_name, row) for row in self.kept(objs)]
        protected = Prevented(kept or protected)
        protected.seen = bool(kept)
        # Where something is kept nothing is deleted, so no permission is lacking for it.
        return to_delete, counts, set() if protected else lacking, protected

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        obj = kwargs.get("obj")
        if obj is not None:
            context["subtitle"] = self.label_of(obj)
            context["show_delete"] = not self.kept([obj])
        return super().render_change_form(request, context, *args, **kwargs)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        try:
            with transaction.atomic():
                return super().delete_view(request, object_id, extra_context)
        except _REFUSALS as refusal:
            return self._told(request, refusal)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if any("\0" in value for values in request.GET.lists() for value in values[1]):
            messages.error(request, "The address held a NUL, which nothing here can hold.")
            return HttpResponseRedirect(request.path)
        if request.method != "POST":
            return super().changelist_view(request, extra_context)
        if is_shown_again(request) and request.POST.get("action") not in self.asking_actions:
            messages.warning(request, "Nothing was done yet. Choose again what is to be done.")
            return HttpResponseRedirect(request.get_full_path())
        try:
            with transaction.atomic():
                return super().changelist_view(request, extra_context)
        except (*_REFUSALS, StaleSave) as refusal:
            return self._told(request, refusal)

    def missing(self, request: HttpRequest) -> HttpResponse:
        """Answer that a row is not there, or is not any more."""
        meta = self.opts
        messages.warning(request, f"There is no such {meta.verbose_name}. Perhaps it was deleted.")
        return HttpResponseRedirect(reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist"))

    def _told(self, request: HttpRequest, refusal: Exception) -> HttpResponse:
        """Answer a refusal by the model, met only where rows change at the same moment."""
        match refusal:
            case ValidationError():
                said = " ".join(refusal.messages)
            case ProtectedError() | RestrictedError():
                said = str(refusal.args[0])
            case _:
                said = str(refusal)
        messages.error(request, f"{said} Nothing was changed.")
        return HttpResponseRedirect(request.get_full_path())


def _lost(request: HttpRequest) -> list[str]:
    return getattr(request, "lost_rows", [])


class ViewedOnlyAdmin(CuratorAdmin):
    """The admin of a model whose rows are written by the archive itself, never by hand."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class VersionedAdmin(SeenAdmin, CuratorAdmin):
    """The admin of a versioned model: no save writes over what its author has not seen."""

    form = VersionedForm
    change_form_template = "admin/versioned_change_form.html"

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if request.method != "POST" or object_id is None:
            return super().changeform_view(request, object_id, form_url, extra_context)
        try:
            with transaction.atomic():
                stored = self.locked(object_id)
                if reason := self.cannot_be_changed(stored):
                    if not self.has_change_permission(request):
                        return super().changeform_view(request, object_id, form_url, extra_context)
                    return self._refused(request, stored, reason)
                if request.POST.get("version") == str(stored.version):
                    cast(Any, request).POST = settled(request.POST)
                return super().changeform_view(request, object_id, form_url, extra_context)
        except StaleSave as stale:
            return self._refused(request, stale.current, str(stale))

    def get_formset_kwargs(
        self, request: HttpRequest, obj: Any, inline: Any, prefix: str
    ) -> dict[str, Any]:
        kwargs = super().get_formset_kwargs(request, obj, inline, prefix)
        stale = request.POST.get("version") != str(obj.version)
        if request.method == "POST" and not obj._state.adding and stale:
            formset = inline.get_formset(request, obj)(**kwargs)
            if formset.management_form.is_valid():
                # The page tells of them, though the form of what is left knows them no more.
                cast(Any, request).lost_rows = [*_lost(request), *lost_rows(formset)]
                kwargs["data"] = without_lost_rows(kwargs["data"], formset)
        return kwargs

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        form = context["adminform"].form
        if getattr(form, "is_stale", False):
            formsets = [shown.formset for shown in context["inline_admin_formsets"]]
            context["conflict"] = conflict_of(form, formsets, _lost(request))
        return super().render_change_form(request, context, *args, **kwargs)

    def locked(self, object_id: str) -> Any:
        """Return the row, held until the transaction ends; None if there is none."""
        # In an order of its own, because PostgreSQL would lock what a model's order joins.
        rows = self.model._base_manager.select_for_update().order_by("pk")
        try:
            return rows.filter(pk=unquote(object_id)).first()
        except ValidationError:
            return None

    def cannot_be_changed(self, stored: Any) -> str:
        """Return why a row, as it is stored now, takes no changes; empty if it does."""
        return "" if stored is not None else "It was deleted while you were editing it."

    def _refused_unseen(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        refusal = super()._refused_unseen(request, queryset)
        if refusal is None or not typed(request):
            return refusal
        return self._refused(request, None, "What you chose is not what you saw any more.")

    def gone(self, request: HttpRequest) -> HttpResponse:
        """Answer a form sent for a row that is not there any more, giving back what was typed."""
        if typed(request):
            return self._refused(request, None, "It was deleted meanwhile.")
        return self.missing(request)

    def _refused(self, request: HttpRequest, stored: Any, reason: str) -> HttpResponse:
        """Answer a save that cannot be made at all, giving back what was typed."""
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Nothing was saved",
            "reason": reason,
            "stored": stored,
            "typed": typed_in_words(request),
            "media": self.media,
        }
        return TemplateResponse(request, "admin/refused_save.html", context, status=409)
