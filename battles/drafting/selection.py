"""What a new statement about selected words begins with: what drafting would propose of them."""

from dataclasses import replace
from typing import Any

from django.core.exceptions import ValidationError

from battles.drafting.forms import Around, ProposalForm
from battles.drafting.infobox import read
from battles.drafting.names import battle_called, entity_called, names_of_voices
from battles.drafting.proposals import Proposal, proposals
from battles.kinds import Kind
from battles.models import Battle, Statement
from sources.anchoring import Span
from sources.models import Document, Origin
from sources.notes import calls, markers_between

_LONGEST_PRINTED = 100  # code points; longer words are a sentence, not a name, figure or phrase
_AROUND = 20_000  # code points read before and after, as a long document need not be read whole
# These the panel itself asks for; the reason is about the claimant that drafting proposes.
_OF_THE_PANEL = frozenset(("decision", "claimant", "bearing", "inference"))


def begun_with(
    document: Document, text: str, battle: Battle, kind: Kind, span: Span
) -> dict[str, str]:
    """Return values for the fields of a statement of a kind, as far as the words give them.

    A row is proposed only if the archive has it by that name.
    """
    called = calls(text)  # of the whole text, as some markers count in sequence
    first = text.rfind("\n", 0, max(0, span.start - _AROUND)) + 1
    text = text[first : span.end + _AROUND]
    span = Span(span.start - first, span.end - first)
    origins = list(Origin.objects.order_by("name", "pk"))
    around = Around(document, text, battle, list(battle.sides.all()), origins, notes={})
    proposal = _proposal(text, kind, span, names_of_voices(origins))
    markers = markers_between(called, first + proposal.start, first + proposal.end)
    form = ProposalForm(around, replace(proposal, markers=markers))
    statement = Statement(battle=battle, kind=kind)
    kinds = dict(statement.entity_kinds())
    found = {}
    for name, field in form.fields.items():
        value: Any = field.initial
        if name in kinds or name == "parent":
            value = _row_called(value, kinds.get(name))
        if value not in (None, "") and name not in _OF_THE_PANEL:
            found[name] = str(value)
    return found


def _proposal(text: str, kind: Kind, span: Span, known: list[str]) -> Proposal:
    """Return the proposal that the words stand in, if it is of this kind, or one of the words."""
    for one in proposals(text, known=known):
        if one.kind == kind and one.start < span.end and span.start < one.end:
            return one
    quote = text[span.start : span.end]
    is_short = len(quote) <= _LONGEST_PRINTED and "\n" not in quote and kind != Kind.NARRATIVE
    item = read(kind, quote) if is_short else None
    if item is None or item.kind != kind:
        return Proposal(*span, kind)
    values = {"text": item.printed} if kind == Kind.NAME else item.values
    return Proposal(*span, kind, item.printed, values, item.names)


def _row_called(name: str, kinds: tuple[str, ...] | None) -> Any:
    if not name:
        return None
    try:
        row = entity_called(name, tuple(kinds)) if kinds else battle_called(name)
    except ValidationError:
        return None
    return None if row._state.adding else row.pk
