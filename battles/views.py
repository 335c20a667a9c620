"""Every page that shows a statement, whatever its address."""

from uuid import UUID

from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from battles.accounts import HEADER, UnknownClaimantError, accounts, table
from battles.filters import BattleFilter
from battles.models import Battle, Citation, Publication, Statement
from battles.pages import battle_page, origins_heard, rivals_of, with_dates
from battles.reader import read, resting_on
from battles.shown import number_citations, shown
from sources.listing import listing
from sources.models import Document, Origin, Passage
from sources.responses import gone, moved, page
from sources.spreadsheets import as_csv
from sources.trees import family

PARTS = 50  # battles named on the page of a war; the list of battles has them all


@require_safe
def battle_list(request: HttpRequest) -> HttpResponse:
    """The battles, campaigns and wars of the archive, narrowed as readers wish."""
    filters = BattleFilter(request.GET, Battle.objects.public().select_related("part_of"))
    found = listing(filters, request.GET.get("page", ""))
    rows = with_dates(found.rows)
    return page(
        "battles/battle_list.html",
        {"filters": filters, "listing": found, "rows": rows},
        status=400 if found.errors else 200,
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
def battle_accounts(request: HttpRequest, slug: str) -> HttpResponse:
    """The accounts of a battle side by side: a row for each question, a column for each claimant,
    or for those that are chosen."""
    battle = Battle.objects.public().filter(slug=slug).first()
    if battle is None:
        if redirect := moved(request, Battle.objects.public(), slug, "battles:battle-accounts"):
            return redirect
        raise Http404("There is no battle at this address.")
    wanted = _claimants(request)
    problem = ""
    try:
        found = accounts(battle, wanted)
    except UnknownClaimantError as error:
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
        if redirect := moved(request, Battle.objects.public(), slug, "battles:battle-accounts-csv"):
            return redirect
        raise Http404("There is no battle at this address.")
    try:
        found = accounts(battle, _claimants(request))
    except UnknownClaimantError as error:
        return HttpResponse(f"{error}\n", content_type="text/plain; charset=utf-8", status=400)
    name = content_disposition_header(True, f"{battle.slug}-accounts.csv")
    return HttpResponse(
        as_csv(HEADER, table(found, request.build_absolute_uri)),
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


def _claimants(request: HttpRequest) -> list[str]:
    """Return the slugs asked for: by a form, one at a time, or in an address, by commas."""
    given = ",".join(request.GET.getlist("claimants")).split(",")
    return [slug for slug in dict.fromkeys(map(str.strip, given)) if slug]


def _above(battle: Battle) -> list[Battle]:
    """Return what a battle is filed under, the widest first."""
    found: list[Battle] = []
    if battle.part_of:
        found = [battle.part_of]
        if battle.part_of.part_of:
            found.insert(0, battle.part_of.part_of)
    return found
