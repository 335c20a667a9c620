"""Statements recorded with their citations, and put back as drafts or revisions."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import reversion
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from reversion.models import Version

from battles.history import StatementTeller, put_back, restore
from battles.models import Statement
from sources.admin.bases import VersionedAdmin
from sources.admin.history import HistoryAdmin, record_as_found, recorded, when
from sources.history import Snapshot


def record_as_stored(statements: Iterable[UUID]) -> None:
    """Add statements to the open revision as they are stored now.

    Citations and publication change them by updates that nothing else notices.
    """
    for statement in Statement.objects.filter(pk__in=set(statements)):
        reversion.add_to_revision(statement)


def record_statements_as_found(rows: Q) -> None:
    """Record statements that were changed by other ways, and those that they revise, first."""
    chosen = Statement.objects.filter(rows).order_by().values("pk")
    of_all = Statement.objects.filter(Q(pk__in=chosen) | Q(revision__in=chosen))
    record_as_found(StatementTeller(Statement), of_all)


class StatementHistoryAdmin(HistoryAdmin, VersionedAdmin):
    """The admin of statements, as far as their history goes."""

    teller = StatementTeller

    def has_restore_permission(self, request: HttpRequest) -> bool:
        return self.has_change_permission(request) and request.user.has_perm("battles.add_citation")

    def has_put_back_permission(self, request: HttpRequest) -> bool:
        may_cite = request.user.has_perm("battles.add_citation")
        return may_cite and super().has_put_back_permission(request)

    def put_back(self, pk: str, then: Snapshot) -> tuple[Statement, list[str]]:
        return put_back(pk, then)

    def record_as_found(self, rows: QuerySet) -> None:
        record_statements_as_found(Q(pk__in=rows.order_by().values("pk")))

    def show_version(
        self, request: HttpRequest, row: Any, version: Version, **more: Any
    ) -> HttpResponse:
        if row is None:
            return super().show_version(request, row, version, **more)
        context = {
            "restores": self.has_restore_permission(request),
            "seen": _seen(row),
            "revision": Statement.objects.filter(revises=row).first(),
        }
        return super().show_version(request, row, version, **context, **more)

    def restore_view(self, request: HttpRequest, row: Any, version: Version) -> HttpResponse:
        """Put a recorded version into a draft, if the row is what the page showed."""
        if not self.has_restore_permission(request):
            raise PermissionDenied
        here = request.get_full_path()
        record_statements_as_found(Q(pk=row.pk) | Q(revises=row.pk))
        with recorded(request):
            list(Statement.objects.filter(revises=row).select_for_update().order_by("pk"))
            statement = self.locked(str(row.pk))
            if statement is None:
                return self.missing(request)
            if request.POST.get("seen") != _seen(statement):
                messages.error(
                    request,
                    "Somebody else changed this statement since you opened the page. Nothing was "
                    "restored; this is what is stored now.",
                )
                return HttpResponseRedirect(here)
            [snapshot] = StatementTeller(Statement).recorded([version])
            try:
                draft, lost = restore(statement, snapshot)
            except ValidationError as refusal:
                said = " ".join(refusal.messages)
                messages.error(request, f"It cannot be restored. {said} Nothing was changed.")
                return HttpResponseRedirect(here)
            record_as_stored([draft.pk])
            self.log_change(request, draft, f"Restored the version of {when(version)}.")
        messages.success(request, "Restored as a draft. Readers see what they saw before.")
        for one in lost:
            messages.warning(request, one)
        return HttpResponseRedirect(reverse("admin:battles_statement_change", args=[draft.pk]))


def _seen(statement: Statement) -> str:
    """Return what tells whether a statement, or its open revision, has changed."""
    revision = Statement.objects.filter(revises=statement).values_list("version", flat=True).first()
    return f"{statement.version}:{revision or ''}"
