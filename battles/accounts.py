"""Who says what, question by question: the table that sets the accounts of a battle side by side.

A row is a question, a column a claimant. What stands in two columns of a row is compared by the
rules in `battles.questions`, and every cell says how it stands to the others. Nothing is ranked,
summed or chosen between. An empty cell says only that nothing is recorded, or, where curators read
its documents to their end, that these are silent.
"""

import enum
import itertools
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple
from uuid import UUID

from django.urls import reverse

from battles.kinds import FIGURE_KINDS, SHAPES, Kind
from battles.models import Battle, Citation, Reading
from battles.pages import BattlePage, CitedSource, Group, battle_page, cited_sources, group_of
from battles.questions import TYPED_KINDS, Comparison, Relation, compare
from battles.shown import ShownCitation, ShownStatement
from battles.wording import listed
from sources.models import Origin
from sources.origins import by_name


class State(enum.StrEnum):
    """How a cell stands to the others of its row, from what a reader must know first."""

    DIFFERS = Relation.DIFFERS
    NOT_COMPARABLE = Relation.NOT_COMPARABLE
    COMPATIBLE = Relation.COMPATIBLE
    AGREES = Relation.AGREES
    ALONE = "alone"
    NOTHING_RECORDED = "nothing recorded"
    # Only where curators read all that the battle's page cites of a claimant's own to its end.
    SILENT = "silent"


_SEVERITY = list(State)


@dataclass(frozen=True, slots=True)
class Answer:
    """What one claimant says to a question: a statement, or that a statement is wrong.

    `shown` holds, of the statement's citations, those on this claimant's word and those that give
    it context.
    """

    statement: ShownStatement
    shown: ShownStatement
    disputes: bool


class ReadThrough(NamedTuple):
    """A document that curators read to its end for a battle."""

    title: str
    href: str
    source_href: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to be said of a cell: how it stands to the cells of some other claimants, to
    itself if there are none, or to other rows if the claimant answers those `instead`."""

    state: State
    others: tuple[str, ...] = ()
    reason: str = ""
    in_part: bool = False
    instead: tuple[tuple[UUID | None, str], ...] = ()  # the questions, and what they ask
    read: tuple["ReadThrough", ...] = ()  # what is silent

    @property
    def words(self) -> str:
        """Say it, but for the rows answered instead, to which the page has links."""
        if self.instead:
            return f"not comparable: {self.reason}"
        if self.read:
            titles = listed([f"“{one.title}”" for one in self.read])
            return f"silent: {titles}, read through, {self.has_no_answer}"
        if not self.others:
            return _OF_ITSELF.get(self.state, self.state.value) + self._because
        part = "in part " if self.in_part else ""
        return f"{part}{_TO_OTHERS[self.state]} {listed(self.others)}{self._because}"

    @property
    def has_no_answer(self) -> str:
        return "has no answer" if len(self.read) == 1 else "have no answer"

    @property
    def _because(self) -> str:
        return f": {self.reason}" if self.reason else ""


_TO_OTHERS = {
    State.DIFFERS: "differs from",
    State.NOT_COMPARABLE: "not comparable with",
    State.COMPATIBLE: "compatible with",
    State.AGREES: "agrees with",
}
_OF_ITSELF = {
    State.DIFFERS: "its own accounts differ",
    State.NOT_COMPARABLE: "its own accounts are not all comparable",
    State.COMPATIBLE: "its own accounts are compatible",
    State.AGREES: "one account, told more than once",
    State.ALONE: "no other voice here answers",
}


@dataclass(slots=True)
class Cell:
    """What is recorded of one claimant on one question."""

    claimant: Origin
    answers: list[Answer]
    findings: list[Finding] = field(default_factory=list)

    @property
    def state(self) -> State:
        return min((finding.state for finding in self.findings), key=_SEVERITY.index)


@dataclass(slots=True)
class Row:
    """One question, with a cell for each claimant."""

    group: Group
    cells: list[Cell]

    @property
    def label(self) -> str:
        """What is asked, less what the heading above it says."""
        is_figure = self.group.answers[0].kind in FIGURE_KINDS
        return (is_figure and self.group.label) or self.group.wording

    @property
    def heard(self) -> list[Cell]:
        return [cell for cell in self.cells if cell.answers]

    @property
    def unrecorded(self) -> list[str]:
        """Those of whom nothing is recorded, not even an answer to a question beside this one."""
        return [row.claimant.name for row in self.cells if row.state is State.NOTHING_RECORDED]

    @property
    def standing(self) -> str:
        states = {finding.state for cell in self.heard for finding in cell.findings}
        if State.DIFFERS in states:
            return "accounts differ"
        if len(self.heard) == 1:
            return "one voice here"
        if states == {State.AGREES}:
            return "accounts agree"
        if State.NOT_COMPARABLE in states:
            return "not comparable" if len(states) == 1 else "some are not comparable"
        return "compatible"


@dataclass(slots=True)
class Block:
    """Questions that stand under one heading: those about one force, or those of one sort."""

    heading: str
    rows: list[Row]


@dataclass(slots=True)
class Accounts:
    """The comparison of a battle's accounts, whole or of chosen claimants."""

    battle: Battle
    claimants: list[Origin]  # the columns
    everyone: list[tuple[Origin, int]]  # who could be one, with the questions each answers
    blocks: list[Block]
    left_out: int = 0  # questions that none of the chosen claimants answers
    elsewhere: int = 0  # published statements that answer no question

    @property
    def rows(self) -> list[Row]:
        return [row for block in self.blocks for row in block.rows]

    @property
    def voices(self) -> str:
        return listed([origin.name for origin in self.claimants])

    @property
    def is_whole(self) -> bool:
        return len(self.claimants) == len(self.everyone)

    @property
    def sources(self) -> list[CitedSource]:
        answers = (answer for row in self.rows for cell in row.heard for answer in cell.answers)
        found = cited_sources(answer.shown for answer in answers)
        return sorted(found, key=lambda source: (source.title.casefold(), source.href))


