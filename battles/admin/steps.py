"""The steps of a statement: review, publication, revision, withdrawal; from a page or a list."""

from collections.abc import Iterable
from copy import copy
from itertools import islice
from typing import Any, ClassVar, cast
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join

from battles import publication
from battles.admin.citations import is_frozen
from battles.admin.records import (
    StatementHistoryAdmin,
    record_as_stored,
    record_statements_as_found,
)
from battles.forms import CommentForm, ReasonsForm, WithdrawForm, sections_of
from battles.kinds import Kind
from battles.models import Remark, Statement
from battles.unquoted import needs_reason
from battles.wording import listed
from sources.admin.history import recorded
from sources.shown_again import NOT_SAVED, again_or_anew, is_shown_again, typed

State = Statement.State
Hidden = list[tuple[str, Any]]  # names and values of hidden fields

_ASKED_AT_ONCE = 100  # statements on the page that asks for reasons


class SteppedAdmin(StatementHistoryAdmin):
    """The admin of statements, as far as their state goes."""

    actions: tuple[str, ...] = ("send_for_review", "return_to_draft", "publish", "withdraw")
    asking_actions: ClassVar[tuple[str, ...]] = ("publish", "withdraw")

    def has_change_permission(self, request: HttpRequest, obj: Statement | None = None) -> bool:
        return not is_frozen(obj) and super().has_change_permission(request, obj)

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("battles.publish_statement")

    def is_public(self, obj: Statement) -> bool:
        return obj.is_published

    def cannot_be_changed(self, stored: Statement | None) -> str:
        if stored is not None and is_frozen(stored):
            return (
                f"This statement is {stored.get_state_display()} and keeps its values and "
                "citations; a change needs a revision of it."
            )
        return super().cannot_be_changed(stored)

    @admin.display(description="statement")
    def says(self, statement: Statement) -> str:
        """Return a statement's values in one line."""
        sections = sections_of(Kind(statement.kind))
        values = [
            _displayed(statement, name) for _, fields in sections for name in fields["fields"]
        ]
        line = " · ".join(filter(None, values)) or str(statement)
        return line if len(line) <= 120 else f"{line[:119]}…"

    # Steps on a statement's own page ---------------------------------------------------------

    def steps(self, request: HttpRequest, statement: Statement) -> dict[str, str]:
        """Return the steps that the user can take from here, with their wording."""
        drafting = self.has_change_permission(request)
        publishing = self.has_publish_permission(request)
        checking = [("recheck", "Re-check citations", drafting)] if statement.revises_id else []
        match statement.state:
            case State.DRAFT:
                steps = [
                    *checking,
                    ("review", "Send for review", drafting),
                    ("publish", "Publish", publishing),
                ]
            case State.IN_REVIEW:
                steps = [
                    *checking,
                    ("return", "Back to draft", drafting),
                    ("publish", "Publish", publishing),
                ]
            case State.PUBLISHED:
                steps = [
                    ("revise", "Open a revision", drafting),
                    ("withdraw", "Withdraw …", publishing),
                ]
            case _:
                steps = [("publish", "Publish again", publishing)]
        return {name: words for name, words, permitted in steps if permitted}

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        obj = kwargs.get("obj")
        if obj is not None:
            context["steps"] = self.steps(request, obj)
            context["revision"] = Statement.objects.filter(revises=obj).first()
            context["unquoted"] = listed(
                [why for row in _whole([obj]) for why in needs_reason(row)]
            )
        return super().render_change_form(request, context, *args, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.step_view)
        return [
            *(
                path(
                    f"<uuid:pk>/{step}/",
                    view,
                    {"step": step},
                    name=f"battles_statement_{step}",
                )
                for step in ("review", "return", "publish", "revise", "withdraw")
            ),
            *super().get_urls(),
        ]

    def step_view(self, request: HttpRequest, pk: UUID, step: str) -> HttpResponse:
        """Take one step with the statement as the user saw it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method != "POST" and step != "withdraw":
            return HttpResponseNotAllowed(["POST"])
        if request.method == "POST":
            record_statements_as_found(Q(pk=pk))
        with recorded(request):
            statement = self.locked(str(pk))
            if statement is None:
                return self.gone(request)
            if request.method == "POST" and request.POST.get("version") != str(statement.version):
                return self._changed_since(request, statement)
            if step not in self.steps(request, statement):
                raise PermissionDenied
            match step:
                case "review":
                    self._move(request, [statement], State.DRAFT, State.IN_REVIEW)
                case "return":
                    if is_shown_again(request):
                        return self.with_comment(request, statement)
                    why = CommentForm(request.POST).text()
                    self._move(request, [statement], State.IN_REVIEW, State.DRAFT, why)
                case "publish":
                    hidden = [("version", statement.version)]
                    if asking := self._publish(request, [statement], hidden):
                        return asking
                case "revise":
                    return self._revise(request, statement)
                case "withdraw":
                    form = again_or_anew(request, WithdrawForm)(request.POST or None)
                    if not form.is_valid():
                        hidden = [("version", statement.version)]
                        return self._ask_why(request, [statement], form, hidden)
                    self._withdraw(request, [statement], form.cleaned_data["reason"])
        # A revision ends when it is published; what it revised goes on.
        ended = not Statement.objects.filter(pk=pk).exists()
        return _to(statement.revises if ended else statement)

    def _changed_since(self, request: HttpRequest, statement: Statement) -> HttpResponse:
        """Refuse a step with a statement that is not what was seen; give back what was typed."""
        why = "Somebody else changed this statement since you opened it."
        if typed(request):
            return self._refused(request, statement, why)
        messages.error(request, f"{why} Nothing was done; this is what is stored now.")
        return _to(statement)

    def with_comment(self, request: HttpRequest, statement: Statement) -> HttpResponse:
        """Show the page of a statement, with a comment in it that was typed and not received."""
        messages.warning(request, NOT_SAVED)
        opened = copy(request)
        opened.method = "GET"
        comment = {"comment": CommentForm(initial=request.POST.dict())}
        return self.changeform_view(opened, str(statement.pk), page_of(statement), comment)

    def _revise(self, request: HttpRequest, statement: Statement) -> HttpResponse:
        revision = publication.open_revision(statement)
        record_as_stored([revision.pk])
        self.log_change(request, statement, "Opened a revision.")
        return _to(revision)

    # Actions on a list -----------------------------------------------------------------------

    @admin.action(description="Send for review", permissions=["change"])
    def send_for_review(self, request: HttpRequest, queryset: QuerySet) -> None:
        self._move(request, queryset, State.DRAFT, State.IN_REVIEW)

    @admin.action(description="Back to draft", permissions=["change"])
    def return_to_draft(self, request: HttpRequest, queryset: QuerySet) -> None:
        self._move(request, queryset, State.IN_REVIEW, State.DRAFT)

    @admin.action(description="Publish", permissions=["publish"])
    def publish(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        # Nobody publishes again by selecting all.
        withdrawn = queryset.filter(state=State.WITHDRAWN)
        why = ["it was withdrawn; it can be published again on its own page"]
        self._tell_reasons(request, "Left withdrawn", dict.fromkeys(withdrawn, why))
        others = queryset.exclude(state=State.WITHDRAWN)
        return self._publish(request, others, chosen_again(request))

    @admin.action(description="Withdraw …", permissions=["publish"])
    def withdraw(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        chosen = list(queryset)
        published = [statement for statement in chosen if statement.is_published]
        self._tell_reasons(
            request,
            "Not withdrawn",
            {row: ["it is not published"] for row in chosen if not row.is_published},
        )
        if not published:
            return None
        form = again_or_anew(request, WithdrawForm)(
            request.POST if "reason" in request.POST else None
        )
        if form.is_valid():
            self._withdraw(request, published, form.cleaned_data["reason"])
            return None
        return self._ask_why(request, published, form, chosen_again(request))

    def _move(
        self,
        request: HttpRequest,
        rows: Iterable[Statement],
        before: State,
        after: State,
        comment: str = "",
    ) -> None:
        moved: list[Statement] = []
        others: dict[Statement, list[str]] = {}
        for statement in _held(rows):
            if statement.state == before:
                statement.state = after
                statement.save()
                self.log_change(request, statement, f"Now {after.label}.")
                moved.append(statement)
            else:
                others[statement] = [f"it is {statement.get_state_display()}"]
        if moved:
            self.remark(request, moved, step=Remark.Step(after), text=comment)
            messages.success(request, f"{_counted(moved)} now {after.label}.")
        self._tell_reasons(request, "Left as they are", others)

    def remark(
        self, request: HttpRequest, rows: Iterable[Statement], *, step: str = "", text: str = ""
    ) -> None:
        """Add a line to the review of each statement."""
        user = cast(User, request.user)
        Remark.objects.bulk_create(
            Remark(statement=row, step=step, text=text, by=user, by_name=user.get_username())
            for row in rows
        )

    def _publish(
        self, request: HttpRequest, rows: Iterable[Statement], hidden: Hidden
    ) -> HttpResponse | None:
        """Publish what can be, and tell of the rest; ask first where quotes do not say it all."""
        chosen = _held(rows)
        able, reasons = _publishable(chosen)
        asked = {statement: why for statement in able if (why := needs_reason(statement))}
        if asked and (is_shown_again(request) or not ReasonsForm.was_sent(request.POST)):
            return self._ask_reasons(request, asked, len(chosen) - len(asked), hidden)
        if is_shown_again(request):
            messages.warning(request, "Nothing was done yet. None of these needs a reason now.")
            return None
        if unexplained := self._explain(request, asked):
            able, more = _publishable([row for row in able if row not in unexplained])
            reasons |= unexplained | more
        if able:
            try:
                battles = publication.publish(able, by=cast(User, request.user))
            except publication.CannotPublish as refusal:
                reasons |= refusal.reasons
            else:
                shown = [statement.revises or statement for statement in able]
                record_as_stored(statement.pk for statement in shown)
                for statement, draft in zip(shown, able, strict=True):
                    how = f", giving the reason: {draft.inference}" if draft in asked else "."
                    self.log_change(request, statement, f"Published{how}")
                editions = ", ".join(f"{battle}, edition {battle.edition}" for battle in battles)
                messages.success(request, f"{_counted(shown)} now published: {editions}.")
        self._tell_reasons(request, "Not published", reasons)
        return None

    def _ask_reasons(
        self,
        request: HttpRequest,
        asked: dict[Statement, list[str]],
        others: int,
        hidden: Hidden,
    ) -> HttpResponse:
        first = dict(islice(asked.items(), _ASKED_AT_ONCE))
        form = ReasonsForm(first)
        if is_shown_again(request):
            messages.warning(request, NOT_SAVED)
            form.initial = request.POST.dict()
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Publish: give the reason",
            "asked": [
                (row, self.says(row), form[f"reason-{row.pk}"], form[f"version-{row.pk}"])
                for row in first
            ],
            "shared": form[form.SHARED] if form.SHARED in form.fields else None,
            "later": len(asked) - len(first),
            "others": others,
            "hidden": hidden,
            "media": self.media,
        }
        return TemplateResponse(request, "admin/battles/statement/reasons.html", context)

    def _explain(
        self, request: HttpRequest, asked: dict[Statement, list[str]]
    ) -> dict[Statement, list[str]]:
        """Keep the reasons given with their statements; return those without one, and why."""
        form = ReasonsForm(asked, request.POST)
        form.is_valid()
        unexplained = {}
        for statement, missing in asked.items():
            if reason := form.reason(statement):
                statement.inference = reason
                statement.save()
            else:
                unexplained[statement] = [
                    f"no quote contains {listed(missing)}, and no reason was given"
                ]
        return unexplained

    def _withdraw(self, request: HttpRequest, statements: list[Statement], reason: str) -> None:
        try:
            battles = publication.withdraw(statements, reason, by=cast(User, request.user))
        except publication.CannotPublish as refusal:
            self._tell_reasons(request, "Not withdrawn", refusal.reasons)
            return
        record_as_stored(statement.pk for statement in statements)
        for statement in statements:
            self.log_change(request, statement, f"Withdrawn: {reason}")
        editions = ", ".join(f"{battle}, edition {battle.edition}" for battle in battles)
        messages.success(request, f"{_counted(statements)} now withdrawn: {editions}.")

    def _ask_why(
        self,
        request: HttpRequest,
        statements: list[Statement],
        form: WithdrawForm,
        hidden: Hidden,
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Withdraw",
            "statements": [(row.pk, row.battle, self.says(row)) for row in statements],
            "hidden": hidden,
            "form": form,
            "media": self.media,
        }
        return TemplateResponse(request, "admin/battles/statement/withdraw.html", context)

    def _tell_reasons(
        self, request: HttpRequest, what: str, reasons: dict[Statement, list[str]]
    ) -> None:
        if reasons:
            rows = ((self.says(row), "; ".join(why)) for row, why in reasons.items())
            listed = format_html_join("", "<br>{}: {}", rows)
            messages.warning(request, format_html("{}:{}", what, listed))


def chosen_again(request: HttpRequest) -> Hidden:
    """Return as hidden fields what a list sent, for a page that asks something about it first."""
    kept = {"action", "index", "select_across", "all_seen", helpers.ACTION_CHECKBOX_NAME}
    return [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name in kept or name.startswith("version-")
    ]


def page_of(statement: Statement) -> str:
    """Return the address of a statement's own page, where its steps are."""
    return reverse("admin:battles_statement_change", args=[statement.pk])


