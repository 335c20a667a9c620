"""What a battle's page says: its statements in order, rivals beside one another.

Nothing here ranks, sums or averages. The page is put together whole; a filter then hides
statements without renumbering what is left.
"""

import itertools
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from math import inf
from uuid import UUID

from battles import wording
from battles.figures import Drawing, Sign, drawing_in_outline, drawing_of
from battles.kinds import FIGURE_KINDS, OF_A_SIDE, Aspect, Category, Kind, Section
from battles.models import Battle, Citation, EntityName, Question
from battles.questions import TYPED_KINDS, Comparison, Relation, compare
from battles.shown import (
    ShownCitation,
    ShownStatement,
    dates_of,
    foreign,
    number_citations,
    shown_of,
)
from sources.prepared import PreparedForMany

AT_A_GLANCE = (Kind.DATE, Kind.PLACE, Kind.PART_OF, Kind.RESULT)
PLURALS = {Kind.BELLIGERENT: "belligerents", Kind.COMMANDER: "commanders", Kind.UNIT: "units"}

_BEARINGS = {
    Citation.Bearing.DISPUTES: "speaks against its statement",
    Citation.Bearing.CONTEXT: "gives its context",
}

# Questions that one word beside the answers asks as well: “date”, “date of the end”, “place”.
_PLAIN_QUESTIONS = {
    "When was it?",
    "Where was it?",
    "Who won?",
    *(f"When was {aspect.label}?" for aspect in Aspect),
}

# Of questions that curators did not put in order, the whole comes before its parts, and the
# categories of casualties come as they are listed.
_ORDER = {
    value: rank for choices in (Aspect, Category) for rank, value in enumerate(choices.values)
}

# A paragraph ends at this many sentences, or after the fewer one where another source begins.
_SENTENCES, _SENTENCES_OF_ONE_SOURCE = 6, 3


@dataclass(slots=True)
class Group:
    """The answers to one question."""

    question: UUID | None
    wording: str
    label: str  # the wording, less what the heading above it says already
    answers: list[ShownStatement]
    is_disputed: bool
    standing: str = ""
    reasons: list[str] = field(default_factory=list)  # why some of them cannot be compared
    is_compared: bool = False  # any of them with another
    drawing: Drawing | None = None

    @property
    def category(self) -> str:
        """What the figures count, the word that a glossary explains."""
        return self.answers[0].values.category

    @property
    def shown(self) -> list[ShownStatement]:
        return _shown(self.answers)

    @property
    def hidden(self) -> int:
        return sum(answer.hidden for answer in self.answers)


@dataclass(slots=True)
class Figures:
    """All that is said of one force's strength or casualties."""

    heading: str
    groups: list[Group]

    @property
    def shown(self) -> list[Group]:
        return [group for group in self.groups if group.shown]

    @property
    def hidden(self) -> int:
        """The accounts hidden with the whole of their question; the others are told beside it."""
        return sum(group.hidden for group in self.groups if not group.shown)

    def ends_scale(self, group: Group) -> bool:
        """Whether the next question has another scale, so that this one's stands below it."""
        following = self.shown[self.shown.index(group) + 1 :][:1]
        return not following or following[0].drawing is not group.drawing

    @property
    def not_comparable(self) -> list[str]:
        """Which of the questions shown cannot be compared with one another, and why."""
        return _not_comparable(self.shown)


@dataclass(slots=True)
class Side:
    """What is said to have fought on one side, in lists by kind."""

    name: str
    lists: list[tuple[str, list[ShownStatement]]]


@dataclass(slots=True)
class NarrativeSection:
    """One section of the story."""

    slug: str
    label: str
    paragraphs: list["Paragraph"]


@dataclass(slots=True)
class CitedSource:
    """A source, with the citations that lead to it."""

    title: str
    lang: str
    href: str
    origin: str
    citations: list[ShownCitation] = field(default_factory=list)

    @property
    def markers(self) -> str:
        """The numbers of its markers: “3–5, 8”."""
        return in_runs({citation.number for citation in self.citations})


