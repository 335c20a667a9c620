"""What the search finds of battles and of what is said about them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, Min, Q

from battles.kinds import Kind, Section
from battles.models import Battle, Entity, EntityName, Statement
from battles.querysets import StatementQuerySet
from battles.shown import shown
from sources.addresses import address
from sources.models import SearchEntry
from sources.prepared import PreparedForMany
from sources.query import Query, marked, places, snippet, unmarked
from sources.search import (
    Findable,
    Finder,
    Found,
    Result,
    address_of_passage,
    entry,
    follow,
    in_days,
    leading,
    much_first,
    place_in_order,
)
from sources.tokens import phrases, written_together

_KINDS = {kind: rank for rank, kind in enumerate(Kind.values)}
_PARTS = {part: rank for rank, part in enumerate(["", *Section.values])}


def follow_statements(ids: Iterable[UUID]) -> None:
    """Follow statements, published or not, and the battles they are about."""
    ids = list(ids)
    follow(STATEMENTS, ids)
    battles = Statement.objects.filter(pk__in=ids).order_by().values_list("battle", flat=True)
    follow(BATTLES, set(battles))


def follow_battle(pk: UUID) -> None:
    """Follow a battle and every statement that names it."""
    named = Statement.objects.published().filter(Q(battle=pk) | Q(parent=pk))
    follow(BATTLES, [pk])
    follow(STATEMENTS, list(named.order_by().values_list("pk", flat=True)))


def follow_side(pk: UUID) -> None:
    """Follow the statements that name a side."""
    named = Statement.objects.published().filter(Q(side=pk) | Q(victor=pk))
    follow(STATEMENTS, list(named.order_by().values_list("pk", flat=True)))


def follow_entity(pk: UUID) -> None:
    """Follow the statements that name an entity, and their battles."""
    follow_statements(_naming(pk).values_list("pk", flat=True))


def follow_names(entity: UUID) -> None:
    """Follow the battles in whose statements an entity is named, whatever its names are."""
    follow(BATTLES, list(_naming(entity).values_list("battle", flat=True).distinct()))


def _naming(entity: UUID) -> StatementQuerySet:
    return Statement.objects.published().naming(entity).order_by()


def _battle_entries(ids: Sequence[UUID]) -> Iterator[SearchEntry]:
    published = Statement.objects.published().filter(battle__in=ids).order_by()
    told = {
        pk: (number, day)
        for pk, number, day in published.values_list("battle").annotate(
            number=Count("pk"), day=Min("date_earliest")
        )
    }
    forms: dict[UUID, list[str]] = defaultdict(list)
    names = published.filter(kind=Kind.NAME).order_by("position", "pk")
    for pk, *form in names.values_list("battle", "text", "romanises"):
        forms[pk] += form
    entities = _entity_names(published)
    for battle in Battle.objects.public().filter(pk__in=ids):
        number, day = told.get(battle.pk, (0, None))
        own = list(dict.fromkeys(filter(None, [battle.name, *forms[battle.pk]])))
        # A romanised name is written in one word or in several, as its writer likes.
        together = [
            " ".join(written_together([word.tokens[0] for word in phrases(name) if word.is_word]))
            for name in own
        ]
        others = entities[battle.pk]
        yield entry(
            battle.pk,
            place_in_order(
                BATTLES.kind, much_first(number), in_days(day), (leading(battle.pk, 33), 33)
            ),
            [*own, *together],
            others,
            text=" · ".join([*own[1:], *others]),
        )


def _entity_names(statements: StatementQuerySet) -> dict[UUID, list[str]]:
    """Return by battle every form of the names of what its statements speak of."""
    named: dict[UUID, set[UUID]] = defaultdict(set)
    for battle, *entities in statements.values_list("battle", "entity", "party", "place"):
        named[battle].update(filter(None, entities))
    forms: dict[UUID, list[str]] = defaultdict(list)
    wanted = set().union(*named.values())
    for pk, name in Entity.objects.filter(pk__in=wanted).values_list("pk", "name"):
        forms[pk].append(name)
    names = EntityName.objects.filter(entity__in=wanted).order_by("text", "pk")
    for pk, text, romanises in names.values_list("entity", "text", "romanises"):
        forms[pk] += [text, romanises]
    return defaultdict(
        list,
        {
            battle: list(
                dict.fromkeys(
                    name
                    for pk in sorted(entities, key=lambda pk: (forms[pk][0], pk))
                    for name in filter(None, forms[pk])
                )
            )
            for battle, entities in named.items()
        },
    )


def _statement_entries(ids: Sequence[UUID]) -> Iterator[SearchEntry]:
    for statement in shown(Statement.objects.filter(pk__in=ids)):
        values = statement.values
        said = [statement.heading, " ".join(statement.text.split())]
        more = [statement.reading, statement.printed, statement.inference]
        place = place_in_order(
            STATEMENTS.kind,
            (_KINDS[values.kind], 4),
            (_PARTS[values.section], 3),
            (leading(values.battle_id, 22), 22),
            (values.position, 10),
            (leading(statement.pk, 21), 21),
        )
        lines = [": ".join(filter(None, said)), " · ".join(filter(None, more))]
        text = "\n".join(filter(None, lines))
        yield entry(statement.pk, place, [*said, *more], [values.battle__name], text=text)


BATTLES = Findable(1, "battles", lambda: Battle.objects.public(), _battle_entries)
STATEMENTS = Findable(2, "statements", lambda: Statement.objects.published(), _statement_entries)
FINDABLES = (BATTLES, STATEMENTS)


_battles = PreparedForMany(
    lambda ids: Battle.objects.public().select_related("part_of").filter(pk__in=ids).order_by(),
    UUID,
)


def _battle_results(query: Query, entries: list[Found]) -> list[Result]:
    battles = {battle.pk: battle for battle in _battles({row.owner for row in entries})}
    return [
        Result(
            href=battle.get_absolute_url(),
            title=marked(query, battle.name),
            quoted=snippet(row.text, places(query, row.text)),
            about=battle.get_scale_display(),
            links=[(unmarked(battle.part_of.name), battle.part_of.get_absolute_url())]
            if battle.part_of and battle.part_of.edition
            else [],
        )
        for row in entries
        if (battle := battles.get(row.owner))
    ]


class _Evidence(NamedTuple):
    """What is read of a statement that was found: far less than a page about it needs."""

    pk: UUID
    battle__name: str
    battle__slug: str
    evidence__claimant__name: str
    evidence__passage_id: UUID
    evidence__passage__document_id: UUID | None
    evidence__passage__source__title: str


_evidence = PreparedForMany(
    lambda ids: (
        Statement.objects.published().filter(pk__in=ids).order_by().values_list(*_Evidence._fields)
    ),
    UUID,
)


def _statement_results(query: Query, entries: list[Found]) -> list[Result]:
    known = {row[0]: _Evidence(*row) for row in _evidence({row.owner for row in entries})}
    results = []
    for row in entries:
        if evidence := known.get(row.owner):
            said, _, more = row.text.partition("\n")
            in_more = places(query, more)
            results.append(
                Result(
                    href=address("battles:statement-detail", row.owner),
                    title=snippet(said, places(query, said)),
                    quoted=snippet(more, in_more) if in_more else [],
                    links=[
                        (
                            marked(query, evidence.battle__name),
                            address("battles:battle-detail", evidence.battle__slug),
                        ),
                        (
                            unmarked(
                                f"{evidence.evidence__claimant__name}, "
                                f"in {evidence.evidence__passage__source__title}"
                            ),
                            address_of_passage(
                                evidence.evidence__passage_id,
                                evidence.evidence__passage__document_id,
                            ),
                        ),
                    ],
                )
            )
    return results


FINDERS = (
    Finder("battles", "Battles", (BATTLES.kind, BATTLES.kind), _battle_results),
    Finder("statements", "Statements", (STATEMENTS.kind, STATEMENTS.kind), _statement_results),
)
