"""Keeping the index: under which headings a battle stands, and whose word a source carries.

Everything here is read from published statements, and can be made anew from them at any time.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any, TypeVar
from uuid import UUID

from django.db import transaction
from django.db.models import Count, F, IntegerField, Min, OuterRef, Q, Subquery, UUIDField
from django.db.models.functions import Coalesce

from battles import questions
from battles.kinds import Kind
from battles.models import Battle, Citation, Entity, Entry, Heading, Question, Statement, Voice
from sources.models import Passage, Source
from sources.sorting import sort_key

Facet = Heading.Facet
Row = TypeVar("Row")

BATCH = 200  # battles or sources at a time

# A heading by what names it (facet, key), and the battle that stands under it.
_Filed = tuple[str, str, UUID]


def index_battles(battles: Collection[UUID]) -> None:
    """File battles under the headings of what is published about them, and under no others."""
    for some in _batches(battles):
        with transaction.atomic():
            _file(some)
            Battle._base_manager.filter(pk__in=some).update(
                first_day=_SORTED_BY["day"], statements_published=_SORTED_BY["number"]
            )


def index_entities(entities: Collection[UUID]) -> None:
    """Note of each of these entities whether published statements speak of it."""
    for some in _batches(sorted(entities)):
        with transaction.atomic():
            rows = Entity.objects.filter(pk__in=some)
            # Held until the transaction ends: the later of two withdrawals sees the earlier one.
            list(rows.select_for_update(no_key=True).order_by("pk").values_list("pk"))
            rows.misnoted().update(public=~F("public"))


def index_sources(sources: Collection[UUID]) -> None:
    """Note on whose word published statements rest in each of these sources, and whose no more,
    and how many passages of it they cite."""
    for some in _batches(sorted(sources)):
        with transaction.atomic():
            rows = Source._base_manager.filter(pk__in=some)
            # As above: of two publications, the later one counts what the earlier one opened.
            list(rows.select_for_update(no_key=True).order_by("pk").values_list("pk"))
            rows.exclude(passages_published=_CITED).update(passages_published=_CITED)
            some += Source.objects.filter(merged__in=some).values_list("pk", flat=True)
            now = voices(some)
            before = set(Voice.objects.filter(source__in=some).values_list("source", "origin"))
            Voice.objects.filter(pk__in=list(before - now)).delete()
            Voice.objects.bulk_create(
                (Voice(source_id=source, origin_id=origin) for source, origin in now - before),
                ignore_conflicts=True,
            )


def rebuild(progress: Callable[[str, int], None] = lambda what, number: None) -> None:
    """Make the whole index anew, and what it counts as disputed.

    `progress` is told what is being indexed and how many are done.
    """
    named: tuple[Any, ...] = (Battle, Entity)
    for model in named:
        for rows in _batches(model.objects.order_by("pk").only("name", "sort_key")):
            for row in rows:
                row.sort_key = sort_key(row.name)
            model._base_manager.bulk_update(rows, ["sort_key"])
    Source.objects.misnoting_words().update(held=~F("held"))
    for some in _batches(Question.objects.order_by("pk").values_list("pk", flat=True)):
        questions.settle(some)  # a newer release may compare answers otherwise
    for what, ids, index in (
        ("battles", Battle.objects.order_by("pk").values_list("pk", flat=True), index_battles),
        ("entities", Entity.objects.order_by("pk").values_list("pk", flat=True), index_entities),
        ("sources", Source.objects.order_by("pk").values_list("pk", flat=True), index_sources),
    ):
        for done, some in enumerate(_batches(ids)):
            index(some)
            progress(what, done * BATCH + len(some))


def filed(battles: Iterable[UUID]) -> set[_Filed]:
    """Return the headings that what is published puts battles under."""
    told = (Kind.BELLIGERENT, Kind.COMMANDER, Kind.PLACE, Kind.RESULT)
    published = Statement.objects.published().filter(battle__in=battles, kind__in=told)
    found: set[_Filed] = set()
    sides: dict[UUID, set[UUID]] = defaultdict(set)
    victors: set[tuple[UUID, UUID]] = set()
    columns = ("kind", "battle", "entity", "place", "side", "victor", "degree")
    for kind, battle, entity, place, side, victor, degree in published.values_list(*columns):
        match kind:
            case Kind.BELLIGERENT:
                found.add((Facet.PARTY, str(entity), battle))
                if side:
                    sides[side].add(entity)
            case Kind.COMMANDER:
                found.add((Facet.PERSON, str(entity), battle))
            case Kind.PLACE:
                found.add((Facet.PLACE, str(place), battle))
            case Kind.RESULT:
                if degree:
                    found.add((Facet.DEGREE, degree, battle))
                if victor:
                    victors.add((victor, battle))
    found |= {
        (Facet.VICTOR, str(party), battle) for side, battle in victors for party in sides[side]
    }
    claimants = Citation.objects.public().filter(statement__battle__in=battles).order_by()
    found |= {
        (Facet.CLAIMANT, str(origin), battle)
        for origin, battle in claimants.values_list("claimant", "statement__battle").distinct()
    }
    disputed = Battle.objects.filter(pk__in=battles, questions__disputed=True).order_by()
    for battle, kind in disputed.values_list("pk", "questions__kind").distinct():
        found.add((Facet.DISPUTED, "any", battle))
        if kind == Kind.RESULT:
            found.add((Facet.DISPUTED, Kind.RESULT, battle))
    return found


def voices(sources: Iterable[UUID]) -> set[tuple[UUID, UUID]]:
    """Return pairs of a source and an origin on whose word something published rests there.

    What rests on a merged source rests on the one that it was merged into.
    """
    sources = list(sources)
    merged = F("passage__source__merged_into")
    cited = Citation.objects.public().filter(
        Q(passage__source__in=sources, passage__source__merged_into__isnull=True)
        | Q(passage__source__merged_into__in=sources)
    )
    stands_in = Coalesce(merged, F("passage__source"), output_field=UUIDField())
    return set(cited.order_by().values_list(stands_in, "claimant").distinct())


def misfiled(battles: Collection[UUID]) -> set[UUID]:
    """Return the battles that do not stand in the index as what is published says."""
    wrong = {battle for _, _, battle in filed(battles) ^ _entries(battles).keys()}
    rows = Battle.objects.filter(pk__in=battles)
    noted = set(rows.values_list("pk", "first_day", "statements_published"))
    found = set(rows.annotate(**_SORTED_BY).values_list("pk", *_SORTED_BY))
    return wrong | {battle for battle, *_ in noted ^ found}


def misheard(sources: Collection[UUID]) -> set[UUID]:
    """Return the sources whose voices, or number of passages, are not what is published."""
    noted = set(Voice.objects.filter(source__in=sources).values_list("source", "origin"))
    rows = Source.objects.filter(pk__in=sources).annotate(cited=_CITED)
    miscounted = rows.exclude(passages_published=F("cited")).values_list("pk", flat=True)
    return {source for source, _ in voices(sources) ^ noted} | set(miscounted)


def _entries(battles: Collection[UUID]) -> dict[_Filed, UUID]:
    rows = Entry.objects.filter(battle__in=battles)
    return {
        (facet, key, battle): heading
        for facet, key, battle, heading in rows.values_list(
            "facet", "heading__key", "battle", "heading"
        )
    }


def _file(battles: list[UUID]) -> None:
    now, before = filed(battles), _entries(battles)
    if now == before.keys():
        return
    added = now - before.keys()
    removed = [(heading, entry[2]) for entry, heading in before.items() if entry not in now]
    names = {(facet, key) for facet, key, _ in added}
    Heading.objects.bulk_create((_heading(*name) for name in sorted(names)), ignore_conflicts=True)
    wanted = Heading.objects.filter(
        Q(pk__in={heading for heading, _ in removed}) | Q(key__in={key for _, key in names})
    )
    # Held until the transaction ends: two publications under one heading count one after another.
    headings = {
        (facet, key): pk
        for pk, facet, key in wanted.order_by("pk")
        .select_for_update()
        .values_list("pk", "facet", "key")
    }
    Entry.objects.filter(pk__in=removed).delete()
    Entry.objects.bulk_create(
        Entry(heading_id=headings[facet, key], battle_id=battle, facet=facet)
        for facet, key, battle in added
    )
    under = Entry.objects.filter(heading=OuterRef("pk")).order_by().values("heading")
    Heading.objects.filter(pk__in=headings.values()).update(
        number=_number(under.annotate(number=Count("battle")))
    )


def _heading(facet: str, key: str) -> Heading:
    named = {Facet.CLAIMANT: "origin_id", Facet.DEGREE: "", Facet.DISPUTED: ""}
    column = named.get(Facet(facet), "entity_id")
    return Heading(facet=facet, key=key, **({column: UUID(key)} if column else {}))


def _number(grouped: Any) -> Coalesce:
    return Coalesce(Subquery(grouped.values("number")), 0, output_field=IntegerField())


_OF_BATTLE = Statement.objects.published().filter(battle=OuterRef("pk")).order_by()
_DATES = _OF_BATTLE.filter(kind=Kind.DATE).values("battle")

# What is noted of a battle for lists to sort by. A date without a known start counts by its end.
_SORTED_BY = {
    "day": Subquery(
        _DATES.annotate(day=Min(Coalesce(F("date_earliest"), F("date_latest")))).values("day")
    ),
    "number": _number(_OF_BATTLE.values("battle").annotate(number=Count("pk"))),
}


# How many passages of a source readers see.
_CITED = _number(
    Passage.objects.public()
    .filter(source=OuterRef("pk"))
    .order_by()
    .values("source")
    .annotate(number=Count("pk"))
)


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    waiting = list(rows)
    for start in range(0, len(waiting), BATCH):
        yield waiting[start : start + BATCH]