@dataclass(slots=True)
class Paragraph:
    """Some sentences that follow one another, or one group of rival ones."""

    sentences: list[ShownStatement]
    group: Group | None = None

    @property
    def shown(self) -> list[ShownStatement]:
        return self.group.shown if self.group else _shown(self.sentences)

    @property
    def margin(self) -> list[CitedSource]:
        return cited_sources(self.shown)


@dataclass(slots=True)
class BattlePage:
    """A battle's page, whole or less what a filter hides."""

    battle: Battle
    statements: list[ShownStatement]
    names: list[ShownStatement]
    notes: list[ShownStatement]
    facts: list[Group]
    sides: list[Side]
    figures: list[Figures]
    sections: list[NarrativeSection]
    disputed: list[Group]
    unrecorded: list[str]

    @property
    def hidden(self) -> int:
        return sum(statement.hidden for statement in self.statements)

    @property
    def last_number(self) -> int:
        """The number of the last marker."""
        return sum(len(statement.citations) for statement in self.statements)

    @property
    def categories(self) -> list[Category]:
        """The categories of casualties that figures shown have, for a glossary."""
        met = {group.category for block in self.figures for group in block.shown}
        return [category for category in Category if category in met]

    @property
    def results_not_comparable(self) -> list[str]:
        """Which of the results shown cannot be compared with one another, and why."""
        asked = [group for group in self.facts if group.answers[0].kind == Kind.RESULT]
        return _not_comparable([group for group in asked if group.shown])

    @property
    def signs(self) -> set[Sign]:
        """What the drawings shown are made of, for a key."""
        groups = (*self.facts, *(group for block in self.figures for group in block.shown))
        return {sign for group in groups if group.drawing for sign in group.drawing.signs}

    @property
    def bearings(self) -> list[str]:
        """What the passages do, of those shown, that do not support their statements."""
        met = {one.bearing for row in _shown(self.statements) for one in row.citations}
        return [words for bearing, words in _BEARINGS.items() if bearing in met]

    @property
    def sources(self) -> list[CitedSource]:
        return sorted(
            cited_sources(_shown(self.statements)), key=lambda one: (one.title.casefold(), one.href)
        )

    def hide(self, is_hidden: Callable[[ShownStatement], bool]) -> None:
        """Hide some statements, and the headings that nothing is left under."""
        for statement in self.statements:
            statement.hidden = is_hidden(statement)
        self.names, self.notes = _shown(self.names), _shown(self.notes)
        self.facts = [group for group in self.facts if group.shown]
        self.figures = [block for block in self.figures if block.shown]
        for side in self.sides:
            side.lists = [(name, left) for name, rows in side.lists if (left := _shown(rows))]
        self.sides = [side for side in self.sides if side.lists]
        for section in self.sections:
            section.paragraphs = [row for row in section.paragraphs if row.shown]
        self.sections = [section for section in self.sections if section.paragraphs]


def _shown(statements: Iterable[ShownStatement]) -> list[ShownStatement]:
    return [statement for statement in statements if not statement.hidden]


def battle_page(battle: Battle) -> BattlePage:
    """Put together what readers see of a battle."""
    statements = shown_of(battle.pk)
    add_other_names(statements)
    return page_of(battle, statements)


