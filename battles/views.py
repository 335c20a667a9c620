"""Every page that shows a statement, whatever its address."""

import re
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponsePermanentRedirect,
    JsonResponse,
)
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from battles import atlas
from battles.accounts import HEADER, UnknownClaimantError, accounts, table
from battles.citing import PageCitations
from battles.editions import changes_between, history_of, last_citing, read_edition
from battles.entities import IndexFilter, appearances, names_of
from battles.filters import VIEWS, BattleFilter, EditionsForm
from battles.linked_data import battle_as_event, entity_as_thing, statement_as_claim
from battles.models import Battle, Citation, Entity, Entry, Publication, Statement
from battles.page_filter import PageFilter
from battles.pages import ListedBattle, battle_page, disputed_in, listed, rivals_of
from battles.querysets import BattleQuerySet
from battles.reader import PlaceError, read, resting_on
from battles.shown import number_citations, shown, shown_listed
from battles.timeline import timeline
from sources.bibliographies.formats import bibliography, bibliography_links
from sources.linked_data import origin_as_voice
from sources.listing import (
    address,
    chosen_in,
    errors_of,
    is_narrowed,
    listing,
    moved_choices,
    paged,
)
from sources.models import Document, Origin, Passage, Source
from sources.origins import by_name, known_origins
from sources.prepared import Prepared
from sources.querysets import BY_TITLE
from sources.rendering import absolute
from sources.responses import gone, moved, moved_in_query, page
from sources.spreadsheets import as_csv

_PLACE = re.compile("([0-9]{1,9})-([0-9]{1,9})")
PARTS = 50  # battles or sources named on another page; their lists have them all
_NAMED_CLAIMANTS = {"claimants": Origin.objects.public}

# What the page of a battle begins with, whichever battle it is.
_public_battles = Prepared(
    lambda slug: Battle.objects.public().select_related("part_of__part_of").filter(slug=slug), str
)
_parts_of = Prepared(
    lambda battle: (
        Battle.objects.public().for_list().filter(part_of=battle).order_by("sort_key", "pk")[:PARTS]
    ),
    UUID,
)
_published_at = Prepared(
    lambda battle: (
        Publication.objects.filter(battle=battle)
        .order_by("-edition", "-at")
        .values_list("at", flat=True)[:1]
    ),
    UUID,
)

# What the reader begins with.
_public_documents = Prepared(
    lambda pk: (
        Document.objects.public()
        .select_related("source__origin", "file", "transcribes")
        .filter(pk=pk)
    ),
    UUID,
)
_versions_of = Prepared(
    lambda source: Document.objects.public().filter(source=source).order_by("number", "pk"), UUID
)


