"""Writing a plan: sources and documents first, then all records in one transaction.

New drafts are written in bulk, what changed through the models' own `save()`, and what readers see
by `battles.publication` alone.
"""

import gc
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import reversion
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, transaction
from django.utils.text import slugify

from battles import publication, questions
from battles.datasets.mapping import Mapping
from battles.datasets.planning import (
    BATCH,
    COMPARED,
    Evidence,
    Outcome,
    Plan,
    Planned,
    in_batches,
    make_plan,
    own_citation,
    row_of,
    same_place,
    with_what_they_cite,
)
from battles.datasets.reading import Refusal, Unreadable, read_text
from battles.models import Battle, Citation, Entity, Question, Side, Statement
from sources.anchoring import make_anchor, quote_hash
from sources.ingest import IngestError, ingest
from sources.models import Document, FormerSlug, Origin, Passage, Source, Text


class ImportFailed(Exception):  # noqa: N818  it names what happened
    """A dataset that was not taken in; the message says why. No battle or statement was written."""


@dataclass
class Report:
    """What became of a dataset."""

    plan: Plan
    published: int = 0
    editions: int = 0
    unpublished: list[tuple[Statement, str]] = field(default_factory=list)

    def as_data(self) -> dict[str, Any]:
        """Return the report as JSON-able data."""
        return {
            "counts": {kind: dict(counts) for kind, counts in self.plan.counts().items()},
            "refused": [vars(refusal) for refusal in self.plan.refusals],
            "removed": [str(statement.pk) for statement in self.plan.removed],
            "kept": [str(p.statement.pk) for p in self.plan.with_outcome(Outcome.KEPT)],
            "published": self.published,
            "editions": self.editions,
            "not_published": [
                {"statement": str(statement.pk), "reason": why}
                for statement, why in self.unpublished
            ],
        }


def plan_import(mapping: Mapping, paths: Iterable[Path]) -> tuple[Plan, dict[str, Path]]:
    """Read the files that a mapping names and plan their import; nothing is written.

    Returns also the paths by the slug of the source they are kept as. Raises Unreadable.
    """
    given: dict[str, Path] = {}
    refusals = []
    known = {file.name for file in mapping.files.values()}
    known |= {document["file"] for document in mapping.documents.values()}
    for path in paths:
        if path.name in given:
            refusals.append(Refusal(path.name, 0, "it is given twice"))
        elif path.name not in known:
            expected = ", ".join(sorted(known))
            refusals.append(Refusal(path.name, 0, f"the mapping names these files: {expected}"))
        given[path.name] = path
    for file in mapping.files.values():
        if file.name not in given:
            refusals.append(Refusal(file.name, 0, "it is missing; give it too"))
    texts = {}
    for name in known & set(given):
        try:
            texts[name] = read_text(given[name])
        except Unreadable as error:
            refusals += error.refusals
    if refusals:
        raise Unreadable(sorted(refusals))
    documents: dict[str, str] = {}
    for name, document in mapping.documents.items():
        if document["file"] in texts:
            documents[name] = texts[document["file"]]
        elif held := _latest_text(document["source"]):
            documents[name] = held
    tables = {file.id: texts[file.name] for file in mapping.files.values()}
    kept = {mapping.slug_of(file): given[file.name] for file in mapping.cited_files()}
    for document in mapping.documents.values():
        if document["file"] in given:
            kept[document["source"]] = given[document["file"]]
    return make_plan(mapping, tables, documents), kept


def import_dataset(
    mapping: Mapping,
    paths: Iterable[Path],
    *,
    dry_run: bool = False,
    strict: bool = False,
    publish: bool = False,
    by: User | None = None,
) -> Report:
    """Take in a dataset and report what became of it.

    Rows that cannot be read are refused, and the rest goes in; with `strict`, nothing does.
    Raises Unreadable if a file is not what the mapping says, ImportFailed if it cannot be written.
    """
    plan, paths_kept = plan_import(mapping, paths)
    report = Report(plan)
    if dry_run:
        return report
    if strict and plan.refusals:
        raise ImportFailed(f"{len(plan.refusals)} rows or statements are refused.")
    try:
        with transaction.atomic():
            _add_works(mapping)
        documents = _take_in(plan, paths_kept)
        with _kept_from_the_collector(), transaction.atomic():
            _Writing(plan, documents, by).run()
            if publish:
                _publish(report, by)
            _remember(plan, by, report)
    except (IntegrityError, DataError, ValidationError) as error:
        raise ImportFailed(f"The archive refused it, and nothing was written: {error}") from error
    return report