def page_of(battle: Battle, statements: Iterable[ShownStatement]) -> BattlePage:
    """Put statements of a battle together, in the order in which they are read."""
    of_kind: dict[str, list[ShownStatement]] = {kind: [] for kind in Kind.values}
    for statement in statements:
        of_kind[statement.kind].append(statement)
    facts = [group for kind in AT_A_GLANCE for group in _facts(of_kind[kind], kind)]
    figures = [
        block for kind in FIGURE_KINDS for block in _figures(of_kind[kind], wording.kind(kind))
    ]
    sections = _sections(of_kind[Kind.NARRATIVE])
    page = BattlePage(
        battle=battle,
        statements=[],
        names=of_kind[Kind.NAME],
        notes=of_kind[Kind.NOTE],
        facts=facts,
        sides=_sides([row for kind in OF_A_SIDE for row in of_kind[kind]]),
        figures=figures,
        sections=sections,
        disputed=[],
        unrecorded=[
            PLURALS.get(kind, wording.kind(kind))
            for kind in (*AT_A_GLANCE, *OF_A_SIDE, *FIGURE_KINDS)
            if not of_kind[kind] and kind != Kind.PART_OF
        ],
    )
    groups = list(facts)
    groups += [group for block in figures for group in block.groups]
    groups += [row.group for section in sections for row in section.paragraphs if row.group]
    for group in groups:
        group.drawing = drawing_of(group.answers)
    for block in figures:
        _draw_in_outline(block.groups)
    page.disputed = [group for group in groups if group.is_disputed]
    page.statements = _in_order_of_the_page(page)
    number_citations(page.statements)
    return page


def _draw_in_outline(groups: Sequence[Group]) -> None:
    """Draw what is said of one force and cannot be compared, if it counts the same thing."""
    counting: dict[str, list[Group]] = {}
    for group in groups:
        if not group.drawing:
            counting.setdefault(group.answers[0].values.counted.casefold(), []).append(group)
    for alike in counting.values():
        drawing = drawing_in_outline([answer for group in alike for answer in group.answers])
        for group in alike:
            if drawing and any(answer.pk in drawing.marks for answer in group.answers):
                group.drawing = drawing


def _in_order_of_the_page(page: BattlePage) -> list[ShownStatement]:
    return [
        *page.names,
        *(answer for group in page.facts for answer in group.answers),
        *(row for side in page.sides for _, rows in side.lists for row in rows),
        *(answer for block in page.figures for group in block.groups for answer in group.answers),
        *(
            sentence
            for section in page.sections
            for paragraph in section.paragraphs
            for sentence in (paragraph.group.answers if paragraph.group else paragraph.sentences)
        ),
        *page.notes,
    ]


def group_of(answers: Sequence[ShownStatement]) -> Group:
    """Return the answers to one question, unranked, with how they stand to one another."""
    answers = sorted(answers, key=lambda answer: answer.order_among_rivals)
    values = answers[0].values
    found = Group(
        question=values.question_id,
        wording=values.question__wording or answers[0].heading,
        label=values.question__wording or answers[0].heading,
        answers=answers,
        is_disputed=bool(values.question__disputed),
    )
    _compare_answers(found)
    return found


def rivals_of(statement: ShownStatement, others: Sequence[ShownStatement]) -> Group | None:
    """Return the other answers to a statement's question, and how all of them stand."""
    if not others:
        return None
    group = group_of([statement, *others])
    group.answers.remove(statement)
    return group


def _compare_answers(group: Group) -> None:
    """Note how rival accounts stand to one another, and why some cannot be compared.

    An account that is cited against another one differs from it, whatever others say.
    """
    answers = group.answers
    found: list[Comparison] = []
    if answers[0].kind != Kind.NARRATIVE:  # only readers can compare wordings
        found = [
            compare(one.values, other.values) for one, other in itertools.combinations(answers, 2)
        ]
    relations = {comparison.relation for comparison in found}
    group.reasons = sorted({comparison.reason for comparison in found if comparison.reason})
    group.is_compared = bool(relations - {Relation.NOT_COMPARABLE})
    if group.is_disputed or Relation.DIFFERS in relations:  # drafts do not settle a question
        group.standing = "accounts differ" if len(answers) > 1 else "disputed"
    elif relations == {Relation.AGREES}:
        one_voice = len({tuple(answer.claimants) for answer in answers}) == 1
        group.standing = "one account, told more than once" if one_voice else "accounts agree"
    elif relations and Relation.NOT_COMPARABLE not in relations:
        group.standing = "compatible"


