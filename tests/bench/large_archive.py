"""A made-up public archive of any size, written straight into the tables; the same every time.

Thirty statements to a battle, three citations to two statements, and so many sources and documents
as are asked for. The first battle has 45 statements, the first document a text of a million
characters. Words are as common as in a language: a few very, most rarely.
"""

import hashlib
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
STATEMENTS = 30  # of a battle
OF_THE_FIRST = 45
LONG = 1_000_000  # characters of the first document
_CHUNK = 200  # battles written together

_WORDS = [
    "the",
    "army",
    *(
        f"{a}{b}{c}{d}"
        for a in "bdfgklm"
        for b in "aeiou"
        for c in "nrstvlmk"
        for d in ("", "a", "en", "ish", "or", "um")
    ),
]


def database(battles: int, documents: int) -> str:
    """Return the address of an archive of this size, built now unless it is here already.

    That of `DATABASE_URL`, if it is set and empty or built before; else one of SQLite under var/.
    """
    if "DATABASE_URL" in os.environ:
        return os.environ["DATABASE_URL"]
    made_by = Path(__file__).read_bytes() + b"".join(
        path.read_bytes() for path in sorted(ROOT.glob("*/migrations/0*.py"))
    )
    name = hashlib.sha256(made_by + f"{battles} {documents}".encode()).hexdigest()[:12]
    folder = ROOT / "var" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{folder / name}.sqlite3"


def fill(battles: int, documents: int) -> None:
    """Build the archive in the database of the settings, if there is none."""
    from django.core.management import call_command
    from django.db import connection

    from battles import indexing
    from battles.models import Battle

    call_command("migrate", verbosity=0)
    if Battle.objects.filter(slug="the-last").exists():
        return
    _Builder(battles, documents).build()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # so many rows came at once that queries would be planned badly
    indexing.rebuild()
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        call_command("rebuild_search", verbosity=0, stdout=nowhere)
    # Written last: an archive that was interrupted is not taken for a whole one.
    Battle.objects.create(slug="the-last", name="The last")
    with connection.cursor() as cursor:
        # PostgreSQL does so by itself as it serves; before, no index alone answers anything.
        cursor.execute("ANALYZE" if connection.vendor == "sqlite" else "VACUUM ANALYZE")