@contextmanager
def _kept_from_the_collector() -> Iterator[None]:
    """Keep the collector of garbage from looking through the plan again and again.

    It lives to the end, and the search through its rows took a quarter of the time.
    """
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


# Sources and documents ----------------------------------------------------------------------------


def _add_works(mapping: Mapping) -> None:
    """Add the origins and sources that are not here yet; those that are stay as they are."""
    made: list[tuple[Any, str, str]] = []
    for table in mapping.origins:
        values = {key: value for key, value in table.items() if key != "part_of"}
        origin = row_of(Origin, table["slug"])
        if origin is None:
            origin = Origin(**values)
            _check(origin, table["slug"])
            origin.save()
            if table.get("part_of"):
                made.append((origin, "part_of", table["part_of"]))
    for row, key, slug in made:
        setattr(row, key, row_of(Origin, slug))
        row.save()
    dataset = {"kind": Source.Kind.DATASET, **mapping.dataset}
    files = [
        dataset
        | {
            "slug": mapping.slug_of(file),
            "title": f"{mapping.dataset['title']}: {file.name}",
            "contained_in": mapping.dataset["slug"],
        }
        for file in mapping.cited_files()
    ]
    works = [dataset, *mapping.sources, *files]
    added = [(work, source) for work in works if (source := _add_source(work))]
    for work, source in added:
        if work.get("contained_in"):
            source.contained_in = row_of(Source, work["contained_in"])
            source.save()


def _add_source(table: dict[str, str]) -> Source | None:
    if row_of(Source, table["slug"]):
        return None
    values = {k: v for k, v in table.items() if k not in {"origin", "contained_in"}}
    source = Source(origin=row_of(Origin, table["origin"]), **values)
    _check(source, table["slug"])
    source.save()
    return source


def _check(row: Any, slug: str) -> None:
    try:
        row.full_clean()
    except ValidationError as error:
        raise ImportFailed(f"“{slug}” of the mapping: {'; '.join(error.messages)}") from error


def _take_in(plan: Plan, paths: dict[str, Path]) -> dict[str, Document]:
    """Keep the files as documents of their sources; return them by the slug of the source."""
    documents = {}
    for slug, text in plan.texts.items():
        source = row_of(Source, slug)
        if path := paths.get(slug):
            try:
                ingest(path, source=source)
            except IngestError as error:
                raise ImportFailed(f"{path.name}: {error}") from error
        same = Document.objects.filter(source=source, text_sha256=quote_hash(text))
        document = same.filter(text__isnull=False).order_by("number").first()
        if document is None:
            raise ImportFailed(f"The text kept for “{slug}” is not the one that was read.")
        documents[slug] = document
    return documents


def _latest_text(slug: str) -> str:
    source = row_of(Source, slug)
    text = Text.objects.filter(document__source=source).order_by("-document__number").first()
    return text.content if text else ""


# Records ------------------------------------------------------------------------------------------