class UnknownClaimantError(ValueError):
    """Claimants were asked for who cannot be set side by side; the message says why."""


def accounts(battle: Battle, wanted: Sequence[str] = ()) -> Accounts:
    """Set the published accounts of a battle side by side, all or those of some claimants.

    `wanted` are the slugs of two claimants or more. Raises UnknownClaimantError if one answers no
    question about the battle, or is alone. Takes as many queries for one account as for many.
    """
    page = battle_page(battle)
    headed = [(heading, group) for heading, groups in _questions(page) for group in groups]
    answers = {group.question: _by_claimant(group.answers) for _, group in headed}
    everyone = _everyone(battle, answers.values())
    claimants = [origin for origin, _ in everyone]
    if wanted:
        claimants = _chosen(claimants, wanted)
    blocks: list[Block] = []
    for heading, group in headed:
        heard = answers[group.question]
        cells = [Cell(one, heard.get(one.get_absolute_url(), [])) for one in claimants]
        if not any(cell.answers for cell in cells):
            continue
        if not blocks or blocks[-1].heading != heading:
            blocks.append(Block(heading, []))
        blocks[-1].rows.append(Row(group, cells))
    found = Accounts(battle, claimants, everyone, blocks)
    read = _read_through(page)
    for row in found.rows:
        _compare_cells(row, found.rows, read)
    found.left_out = len(headed) - len(found.rows)
    found.elsewhere = len(page.statements) - sum(len(group.answers) for _, group in headed)
    return found


def _questions(page: BattlePage) -> Iterator[tuple[str, list[Group]]]:
    """Yield the questions of a battle under their headings, in the order of its page."""
    yield "Date, place and result", [group for group in page.facts if group.question]
    for block in page.figures:
        yield block.heading, block.groups
    told: dict[UUID, list[ShownStatement]] = {}
    for statement in page.statements:
        if statement.kind == Kind.NARRATIVE and statement.values.question_id:
            told.setdefault(statement.values.question_id, []).append(statement)
    yield "The story", [group_of(rows) for rows in told.values()]


def _by_claimant(statements: Iterable[ShownStatement]) -> dict[str, list[Answer]]:
    """Return what is said to a question by the address of who says it."""
    found: dict[str, list[Answer]] = {}
    for statement in statements:
        context = [one for one in statement.citations if one.bearing == Citation.Bearing.CONTEXT]
        said: dict[tuple[str, bool], list[ShownCitation]] = {}
        for one in statement.citations:
            if one.bearing != Citation.Bearing.CONTEXT:
                said.setdefault((one.claimant_href, bool(one.bearing)), []).append(one)
        for (claimant, disputes), citations in said.items():
            beside = [] if disputes else context
            cited = sorted([*citations, *beside], key=lambda citation: citation.number)
            found.setdefault(claimant, []).append(
                Answer(statement, replace(statement, citations=cited), disputes)
            )
    return found


