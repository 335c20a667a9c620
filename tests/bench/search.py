"""How long a search takes, from the address to the page, in a large archive.

Run as `python -m tests.bench.search --statements 60000`. It fills the empty database that
DATABASE_URL names, or else a new one of SQLite.
"""

import argparse
import io
import os
import random
import tempfile
import time
from statistics import median

QUESTIONS = {
    "rare word": "zanzibar",
    "common word": "the",
    "two common words": "the army",
    "rare and common": "the zanzibar",
    "phrase": '"the army"',
    "phrase that is nowhere": '"army zanzibar"',
    "two characters": "金城",
    "a name of four": "金城战役",
    "common character": "军",
    "no such word": "xylophone",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--statements", type=int, default=60_000)
    parser.add_argument("--runs", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder}/search.sqlite3")
        os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
        import django

        django.setup()
        fill(options.statements)
        ask(options.runs)


def fill(statements: int) -> None:
    """Build and index an archive, and say how long each took."""
    from django.core.management import call_command
    from django.db import connection

    from sources.models import SearchEntry

    call_command("migrate", verbosity=0)
    began = time.perf_counter()
    build(statements)
    print(f"{connection.vendor}: built in {time.perf_counter() - began:.0f} s", flush=True)
    began = time.perf_counter()
    call_command("rebuild_search", verbosity=0, stdout=io.StringIO())
    spent, entries = time.perf_counter() - began, SearchEntry.objects.count()
    print(f"indexed {entries:,} entries in {spent:.0f} s ({entries / spent:,.0f}/s)", flush=True)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def ask(runs: int) -> None:
    """Ask each question of the archive that the settings name."""
    from django.test import Client

    client = Client()
    print(f"{'median ms / of processor':26}{'all kinds':>16}{'statements':>16}{'texts':>16}")
    for name, question in QUESTIONS.items():
        cells = []
        for kind in ("", "statements", "texts"):
            times, own = [], []
            for _ in range(runs):
                began, worked = time.perf_counter(), time.process_time()
                response = client.get("/search/", {"q": question, "kind": kind})
                times.append((time.perf_counter() - began) * 1000)
                own.append((time.process_time() - worked) * 1000)
                assert response.status_code == 200
            cells.append(f"{median(times):8.1f} /{median(own):6.1f}")
        print(f"{name:26}" + "".join(cells), flush=True)


def build(number: int) -> None:
    """Fill an empty archive: 30 statements to a battle, a paragraph of an open text to each."""
    from django.db.models import OuterRef, Subquery

    from battles.kinds import Kind, Section
    from battles.models import Battle, Citation, Statement
    from sources.models import Document, File, Origin, Passage, Source, Text

    chance = random.Random(1953)
    words = ["the", "army", *(f"{a}{b}{c}" for a in "bdfgklm" for b in "aeiou" for c in WORD_ENDS)]
    often = [1 / rank for rank in range(1, len(words) + 1)]
    drawn = iter(chance.choices(words, often, k=number * 60))

    def sentence(position: int, length: int) -> str:
        said = [next(drawn) for _ in range(length)]
        if position % 5000 == 7:
            said[3] = "zanzibar"
        if position % 20 == 3:
            said.append("金城战役" if position % 400 == 3 else "两个军")
        return f"{' '.join(said).capitalize()}."

    origin = Origin.objects.create(slug="voice", name="Voice", kind="scholarship", public=True)
    for start in range(0, number, 3000):
        size = min(3000, number - start)
        source = Source.objects.create(
            slug=f"s-{start}", title=f"Source {start}", rights="public_domain", origin=origin
        )
        Source._base_manager.filter(pk=source.pk).update(public=True)
        said = [sentence(start + n, 40) for n in range(size)]
        content = "\n\n".join(said)
        file = File.objects.create(sha256=f"{start:064x}", length=len(content))
        document = Document.objects.create(
            source=source,
            file=file,
            number=1,
            extractor="plain text",
            extractor_version="1",
            text_sha256="0" * 64,
            text_length=len(content),
        )
        Text.objects.create(document=document, content=content)
        places, at = [], 0
        for one in said:
            places.append(
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
        Passage.objects.bulk_create(places)
        battles = Battle.objects.bulk_create(
            Battle(slug=f"b-{start}-{n}", name=f"Battle of {next(drawn)}", edition=1)
            for n in range(size // 30 + 1)
        )
        rows = Statement.objects.bulk_create(
            Statement(
                battle=battles[n // 30],
                kind=Kind.NARRATIVE,
                section=Section.values[n % len(Section.values)],
                position=n % 30,
                text=sentence(start + n, 16),
            )
            for n in range(size)
        )
        Citation.objects.bulk_create(
            Citation(statement=row, passage=place, claimant=origin)
            for row, place in zip(rows, places, strict=True)
        )
        own = Citation.objects.filter(statement=OuterRef("pk")).values("pk")[:1]
        Statement._base_manager.filter(pk__in=[row.pk for row in rows]).update(
            state="published", evidence=Subquery(own)
        )


WORD_ENDS = [f"{a}{b}" for a in "nrstvlmk" for b in ("", "a", "en", "ish", "or", "um")]


if __name__ == "__main__":
    main()
