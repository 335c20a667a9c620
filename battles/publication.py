"""Publishing and withdrawing: the only code that changes what readers see.

Everything here happens in one transaction. One action makes one edition of each battle it
touches and one `Publication` for each statement. What readers have seen is guarded against other
code by `save()` and `delete()`; this module writes past those guards, through `_base_manager`, and
apart from an import nothing else may.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Exists, F, Max, OuterRef
from django.utils import timezone

from battles import indexing, questions, search
from battles.kinds import VALUE_COLUMNS, Kind
from battles.models import (
    Battle,
    Citation,
    Entity,
    Publication,
    Question,
    Reading,
    Side,
    Statement,
)
from battles.schemas import filing_record, publication_record
from battles.verbatim import copied_from
from sources.models import Document, Origin, Passage, Source
from sources.search import follow_documents, follow_passages, follow_sources

# What a revision carries over to the statement it revises.
_REVISED = {
    *VALUE_COLUMNS,
    *("kind", "printed", "inference", "is_quotation", "position", "question"),
    *("date_earliest", "date_latest"),
}
_REVISED_COLUMNS = tuple(
    field.attname for field in Statement._meta.concrete_fields if field.name in _REVISED
)
_RECHECKED = ("rechecked_at", "rechecked_by_id", "rechecked_by_name")
_CITED = ("claimant_id", "bearing", "named_source_id", "note_marker", "note")


class CannotPublish(Exception):  # noqa: N818  it names what happened
    """Some statements cannot be published or withdrawn; `reasons` says why, by statement."""

    def __init__(self, reasons: dict[Statement, list[str]]) -> None:
        self.reasons = reasons
        super().__init__(
            " ".join(f"“{statement}”: {'; '.join(why)}." for statement, why in reasons.items())
        )


def obstacles(statement: Statement, *, together: Collection[UUID] = ()) -> list[str]:
    """Return, in words, what keeps a draft, revision or withdrawn statement from publication.

    `together` holds the ids of the battles that get an edition by the same action.
    """
    if statement.is_published:
        return ["it is already published"]
    if into := statement.battle.merged_into:
        return [f"its battle was merged into “{into}”; move it there"]
    if statement.revises and not statement.revises.is_published:
        return ["the statement it revises was withdrawn"]
    if statement.revises and statement.revises.battle_id != statement.battle_id:
        return ["a revision stays with the battle of the statement it revises"]
    citations = list(statement.citations.all())
    if not citations:
        return ["nothing is cited"]
    reasons = []
    unread = sum(citation.rechecked_at is None for citation in citations)
    if statement.revises and unread:
        reasons.append(f"{unread} of its {len(citations)} citations are still to be re-checked")
    if not any(can_be_evidence(citation, statement.kind) for citation in citations):
        own = any(citation.bearing == Citation.Bearing.SUPPORTS for citation in citations)
        reasons.append(
            "the archive's own words are evidence for its notes only"
            if own
            else "none of its citations supports it"
        )
    reasons += [
        f"it repeats the words of the protected source “{title}”: word it anew, or mark it as a "
        "quotation"
        for title in copied_from(statement, citations)
    ]
    for citation in citations:
        for source in (citation.passage.source, citation.named_source):
            if source is not None and source.origin_id is None:
                reasons.append(f"the source “{source}” has no origin yet")
    parent = statement.parent
    if parent is not None and not parent.edition and parent.pk not in together:
        reasons.append(f"nothing is published yet about “{parent}”")
    return reasons


def publish(
    statements: Iterable[Statement],
    *,
    by: User | None = None,
    at: datetime | None = None,
) -> list[Battle]:
    """Publish drafts, revisions or withdrawn statements; return the battles with new editions.

    Raises CannotPublish, with every reason, and publishes nothing if one of them cannot be.
    """
    statements = list(statements)
    wanted = {statement.pk for statement in statements}
    try:
        with transaction.atomic():
            drafts = _locked(wanted)
            _refuse_deleted(statements, drafts)
            battles = {draft.battle_id for draft in drafts}
            reasons = {
                draft: why for draft in drafts if (why := obstacles(draft, together=battles))
            }
            if reasons:
                raise CannotPublish(reasons)
            formerly = _named_by(draft.revises for draft in drafts if draft.revises)
            dropped: list[Passage] = []
            targets = [
                _end_revision(draft, draft.revises, dropped) if draft.revises else draft
                for draft in drafts
            ]
            # Only what a revision was written onto has to be read again.
            published = drafts if targets == drafts else _locked({row.pk for row in targets})
            for statement in published:
                statement.state = Statement.State.PUBLISHED
                statement.withdrawn_because = ""
                statement.evidence = _evidence(statement)
                statement.version += 1
            Statement._base_manager.bulk_update(
                published, ["state", "withdrawn_because", "evidence", "version"], batch_size=500
            )
            sources = _open(published)
            questions.settle(statement.question_id for statement in published)
            battles_touched = _record(
                published,
                Publication.Action.PUBLISHED,
                by=by,
                at=at,
                named=formerly,
                cited=[passage.source_id for passage in dropped],
            )
            _index(published, [passage.pk for passage in dropped], sources)
            return battles_touched
    except IntegrityError as error:
        # The database had the last word: a citation was deleted or moved at the same moment.
        lost = Statement.objects.filter(pk__in=wanted)
        raced = "its citations were changed while it was being published"
        raise CannotPublish({statement: [raced] for statement in lost}) from error


def withdraw(
    statements: Iterable[Statement],
    reason: str,
    *,
    by: User | None = None,
    at: datetime | None = None,
) -> list[Battle]:
    """Withdraw published statements for a reason readers will see; return the battles touched.

    Raises CannotPublish if one of them is not published, ValidationError without a reason.
    """
    reason = reason.strip()
    if not reason:
        raise ValidationError("Say why: readers who come back will see the reason.")
    statements = list(statements)
    with transaction.atomic():
        withdrawn = _locked({statement.pk for statement in statements})
        _refuse_deleted(statements, withdrawn)
        if unpublished := [row for row in withdrawn if not row.is_published]:
            raise CannotPublish({row: ["it is not published"] for row in unpublished})
        for statement in withdrawn:
            statement.state = Statement.State.WITHDRAWN
            statement.withdrawn_because = reason
            statement.version += 1
        Statement._base_manager.bulk_update(
            withdrawn, ["state", "withdrawn_because", "version"], batch_size=500
        )
        _refresh_passages(
            citation.passage_id for statement in withdrawn for citation in statement.citations.all()
        )
        _doubt_readings(withdrawn)
        questions.settle(statement.question_id for statement in withdrawn)
        battles = _record(withdrawn, Publication.Action.WITHDRAWN, by=by, at=at, reason=reason)
        _index(withdrawn)
        return battles


def move(
    statements: Iterable[Statement],
    battle: Battle,
    *,
    by: User | None = None,
    at: datetime | None = None,
) -> list[Battle]:
    """Move drafts and published statements to another battle; return those with new editions.

    A published one leaves the edition of the one battle and enters that of the other; earlier
    editions go on telling it. Sides and questions are those of the same name in the other battle,
    which arise if they are not there. An open revision goes with what it revises.

    Raises CannotPublish, with every reason, and moves nothing if one of them cannot be.
    """
    statements = list(statements)
    with transaction.atomic():
        chosen = _locked({statement.pk for statement in statements})
        _refuse_deleted(statements, chosen)
        if reasons := {row: why for row in chosen if (why := obstacles_to_move(row, battle))}:
            raise CannotPublish(reasons)
        public = [row for row in chosen if row.is_published]
        drafts = [row for row in chosen if not row.is_published]
        drafts += Statement.objects.filter(revises__in=public).with_values()
        touched: list[Battle] = []
        if public:
            touched = _move_public(public, battle, by=by, at=at)
        for draft in drafts:
            old = draft.question
            draft.battle, draft.side = battle, side_in(draft.side, battle)
            draft.victor, draft.question = side_in(draft.victor, battle), None
            draft.question = _question_in(old, draft)
            draft.save()
        return touched


def obstacles_to_move(statement: Statement, battle: Battle) -> list[str]:
    """Return, in words, what keeps a statement from moving to another battle."""
    if battle.merged_into_id:
        return [f"“{battle}” was merged into another battle"]
    if statement.battle_id == battle.pk:
        return [f"it is about “{battle}” already"]
    if statement.state == Statement.State.WITHDRAWN:
        return ["it was withdrawn, and its address says from where"]
    if statement.revises_id:
        return ["a revision goes with the statement it revises"]
    if statement.parent_id == battle.pk:
        return [f"“{battle}” cannot be part of itself"]
    return []


def _move_public(
    statements: list[Statement], battle: Battle, *, by: User | None, at: datetime | None
) -> list[Battle]:
    questions_left = {row.pk: row.question for row in statements}
    reason = f"Moved to “{battle}”."
    _doubt_readings(statements)
    left = _record(statements, Publication.Action.WITHDRAWN, by=by, at=at, reason=reason)
    for row in statements:
        Statement._base_manager.filter(pk=row.pk).update(
            battle=battle,
            side=side_in(row.side, battle),
            victor=side_in(row.victor, battle),
            question=None,
            version=F("version") + 1,
        )
    moved = _locked(set(questions_left))
    for row in moved:
        row.question = _question_in(questions_left[row.pk], row)
    Statement._base_manager.bulk_update(moved, ["question"], batch_size=500)
    _open(moved)
    asked = (*questions_left.values(), *(row.question for row in moved))
    questions.settle(question.pk for question in asked if question)
    entered = _record(moved, Publication.Action.PUBLISHED, by=by, at=at)
    indexing.index_battles({row.pk for row in left})
    _index(moved)
    for old in left:
        search.follow_battle(old.pk)
    return [*left, *entered]


def side_in(side: Side | None, battle: Battle) -> Side | None:
    """Return the side of the same name in a battle, which arises if there is none."""
    if side is None:
        return None
    last = battle.sides.aggregate(last=Max("position"))["last"] or 0
    return Side.objects.get_or_create(
        battle=battle, name=side.name, defaults={"position": last + 1}
    )[0]


def _question_in(question: Question | None, statement: Statement) -> Question | None:
    """Return the question that a statement answers in the battle it is in now."""
    if statement.kind in questions.TYPED_KINDS:
        return questions.question_of(statement)
    if question is None or question.battle_id == statement.battle_id:
        return question
    wanted = {"battle": statement.battle, "kind": Kind.NARRATIVE, "wording": question.wording}
    return Question.objects.filter(**wanted).order_by("pk").first() or Question.objects.create(
        **wanted, entity=question.entity, side=side_in(question.side, statement.battle)
    )


def rename(
    old: Entity | Battle,
    new: Entity | Battle,
    *,
    by: User | None = None,
    at: datetime | None = None,
) -> list[Battle]:
    """Let published statements name one row where they named another, in new editions.

    Earlier editions go on naming what they named.
    """
    columns = ("parent",) if isinstance(old, Battle) else ("entity", "party", "place")
    with transaction.atomic():
        published = Statement.objects.published()
        naming = {
            column: set(published.filter(**{column: old}).values_list("pk", flat=True))
            for column in columns
        }
        ids = set().union(*naming.values())
        before = _locked(ids)
        if not before:
            return []
        asked = {row.question_id for row in before}
        for column, rows in naming.items():
            Statement._base_manager.filter(pk__in=rows).update(**{column: new})
        Statement._base_manager.filter(pk__in=ids).update(version=F("version") + 1)
        renamed = _locked(ids)
        for row in renamed:
            row.question = _question_in(row.question, row)
        Statement._base_manager.bulk_update(renamed, ["question"], batch_size=500)
        sources = _open(renamed)
        questions.settle({*asked, *(row.question_id for row in renamed)})
        formerly = _named_by(before)
        touched = _record(renamed, Publication.Action.PUBLISHED, by=by, at=at, named=formerly)
        _index(renamed, (), sources)
        return touched


def open_revision(statement: Statement) -> Statement:
    """Return the draft that revises a published statement, made from it if there is none yet."""
    with transaction.atomic():
        [original] = _locked({statement.pk})
        if not original.is_published:
            raise ValidationError("Only a published statement has a revision.")
        revision = Statement.objects.filter(revises=original).first()
        if revision is None:
            revision = Statement(battle=original.battle, revises=original)
            for column in _REVISED_COLUMNS:
                setattr(revision, column, getattr(original, column))
            revision.save()
            for citation in original.citations.all():
                Citation.objects.create(
                    statement=revision,
                    passage_id=citation.passage_id,
                    created=citation.created,
                    **{name: getattr(citation, name) for name in _CITED},
                )
            revision.refresh_from_db()
        return revision


def edition(battle: Battle, number: int) -> list[Publication]:
    """Return the records that made up an edition of a battle, exactly as they were published."""
    return list(
        Publication.objects.filter(battle=battle)
        .latest_for_each_statement(number)
        .filter(action=Publication.Action.PUBLISHED)
        .order_by("statement")
    )


def reading_obstacles(document: Document, battle: Battle) -> list[str]:
    """Return, in words, what keeps readers from being told that a document was read through.

    What it says must be published first, or its silence would be that of our drafts.
    """
    readings = Reading.objects.standing().filter(document=document, battle=battle)
    if not readings.of_whole_documents().exists():
        return ["it was not read through to its end"]
    if not readings.exclude(state=Reading.State.PUBLISHED).exists():
        return ["that is published already"]
    resting = Statement.objects.filter(battle=battle, citations__passage__document=document)
    reasons = []
    if not resting.published().exists():
        reasons.append("nothing that is published about the battle rests on it")
    if waiting := resting.drafts().distinct().count():
        plural = "s that rest" if waiting > 1 else " that rests"
        reasons.append(f"{waiting} statement{plural} on it, or a revision, waits for publication")
    return reasons


def publish_reading(document: Document, battle: Battle) -> None:
    """Tell readers that a document was read through for a battle. Raises ValidationError."""
    with transaction.atomic():
        readings = _readings_locked(document, battle)
        if reasons := reading_obstacles(document, battle):
            raise ValidationError(
                f"That the document was read through cannot be published: {'; '.join(reasons)}."
            )
        readings.exclude(state=Reading.State.PUBLISHED).update(
            state=Reading.State.PUBLISHED, published_at=timezone.now()
        )


def withdraw_reading(document: Document, battle: Battle, reason: str) -> None:
    """Take back that a document was read through, for a reason that is kept."""
    reason = reason.strip()
    if not reason:
        raise ValidationError("Say why it is taken back: the reason is kept.")
    with transaction.atomic():
        published = _readings_locked(document, battle).filter(state=Reading.State.PUBLISHED)
        if not published.update(state=Reading.State.WITHDRAWN, withdrawn_because=reason):
            raise ValidationError("It is not published.")


def _readings_locked(document: Document, battle: Battle) -> Any:
    """Return the standing readings of a document, while nobody else marks any for the battle."""
    Battle.objects.select_for_update().order_by("pk").get(pk=battle.pk)
    return Reading._base_manager.filter(document=document, battle=battle).exclude(
        state=Reading.State.WITHDRAWN
    )


def _doubt_readings(withdrawn: Iterable[Statement]) -> None:
    """Withdraw the readings of what withdrawn statements cite: it did say something."""
    for statement in withdrawn:
        documents = {citation.passage.document_id for citation in statement.citations.all()}
        Reading._base_manager.filter(
            battle=statement.battle_id, document__in=documents, state=Reading.State.PUBLISHED
        ).update(
            state=Reading.State.WITHDRAWN,
            withdrawn_because="A statement that rested on it was withdrawn.",
        )


def _locked(ids: set[UUID]) -> list[Statement]:
    """Return statements with citations and passages, all held until the transaction ends."""
    citations = Citation.objects.filter(statement__in=ids)
    for rows in (
        Statement.objects.filter(pk__in=ids),
        citations,
        Passage.objects.filter(pk__in=citations.order_by().values("passage")),
    ):
        list(rows.select_for_update().order_by("pk").values_list("pk"))
    return list(
        Statement.objects.filter(pk__in=ids)
        .with_values()
        .with_evidence()
        .select_related("revises")
        .order_by("pk")
    )


def _refuse_deleted(statements: Iterable[Statement], locked: Iterable[Statement]) -> None:
    here = {statement.pk for statement in locked}
    if gone := [statement for statement in statements if statement.pk not in here]:
        raise CannotPublish({statement: ["it was deleted"] for statement in gone})


def can_be_evidence(citation: Citation, kind: str) -> bool:
    """Say whether a citation supports a statement of that kind as evidence.

    The archive's own words, or what stands on its own word, are evidence for its notes only.
    """
    if citation.bearing != Citation.Bearing.SUPPORTS:
        return False
    voices = (citation.passage.source.origin, citation.claimant)
    own = any(voice is not None and voice.kind == Origin.Kind.ARCHIVE for voice in voices)
    return kind == Kind.NOTE or not own


def _evidence(statement: Statement) -> Citation:
    return next(
        citation
        for citation in statement.citations.all()
        if can_be_evidence(citation, statement.kind)
    )


def _end_revision(
    revision: Statement, original: Statement, dropped_passages: list[Passage]
) -> Statement:
    """Copy a revision's values and citations onto the statement it revises, and delete it.

    Adds to `dropped_passages` those that the statement no longer cites.
    """
    kept = {citation.passage_id: citation for citation in original.citations.all()}
    cited = {citation.passage_id: citation for citation in revision.citations.all()}
    dropped = [citation for passage, citation in kept.items() if passage not in cited]
    Citation._base_manager.filter(pk__in=[citation.pk for citation in dropped]).delete()
    for passage, citation in cited.items():
        if passage in kept:
            Citation._base_manager.filter(pk=kept[passage].pk).update(
                **{name: getattr(citation, name) for name in (*_CITED, *_RECHECKED)}
            )
        else:
            Citation._base_manager.filter(pk=citation.pk).update(statement=original)
    revision.remarks.update(statement=original)
    Statement._base_manager.filter(pk=revision.pk).delete()
    evidence = Citation._base_manager.filter(statement=original, passage__in=cited).first()
    Statement._base_manager.filter(pk=original.pk).update(
        evidence=evidence, **{column: getattr(revision, column) for column in _REVISED_COLUMNS}
    )
    _refresh_passages(citation.passage_id for citation in dropped)
    dropped_passages += [citation.passage for citation in dropped]
    questions.settle([original.question_id])
    return original


def _open(statements: Sequence[Statement]) -> set[UUID]:
    """Make public the passages, sources and origins that published statements rest on.

    Returns the sources.
    """
    citations = [citation for statement in statements for citation in statement.citations.all()]
    Passage._base_manager.filter(
        pk__in={citation.passage_id for citation in citations}, public=False
    ).update(public=True, seen=True)
    Entity._base_manager.filter(pk__in=_named_by(statements), seen=False).update(seen=True)
    sources = _with_related_sources(
        {citation.passage.source_id for citation in citations}
        | {citation.named_source_id for citation in citations if citation.named_source_id}
    )
    Source._base_manager.filter(pk__in=sources, public=False, origin__isnull=False).update(
        public=True
    )
    voices = {citation.claimant_id for citation in citations} | set(
        Source.objects.filter(pk__in=sources, origin__isnull=False).values_list(
            "origin_id", flat=True
        )
    )
    Origin._base_manager.filter(pk__in=Origin.objects.with_ancestors(voices), public=False).update(
        public=True
    )
    return sources


def _named_by(statements: Iterable[Statement]) -> set[UUID]:
    """Return the ids of the entities that statements speak of, in whatever part."""
    return {
        entity
        for statement in statements
        for entity in (statement.entity_id, statement.party_id, statement.place_id)
        if entity is not None
    }


def _index(
    statements: Sequence[Statement], dropped: Iterable[UUID] = (), sources: Iterable[UUID] = ()
) -> None:
    """Let the search find what readers see now: the last step, for it waits for other writers."""
    passages = [c.passage for statement in statements for c in statement.citations.all()]
    follow_passages({*dropped, *(passage.pk for passage in passages)})
    follow_sources({*sources, *(passage.source_id for passage in passages)})
    follow_documents({passage.document_id for passage in passages if passage.document_id})
    search.follow_statements([statement.pk for statement in statements])


def _with_related_sources(sources: set[UUID]) -> set[UUID]:
    """Add the sources that these are contained in or derive from, however far up."""
    found: set[UUID] = set()
    waiting = set(sources)
    while waiting:
        found |= waiting
        containers = Source.objects.filter(contents__in=waiting).values_list("pk", flat=True)
        derived = Source.objects.filter(derived__source__in=waiting).values_list("pk", flat=True)
        waiting = (set(containers) | set(derived)) - found
    return found


def _refresh_passages(passages: Iterable[Any]) -> None:
    """Hide the passages that no published statement cites any more."""
    published = Citation.objects.public().filter(passage=OuterRef("pk"))
    Passage._base_manager.filter(pk__in=set(passages), public=True).exclude(
        Exists(published)
    ).update(public=False)


def _record(
    statements: Sequence[Statement],
    action: Publication.Action,
    *,
    by: User | None,
    at: datetime | None,
    reason: str = "",
    named: Iterable[UUID] = (),
    cited: Iterable[UUID] = (),
) -> list[Battle]:
    """Number a new edition of each battle and append a publication for each statement.

    The index follows, also for the entities that statements named and the sources that they cited
    before, if these are others.
    """
    battles = {statement.battle_id for statement in statements}
    Battle._base_manager.filter(pk__in=battles).update(edition=F("edition") + 1)
    editions = Battle.objects.select_related("part_of__part_of").in_bulk(battles)
    filings = {battle.pk: filing_record(battle) for battle in editions.values()}
    moment = at or timezone.now()
    Publication.objects.bulk_create(
        (
            Publication(
                battle_id=statement.battle_id,
                edition=editions[statement.battle_id].edition,
                statement=statement,
                action=action,
                at=moment,
                by=by,
                by_name=by.get_username() if by else "",
                reason=reason,
                record=publication_record(statement) | {"filing": filings[statement.battle_id]},
            )
            for statement in statements
        ),
        batch_size=500,
    )
    indexing.index_battles(battles)
    indexing.index_entities({*named, *_named_by(statements)})
    citations = (citation for statement in statements for citation in statement.citations.all())
    indexing.index_sources({*cited, *(citation.passage.source_id for citation in citations)})
    return sorted(editions.values(), key=lambda battle: (battle.name, str(battle.pk)))