def _everyone(
    battle: Battle, questions: Iterable[dict[str, list[Answer]]]
) -> list[tuple[Origin, int]]:
    """Return who answers anything, in the order of the alphabet, and how many questions."""
    heard = Counter(address for answers in questions for address in answers)
    cited = Citation.objects.public().filter(statement__battle=battle)
    origins = Origin.objects.public().filter(pk__in=cited.order_by().values("claimant"))
    return [
        (origin, count)
        for origin in by_name(origins)
        if (count := heard[origin.get_absolute_url()])
    ]


def _chosen(claimants: Sequence[Origin], wanted: Sequence[str]) -> list[Origin]:
    known = {origin.slug for origin in claimants}
    if unknown := [slug for slug in wanted if slug not in known]:
        names = listed([f"“{slug:.80}”" for slug in unknown[:3]])
        raise UnknownClaimantError(
            f"{names} answers no question about this battle, so nothing is compared."
        )
    if len(set(wanted)) < 2:
        raise UnknownClaimantError("One claimant alone has nothing to stand beside: choose two.")
    return [origin for origin in claimants if origin.slug in wanted]


def _read_through(page: BattlePage) -> dict[UUID, tuple[ReadThrough, ...]]:
    """Return, by origin, the documents that were read to their end, if a page cites nothing else
    of that origin's own."""
    found: dict[str, ReadThrough] = {}
    rows = Reading.objects.published().filter(battle=page.battle).of_whole_documents()
    names = ("document", "document__source__slug", "document__source__title")
    for document, slug, title in rows.order_by("document__number").values_list(*names):
        source = reverse("sources:source-detail", args=[slug])
        found[source] = ReadThrough(
            title, reverse("sources:document-detail", args=[document]), source
        )
    cited: dict[UUID, dict[str, ReadThrough | None]] = {}
    for statement in page.statements:
        for one in statement.citations:
            origin = one.origin_id or one.claimant_id
            cited.setdefault(origin, {})[one.source_href] = found.get(one.source_href)
    return {
        origin: tuple(filter(None, sources.values()))
        for origin, sources in cited.items()
        if all(sources.values())
    }


def _compare_cells(
    row: Row, rows: Sequence[Row], read: Mapping[UUID, tuple[ReadThrough, ...]]
) -> None:
    cited = {one.source_href for answer in row.group.answers for one in answer.citations}
    for cell in row.cells:
        if cell.answers:
            cell.findings = [*_to_others(cell, row.heard), *_to_itself(cell)]
        else:
            beside = [one for one in rows if one is not row and _same_matter(row, one)]
            cell.findings = _instead(cell, row, beside) or [_of_nothing(cell, cited, read)]


def _of_nothing(
    cell: Cell, cited: Collection[str], read: Mapping[UUID, tuple[ReadThrough, ...]]
) -> Finding:
    """Say whether nothing is recorded of a claimant because its documents say nothing.

    What reports another's answer is not silent.
    """
    own = read.get(cell.claimant.pk, ())
    if own and not any(one.source_href in cited for one in own):
        return Finding(State.SILENT, read=own)
    return Finding(State.NOTHING_RECORDED)


def _to_others(cell: Cell, heard: Sequence[Cell]) -> list[Finding]:
    found: dict[tuple[Comparison, bool], list[str]] = {}
    for other in heard:
        if other is not cell:
            comparisons = {
                _compared(*pair) for pair in itertools.product(cell.answers, other.answers)
            }
            for comparison in comparisons:
                found.setdefault((comparison, len(comparisons) > 1), []).append(other.claimant.name)
    if not found:
        return [Finding(State.ALONE)]
    findings = []
    for (comparison, in_part), names in found.items():
        others = ("all the others",) if len(names) == len(heard) - 1 > 2 else tuple(names)
        findings.append(Finding(State(comparison.relation), others, comparison.reason, in_part))
    return sorted(findings, key=_in_order)


def _to_itself(cell: Cell) -> list[Finding]:
    comparisons = {_compared(*pair) for pair in itertools.combinations(cell.answers, 2)}
    findings = [Finding(State(one.relation), (), one.reason) for one in comparisons]
    return sorted(findings, key=_in_order)


