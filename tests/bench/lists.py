"""Measures the lists, the map and the line of time on a large archive.

Run as `python -m tests.bench.lists`: CPU per request in this process, without server or middleware
of the network, and the number of queries.
"""

import argparse
import os
import random
import statistics
import tempfile
import time

PAGES = (
    "/battles/",
    "/battles/?party=party-3",
    "/battles/?war=war-2&from_year=1600&sort=date",
    "/battles/?claimant=origin-3&disputed=no",
    "/battles/?person=person-7&to_year=1900",
    "/battles/?from_year=-400&page=3",
    "/battles/?view=timeline&party=party-3",
    "/battles/?view=map&party=party-3",
    "/battles/places.geojson",
    "/sources/",
    "/sources/?claimant=origin-3&from_year=1900",
    "/entities/?kind=person",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--battles", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=30)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(DEBUG="false", HTTPS="false", SECRET_KEY="measured" * 5)
        os.environ.update(ALLOWED_HOSTS="testserver", FILES_ROOT=folder)
        os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder}/lists.sqlite3")
        os.environ["DJANGO_SETTINGS_MODULE"] = "archive.settings"
        os.environ["STATIC_ROOT"] = f"{folder}/static"
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        call_command("collectstatic", verbosity=0, interactive=False)
        started = time.perf_counter()
        build(options.battles)
        print(f"built {options.battles:,} battles in {time.perf_counter() - started:.0f} s")
        for address in PAGES:
            measure(address, options.rounds)


def build(battles: int) -> None:
    """Write a public archive straight into the tables, thirty statements to a battle."""
    from django.db import connection

    from battles import indexing
    from battles.kinds import Kind, Section
    from battles.models import Battle, Citation, Entity, Statement
    from sources.models import Origin, Passage, Source

    chance = random.Random(1953)
    origins = Origin.objects.bulk_create(
        Origin(slug=f"origin-{n}", name=f"Origin {n}", kind="state", public=True) for n in range(40)
    )
    sources = Source.objects.bulk_create(
        Source(
            slug=f"source-{n}",
            title=f"Source {n}",
            origin=chance.choice(origins),
            kind=chance.choice(Source.Kind.values),
            language=chance.choice(("en", "zh", "ko")),
            issued_edtf=str(chance.randrange(1700, 2000)),
            rights=chance.choice(Source.Rights.values),
            proximity=chance.choice(Source.Proximity.values),
            public=True,
        )
        for n in range(battles * 5 // 2)
    )

    def entities(kind: str, number: int, **values: object) -> list[Entity]:
        return Entity.objects.bulk_create(
            Entity(kind=kind, slug=f"{kind}-{n}", name=f"{kind} {n}", seen=True, **values)
            for n in range(number)
        )

    parties, persons = entities("party", 60), entities("person", battles)
    places = entities("place", battles)
    for place in places:
        place.latitude, place.longitude = chance.uniform(-60, 70), chance.uniform(-170, 170)
        place.precision, place.gazetteer = "point", "made up"
    Entity.objects.bulk_update(places, ["latitude", "longitude", "precision", "gazetteer"])
    wars = Battle.objects.bulk_create(
        Battle(slug=f"war-{n}", name=f"War {n}", scale="war", edition=1) for n in range(40)
    )
    rows = Battle.objects.bulk_create(
        Battle(slug=f"battle-{n}", name=f"Battle {n}", part_of=chance.choice(wars), edition=1)
        for n in range(battles)
    )
    statements = []
    for battle in rows:
        told: list[dict[str, object]] = [
            {
                "kind": Kind.DATE,
                "aspect": "whole",
                "date_edtf": f"{chance.randrange(100, 1999):04}",
            },
            {"kind": Kind.PLACE, "place": chance.choice(places)},
            *({"kind": Kind.BELLIGERENT, "entity": one} for one in chance.sample(parties, 3)),
            *({"kind": Kind.COMMANDER, "entity": one} for one in chance.sample(persons, 4)),
        ]
        told += [
            {"kind": Kind.NARRATIVE, "text": f"It was so, {n}.", "section": Section.COURSE}
            for n in range(30 - len(told))
        ]
        statements += [Statement(battle=battle, **values) for values in told]
    passages = [
        Passage(source=chance.choice(sources), locator=f"p. {n}", public=True, seen=True)
        for n in range(len(statements))
    ]
    citations = [
        Citation(statement=row, passage=passage, claimant=chance.choice(origins))
        for row, passage in zip(statements, passages, strict=True)
    ] + [
        Citation(statement=row, passage=chance.choice(passages), claimant=chance.choice(origins))
        for row in statements[::2]
    ]
    Statement.objects.bulk_create(statements, batch_size=500)
    Passage.objects.bulk_create(passages, batch_size=500)
    Citation.objects.bulk_create(citations, batch_size=500, ignore_conflicts=True)
    for row, citation in zip(statements, citations, strict=False):
        row.evidence, row.state = citation, "published"
    Statement._base_manager.bulk_update(statements, ["evidence", "state"], batch_size=400)
    indexing.rebuild()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def measure(address: str, rounds: int) -> None:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client()
    with CaptureQueriesContext(connection) as queries:
        response = client.get(address)
    spent = []
    for _ in range(rounds):
        started = time.process_time()
        client.get(address)
        spent.append(1000 * (time.process_time() - started))
    print(
        f"{address}: {response.status_code}, {statistics.median(spent):.1f} ms of CPU, "
        f"{len(queries)} queries, {len(response.content):,} bytes",
        flush=True,
    )


if __name__ == "__main__":
    main()