class _Writing:
    """One plan being written; inside a transaction."""

    def __init__(self, plan: Plan, documents: dict[str, Document], by: User | None) -> None:
        self.plan = plan
        self.documents = documents
        self.by = by
        self.origins = {row["slug"]: row_of(Origin, row["slug"]) for row in plan.mapping.origins}
        self.sources = {row["slug"]: row_of(Source, row["slug"]) for row in plan.mapping.sources}
        # Whose word it is where no claimant is named: the source's own origin.
        self.voices = {slug: row_of(Source, slug).origin for slug in documents}
        self.passages: dict[Evidence, Passage] = {}

    def run(self) -> None:
        self._add_records()
        new = self.plan.with_outcome(Outcome.NEW)
        changed = self.plan.with_outcome(Outcome.CHANGED)
        self._add_passages([*new, *changed])
        self._add_statements(new)
        for planned in changed:
            self._change(planned)

    def _add_records(self) -> None:
        models: list[Any] = [Battle, Side, Entity]
        for model in models:
            rows = [row for _, row in self.plan.records() if isinstance(row, model)]
            added = [row for row in rows if row.pk in self.plan.new]
            if model is not Side:
                _give_slugs(model, added, self.plan.mapping.name)
            model._base_manager.bulk_create(added, batch_size=BATCH)

    def _add_passages(self, statements: list[Planned]) -> None:
        for planned in statements:
            if planned.evidence not in self.passages:
                self.passages[planned.evidence] = self._passage(planned.evidence)
        here: set[UUID] = set()
        for batch in in_batches(passage.pk for passage in self.passages.values()):
            here |= set(Passage.objects.filter(pk__in=batch).values_list("pk", flat=True))
        added = [passage for passage in self.passages.values() if passage.pk not in here]
        Passage._base_manager.bulk_create(added, batch_size=BATCH)

    def _passage(self, evidence: Evidence) -> Passage:
        document = self.documents[evidence.source]
        start, end = evidence.span
        anchor = make_anchor(self.plan.texts[evidence.source], start, end)
        return Passage(
            pk=uuid5(document.pk, f"{start}-{end}"),
            source_id=document.source_id,
            document=document,
            start=start,
            end=end,
            quote=anchor.quote,
            prefix=anchor.prefix,
            suffix=anchor.suffix,
            quote_sha256=quote_hash(anchor.quote),
        )

    def _add_statements(self, new: list[Planned]) -> None:
        _ask([planned.statement for planned in new])
        Statement._base_manager.bulk_create([p.statement for p in new], batch_size=BATCH)
        citations = [self._citation(planned, planned.statement) for planned in new]
        Citation._base_manager.bulk_create(citations, batch_size=BATCH)

    def _citation(self, planned: Planned, statement: Statement) -> Citation:
        citation = Citation(statement=statement, passage=self.passages[planned.evidence])
        self._fill(citation, planned)
        return citation

    def _fill(self, citation: Citation, planned: Planned) -> None:
        cited = planned.cited
        voice = self.voices[planned.evidence.source]
        citation.claimant = self.origins[cited["claimant"]] if cited["claimant"] else voice
        named = cited["named_source"]
        citation.named_source = self.sources[named] if named else None
        citation.note_marker, citation.note = cited["note_marker"], cited["note"]

    def _change(self, planned: Planned) -> None:
        """Write a changed row into the draft, or into the revision of what is public."""
        here = Statement.objects.filter(revises=planned.statement.pk).first()
        here = here or Statement.objects.get(pk=planned.statement.pk)
        if here.is_published:
            here = publication.open_revision(here)
        for column in COMPARED:
            setattr(here, column, getattr(planned.statement, column))
        here.save()
        [here] = with_what_they_cite(Statement.objects.filter(pk=here.pk))
        citation = own_citation(self.plan, planned, here)
        if citation and not same_place(citation, planned.evidence):
            citation.delete()
            citation = None
        if citation is None:
            citation = self._citation(planned, here)
        else:
            self._fill(citation, planned)
        citation.save()
        if here.revises_id:
            citation.recheck(self.by)  # its row was read just now


def _give_slugs(model: Any, rows: list[Any], dataset: str) -> None:
    """Give each row the slug of its name, with something added where another row has it."""
    taken = set(model.objects.values_list("slug", flat=True))
    former = FormerSlug.objects.filter(kind=model._meta.label_lower)
    taken |= set(former.values_list("slug", flat=True))
    for row in rows:
        name = slugify(row.name, allow_unicode=True)[:90] or row._meta.model_name
        tries = (name, f"{name}-{dataset}"[:110], f"{name[:70]}-{row.pk}")
        row.slug = next(slug for slug in tries if slug not in taken)
        taken.add(row.slug)


