"""Reviewing statements: queues, the thread of steps and comments, citations re-checked."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_POST

from battles.admin.citations import in_context
from battles.admin.records import record_as_stored, record_statements_as_found
from battles.admin.steps import SteppedAdmin, page_of
from battles.forms import CommentForm
from battles.models import Citation, Publication, Remark, Statement
from battles.unquoted import unquoted
from battles.wording import listed
from sources.admin.history import recorded
from sources.shown_again import is_shown_again

_DID = {
    Publication.Action.PUBLISHED: "published it",
    Publication.Action.WITHDRAWN: "withdrew it",
}


class Line(NamedTuple):
    """One line of what happened to a statement: who did or said what, and when."""

    at: datetime
    who: str
    did: str
    text: str


class Queue(NamedTuple):
    """The statements in one state, and where they are listed."""

    label: str
    number: int
    address: str
    is_open: bool


def thread(remarks: Iterable[Remark], publications: Iterable[Publication]) -> list[Line]:
    """Return steps, comments, publications and withdrawals of a statement, the newest last."""
    lines = [
        Line(one.at, one.by_name, one.get_step_display() or "wrote", one.text) for one in remarks
    ]
    lines += [
        Line(
            one.at,
            one.by_name,
            f"{_DID[Publication.Action(one.action)]} (edition {one.edition})",
            one.reason,
        )
        for one in publications
    ]
    return sorted(lines, key=lambda line: line.at)


class ReviewAdmin(SteppedAdmin):
    """The admin of statements, as far as curators review one another's work."""

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        publications = Publication.objects.defer("record").order_by("at", "pk")
        return (
            super()
            .get_queryset(request)
            .prefetch_related("remarks", Prefetch("publications", publications))
        )

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path(
                "<uuid:pk>/comment/",
                wrap(require_POST(self.comment_view)),
                name="battles_statement_comment",
            ),
            path("<uuid:pk>/recheck/", wrap(self.recheck_view), name="battles_statement_recheck"),
            *super().get_urls(),
        ]

    # Queues ------------------------------------------------------------------------------------

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().changelist_view(
            request, {"queues": self._queues(request), **(extra_context or {})}
        )

    def _queues(self, request: HttpRequest) -> list[Queue]:
        counts = Statement.objects.order_by().values_list("state").annotate(count=Count("pk"))
        number = dict(counts)
        here = reverse("admin:battles_statement_changelist")
        chosen = request.GET.get("state__exact")
        return [
            Queue(
                state.label,
                number.get(state.value, 0),
                f"{here}?state__exact={state.value}",
                chosen == state.value,
            )
            for state in Statement.State
        ]

    @admin.display(description="last step")
    def last_step(self, statement: Statement) -> str:
        steps = [remark for remark in statement.remarks.all() if remark.step]
        lines = thread(steps, statement.publications.all())
        if not lines:
            return "–"
        last = lines[-1]
        return f"{last.who or 'somebody'} {last.did}, {_day(last.at)}"

    # Comments ----------------------------------------------------------------------------------

    def has_comment_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("battles.add_remark")

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        obj = kwargs.get("obj")
        if obj is not None and request.user.has_perm("battles.view_remark"):
            context["thread"] = thread(obj.remarks.all(), obj.publications.all())
            context["may_comment"] = self.has_comment_permission(request)
            context.setdefault("comment", CommentForm())
        return super().render_change_form(request, context, *args, **kwargs)

    def comment_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Keep what somebody has to say about a statement; it changes nothing of it."""
        if not (self.has_view_permission(request) and self.has_comment_permission(request)):
            raise PermissionDenied
        statement = Statement.objects.filter(pk=pk).first()
        if statement is None:
            return self.gone(request)
        if is_shown_again(request):
            return self.with_comment(request, statement)
        form = CommentForm(request.POST)
        if form.is_valid():
            self.remark(request, [statement], text=form.cleaned_data["comment"])
            messages.success(request, "Your comment is kept. Readers never see it.")
        else:
            messages.error(request, "Write what you have to say.")
        return HttpResponseRedirect(f"{page_of(statement)}#review")

    # Re-checking -------------------------------------------------------------------------------

    def recheck_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Show the citations of a revision beside what it says now, to mark them one by one."""
        statement = Statement.objects.filter(pk=pk).with_values().with_evidence().first()
        if statement is None:
            return self.missing(request)
        if not self.has_view_permission(request) or statement.revises_id is None:
            raise PermissionDenied
        if request.method == "POST":
            return self._recheck(request, statement)
        citations = list(statement.citations.all())
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Re-check citations",
            "statement": statement,
            "original": Statement.objects.with_values().get(pk=statement.revises_id),
            "says": self.says(statement),
            "unquoted": listed(unquoted(statement)),
            "citations": [(citation, in_context(citation)) for citation in citations],
            "left": sum(citation.rechecked_at is None for citation in citations),
            "may_change": self.has_change_permission(request, statement),
            "media": self.media,
        }
        context["said"] = self.says(context["original"])
        return TemplateResponse(request, "admin/battles/statement/recheck.html", context)

    def _recheck(self, request: HttpRequest, statement: Statement) -> HttpResponse:
        if not self.has_change_permission(request, statement):
            raise PermissionDenied
        here = reverse("admin:battles_statement_recheck", args=[statement.pk])
        record_statements_as_found(Q(pk=statement.pk))
        with recorded(request):
            self.locked(str(statement.pk))
            current = Statement.objects.filter(pk=statement.pk).first()
            wanted = request.POST.get("citation", "")
            citation = next(
                (
                    one
                    for one in Citation.objects.filter(statement=statement)
                    if str(one.pk) == wanted
                ),
                None,
            )
            if current is None or str(current.version) != request.POST.get("version"):
                messages.error(
                    request,
                    "Somebody else changed this revision since you opened it. Nothing was marked; "
                    "this is what is stored now.",
                )
            elif citation is None:
                messages.error(request, "It cites that passage no more. Nothing was marked.")
            else:
                citation.recheck(request.user)
                record_as_stored([statement.pk])
                self.log_change(request, current, f"Re-checked the citation of {citation.passage}.")
                if not Citation.objects.filter(statement=statement, rechecked_at=None).exists():
                    messages.success(request, "All its citations are re-checked.")
        return HttpResponseRedirect(here)


def _day(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "j F Y")
