"""What became of proposals: accepted, dismissed or still open, and how a curator decides.

An accepted one needs no mark of its own: a statement about the battle cites its very passage.
"""

import math
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate, pairwise
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from battles import desk
from battles.drafting.proposals import Proposal
from battles.kinds import Kind
from battles.models import Battle, Citation, Dismissal, Entity, Statement
from sources import notes
from sources.models import Document


@dataclass(slots=True)
class Decisions:
    """What was decided of the places of one document for one battle."""

    cited: dict[tuple[int, int], list[UUID]] = field(default_factory=dict)
    told: list[tuple[int, int]] = field(default_factory=list)  # by narrative statements, in order
    furthest: list[int] = field(default_factory=list)  # how far those up to each of them go
    dismissed: dict[tuple[int, int], UUID] = field(default_factory=dict)

    @classmethod
    def of(cls, document: Document, battle: Battle) -> "Decisions":
        """Read what was decided, in two queries."""
        found = cls()
        citations = Citation.objects.filter(
            passage__document=document, statement__battle=battle
        ).exclude(statement__state=Statement.State.WITHDRAWN)
        columns = ("passage__start", "passage__end", "statement_id", "statement__kind")
        for start, end, statement, kind in citations.order_by("created", "pk").values_list(
            *columns
        ):
            found.cited.setdefault((start, end), []).append(statement)
            if kind == Kind.NARRATIVE:
                found.told.append((start, end))
        found.told = sorted(set(found.told))
        found.furthest = list(accumulate((end for _, end in found.told), max))
        rows = Dismissal.objects.filter(document=document, battle=battle)
        found.dismissed = {
            (start, end): pk for pk, start, end in rows.values_list("pk", "start", "end")
        }
        return found

    def statements(self, proposal: Proposal) -> list[UUID]:
        """Return the statements that rest on the very passage; a joined one holds several."""
        exact = self.cited.get(proposal.span, [])
        if exact or proposal.kind != Kind.NARRATIVE:
            return exact
        before = bisect_right(self.told, (proposal.start, math.inf))
        if not before or self.furthest[before - 1] < proposal.end:
            return []  # at once for most of the sentences of a long document
        return [
            statement
            for start, end in self.told[:before]
            if proposal.end <= end
            for statement in self.cited[start, end]
        ]

    def is_open(self, proposal: Proposal) -> bool:
        return proposal.span not in self.dismissed and not self.statements(proposal)


def joined(text: str, found: Sequence[Proposal], span: tuple[int, int]) -> Proposal:
    """Return the proposal at a span, which may be of sentences that follow each other.

    Raises ValidationError if the span is not made of proposals.
    """
    within = [one for one in found if span[0] <= one.start and one.end <= span[1]]
    whole = within and (within[0].start, within[-1].end) == span
    if not whole or not all(can_be_joined(text, *pair) for pair in pairwise(within)):
        raise ValidationError(f"Nothing is proposed from {span[0]} to {span[1]}.")
    markers = notes.joined(mark for one in within for mark in notes.markers_of(one.markers))
    return within[0] if len(within) == 1 else replace(within[0], end=span[1], markers=markers)


def can_be_joined(text: str, one: Proposal, following: Proposal) -> bool:
    """Whether two proposals are sentences with nothing but white space between them."""
    both = one.kind == following.kind == Kind.NARRATIVE
    return both and not text[one.end : following.start].strip()


@transaction.atomic
def accept(
    document: Document,
    quote: str,
    proposal: Proposal,
    statement: Statement,
    new_entities: Iterable[Entity] = (),
    **cited: Any,
) -> desk.Saved:
    """Make a draft of a proposal, cited to its passage, with the entities it is the first to name.

    All of it or nothing; refused if somebody else decided meanwhile.
    """
    _hold(document, statement.battle, [proposal])
    for entity in new_entities:
        entity.save()
    statement.full_clean()
    selection = desk.Selection(proposal.start, proposal.end, quote)
    return desk.cite(document, selection, [], statement, **cited)


@transaction.atomic
def dismiss(document: Document, battle: Battle, unwanted: Sequence[Proposal], by: User) -> None:
    """Remember that proposals are not wanted for a battle: all of them or none."""
    _hold(document, battle, unwanted)
    for one in unwanted:
        Dismissal.objects.create(
            document=document, battle=battle, start=one.start, end=one.end, kind=one.kind, by=by
        )


def bring_back(document: Document, battle: Battle, spans: Iterable[tuple[int, int]]) -> int:
    """Forget that proposals were dismissed; return how many were."""
    wanted = set(spans)
    rows = Dismissal.objects.filter(document=document, battle=battle)
    ids = [row.pk for row in rows if (row.start, row.end) in wanted]
    return rows.filter(pk__in=ids).delete()[0]


def follow(merged: Battle, kept: Battle) -> None:
    """Let what was dismissed for a battle be dismissed for the one that it is merged into."""
    there = Dismissal.objects.filter(battle=kept)
    known = set(there.values_list("document", "start", "end"))
    for row in Dismissal.objects.filter(battle=merged):
        if (row.document_id, row.start, row.end) not in known:
            row.battle = kept
            row.save()
    Dismissal.objects.filter(battle=merged).delete()


def _hold(document: Document, battle: Battle, wanted: Iterable[Proposal]) -> None:
    """Let nobody else decide until the transaction ends; refuse what is decided already."""
    list(Battle.objects.select_for_update().filter(pk=battle.pk).order_by("pk").values_list("pk"))
    decisions = Decisions.of(document, battle)
    if not all(decisions.is_open(one) for one in wanted):
        raise ValidationError("Somebody decided this meanwhile, so nothing was made of it here.")


def parts(found: Sequence[Proposal], span: tuple[int, int]) -> Iterator[Proposal]:
    """Yield the proposals that stand within a span."""
    return (one for one in found if span[0] <= one.start and one.end <= span[1])
