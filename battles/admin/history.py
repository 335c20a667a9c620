"""Every change of a statement recorded, with its citations and with who made it."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import reversion
from django.http import HttpRequest, HttpResponse

from battles.models import Statement
from sources.admin.bases import CuratorAdmin


@contextmanager
def recorded(request: HttpRequest) -> Iterator[None]:
    """Record the statements that change, with who changed them."""
    with reversion.create_revision():
        reversion.set_user(request.user)
        yield


def record_as_stored(statements: Iterable[UUID]) -> None:
    """Add statements to the open revision as they are stored now.

    Citations and publication change them by updates that nothing else notices.
    """
    for statement in Statement.objects.filter(pk__in=set(statements)):
        reversion.add_to_revision(statement)


class RecordedAdmin(CuratorAdmin):
    """The admin of a model whose changes are recorded with its statements."""

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

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if request.method != "POST":
            return super().changelist_view(request, extra_context)
        with recorded(request):
            return super().changelist_view(request, extra_context)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        with recorded(request):
            return super().delete_view(request, object_id, extra_context)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return self._commented(super().log_addition(request, obj, message))

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return self._commented(super().log_change(request, obj, message))

    @staticmethod
    def _commented(entry: Any) -> Any:
        if reversion.is_active():
            reversion.set_comment(entry.get_change_message())
        return entry