def _not_comparable(groups: Sequence[Group]) -> list[str]:
    """Say which of some questions cannot be compared with one another, and why."""
    why: dict[str, dict[str, None]] = {}
    for one, other in itertools.combinations(groups, 2):
        reason = compare(one.shown[0].values, other.shown[0].values).reason
        if reason:
            why.setdefault(reason, {}).update(dict.fromkeys((one.label, other.label)))
    return [
        f"{wording.listed(list(labels))} – not comparable: {reason}"
        for reason, labels in why.items()
    ]


def _by_question(statements: Iterable[ShownStatement]) -> list[Group]:
    rivals: dict[UUID | None, list[ShownStatement]] = {}
    for statement in statements:
        rivals.setdefault(statement.values.question_id, []).append(statement)
    groups = {question: group_of(answers) for question, answers in rivals.items()}
    return sorted(
        groups.values(),
        key=lambda group: (
            group.answers[0].values.question__position or 0,
            _ORDER.get(group.answers[0].values.aspect, 0),
            _ORDER.get(group.answers[0].values.category, 0),
            group.wording,
            str(group.question),
        ),
    )


def _facts(statements: list[ShownStatement], kind: Kind) -> list[Group]:
    if kind not in TYPED_KINDS:
        return [group_of([statement]) for statement in statements]
    groups = _by_question(statements)
    for group in groups:
        if group.wording in _PLAIN_QUESTIONS:
            group.label = group.answers[0].heading
    return groups


def _sides(statements: list[ShownStatement]) -> list[Side]:
    """Return each side's belligerents, commanders and units; those of no stated side come last."""
    found: dict[tuple[bool, int, str], dict[str, list[ShownStatement]]] = {}
    for statement in statements:
        values = statement.values
        name = values.side__name or ""
        side = found.setdefault((not name, values.side__position or 0, name), {})
        side.setdefault(PLURALS[Kind(statement.kind)], []).append(statement)
    return [
        Side(name or "Side not stated", list(lists.items()))
        for (_, _, name), lists in sorted(found.items(), key=lambda item: item[0])
    ]


def _figures(statements: list[ShownStatement], kind: str) -> list[Figures]:
    """Return a block for each force: every question about it, and which cannot be compared."""
    forces: dict[tuple[bool, int, str, UUID | None], list[ShownStatement]] = {}
    for statement in statements:
        values = statement.values
        whose = values.entity_id or values.side_id
        name = values.entity__name or values.side__name or ""
        forces.setdefault((not name, values.side__position or 0, name, whose), []).append(statement)
    # One force may stand under several positions, since a claim about a party can lack its side.
    blocks: dict[tuple[UUID | None, str], list[ShownStatement]] = {}
    for (_, _, name, whose), rows in sorted(forces.items(), key=lambda item: item[0][:3]):
        blocks.setdefault((whose, name), []).extend(rows)
    found = []
    for (_, name), rows in blocks.items():
        groups = _by_question(rows)
        heading = f"{kind.capitalize()}, {name or 'side not stated'}"
        for group in groups:
            group.label = _without_heading(group, heading)
        found.append(Figures(heading, groups))
    return found


def _without_heading(group: Group, heading: str) -> str:
    """Return a question's wording, less what the heading above it says already."""
    if group.wording == heading:
        return group.answers[0].values.counted
    return group.wording.removeprefix(f"{heading}; ")


def _sections(narrative: list[ShownStatement]) -> list[NarrativeSection]:
    """Let the sentences of each section flow, rivals set apart where the first of them stands."""
    rivals: dict[UUID, list[ShownStatement]] = {}
    in_section: dict[str, list[ShownStatement]] = {section: [] for section in Section.values}
    for sentence in narrative:
        in_section[sentence.values.section].append(sentence)
        if question := sentence.values.question_id:
            rivals.setdefault(question, []).append(sentence)
    found = []
    placed: set[UUID] = set()
    for section in Section:
        paragraphs: list[Paragraph] = []
        for sentence in in_section[section]:
            question = sentence.values.question_id
            if question and len(rivals[question]) > 1:
                if question not in placed:
                    placed.add(question)
                    paragraphs.append(Paragraph([], group_of(rivals[question])))
                continue
            if not paragraphs or _ends_before(paragraphs[-1], sentence):
                paragraphs.append(Paragraph([]))
            paragraphs[-1].sentences.append(sentence)
        if paragraphs:
            found.append(NarrativeSection(section.value, str(section.label), paragraphs))
    return found