def _ask(statements: list[Statement]) -> None:
    """Give typed statements their questions, as `save()` would; new questions arise in bulk."""
    typed = [row for row in statements if row.kind in questions.TYPED_KINDS]
    known: dict[tuple[UUID, str], Question] = {}
    for batch in in_batches({row.battle_id for row in typed}):
        for question in Question.objects.filter(battle__in=batch).exclude(key=""):
            known[question.battle_id, question.key] = question
    added = []
    for row in typed:
        key = row.battle_id, questions.key_of(row)
        if key not in known:
            known[key] = questions.new_question(row)
            added.append(known[key])
        row.question = known[key]
    Question._base_manager.bulk_create(added, batch_size=BATCH)


# Publication and history --------------------------------------------------------------------------


def _publish(report: Report, by: User | None) -> None:
    """Publish the drafts and revisions that rows of the dataset speak for, battle by battle.

    What is kept is somebody's work in hand: they will say when it is ready.
    """
    drafts: dict[UUID, list[UUID]] = defaultdict(list)
    kept = {planned.statement.pk for planned in report.plan.with_outcome(Outcome.KEPT)}
    for batch in in_batches(set(report.plan.statements) - kept):
        mine = Statement.objects.drafts().order_by()
        for rows in (mine.filter(pk__in=batch), mine.filter(revises__in=batch)):
            for battle, pk in rows.values_list("battle_id", "pk"):
                drafts[battle].append(pk)
    # A war before its battles: nothing is part of what nobody can see.
    ordered = sorted(_depths(report.plan, drafts).items(), key=lambda pair: (pair[1], pair[0]))
    waiting: list[UUID] = []
    for battle, _ in ordered:
        waiting += drafts[battle]
        if len(waiting) >= BATCH:
            _publish_batch(report, waiting, by)
            waiting = []
    _publish_batch(report, waiting, by)


def _depths(plan: Plan, battles: Iterable[UUID]) -> dict[UUID, int]:
    parents: dict[UUID, set[UUID]] = defaultdict(set)
    for planned in plan.statements.values():
        if planned.statement.parent_id:
            parents[planned.statement.battle_id].add(planned.statement.parent_id)

    def depth(battle: UUID, seen: frozenset[UUID] = frozenset()) -> int:
        above = parents[battle] - seen if battle in parents else set()
        return 1 + max((depth(one, seen | {battle}) for one in above), default=0)

    return {battle: depth(battle) for battle in battles}


def _publish_batch(report: Report, ids: list[UUID], by: User | None) -> None:
    able = list(Statement.objects.filter(pk__in=ids))
    while able:
        try:
            battles = publication.publish(able, by=by)
        except publication.CannotPublish as refusal:
            kept = {statement.pk for statement in refusal.reasons}
            report.unpublished += [(row, "; ".join(why)) for row, why in refusal.reasons.items()]
            able = [statement for statement in able if statement.pk not in kept]
        else:
            report.published += len(able)
            report.editions += len(battles)
            return


@contextmanager
def _recorded(by: User | None, comment: str) -> Iterator[None]:
    with reversion.create_revision():
        if by is not None:
            reversion.set_user(by)
        reversion.set_comment(comment)
        yield


def _remember(plan: Plan, by: User | None, report: Report) -> None:
    """Record each new or changed statement, as it is stored now, in the history.

    In revisions of a hundred statements: a longer one takes time by the square of its length.
    """
    touched = plan.with_outcome(Outcome.NEW, Outcome.CHANGED)
    ids = {planned.statement.pk for planned in touched}
    for batch in in_batches(ids, 100):
        rows = Statement.objects.filter(pk__in=batch) | Statement.objects.filter(revises__in=batch)
        with _recorded(by, f"Imported from the dataset “{plan.mapping.name}”."):
            for statement in rows.prefetch_related("citations").order_by("pk"):
                reversion.add_to_revision(statement)
