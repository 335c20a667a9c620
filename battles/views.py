"""Every page that shows a statement, whatever its address."""

from typing import Any
from uuid import UUID

from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from battles import atlas
from battles.entities import IndexFilter, appearances, names_of
from battles.filters import VIEWS, BattleFilter
from battles.models import Battle, Citation, Entity, Entry, Publication, Statement
from battles.pages import battle_page, origins_heard, rivals_of, with_dates
from battles.reader import read, resting_on
from battles.shown import number_citations, shown, shown_listed
from battles.timeline import timeline
from sources.listing import address, chosen_in, errors_of, is_narrowed, listing, paged
from sources.models import Document, Origin, Passage, Source
from sources.responses import gone, moved, page
from sources.trees import family

PARTS = 50  # battles or sources named on another page; their lists have them all


@require_safe
def battle_list(request: HttpRequest) -> HttpResponse:
    """The battles, campaigns and wars of the archive, narrowed as readers wish: as a list, on a
    map or along a line of time."""
    battles = Battle.objects.public().with_disputed().select_related("part_of")
    filters = BattleFilter(request.GET, battles)
    number = request.GET.get("page", "")
    chosen = chosen_in(filters)
    context: dict[str, Any] = {"filters": filters, "views": _views(chosen)}
    if filters.shown_as == "map" and not errors_of(filters):
        places = atlas.mapped_places(filters.qs)
        found = paged(places, number, chosen, size=atlas.LISTED, is_filtered=is_narrowed(filters))
        drawn = atlas.on_the_map(places)
        context |= {
            "places": atlas.with_statements(found.rows, filters.qs),
            "drawn": drawn,
            "not_drawn": sum(bool(place.precision) for place in places) - len(drawn),
            "frame": atlas.frame(drawn),
            "query": address({name: chosen[name] for name in chosen if name != "view"}),
        }
    else:
        found = listing(filters, number, total=filters.total)
        rows = with_dates(found.rows)
        if filters.shown_as == "timeline":
            context["timeline"] = timeline(rows)
        context["rows"] = rows
    return page(
        f"battles/battle_{filters.shown_as}.html",
        context | {"listing": found},
        status=400 if found.errors else 200,
    )


def _views(chosen: dict[str, str]) -> list[tuple[str, str, str]]:
    """Return the ways in which the same battles can be seen: value, name and query of each."""
    others = {name: value for name, value in chosen.items() if name != "view"}
    return [
        (view, label, address(others if view == "list" else others | {"view": view}))
        for view, label in VIEWS
    ]


@require_safe
def battle_places(request: HttpRequest) -> HttpResponse:
    """The places of the battles that a filter leaves, as GeoJSON for the map."""
    filters = BattleFilter(request.GET)
    if errors := errors_of(filters):
        return JsonResponse({"errors": errors}, status=400)
    listed_at = address(chosen_in(filters) | {"view": "map"})
    return JsonResponse(
        atlas.as_geojson(atlas.mapped_places(filters.qs), listed_at),
        content_type="application/geo+json",
    )


@require_safe
def entity_list(request: HttpRequest) -> HttpResponse:
    """The parties, persons, units and places that published statements speak of."""
    filters = IndexFilter(request.GET, Entity.objects.public())
    found = listing(filters, request.GET.get("page", ""), size=100)
    return page(
        "battles/entity_list.html",
        {"filters": filters, "listing": found},
        status=400 if found.errors else 200,
    )