def _ends_before(paragraph: Paragraph, sentence: ShownStatement) -> bool:
    written = paragraph.sentences
    if paragraph.group or len(written) >= _SENTENCES:
        return True
    same = written[-1].citations[0].source_href == sentence.citations[0].source_href
    return len(written) >= _SENTENCES_OF_ONE_SOURCE and not same


def in_runs(numbers: Collection[int]) -> str:
    """Return numbers in their order, runs of them joined so that no line ends within one."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(
        str(run[0]) if len(run) == 1 else f"{run[0]}–\N{WORD JOINER}{run[-1]}" for run in runs
    )


def cited_sources(statements: Iterable[ShownStatement]) -> list[CitedSource]:
    """Return the sources that statements rest on, in the order in which they are met."""
    found: dict[str, CitedSource] = {}
    for statement in statements:
        for one in statement.citations:
            source = found.setdefault(
                one.source_href,
                CitedSource(one.source, one.source_lang, one.source_href, one.origin),
            )
            source.citations.append(one)
    return list(found.values())


def add_other_names(statements: Sequence[ShownStatement]) -> None:
    """Tell of parties, persons, units and places the other names that are recorded of them."""
    speaking = [row for row in statements if row.kind in (*OF_A_SIDE, Kind.PLACE)]
    names: dict[UUID, list[tuple[str, str]]] = {}
    wanted = {row.values.entity_id or row.values.place_id for row in speaking} - {None}
    for entity, text, language in _names_of(wanted):
        names.setdefault(entity, []).append((text, foreign(language)))
    for row in speaking:
        subject = row.values.entity_id or row.values.place_id
        called = row.values.entity__name or row.values.place__name
        known = names.get(subject, []) if subject else []
        row.other_names = [name for name in known if name[0].casefold() != called.casefold()]


_names_of = PreparedForMany(
    lambda entities: (
        EntityName.objects.filter(entity__in=entities)
        .order_by("text", "pk")
        .values_list("entity_id", "text", "language")
    ),
    UUID,
)


@dataclass(slots=True)
class ListedBattle:
    """A battle as lists show it: with the published statements of when it was.

    Where none dates the whole, those of its parts stand for it, the earliest first.
    """

    battle: Battle
    dates: list[ShownStatement]
    disputed: set[str]  # the kinds of questions on which published accounts differ


def listed(battles: Iterable[Battle]) -> list[ListedBattle]:
    """Return battles as lists show them, in their order."""
    rows = {battle.pk: ListedBattle(battle, [], set()) for battle in battles}
    for battle, kinds in disputed_in(rows).items():
        rows[battle].disputed = kinds
    for statement in dates_of(rows):
        rows[statement.values.battle_id].dates.append(statement)
    for row in rows.values():
        of_the_whole = [date for date in row.dates if not date.part_dated]
        row.dates = of_the_whole or sorted(row.dates, key=_first_day)
    number_citations([date for row in rows.values() for date in row.dates])
    return list(rows.values())


def disputed_in(battles: Collection[UUID]) -> dict[UUID, set[str]]:
    """Return, for each battle of which accounts differ, the kinds of questions on which they do."""
    found: dict[UUID, set[str]] = {}
    for battle, kind in _disputed_questions(battles):
        found.setdefault(battle, set()).add(kind)
    return found


# Not asked of each battle in its own query: PostgreSQL reads all questions for that.
_disputed_questions = PreparedForMany(
    lambda battles: (
        Question.objects.filter(battle__in=battles, disputed=True)
        .order_by()
        .values_list("battle_id", "kind")
    ),
    UUID,
)


def _first_day(date: ShownStatement) -> float:
    first = date.values.date_earliest
    return inf if first is None else first
