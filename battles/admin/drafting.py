"""Drafting from a document: its proposals on a page, each to accept, edit, join or dismiss."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from battles.admin.desk import DeskAdmin
from battles.admin.records import record_as_stored
from battles.drafting import deciding
from battles.drafting.deciding import Decisions, can_be_joined, joined
from battles.drafting.forms import Around, ProposalForm, RangeForm
from battles.drafting.names import known_names, names_of_voices
from battles.drafting.proposals import SOURCE, Proposal, proposals
from battles.kinds import Kind
from battles.models import Entity, Statement
from sources.admin.bases import link_to_row
from sources.admin.history import recorded
from sources.bibliographies.entry import EntryError
from sources.bibliographies.matching import Index
from sources.bibliographies.printed import read_line
from sources.forms import in_context, label_of_document
from sources.models import Document, Footnote, Origin, Source
from sources.shown_again import NOT_SAVED, is_shown_again

_ON_A_PAGE = 20
_SHOWN = "shown-"  # begins the name of what says that a proposal was on the page


@dataclass(slots=True)
class Row:
    """A proposal as the page shows it."""

    proposal: Proposal
    quote: SafeString
    form: ProposalForm | None = None
    statements: Sequence[Statement] = ()
    sources: Sequence[Source] = ()
    new_names: Sequence[str] = ()
    notes: Sequence[Footnote] = ()

    @property
    def key(self) -> str:
        return self.key_of(self.proposal)

    @staticmethod
    def key_of(proposal: Proposal) -> str:
        """Return what tells a proposal from others of its document."""
        return f"{proposal.start}-{proposal.end}"

    @property
    def title(self) -> str:
        if self.proposal.kind == SOURCE:
            return "A work it names"
        return str(Kind(self.proposal.kind).label).capitalize()


class Draft:
    """The proposals of a document for one battle, and what was decided of them."""

    def __init__(self, document: Document, text: str, chosen: RangeForm) -> None:
        self.document, self.text = document, text
        self.battle = chosen.cleaned_data["battle"]
        self.reach = chosen.reach
        self.show = chosen.cleaned_data.get("show") or "open"
        origins = list(Origin.objects.order_by("name", "pk"))
        notes = Footnote.objects.supplied().filter(document=document)
        self.around = Around(
            document,
            text,
            self.battle,
            list(self.battle.sides.all()),
            origins,
            {note.marker: note for note in notes},
        )
        self.found = proposals(text, known=names_of_voices(origins))
        self.places = {one.start: place for place, one in enumerate(self.found)}
        self.read_decisions()
        self.known_works = self._known_works()

    def read_decisions(self) -> None:
        """Read anew what was decided."""
        self.decisions = Decisions.of(self.document, self.battle)
        self.__dict__.pop("_by_state", None)

    def _known_works(self) -> dict[tuple[int, int], list[UUID]]:
        """Return the sources that the works named within reach seem to be, if these are here."""
        works = {}
        for one in self.found:
            if one.kind == SOURCE and self.reach.start <= one.start < self.reach.end:
                with suppress(EntryError):
                    works[one.span] = read_line(self.text[one.start : one.end])
        if not works:
            return {}
        index = Index()
        return {span: keys for span, work in works.items() if (keys := index.matches(work)[0])}

    @property
    def open_works(self) -> list[str]:
        """The lines of the works named within reach that are no sources yet."""
        works = (one for one in self.of("open") if one.kind == SOURCE)
        return [" ".join(self.text[one.start : one.end].split("\n")) for one in works]

    def of(self, show: str) -> list[Proposal]:
        """Return the proposals within reach that are open, accepted or dismissed."""
        return self._by_state[show]

    @cached_property
    def _by_state(self) -> dict[str, list[Proposal]]:
        found: dict[str, list[Proposal]] = {show: [] for show, _ in RangeForm.SHOWN}
        for one in self.found:
            if self.reach.start <= one.start < self.reach.end:
                found[self._state(one)].append(one)
        return found

    def _state(self, proposal: Proposal) -> str:
        if proposal.span in self.known_works or self.decisions.statements(proposal):
            return "accepted"  # even if somebody else dismissed it
        return "dismissed" if proposal.span in self.decisions.dismissed else "open"

    def following(self, proposal: Proposal) -> Proposal | None:
        """Return the open sentence that a proposal can be joined with."""
        last = max(self.places[one.start] for one in deciding.parts(self.found, proposal.span))
        rest = self.found[last + 1 : last + 2]
        can = rest and can_be_joined(self.text, proposal, rest[0])
        return rest[0] if can and self.decisions.is_open(rest[0]) else None

    def form(self, proposal: Proposal, data: Any = None) -> ProposalForm:
        may_join = proposal.kind == Kind.NARRATIVE and self.following(proposal) is not None
        return ProposalForm(self.around, proposal, data, may_join=may_join)

    def rows(self, shown: Iterable[Proposal]) -> list[Row]:
        return [
            Row(one, in_context(self.text, one.span), notes=self.around.notes_of(one))
            for one in shown
        ]

    def sent(self, data: Any) -> list[ProposalForm]:
        """Return the forms that were sent, of proposals and of joined ones."""
        forms = []
        for key in [name.removeprefix(_SHOWN) for name in data if name.startswith(_SHOWN)]:
            try:
                start, _, end = key.partition("-")
                span = int(start), int(end)
            except ValueError as error:
                raise ValidationError("The page was sent in a form that it never had.") from error
            forms.append(self.form(joined(self.text, self.found, span), data))
        return forms


class DraftingAdmin(DeskAdmin):
    """The page on which a document is drafted from, which belongs to the admin of statements."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.draft_view)
        draft = path("draft/<uuid:pk>/", view, name="battles_statement_draft")
        return [draft, *super().get_urls()]

    def has_draft_permission(self, request: HttpRequest) -> bool:
        """Say whether someone may decide proposals, and not only read them."""
        return (
            self.has_desk_permission(request)
            and self.has_add_permission(request)
            and request.user.has_perms(("battles.add_entity", "battles.add_dismissal"))
        )

    def draft_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Show what a document could become for a battle, and do what is decided of it."""
        document, text = self._document(request, pk)
        if request.method == "POST" and not self.has_draft_permission(request):
            raise PermissionDenied
        asked = RangeForm(text, request.GET if "battle" in request.GET else None)
        if not asked.is_valid():
            return self._page(request, document, asked)
        draft = Draft(document, text, asked)
        if request.method == "POST":
            return self._decided(request, draft, asked)
        page = Paginator(draft.of(draft.show), _ON_A_PAGE).get_page(request.GET.get("page"))
        rows = draft.rows(page.object_list)
        if draft.show == "accepted":
            self._tell_statements(draft, rows)
        elif draft.show == "open" and self.has_draft_permission(request):
            for row in rows:
                row.form = draft.form(row.proposal)
        return self._page(request, document, asked, draft, rows, page)

    def _page(
        self,
        request: HttpRequest,
        document: Document,
        asked: RangeForm,
        draft: Draft | None = None,
        rows: Sequence[Row] = (),
        page: Any = None,
        status: int = 200,
    ) -> HttpResponse:
        named = {name for row in rows if row.form for name in row.proposal.names.values()}
        known = known_names(named) if named else set()
        for row in rows:
            # The victor is a side and the parent a battle: neither is made here.
            made = [row.proposal.names.get(column) for column in ("entity", "party", "place")]
            row.new_names = [name for name in made if name and name not in known]
        query = request.GET.copy()
        query.pop("page", None)
        query.pop("show", None)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Draft from this document",
            "document": document,
            "label": label_of_document(document),
            "asked": asked,
            "draft": draft,
            "rows": rows,
            "page": page,
            "query": query.urlencode(),
            "counts": [(show, label, len(draft.of(show))) for show, label in RangeForm.SHOWN]
            if draft
            else [],
            "works": "\n".join(draft.open_works) if draft else "",
            "may_add_sources": request.user.has_perms(
                ("sources.add_source", "sources.change_source")
            ),
            "may_decide": self.has_draft_permission(request),
            "media": self.media + asked.media,
        }
        return TemplateResponse(
            request, "admin/battles/drafting/draft.html", context, status=status
        )

    def _tell_statements(self, draft: Draft, rows: Sequence[Row]) -> None:
        ids = {pk for row in rows for pk in draft.decisions.statements(row.proposal)}
        made = Statement.objects.filter(pk__in=ids).with_values().in_bulk()
        works = {pk for row in rows for pk in draft.known_works.get(row.proposal.span, [])}
        sources = Source.objects.in_bulk(works)
        for row in rows:
            here = draft.decisions.statements(row.proposal)
            row.statements = [made[pk] for pk in here if pk in made]
            known = draft.known_works.get(row.proposal.span, [])
            row.sources = [sources[pk] for pk in known if pk in sources]
            for statement in row.statements:
                cast(Any, statement).says = self.says(statement)

    # Deciding ----------------------------------------------------------------------------------

    def _decided(self, request: HttpRequest, draft: Draft, asked: RangeForm) -> HttpResponse:
        """Do what was decided, each proposal by itself, and show again what was not."""
        data: Any = request.POST.copy()
        if "_bring_back" in request.POST and not is_shown_again(request):
            return self._brought_back(request, draft)
        try:
            forms = draft.sent(data)
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
            return HttpResponseRedirect(request.get_full_path())
        if is_shown_again(request):
            messages.warning(request, NOT_SAVED)
            rows = _shown_again(draft, forms, data)
            return self._page(request, draft.document, asked, draft, rows)
        if "_accept_lines" in request.POST:
            for form in forms:
                if form.proposal.kind not in (Kind.NARRATIVE, SOURCE) and not form.decision:
                    data[form.add_prefix("decision")] = "accept"
        made: list[Statement] = []
        entities: list[Entity] = []
        dismissed = 0
        left: list[ProposalForm] = []
        for form in forms:
            if form.decision == "dismiss" and self._dismiss(request, draft, form):
                dismissed += 1
            elif form.decision == "accept" and self._accept(request, draft, form):
                made.append(cast(Statement, form.statement))
                entities += form.new_entities
            else:
                left.append(form)
        _report(request, made, entities, dismissed)
        if not any(one.is_refused or one.decision == "join" or one.was_typed_in for one in left):
            return HttpResponseRedirect(request.get_full_path())
        draft.read_decisions()
        rows = _shown_again(draft, left, data)
        status = 200
        if any(one.is_refused for one in left):
            messages.error(request, "Some could not be saved: each says why, below.")
            status = 409
        return self._page(request, draft.document, asked, draft, rows, status=status)

    def _accept(self, request: HttpRequest, draft: Draft, form: ProposalForm) -> bool:
        """Make a draft of one proposal; say whether it went well, or let the form tell why not."""
        if not form.is_valid() or form.statement is None:
            form.is_refused = True
            return False
        proposal, statement = form.proposal, form.statement
        cited = {name: form.cleaned_data[name] for name in ("claimant", "bearing", "note_marker")}
        cited["named_source"] = draft.around.named_source(proposal)
        quote = draft.text[proposal.start : proposal.end]
        try:
            with recorded(request):
                saved = deciding.accept(
                    draft.document, quote, proposal, statement, form.new_entities, **cited
                )
                record_as_stored(saved.versions)
                for entity in form.new_entities:
                    self.log_addition(request, entity, "Named first by a draft from a document.")
                self.log_addition(request, statement, "Drafted from a document.")
        except ValidationError as refusal:
            form.refuse(refusal)
            return False
        return True

    def _dismiss(self, request: HttpRequest, draft: Draft, form: ProposalForm) -> bool:
        try:
            parts = deciding.parts(draft.found, form.proposal.span)
            deciding.dismiss(draft.document, draft.battle, list(parts), cast(User, request.user))
        except ValidationError as refusal:
            form.refuse(refusal)
            return False
        return True

    def _brought_back(self, request: HttpRequest, draft: Draft) -> HttpResponse:
        wanted = request.POST.getlist("back")
        spans = [one.span for one in draft.of("dismissed") if Row.key_of(one) in wanted]
        number = deciding.bring_back(draft.document, draft.battle, spans)
        messages.success(request, f"Brought back: {number}.")
        return HttpResponseRedirect(request.get_full_path())


def _report(
    request: HttpRequest, made: Sequence[Statement], entities: Sequence[Entity], dismissed: int
) -> None:
    """Tell what was done, with links to what was made."""
    if made:
        messages.success(
            request,
            format_html("Drafted: {}. {}", len(made), format_html_join(" · ", "{}", _links(made))),
        )
    if entities:
        messages.success(
            request,
            format_html("New, by name: {}.", format_html_join(", ", "{}", _links(entities))),
        )
    if dismissed:
        messages.success(request, f"Dismissed: {dismissed}.")


def _links(rows: Iterable[Any]) -> list[tuple[SafeString | str]]:
    return [(link_to_row(row),) for row in rows]


def _shown_again(draft: Draft, left: Sequence[ProposalForm], data: Any) -> list[Row]:
    """Return the rows of what was not decided, as it was typed, and joined where that was asked."""
    rows = []
    waiting = list(left)
    while waiting:
        form = waiting.pop(0)
        proposal, wordings = form.proposal, [_wording(form)]
        joins = form.decision == "join"
        while joins and (following := draft.following(proposal)):
            end, joins = following.end, False
            if waiting and waiting[0].proposal.start == following.start:
                other = waiting.pop(0)
                end, joins = other.proposal.end, other.decision == "join"
                wordings.append(_wording(other))
            proposal = joined(draft.text, draft.found, (proposal.start, end))
        if proposal is not form.proposal:
            form = _joined_form(draft, form, proposal, " ".join(filter(None, wordings)), data)
        elif not form.is_refused:
            form = draft.form(proposal, data)
            form.keep_quiet()
        [row] = draft.rows([proposal])
        row.form = form
        rows.append(row)
    return rows


def _wording(form: ProposalForm) -> str:
    return form.data.get(form.add_prefix("text"), "").strip()


def _joined_form(
    draft: Draft, first: ProposalForm, proposal: Proposal, wording: str, data: Any
) -> ProposalForm:
    """Return the form of a joined proposal, holding what was typed for its sentences."""
    copied = data.copy()
    form = draft.form(proposal, copied)
    for name in form.fields:
        copied[form.add_prefix(name)] = data.get(first.add_prefix(name), "")
    copied[form.add_prefix("text")] = wording
    copied[form.add_prefix("note_marker")] = proposal.markers
    copied[form.add_prefix("decision")] = ""
    form.keep_quiet()
    return form