class _Builder:
    def __init__(self, battles: int, documents: int) -> None:
        self.chance = random.Random(1953)
        self.battles, self.documents = battles, documents
        self._often = [1 / rank for rank in range(1, len(_WORDS) + 1)]

    def sentence(self, number: int, length: int) -> str:
        """Return a sentence; every 5,000th holds a rare word, every 20th one of two characters."""
        said = self.chance.choices(_WORDS, self._often, k=length)
        if number % 5000 == 7:
            said[3] = "zanzibar"
        if number % 20 == 3:
            said.append("金城战役" if number % 400 == 3 else "两个军")
        return f"{' '.join(said).capitalize()}."

    def build(self) -> None:
        from battles.models import Battle
        from sources.models import Origin

        self.origins = Origin.objects.bulk_create(
            Origin(slug=f"origin-{n}", name=f"Origin {n}", kind="state", public=True)
            for n in range(40)
        )
        self.parties = self._entities("party", 60)
        self.persons = self._entities("person", self.battles)
        self.places = self._entities(
            "place",
            self.battles,
            precision="point",
            gazetteer="made up",
        )
        self.wars = Battle.objects.bulk_create(
            Battle(slug=f"war-{n}", name=f"War {n}", scale="war", edition=1) for n in range(40)
        )
        places = self._passages()
        for first in range(0, self.battles, _CHUNK):
            self._battles(range(first, min(first + _CHUNK, self.battles)), places)
        for _ in places:  # writes the documents that are left
            pass

    def _entities(self, kind: str, number: int, **values: object) -> list[Any]:
        from battles.models import Entity

        def where() -> dict[str, float]:
            if kind != "place":
                return {}
            chance = self.chance
            return {
                "latitude": chance.uniform(-60, 70),
                "longitude": chance.uniform(-170, 170),
            }

        return Entity.objects.bulk_create(
            (
                Entity(
                    kind=kind,
                    slug=f"{kind}-{n}",
                    name=f"{kind} {n}",
                    seen=True,
                    **values,
                    **where(),
                )
                for n in range(number)
            ),
            batch_size=500,
        )

    # What documents say ----------------------------------------------------------------------

    def _passages(self) -> Iterator[Any]:
        """Write the documents, and yield their passages: enough for every statement."""
        each = (self.battles * STATEMENTS + OF_THE_FIRST) // self.documents + 1
        for first in range(0, self.documents, _CHUNK):
            numbers = range(first, min(first + _CHUNK, self.documents))
            yield from self._documents(numbers, each)

    def _documents(self, numbers: range, each: int) -> list[Any]:
        from sources.models import Document, File, Passage, Source, Text

        chance = self.chance
        sources = Source.objects.bulk_create(
            Source(
                slug=f"source-{n}",
                title=f"Source {n}",
                origin=chance.choice(self.origins),
                kind=chance.choice(Source.Kind.values),
                language=chance.choice(("en", "zh", "ko")),
                issued_edtf=str(chance.randrange(1700, 2000)),
                rights="public_domain" if n % 3 == 0 else chance.choice(Source.Rights.values),
                proximity=chance.choice(Source.Proximity.values),
                public=True,
            )
            for n in numbers
        )
        files = File.objects.bulk_create(
            File(sha256=f"{n:064x}", length=1, name=f"{n}.txt") for n in numbers
        )
        documents, texts, passages = [], [], []
        for n, source, file in zip(numbers, sources, files, strict=True):
            said = [self.sentence(n * each + m, 40) for m in range(each)]
            content = "\n\n".join(said)
            if n == 0:
                more = LONG - len(content)
                content += "\n\n" + "\n\n".join(self._paragraphs(more))
            document = Document(
                source=source,
                file=file,
                number=1,
                extractor="plain text",
                extractor_version="1",
                text_sha256="0" * 64,
                text_length=len(content),
            )
            documents.append(document)
            texts.append(Text(document=document, content=content))
            at = 0
            for one in said:
                passages.append(
                    Passage(
                        source=source,
                        document=document,
                        start=at,
                        end=at + len(one),
                        quote=one,
                        quote_sha256="0" * 64,
                        public=True,
                        seen=True,
                    )
                )
                at += len(one) + 2
        Document.objects.bulk_create(documents)
        Text.objects.bulk_create(texts, batch_size=50)
        return Passage.objects.bulk_create(passages, batch_size=500)

    def _paragraphs(self, length: int) -> Iterator[str]:
        while length > 0:
            one = self.sentence(1, 80)
            length -= len(one) + 2
            yield one

    # What the archive asserts ----------------------------------------------------------------

    def _battles(self, numbers: range, passages: Iterator[Any]) -> None:
        from django.db import transaction

        from battles.models import Battle, Citation, Publication, Statement

        chance = self.chance
        battles = Battle.objects.bulk_create(
            Battle(
                slug=f"battle-{n}",
                name=f"Battle of {chance.choice(_WORDS).capitalize()} {n}",
                part_of=chance.choice(self.wars),
                edition=1,
            )
            for n in numbers
        )
        statements = [
            row for n, battle in zip(numbers, battles, strict=True) for row in self._told(battle, n)
        ]
        cited = [next(passages) for _ in statements]
        citations = [
            Citation(statement=row, passage=passage, claimant=chance.choice(self.origins))
            for row, passage in zip(statements, cited, strict=True)
        ]
        again = [
            Citation(
                statement=row,
                passage=cited[(place + 1) % len(cited)],
                claimant=chance.choice(self.origins),
            )
            for place, row in enumerate(statements)
            if place % 2
        ]
        for row, citation in zip(statements, citations, strict=True):
            row.evidence_id, row.state = citation.pk, "published"
        with transaction.atomic():  # what a statement rests on may follow it until then
            Statement.objects.bulk_create(statements, batch_size=400)
            Citation.objects.bulk_create(citations + again, batch_size=500)
        first = {row.battle_id: row for row in reversed(statements)}
        Publication.objects.bulk_create(
            Publication(battle_id=pk, edition=1, statement=row, action="published", record={})
            for pk, row in first.items()
        )

    def _told(self, battle: Any, number: int) -> list[Any]:
        from battles.kinds import Kind, Section
        from battles.models import Question, Side, Statement

        chance = self.chance
        sides = Side.objects.bulk_create(
            Side(battle=battle, name=name, position=place)
            for place, name in enumerate(("North", "South"), start=1)
        )
        told: list[dict[str, Any]] = [
            {
                "kind": Kind.DATE,
                "aspect": "whole",
                "date_edtf": f"{chance.randrange(100, 1999):04}",
            },
            {"kind": Kind.PLACE, "place": chance.choice(self.places)},
            *(
                {"kind": Kind.BELLIGERENT, "entity": one, "side": side}
                for one, side in zip(chance.sample(self.parties, 2), sides, strict=True)
            ),
            *(
                {"kind": Kind.COMMANDER, "entity": one, "side": chance.choice(sides)}
                for one in chance.sample(self.persons, 4)
            ),
        ]
        for side in sides:
            question = Question.objects.create(
                battle=battle,
                kind=Kind.STRENGTH,
                side=side,
                wording=f"Strength, {side.name}",
                key=f"strength {side.name}",
            )
            told += [
                {
                    "kind": Kind.STRENGTH,
                    "side": side,
                    "question": question,
                    "bound": "exactly",
                    "value": chance.randrange(1000, 90_000),
                    "counted": "persons",
                }
                for _ in range(2)
            ]
        size = OF_THE_FIRST if number == 0 else STATEMENTS
        told += [
            {
                "kind": Kind.NARRATIVE,
                "text": self.sentence(number * STATEMENTS + n, 16),
                "section": Section.values[n % len(Section.values)],
                "position": n,
            }
            for n in range(size - len(told))
        ]
        return [Statement(battle=battle, **values) for values in told]
