"""A made-up archive of any size, the same for the same numbers."""

import io
import random

from django.db import transaction

from battles.kinds import Bound, Category, Kind, Section
from battles.models import Battle, Citation, Side, Statement
from battles.publication import publish
from sources import storage
from sources.anchoring import CONTEXT, quote_hash
from sources.models import Document, File, Origin, Passage, Source, Text

WORDS = ("river", "ford", "army", "crossed", "dawn", "dusk", "hill", "guns", "losses", "camp")


def build_corpus(*, battles: int, statements: int, citations: int, documents: int) -> None:
    """Publish `statements` with `citations` in all, spread evenly over battles and documents."""
    chance = random.Random(1953)
    origins = [
        Origin.objects.create(slug=f"origin-{n}", name=f"Origin {n}", kind="scholarship")
        for n in range(20)
    ]
    passages = [
        passage
        for number in range(documents)
        for passage in _document(number, origins, chance, citations // documents + 1)
    ]
    places = iter(passages)
    more = citations - statements
    done = 0
    for number in range(battles):
        with transaction.atomic():
            battle = Battle.objects.create(slug=f"battle-{number}", name=f"Battle {number}")
            side = Side.objects.create(battle=battle, name="North")
            share = statements * (number + 1) // battles - done
            rows = [_statement(battle, side, done + n, chance) for n in range(share)]
            for row in rows:
                row.save()
            cited = []
            for n, row in enumerate(rows):
                again = (done + n + 1) * more // statements - (done + n) * more // statements
                for _ in range(1 + again):
                    passage = next(places)
                    origin = passage.source.origin_id
                    cited.append(Citation(statement=row, passage=passage, claimant_id=origin))
            Citation.objects.bulk_create(cited)
            publish(rows)
            done += share


def _document(
    number: int, origins: list[Origin], chance: random.Random, count: int
) -> list[Passage]:
    quotes = [f"No. {n}: {' '.join(chance.choices(WORDS, k=8))}." for n in range(count)]
    text = "\n".join(quotes)
    stored = storage.store(io.BytesIO(text.encode()))
    source = Source.objects.create(
        slug=f"source-{number}",
        title=f"Source {number}",
        origin=origins[number % len(origins)],
        rights=Source.Rights.PUBLIC_DOMAIN,
    )
    file = File.objects.create(sha256=stored.sha256, length=stored.length, held=True)
    document = Document.objects.create(
        source=source,
        file=file,
        number=1,
        extractor="plain text",
        extractor_version="1",
        charset="utf-8",
        text_sha256=quote_hash(text),
        text_length=len(text),
    )
    Text.objects.create(document=document, content=text)
    passages, start = [], 0
    for quote in quotes:
        end = start + len(quote)
        passages.append(
            Passage(
                source=source,
                document=document,
                start=start,
                end=end,
                quote=quote,
                prefix=text[max(0, start - CONTEXT) : start],
                suffix=text[end : end + CONTEXT],
                quote_sha256=quote_hash(quote),
            )
        )
        start = end + 1
    return Passage.objects.bulk_create(passages, batch_size=1000)


def _statement(battle: Battle, side: Side, number: int, chance: random.Random) -> Statement:
    if number % 5 == 0:
        return Statement(
            battle=battle,
            kind=Kind.CASUALTIES,
            side=side,
            bound=Bound.EXACTLY,
            value=chance.randrange(10_000),
            counted="persons",
            category=chance.choice(Category.values),
        )
    return Statement(
        battle=battle,
        kind=Kind.NARRATIVE,
        section=Section.values[number % len(Section.values)],
        position=number,
        text=" ".join(chance.choices(WORDS, k=15)).capitalize() + ".",
    )