@require_safe
def battle_list(request: HttpRequest) -> HttpResponse:
    """The battles, campaigns and wars of the archive, narrowed as readers wish: as a list, on a
    map or along a line of time."""
    battles = Battle.objects.public().for_list()
    filters = BattleFilter(request.GET, battles)
    if redirect := moved_choices(request, filters):
        return redirect
    number = request.GET.get("page", "")
    chosen = chosen_in(filters)
    context: dict[str, Any] = {"filters": filters, "views": _views(chosen)}
    if filters.shown_as == "map" and not errors_of(filters):
        places = atlas.mapped_places(filters.qs)
        found = paged(places, number, chosen, size=atlas.LISTED, is_filtered=is_narrowed(filters))
        drawn = atlas.on_the_map(places)
        without_coordinates = sum(not place.precision for place in places)
        listed_places = atlas.with_statements(found.rows, filters.qs)
        context |= {
            "places": listed_places,
            "differing": disputed_in(
                {said.values.battle_id for place in listed_places for said in place.statements}
            ),
            "drawn": drawn,
            "without_coordinates": without_coordinates,
            "not_drawn": len(places) - without_coordinates - len(drawn),
            "without_place": atlas.number_without_place(filters.qs),
            "frame": atlas.frame(drawn),
            "query": address({name: chosen[name] for name in chosen if name != "view"}),
        }
    else:
        found = listing(filters, number, total=filters.total)
        rows = listed(found.rows)
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
    filters = BattleFilter(request.GET, Battle.objects.public())
    if redirect := moved_choices(request, filters):
        return redirect
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
        if into := Entity.objects.public().filter(merged=pk).first():
            return HttpResponsePermanentRedirect(into.get_absolute_url())
        if Entity.objects.seen_by_readers().filter(pk=pk).exists():
            return gone("entity", "The statements that spoke of it were withdrawn or revised.")
        raise Http404("There is no entity at this address.")
    place = atlas.place_of(entity)
    names = names_of(entity)
    identifiers = list(entity.identifiers.order_by("scheme", "value", "pk"))
    said = Statement.objects.published().naming(entity)
    found = paged(said.in_order_of_battles(), request.GET.get("page", ""))
    return page(
        "battles/entity_detail.html",
        {
            "entity": entity,
            "place": place,
            "frame": atlas.frame([place] if place else []),
            "names": names,
            "identifiers": identifiers,
            "linked_data": entity_as_thing(entity, names, identifiers, place),
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
    sources = Source.objects.public().standing().filter(origin=origin)
    return page(
        "battles/origin_detail.html",
        {
            "origin": origin,
            "linked_data": origin_as_voice(origin),
            "parent": origin.part_of if origin.part_of and origin.part_of.public else None,
            "parts": by_name(Origin.objects.public().filter(part_of=origin)),
            "sources": sources.for_list().order_by(*BY_TITLE)[:PARTS],
            "battles": battles.order_by("sort_key", "pk")[:PARTS],
            "listing": found,
            "statements": shown_listed(found.rows),
        },
    )


@require_safe
def battle_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """A battle, whole or as some voices tell it."""
    battle = _public_battle(slug)
    if battle is None:
        return _moved(request, slug, "battle-detail")
    contents = battle_page(battle)
    above = battle.filed_under
    linked_data = battle_as_event(battle, above, contents)
    narrowed = PageFilter(request.GET, contents, known_origins())
    if narrowed.errors and (redirect := moved_in_query(request, narrowed.named)):
        return redirect
    if narrowed.is_active and not narrowed.errors:
        contents.hide(narrowed.hides)
    [at] = _published_at(battle.pk)
    context = {
        "battle": battle,
        "name": battle.name,
        "above": above,
        "linked_data": linked_data,
        "page": contents,
        "filter": narrowed,
        "bibliographies": bibliography_links("battles:battle-bibliography", battle.slug),
        "parts": _parts(battle, after=contents.last_number),
        "published_at": at,
        "citations": _citations(battle, battle.name, battle.edition, at),
    }
    return page("battles/battle_detail.html", context, status=400 if narrowed.errors else 200)


@require_safe
def battle_edition(request: HttpRequest, slug: str, number: str) -> HttpResponse:
    """A battle as one of its editions told it, less what was withdrawn since."""
    battle = _with_editions().filter(slug=slug).first()
    if battle is None:
        return _moved(request, slug, "battle-edition", _with_editions(), number=number)
    try:
        edition = read_edition(battle, int(number))
    except Publication.DoesNotExist as error:
        raise Http404("The battle has no such edition.") from error
    return page(
        "battles/battle_edition.html",
        {
            "battle": battle,
            "name": edition.name,
            "edition": edition,
            "page": edition.page,
            "filter": None,
            "bibliographies": [],
            "published_at": edition.at,
            "citations": _citations(battle, edition.name, edition.number, edition.at),
        },
    )


@require_safe
def battle_history(request: HttpRequest, slug: str) -> HttpResponse:
    """The editions of a battle, and what changed between two of them."""
    battle = _with_editions().filter(slug=slug).first()
    if battle is None:
        return _moved(request, slug, "battle-history", _with_editions())
    chosen = EditionsForm(request.GET if {"from", "to"} & request.GET.keys() else None, battle)
    changes = None
    if chosen.is_valid():
        changes = changes_between(battle, chosen.cleaned_data["from"], chosen.cleaned_data["to"])
    return page(
        "battles/battle_history.html",
        {
            "battle": battle,
            "editions": history_of(battle),
            "form": chosen,
            "changes": changes,
        },
        status=400 if chosen.is_bound and chosen.errors else 200,
    )


@require_safe
def battle_bibliography(request: HttpRequest, format_name: str, slug: str) -> HttpResponseBase:
    """The sources that a battle's statements rest on, as a bibliography to take away."""
    battle = Battle.objects.public().filter(slug=slug).first()
    if battle is None:
        return _moved(request, slug, "battle-bibliography", format_name=format_name)
    cited = Citation.objects.public().filter(statement__battle=battle)
    rests_on = cited.values("passage__source")
    sources = (
        Source.objects.public()
        .standing()
        .filter(Q(pk__in=rests_on) | Q(merged__in=rests_on))
        .distinct()
    )
    return bibliography(sources.order_by(*BY_TITLE), format_name, slug)


@require_safe
def battle_accounts(request: HttpRequest, slug: str) -> HttpResponse:
    """The accounts of a battle side by side: a row for each question, a column for each claimant,
    or for those that are chosen."""
    battle = Battle.objects.public().filter(slug=slug).first()
    if battle is None:
        return _moved(request, slug, "battle-accounts")
    wanted = _claimants(request)
    problem = ""
    try:
        found = accounts(battle, wanted)
    except UnknownClaimantError as error:
        if redirect := moved_in_query(request, _NAMED_CLAIMANTS):
            return redirect
        found, problem = accounts(battle), str(error)
    return page(
        "battles/battle_accounts.html",
        {"battle": battle, "accounts": found, "wanted": wanted, "problem": problem},
        status=400 if problem else 200,
    )


@require_safe
def battle_accounts_csv(request: HttpRequest, slug: str) -> HttpResponse:
    """The same table for spreadsheets, with a row for every citation."""
    battle = Battle.objects.public().filter(slug=slug).first()
    if battle is None:
        return _moved(request, slug, "battle-accounts-csv")
    try:
        found = accounts(battle, _claimants(request))
    except UnknownClaimantError as error:
        if redirect := moved_in_query(request, _NAMED_CLAIMANTS):
            return redirect
        return HttpResponse(f"{error}\n", content_type="text/plain; charset=utf-8", status=400)
    name = content_disposition_header(True, f"{battle.slug}-accounts.csv")
    return HttpResponse(
        as_csv(HEADER, table(found, absolute)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": name or "attachment"},
    )


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
            "linked_data": statement_as_claim(statement, row.battle),
            "publications": Publication.objects.filter(statement=pk)
            .telling_revisions()
            .select_related("battle")
            .order_by("at", "action", "edition", "pk"),
        },
    )


@require_safe
def document_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The reader: a document with its public passages marked."""
    document = next(iter(_public_documents(pk)), None)
    if document is None:
        raise Http404("There is no document at this address.")
    try:
        reading = read(document, _place(request.GET.get("at", "")))
    except PlaceError as error:
        raise Http404("There is no such place in this document.") from error
    versions = _versions_of(document.source_id)
    return page(
        "battles/document_detail.html",
        {"document": document, "reading": reading, "versions": versions},
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
    if passage is None or not passage.seen:
        raise Http404("There is no passage at this address.")
    if not passage.public:
        return _former_passage(passage)
    statements = resting_on(shown(Statement.objects.filter(citations__passage=pk))).get(pk, [])
    return page("battles/passage_detail.html", {"passage": passage, "statements": statements})


def _former_passage(passage: Passage) -> HttpResponse:
    """Say why nothing rests on a passage any more, and lead to what the archive says instead."""
    context: dict[str, Any] = {"passage": passage}
    cited = Citation.objects.withdrawn().filter(passage=passage)
    if withdrawn := cited.select_related("statement__battle").first():
        context["battle"] = withdrawn.statement.battle
        return gone("passage", withdrawn.statement.withdrawn_because, context)
    if publication := last_citing(passage):
        context |= {"battle": publication.battle, "publication": publication}
    return gone("passage", "The statement that cited it was revised.", context)


def _place(words: str) -> tuple[int, int] | None:
    """Read a place such as “120-134”: the first code point, and the one after the last."""
    if not words:
        return None
    match = _PLACE.fullmatch(words)
    if match is None:
        raise PlaceError
    return int(match[1]), int(match[2])


def _public_battle(slug: str) -> Battle | None:
    return next(iter(_public_battles(slug)), None)


def _with_editions() -> BattleQuerySet:
    """Return the battles that readers saw; their editions stay, also if they were merged since."""
    return Battle.objects.seen_by_readers().select_related("part_of__part_of", "merged_into")


def _moved(
    request: HttpRequest,
    slug: str,
    view: str,
    battles: BattleQuerySet | None = None,
    **rest: str,
) -> HttpResponsePermanentRedirect:
    """Lead from a former slug to the same view of its battle as it is now, or raise Http404.

    The battle is one of `battles`, if they are given, else a public one.
    """

    def address_of(battle: Battle) -> str:
        return reverse(f"battles:{view}", kwargs={"slug": battle.slug, **rest})

    if battles is None:
        battles = Battle.objects.public()
    if redirect := moved(request, battles, slug, address_of):
        return redirect
    raise Http404("There is no battle at this address.")


def _parts(battle: Battle, after: int) -> list[ListedBattle]:
    """Return what is filed under a battle, the markers of its dates numbered on."""
    rows = listed(_parts_of(battle.pk))
    number_citations([date for row in rows for date in row.dates], after)
    return rows


def _citations(battle: Battle, name: str, number: int, at: datetime) -> PageCitations:
    return PageCitations(
        title=name,
        edition=number,
        at=at,
        address=absolute(battle.get_edition_url(number)),
        key=f"{battle.slug}-{number}",
    )


def _claimants(request: HttpRequest) -> list[str]:
    """Return the slugs asked for: by a form, one at a time, or in an address, by commas."""
    given = ",".join(request.GET.getlist("claimants")).split(",")
    return [slug for slug in dict.fromkeys(map(str.strip, given)) if slug]