@require_safe
def entity_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A party, person, unit or place: its names, where it appears, what is said of it."""
    entity = Entity.objects.public().filter(pk=pk).first()
    if entity is None:
        if Entity.objects.seen_by_readers().filter(pk=pk).exists():
            return gone("entity", "The statements that spoke of it were withdrawn or revised.")
        raise Http404("There is no entity at this address.")
    place = atlas.place_of(entity)
    said = Statement.objects.published().naming(entity)
    found = paged(said.in_order_of_battles(), request.GET.get("page", ""))
    return page(
        "battles/entity_detail.html",
        {
            "entity": entity,
            "place": place,
            "frame": atlas.frame([place] if place else []),
            "names": names_of(entity),
            "identifiers": entity.identifiers.order_by("scheme", "value", "pk"),
            "appearances": appearances(entity, PARTS),
            "listing": found,
            "statements": shown_listed(found.rows),
        },
    )


@require_safe
def origin_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """A voice that accounts come from: what it is part of, its sources, what it is heard on."""
    origin = Origin.objects.public().select_related("part_of").filter(slug=slug).first()
    if origin is None:
        if redirect := moved(request, Origin.objects.public(), slug):
            return redirect
        raise Http404("There is no origin at this address.")
    said = Statement.objects.published().on_the_word_of(origin)
    found = paged(said.in_order_of_battles(), request.GET.get("page", ""))
    battles = Battle.objects.public().filter(
        pk__in=Entry.objects.filter(heading__origin=origin).order_by().values("battle")
    )
    sources = Source.objects.public().filter(origin=origin)
    return page(
        "battles/origin_detail.html",
        {
            "origin": origin,
            "parent": origin.part_of if origin.part_of and origin.part_of.public else None,
            "parts": Origin.objects.public().filter(part_of=origin).order_by("name", "pk"),
            "sources": sources.for_list().order_by("title", "pk")[:PARTS],
            "battles": battles.order_by("sort_key", "pk")[:PARTS],
            "listing": found,
            "statements": shown_listed(found.rows),
        },
    )


@require_safe
def battle_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """A battle, whole or as one origin and all that is part of it tell it."""
    battle = Battle.objects.public().select_related("part_of__part_of").filter(slug=slug).first()
    if battle is None:
        if redirect := moved(request, Battle.objects.public(), slug):
            return redirect
        raise Http404("There is no battle at this address.")
    contents = battle_page(battle)
    origins = list(Origin.objects.public())
    wanted = request.GET.get("origin", "")
    chosen = next((origin for origin in origins if origin.slug == wanted), None)
    is_unknown = bool(wanted) and chosen is None
    if chosen:
        parents = {origin.pk: origin.part_of_id for origin in origins}
        contents.hide_all_but(family(chosen.pk, parents))
    context = {
        "battle": battle,
        "above": [row for row in _above(battle) if row.edition],
        "page": contents,
        "origins": origins_heard(contents, origins),
        "chosen": chosen,
        "unknown_origin": wanted if is_unknown else "",
        "parts": Battle.objects.public().filter(part_of=battle).order_by("name", "pk")[:PARTS],
        "published_at": Publication.objects.filter(battle=battle).aggregate(at=Max("at"))["at"],
    }
    return page("battles/battle_detail.html", context, status=400 if is_unknown else 200)


@require_safe
def statement_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A statement with all it rests on, its rivals, and when it was published."""
    row = Statement.objects.seen_by_readers().select_related("battle").filter(pk=pk).first()
    if row is None:
        raise Http404("There is no statement at this address.")
    if not row.is_published:
        return gone("statement", row.withdrawn_because, {"battle": row.battle})
    rivals = (
        Statement.objects.filter(question=row.question_id)
        if row.question_id
        else Statement.objects.filter(pk=pk)
    )
    answers = shown(rivals)
    statement = next(answer for answer in answers if answer.pk == pk)
    others = [answer for answer in answers if answer.pk != pk]
    number_citations([statement, *others])
    return page(
        "battles/statement_detail.html",
        {
            "battle": row.battle,
            "statement": statement,
            "others": rivals_of(statement, others),
            "publications": Publication.objects.filter(statement=pk).order_by("edition", "pk"),
        },
    )


@require_safe
def document_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The reader: a document with its public passages marked."""
    document = (
        Document.objects.public().filter(pk=pk).select_related("source__origin", "file").first()
    )
    if document is None:
        raise Http404("There is no document at this address.")
    versions = document.source.documents.public().order_by("number", "pk")
    return page(
        "battles/document_detail.html",
        {"document": document, "reading": read(document), "versions": versions},
    )


@require_safe
def passage_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A passage: its words, where it stands, and what rests on it."""
    passage = (
        Passage.objects.filter(pk=pk)
        .select_related("source__origin", "document")
        .prefetch_related("glosses")
        .first()
    )
    if passage is None or not passage.public:
        withdrawn = (
            Citation.objects.filter(passage=pk, statement__state="withdrawn")
            .select_related("statement__battle")
            .order_by("statement__battle__name", "statement_id")
            .first()
        )
        if passage is None or not passage.seen:
            raise Http404("There is no passage at this address.")
        if withdrawn is None:
            return gone("passage", "The statement that cited it was revised.")
        statement = withdrawn.statement
        return gone("passage", statement.withdrawn_because, {"battle": statement.battle})
    statements = resting_on(Statement.objects.filter(citations__passage=pk)).get(pk, [])
    return page("battles/passage_detail.html", {"passage": passage, "statements": statements})


def _above(battle: Battle) -> list[Battle]:
    """Return what a battle is filed under, the widest first."""
    found: list[Battle] = []
    if battle.part_of:
        found = [battle.part_of]
        if battle.part_of.part_of:
            found.insert(0, battle.part_of.part_of)
    return found
