"""Every change recorded with who made it; told in words, page by page; earlier versions shown."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import reversion
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.admin.utils import unquote
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from reversion.models import Version

from sources.admin.bases import CuratorAdmin
from sources.admin.seen import all_are_chosen
from sources.history import Snapshot, Teller, put_back

_ON_A_PAGE = 25
_AT_ONCE = 200  # rows compared with their records
_OUTSIDE = "As it was found, changed by other ways than these forms."


@contextmanager
def recorded(request: HttpRequest) -> Iterator[None]:
    """Record the rows that change, with who changed them."""
    with reversion.create_revision():
        reversion.set_user(request.user)
        yield


def record_row(row: Model) -> None:
    """Add a row to the open revision as it is stored now, if a history of its kind is kept."""
    if reversion.is_registered(type(row)):
        reversion.add_to_revision(type(row)._base_manager.get(pk=row.pk))


def record_as_found(teller: Teller, rows: QuerySet) -> None:
    """Record what was changed by other ways since it was recorded last, with nobody's name.

    To be called before a revision is open, since that would make it part of what follows.
    """
    ids = list(rows.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), _AT_ONCE):
        some = rows.model._base_manager.filter(pk__in=ids[start : start + _AT_ONCE])
        found = teller.unrecorded(list(some))
        for comment, before in ((_OUTSIDE, True), ("", False)):
            if together := [row for row, was_recorded in found if was_recorded == before]:
                with reversion.create_revision():
                    reversion.set_comment(comment)
                    for row in together:
                        reversion.add_to_revision(row)


class RecordedAdmin(CuratorAdmin):
    """The admin of a model whose changes are recorded."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if request.method != "POST":
            return super().changeform_view(request, object_id, form_url, extra_context)
        with recorded(request):
            return super().changeform_view(request, object_id, form_url, extra_context)

    def response_action(
        self, request: HttpRequest, queryset: QuerySet, *args: Any, **kwargs: Any
    ) -> Any:
        with recorded(request):
            return super().response_action(request, queryset, *args, **kwargs)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        with recorded(request):
            return super().delete_view(request, object_id, extra_context)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        self._remember(request, obj, message)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        self._remember(request, obj, message)
        return super().log_change(request, obj, message)

    def _remember(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """Keep what is said of a change; what a form changed is told from the records."""
        said = message if isinstance(message, str) else ""
        if reversion.is_active():
            if said:
                reversion.set_comment(said)
        elif reversion.is_registered(type(obj)):
            with recorded(request):
                reversion.set_comment(said)
                record_row(obj)


@dataclass(frozen=True)
class Change:
    """One time that a row was recorded."""

    at: datetime
    who: str
    said: str
    words: list[str]
    number: int
    is_first: bool


@dataclass(frozen=True)
class Value:
    """A column then and now."""

    label: str
    then: str
    now: str


class HistoryAdmin(RecordedAdmin):
    """The admin of a model whose history is told in words, and whose versions can be seen.

    A version of what readers see is never put back as it was: its values are put into the form,
    and nothing is saved until a curator saves them.
    """

    teller: type[Teller] = Teller

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_version"
        view = self.admin_site.admin_view(self.version_view)
        deleted = self.admin_site.admin_view(self.deleted_view)
        return [
            path("deleted/", deleted, name=f"{self.opts.app_label}_{self.opts.model_name}_deleted"),
            path("<path:object_id>/history/<int:number>/", view, name=name),
            *super().get_urls(),
        ]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if request.method != "POST" or object_id is None:
            return super().changeform_view(request, object_id, form_url, extra_context)
        with transaction.atomic():
            if self.has_change_permission(request):
                self._record_one(request, object_id)
            return super().changeform_view(request, object_id, form_url, extra_context)

    def response_action(
        self, request: HttpRequest, queryset: QuerySet, *args: Any, **kwargs: Any
    ) -> Any:
        ticked = request.POST.getlist(ACTION_CHECKBOX_NAME)
        chosen = queryset if all_are_chosen(request) else queryset.filter(pk__in=ticked)
        self.record_as_found(chosen)
        return super().response_action(request, queryset, *args, **kwargs)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if request.method == "POST" and self.has_delete_permission(request):
            self._record_one(request, object_id)  # for who wants it back
        return super().delete_view(request, object_id, extra_context)

    def _record_one(self, request: HttpRequest, object_id: str) -> None:
        row = self.get_object(request, unquote(object_id))
        if row is not None:
            self.record_as_found(self.model._base_manager.filter(pk=row.pk))

    def record_as_found(self, rows: QuerySet) -> None:
        """Record rows that were changed unrecorded, lest this curator seem to have done it."""
        record_as_found(self.teller(self.model), rows)

    # The history -------------------------------------------------------------------------------

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Tell who changed what, and when, the newest first."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = self.get_object(request, unquote(object_id))
        versions = self._versions(unquote(object_id))
        if row is None and not versions:
            return self.missing(request)
        page = Paginator(versions, _ON_A_PAGE).get_page(request.GET.get("p"))
        start = (page.number - 1) * _ON_A_PAGE
        # With the one before them, from which the last of the page differs.
        shown = list(versions[start : start + _ON_A_PAGE + 1])
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "History",
            "subtitle": self.label_of(row) if row else versions[0].object_repr,
            "object": row,
            "object_id": unquote(object_id),
            "page": page,
            "deleted": None if row else self._deletions().filter(object_id=object_id).first(),
            "changes": self._changes(shown)[:_ON_A_PAGE],
            "media": self.media,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/history.html", context)

    def _changes(self, versions: list[Version]) -> list[Change]:
        teller = self.teller(self.model)
        snapshots: list[Snapshot | None] = [*teller.recorded(versions), None]
        return [
            Change(
                at=one.revision.date_created,
                who=one.revision.user.get_username() if one.revision.user else "",
                said=one.revision.comment,
                words=teller.changes(before, after) if before else [],
                number=one.pk,
                is_first=before is None,
            )
            for one, after, before in zip(versions, snapshots, snapshots[1:], strict=False)
            if after is not None
        ]

    # A version ---------------------------------------------------------------------------------

    def version_view(self, request: HttpRequest, object_id: str, number: int) -> HttpResponse:
        """Show a row as it was beside what it is now."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = self.get_object(request, unquote(object_id))
        version = self.version(unquote(object_id), number)
        if version is None:
            return self.missing(request)
        if request.method == "POST" and row is None:
            return self.put_back_view(request, version)
        if request.method == "POST":
            return self.restore_view(request, row, version)
        return self.show_version(request, row, version)

    def _versions(self, object_id: str) -> QuerySet:
        versions = Version.objects.get_for_object_reference(self.model, object_id)
        return versions.select_related("revision__user")

    def version(self, object_id: Any, number: Any) -> Version | None:
        versions = self._versions(str(object_id))
        return versions.filter(pk=number).first() if str(number).isdecimal() else None

    def show_version(
        self, request: HttpRequest, row: Any, version: Version, **more: Any
    ) -> HttpResponse:
        """Show what a version holds, beside the row as it is now, if it is there."""
        teller = self.teller(self.model)
        [then] = teller.recorded([version])
        now = teller.stored(row) if row else Snapshot(self.model, {}, {})
        values = [
            Value(
                teller.label(field, then.values),
                teller.say(field, then.values.get(field.name)),
                teller.say(field, now.values.get(field.name)),
            )
            for field in teller.fields(self.model)
            if field.name in then.values
        ]
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"Version of {when(version)}",
            "subtitle": self.label_of(row) if row else version.object_repr,
            "object": row,
            "object_id": version.object_id,
            "version": version,
            "puts_back": row is None and self.has_put_back_permission(request),
            "values": [value for value in values if value.then or value.now],
            "parts": [
                (teller.part(part, values), (part, key) in now.parts)
                for (part, key), values in then.parts.items()
            ],
            "changes": teller.changes(then, now) if row else [],
            "may_change": self.has_change_permission(request),
            "media": self.media,
            **more,
        }
        return TemplateResponse(request, "admin/version.html", context)

    def restore_view(self, request: HttpRequest, row: Any, version: Version) -> HttpResponse:
        """Put a version back, where that makes a draft; elsewhere the form takes its values."""
        messages.warning(request, "It is here. Nothing was restored; open its form instead.")
        return HttpResponseRedirect(request.get_full_path())

    # What was deleted --------------------------------------------------------------------------

    def has_put_back_permission(self, request: HttpRequest) -> bool:
        """Say whether someone may restore what was deleted: it is made anew."""
        return self.has_add_permission(request)

    def _deletions(self) -> QuerySet:
        of_model = {"content_type": ContentType.objects.get_for_model(self.model)}
        deletions = LogEntry.objects.filter(action_flag=DELETION, **of_model)
        return deletions.select_related("user").order_by("-action_time", "-pk")

    def deleted_view(self, request: HttpRequest) -> HttpResponse:
        """List what was deleted, the newest first, each with the way to its history."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        page = Paginator(self._deletions(), _ON_A_PAGE).get_page(request.GET.get("p"))
        ids = [entry.object_id for entry in page]
        there = self.model._base_manager.filter(pk__in=ids).values_list("pk", flat=True)
        known = Version.objects.get_for_model(self.model).filter(object_id__in=ids)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"Deleted {self.opts.verbose_name_plural}",
            "page": page,
            "there": {str(pk) for pk in there},
            "known": set(known.order_by().values_list("object_id", flat=True)),
            "media": self.media,
        }
        return TemplateResponse(request, "admin/deleted.html", context)

    def put_back_view(self, request: HttpRequest, version: Version) -> HttpResponse:
        """Make a deleted row again as a version has it, and tell what could not be."""
        if not self.has_put_back_permission(request):
            raise PermissionDenied
        [then] = self.teller(self.model).recorded([version])
        try:
            with recorded(request):
                row, lost = self.put_back(version.object_id, then)
                record_row(row)
                self.log_addition(request, row, f"Restored the version of {when(version)}.")
        except ValidationError as refusal:
            said = " ".join(refusal.messages)
            messages.error(request, f"It cannot be restored. {said} Nothing was changed.")
            return HttpResponseRedirect(request.get_full_path())
        messages.success(request, f"Restored: “{row}”.")
        for one in lost:
            messages.warning(request, one)
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        return HttpResponseRedirect(reverse(name, args=[row.pk]))

    def put_back(self, pk: str, then: Snapshot) -> tuple[Any, list[str]]:
        return put_back(self.teller(self.model), pk, then)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        row = kwargs.get("obj")
        number = request.GET.get("from_version") if request.method == "GET" else None
        if row is not None and number and (version := self.version(row.pk, number)):
            self._take_values(context, row, version)
        return super().render_change_form(request, context, *args, **kwargs)

    def _take_values(self, context: dict[str, Any], row: Any, version: Version) -> None:
        """Fill the form as it was then; rows that belong to it are told, not changed."""
        teller = self.teller(self.model)
        [then], now = teller.recorded([version]), teller.stored(row)
        form = context["adminform"].form
        form.initial |= {
            field.name: then.values[field.name]
            for field in teller.fields(self.model)
            if field.name in form.fields
            and field.name in then.values
            and (then.values[field.name] is None or teller.is_there(field, then.values[field.name]))
        }
        context["from_version"] = when(version)
        parts_then = Snapshot(self.model, {}, then.parts)
        context["apart"] = teller.changes(parts_then, Snapshot(self.model, {}, now.parts))


def when(version: Version) -> str:
    return date_format(localtime(version.revision.date_created), "j F Y, H:i")