def _to(statement: Statement) -> HttpResponse:
    return HttpResponseRedirect(page_of(statement))


def _held(rows: Iterable[Statement]) -> list[Statement]:
    """Return statements with all they say and cite, held until the transaction ends."""
    ids = [row.pk for row in rows]
    list(Statement.objects.filter(pk__in=ids).select_for_update().order_by("pk"))
    return _whole(rows)


def _whole(rows: Iterable[Statement]) -> list[Statement]:
    """Return statements with all they say and cite."""
    chosen = Statement.objects.filter(pk__in=[row.pk for row in rows])
    chosen = chosen.with_values().with_evidence().with_names()
    return list(chosen.select_related("revises").order_by("pk"))


def _publishable(
    chosen: list[Statement],
) -> tuple[list[Statement], dict[Statement, list[str]]]:
    """Part what can be published by one action from what cannot, with the reasons."""
    able = chosen
    reasons: dict[Statement, list[str]] = {}
    while True:
        battles = {statement.battle_id for statement in able}
        found = {
            statement: why
            for statement in able
            if (why := publication.obstacles(statement, together=battles))
        }
        if not found:
            return able, reasons
        reasons |= found
        able = [statement for statement in able if statement not in found]


def _counted(statements: list[Statement]) -> str:
    return "1 statement is" if len(statements) == 1 else f"{len(statements)} statements are"


def _displayed(statement: Statement, column: str) -> str:
    """Return a value as a curator reads it; empty if there is none."""
    field: Any = statement._meta.get_field(column)
    if field.choices:
        return getattr(statement, f"get_{column}_display")()
    value = getattr(statement, column)
    return "" if value is None else f"{value:,}" if isinstance(value, int) else str(value)