def _instead(cell: Cell, row: Row, beside: Sequence[Row]) -> list[Finding]:
    """Return why what a claimant answers to questions like this one cannot be compared."""
    asked = [answer.statement for one in row.heard for answer in one.answers]
    why: dict[str, list[tuple[UUID | None, str]]] = {}
    column = row.cells.index(cell)
    for other in beside:
        said = [answer.statement for answer in other.cells[column].answers if not answer.disputes]
        pairs = itertools.product(said, asked)
        reasons = {compare(one.values, another.values).reason for one, another in pairs}
        for reason in sorted(filter(None, reasons)):
            why.setdefault(reason, []).append((other.group.question, other.label))
    return [
        Finding(State.NOT_COMPARABLE, reason=reason, instead=tuple(questions))
        for reason, questions in why.items()
    ]


def _same_matter(one: Row, other: Row) -> bool:
    """Say whether two questions ask the same of the same force, but count or date otherwise."""
    values, others = (row.group.answers[0].values for row in (one, other))
    if values.kind not in TYPED_KINDS or values.kind != others.kind:
        return False
    if values.kind not in FIGURE_KINDS:
        return True
    return (values.entity_id or values.side_id) == (others.entity_id or others.side_id)


def _compared(one: Answer, other: Answer) -> Comparison:
    """Compare two answers to one question; who disputes a statement differs from who makes it."""
    is_same = one.statement.pk == other.statement.pk
    if one.disputes or other.disputes:
        if not is_same:
            return Comparison(Relation.NOT_COMPARABLE, "another answer is disputed")
        return Comparison(Relation.AGREES if one.disputes == other.disputes else Relation.DIFFERS)
    if is_same:
        return Comparison(Relation.AGREES)
    tellers = set(one.statement.claimants), set(other.statement.claimants)
    if one.statement.kind == Kind.NARRATIVE and tellers[0].isdisjoint(tellers[1]):
        # Such a question is asked because accounts differ: see `questions.is_disputed`.
        return Comparison(Relation.DIFFERS)
    return compare(one.statement.values, other.statement.values)


def _in_order(finding: Finding) -> tuple[int, tuple[str, ...], str]:
    return _SEVERITY.index(finding.state), finding.others, finding.reason


# The table for spreadsheets ---------------------------------------------------------------------

# Every column that an answer can fill, and where it is read of a statement's values.
_VALUES = {
    column: {
        "place": "place__name",
        "victor": "victor__name",
        "side": "side__name",
        "entity": "entity__name",
    }.get(column, column)
    for column in dict.fromkeys(
        column for kind in (*TYPED_KINDS, Kind.NARRATIVE) for column in SHAPES[kind].columns
    )
}

HEADER = (
    "battle",
    "question",
    "question address",
    "kind",
    "claimant",
    "claimant address",
    "bearing",
    "beside the others",
    *(name.replace("_", " ") for name in _VALUES),
    "reading",
    "as printed",
    "inferred",
    "source",
    "source address",
    "statement address",
    "passage address",
)


def table(found: Accounts, absolute: Callable[[str], str]) -> Iterator[list[Any]]:
    """Yield a row for every citation of every answer, and for every document that is silent.

    `absolute` completes an address.
    """
    here = absolute(reverse("battles:battle-accounts", args=[found.battle.slug]))
    for row in found.rows:
        for cell in row.cells:
            about = [found.battle.name, row.group.wording, f"{here}#q-{row.group.question}"]
            whose = [cell.claimant.name, absolute(cell.claimant.get_absolute_url())]
            beside = "; ".join(finding.words for finding in cell.findings)
            for answer in cell.answers:
                statement = answer.shown
                for citation in statement.citations:
                    yield [
                        *about,
                        statement.kind,
                        *whose,
                        citation.bearing or Citation.Bearing.SUPPORTS.value,
                        beside,
                        *(getattr(statement.values, name) for name in _VALUES.values()),
                        statement.reading or statement.text,
                        statement.values.printed,
                        statement.inference,
                        citation.source,
                        absolute(citation.source_href),
                        absolute(statement.href),
                        absolute(citation.href),
                    ]
            for one in (one for finding in cell.findings for one in finding.read):
                kind = row.group.answers[0].kind
                unsaid = [""] * (len(_VALUES) + 3)
                source = [one.title, absolute(one.source_href)]
                yield [*about, kind, *whose, "", beside, *unsaid, *source, "", ""]
