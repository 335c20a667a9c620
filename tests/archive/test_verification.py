"""`verify` finds every way in which rows, bytes, words and publications can part."""

import json
import re
from collections.abc import Callable

import pytest
from django.core.management import call_command
from django.db import connection

from archive import pace
from archive.verification import verify
from battles.kinds import Kind
from battles.models import Battle, Citation, Publication, Question, Statement
from battles.publication import withdraw
from sources import storage
from sources.models import Document, File, FormerSlug, Origin, Passage, Source, Text
from tests.builders import (
    make_locator,
    make_origin,
    make_passage,
    make_published,
    make_source,
    make_statement,
    store_chronicle,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def empty_store(settings, tmp_path):
    settings.FILES_ROOT = tmp_path / "store"


@pytest.fixture
def sound_archive() -> Statement:
    document = store_chronicle()
    statement = make_published(
        Kind.CASUALTIES, passage=make_passage("2,689 killed", document=document)
    )
    make_published(Kind.DATE, battle=statement.battle, passage=make_locator())
    withdrawn = make_published(passage=make_passage("at dusk", document=document))
    withdraw([withdrawn], "It misread the chronicle.")
    make_statement(text="An uncited draft.")
    return statement


def raw(model: type, **values: object) -> None:
    """Write past every guard, as another program or a damaged disk would."""
    table = model._meta.db_table
    columns = ", ".join(f"{model._meta.get_field(name).column} = %s" for name in values)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {columns}", list(values.values()))


def test_a_sound_archive_has_no_faults(sound_archive, capsys):
    call_command("verify")
    said = capsys.readouterr()
    assert said.out == ""
    assert re.search(r"0 faults \(in \d+ s, [\d,]+ a second\)\.", said.err)


def test_a_long_verification_says_how_far_it_is(sound_archive, capsys, monkeypatch):
    monkeypatch.setattr(pace, "EVERY", 0)
    call_command("verify")
    said = capsys.readouterr().err.splitlines()
    assert "statements: 3" in said
    assert "battles in the index: 3" in said
    assert said[-1].startswith("Checked ")
    call_command("verify", verbosity=0)
    assert len(capsys.readouterr().err.splitlines()) == 1


def damage_bytes() -> None:
    path = storage.path_of(File.objects.get().sha256)
    path.chmod(0o644)
    path.write_bytes(b"other bytes")


DAMAGES: dict[str, tuple[Callable[[], object], str]] = {
    "bytes lost": (
        lambda: storage.path_of(File.objects.get().sha256).unlink(),
        "its bytes are missing",
    ),
    "bytes changed": (damage_bytes, "its bytes now hash to"),
    "length changed": (lambda: raw(File, length=7), "7 recorded"),
    "text lost": (lambda: Text._base_manager.all()._raw_delete("default"), "text is missing"),
    "text changed": (
        lambda: raw(Text, content="Other words."),
        "its text is not the recorded one",
    ),
    "not held but there": (lambda: raw(File, held=False), "although its file is not held"),
    "passage shifted": (
        lambda: Passage._base_manager.filter(quote="2,689 killed").update(start=3, end=15),
        "its words do not stand at [3, 15)",
    ),
    "passage beyond": (
        lambda: Passage._base_manager.filter(quote="2,689 killed").update(end=9999),
        "lies beyond the text",
    ),
    "context changed": (
        lambda: Passage._base_manager.filter(quote="2,689 killed").update(prefix="x"),
        "the words around it",
    ),
    "hash changed": (
        lambda: Passage._base_manager.filter(quote="2,689 killed").update(quote_sha256="0" * 64),
        "the hash of its words",
    ),
    "never verified": (
        lambda: Passage._base_manager.filter(quote="2,689 killed").update(quote=""),
        "never verified",
    ),
    "evidence disputes": (
        lambda: raw(Citation, bearing="disputes"),
        "its evidence does not support it",
    ),
    "evidence is the archive's": (
        lambda: raw(Origin, kind="archive"),
        "or is the archive's own word",
    ),
    "passage hidden": (lambda: raw(Passage, public=False), "is not public"),
    "source hidden": (lambda: raw(Source, public=False), "is not public"),
    "value changed": (
        lambda: Statement._base_manager.filter(kind=Kind.CASUALTIES).update(value=1),
        "its statement differ from what edition",
    ),
    "citation changed": (
        lambda: raw(Citation, note="Added."),
        "its citations differ from what edition",
    ),
    "question changed": (
        lambda: Question._base_manager.filter(kind=Kind.DATE).update(key="date|phase"),
        "its question is not the one",
    ),
    "day changed": (lambda: raw(Statement, date_latest=9_000_000), "are not its days"),
    "publication lost": (
        lambda: Publication._base_manager.all()._raw_delete("default"),
        "no publication records it",
    ),
    "state changed": (
        lambda: Statement._base_manager.filter(kind=Kind.DATE).update(
            state="withdrawn", withdrawn_because="Quietly."
        ),
        "it is withdrawn, but was last published",
    ),
    "edition changed": (lambda: raw(Battle, edition=9), "it is in edition 9"),
    "origin in a circle": (
        lambda: Origin._base_manager.filter(name="Inner").update(
            part_of=Origin.objects.get(name="Outer")
        ),
        "part of itself",
    ),
    "slug taken back": (
        lambda: FormerSlug.objects.create(
            kind="sources.source",
            slug=Source.objects.first().slug,
            target=make_source().pk,
        ),
        "names a source again",
    ),
    "published quietly": (
        lambda: Statement._base_manager.filter(kind=Kind.DATE).update(state="draft"),
        "it is draft, but was last published",
    ),
    "passage shown": (
        lambda: Passage._base_manager.filter(quote="at dusk").update(public=True),
        "it is public, but nothing published cites it",
    ),
    "origin hidden": (lambda: raw(Origin, public=False), "it is public, but its origin is not"),
    "dispute invented": (
        lambda: Question._base_manager.filter(kind=Kind.DATE).update(disputed=True),
        "whether it is disputed",
    ),
    "document of another source": (
        lambda: Document._base_manager.update(source=make_source()),
        "its document is one of another source",
    ),
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("damage", DAMAGES)
def test_each_damage_is_found_and_named(sound_archive, damage, capsys):
    inner = make_origin("Inner")
    make_origin("Outer", part_of=inner)
    harm, words = DAMAGES[damage]
    with unguarded():
        harm()
        problems = [str(fault) for fault in verify()]
    assert any(words in problem for problem in problems), problems


class unguarded:  # noqa: N801  reads as a word
    """Switches the database's own keys off, as a stranger's tool would, and back on."""

    def __enter__(self) -> None:
        connection.ensure_connection()
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("PRAGMA foreign_keys = OFF")
            else:
                cursor.execute("SET session_replication_role = replica")

    def __exit__(self, *error: object) -> None:
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("PRAGMA foreign_keys = ON")
            else:
                cursor.execute("SET session_replication_role = DEFAULT")


@pytest.mark.django_db(transaction=True)
def test_uncited_statements_written_with_the_keys_switched_off_are_found(sound_archive):
    with unguarded():
        Citation._base_manager.all()._raw_delete("default")
        problems = [str(fault) for fault in verify()]
    assert sum("not one of its own citations" in problem for problem in problems) == 2


def test_a_fault_is_one_line_and_the_exit_status_is_one(sound_archive, capsys):
    raw(Battle, edition=9)
    with pytest.raises(SystemExit) as ended:
        call_command("verify")
    assert ended.value.code == 1
    assert len(capsys.readouterr().out.splitlines()) == len(list(verify()))


def test_faults_can_be_had_as_json(sound_archive, capsys):
    raw(Battle, edition=9)
    with pytest.raises(SystemExit):
        call_command("verify", json=True)
    faults = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    # A battle that no publication opened is in an edition now, but not in the search.
    assert {fault["what"] for fault in faults} == {"battle", "search"}


def test_verify_loads_no_text_for_each_passage(sound_archive, django_assert_max_num_queries):
    document = Document.objects.get()
    for quote in ("The Chronicle", "Northern", "Southern", "at dawn", "the ford"):
        make_published(battle=sound_archive.battle, passage=make_passage(quote, document=document))
    with django_assert_max_num_queries(90):
        assert list(verify()) == []


def test_every_text_is_read_from_its_bytes_anew_if_asked(sound_archive, capsys):
    call_command("verify", read_again=True)
    assert "1 documents read again" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"text_sha256": "0" * 64}, "its file now gives another text"),
        ({"lacks": "Page 7."}, "what its text lacks is not what it says"),
        ({"extractor": "PDF"}, "its file can no longer be read: The PDF is damaged"),
    ],
)
def test_a_file_that_reads_otherwise_is_found(sound_archive, values, words):
    raw(Document, **values)
    assert any(words in str(fault) for fault in verify(read_again=True))


def test_documents_of_extractors_of_the_past_are_counted_apart(sound_archive, capsys):
    raw(Document, extractor_version="0")
    call_command("verify", read_again=True)
    assert "1 documents of extractors that are no longer here" in capsys.readouterr().err
