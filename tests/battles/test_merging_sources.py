"""Sources that turn out to be one: evidence stays where it is, and addresses lead on."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from archive.exporting import export_archive
from archive.importing import import_archive
from archive.verification import verify
from battles.indexing import misheard
from battles.merging import CannotMerge, SourceMerger
from battles.models import Citation, Publication
from battles.publication import publish, withdraw
from sources import storage
from sources.bibliographies.entry import Entry
from sources.bibliographies.matching import Index
from sources.models import Derivation, Footnote, Passage, SearchEntry, Source
from tests.admin_forms import act, address, text_of
from tests.builders import (
    CHRONICLE,
    cite,
    make_document,
    make_locator,
    make_origin,
    make_passage,
    make_published,
    make_source,
    make_statement,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def bytes_of_the_chronicle() -> None:
    storage.store(io.BytesIO(CHRONICLE.encode()))


@pytest.fixture
def publisher() -> Client:
    user = User.objects.create_user("publisher", is_staff=True)
    user.groups.add(Group.objects.get(name="Publisher"))
    client = Client()
    client.force_login(user)
    return client


def public_source(slug: str, title: str) -> Source:
    """Make a source with a document that a published statement rests on."""
    source = make_source(slug=slug, title=title)
    make_published(passage=make_passage("2,689 killed", document=make_document(source=source)))
    source.refresh_from_db()
    return source


@pytest.fixture
def kept() -> Source:
    return public_source("chronicle", "Chronicle of the Ford")


@pytest.fixture
def merged() -> Source:
    return public_source("ford-chronicle", "The Ford Chronicle")


def test_a_public_source_stays_with_its_evidence_and_leads_on(
    kept: Source, merged: Source, client: Client
):
    evidence = list(Citation.objects.order_by("pk").values())
    records = list(Publication.objects.order_by("pk").values("pk", "record"))
    places = list(Passage.objects.order_by("pk").values())
    SourceMerger(merged, kept).run()
    assert list(Citation.objects.order_by("pk").values()) == evidence
    assert list(Publication.objects.order_by("pk").values("pk", "record")) == records
    assert list(Passage.objects.order_by("pk").values()) == places
    answer = client.get("/sources/ford-chronicle/")
    assert (answer.status_code, answer["Location"]) == (301, "/sources/chronicle/")
    page = " ".join(client.get("/sources/chronicle/").content.decode().split())
    assert "Recorded here before as" in page
    assert "The Ford Chronicle" in page
    for passage in Passage.objects.all():
        assert f"/passages/{passage.pk}/" in page or f"#p-{passage.pk}" in page
        assert client.get(f"/passages/{passage.pk}/").status_code == 200
    listed = client.get("/sources/").content.decode()
    assert "/sources/chronicle/" in listed
    assert "/sources/ford-chronicle/" not in listed
    assert list(verify()) == []


def test_search_finds_the_one_that_stays(kept: Source, merged: Source):
    def found() -> set[Any]:
        entries = SearchEntry.objects.filter(owner__in=[kept.pk, merged.pk])
        return set(entries.values_list("owner", flat=True))

    assert found() == {kept.pk, merged.pk}
    SourceMerger(merged, kept).run()
    assert found() == {kept.pk}


def test_whose_word_a_merged_source_carries_is_told_of_the_other(
    kept: Source, merged: Source, client: Client
):
    voice = make_origin("Northern envoys", slug="envoys")
    statement = make_statement()
    cite(statement, make_locator(source=merged), claimant=voice)
    publish([statement])
    SourceMerger(merged, kept).run()
    assert "/sources/chronicle/" in client.get("/sources/?claimant=envoys").content.decode()
    assert misheard([kept.pk, merged.pk]) == set()
    later = make_statement()
    cite(later, make_locator("p. 99", source=merged), claimant=make_origin("Late", slug="late"))
    publish([later])
    assert "/sources/chronicle/" in client.get("/sources/?claimant=late").content.decode()
    assert misheard([kept.pk, merged.pk]) == set()
    withdraw([later], "Misread.")
    assert misheard([kept.pk, merged.pk]) == set()
    assert list(verify()) == []


def test_a_battles_bibliography_names_the_one_that_stays(
    kept: Source, merged: Source, client: Client
):
    SourceMerger(merged, kept).run()
    statement = merged.passages.get().citations.get().statement
    where = reverse("battles:battle-bibliography", args=["bibtex", statement.battle.slug])
    taken = b"".join(client.get(where)).decode()
    assert "Chronicle of the Ford" in taken
    assert "The Ford Chronicle" not in taken


def test_supplied_notes_that_name_it_name_the_other_even_if_it_is_deleted(kept: Source):
    unseen = make_source(slug="unseen", title="Chronicle, by the ford")
    note = Footnote.objects.create(
        document=kept.documents.get(),
        marker="[7]",
        number=7,
        times=1,
        first=0,
        text="Chronicle, p. 4.",
        named_source=unseen,
        supplied=timezone.now(),
    )
    merger = SourceMerger(unseen, kept)
    assert ("notes supplied for documents that will name the other", 1) in merger.moves
    merger.run()
    note.refresh_from_db()
    assert note.named_source == kept
    assert not Source.objects.filter(pk=unseen.pk).exists()


def test_what_describes_it_leads_to_the_other(kept: Source, merged: Source):
    chapter, heir = make_source(contained_in=merged), make_source()
    older = make_source()
    Derivation.objects.create(source=heir, derives_from=merged)
    Derivation.objects.create(source=merged, derives_from=older)
    merged.identifiers.create(scheme="isbn", value="9780160837128")
    draft = make_statement()
    citation = cite(draft, make_locator(), named_source=merged)
    named = make_statement()
    public = cite(named, make_locator(), named_source=merged)
    publish([named])
    SourceMerger(merged, kept).run()
    chapter.refresh_from_db()
    citation.refresh_from_db()
    public.refresh_from_db()
    assert chapter.contained_in == kept
    assert list(heir.derives_from.all()) == [kept]
    assert list(kept.derives_from.all()) == [older]
    assert kept.identifiers.get().value == "9780160837128"
    assert (citation.named_source, public.named_source) == (kept, merged)


def test_a_source_that_nothing_rests_on_is_deleted(kept: Source):
    merged = make_source(title="Typed twice")
    draft = make_statement()
    citation = cite(draft, make_locator("p. 3", source=merged))
    merger = SourceMerger(merged, kept)
    assert not merger.stays
    merger.run()
    citation.passage.refresh_from_db()
    assert citation.passage.source == kept
    assert not Source.objects.filter(title="Typed twice").exists()


def test_documents_that_nobody_has_seen_stay_where_they_are(kept: Source):
    merged = make_source(title="Typed twice")
    document = make_document(source=merged)
    SourceMerger(merged, kept).run()
    merged.refresh_from_db()
    document.refresh_from_db()
    assert (merged.merged_into, document.source) == (kept, merged)


@pytest.mark.parametrize("what", ["voices", "unseen", "within", "rests"])
def test_sources_that_cannot_be_merged_say_why(kept: Source, merged: Source, what: str):
    other, why = make_source(title="Other"), ""
    match what:
        case "voices":
            other, why = make_source(origin=make_origin("Others")), "settle whose voice it is first"
        case "unseen":
            why = "keep the first instead"
        case "within":
            Source.objects.filter(pk=merged.pk).update(contained_in=kept)
            other, why = kept, "One is contained in the other"
        case "rests":
            Derivation.objects.create(source=kept, derives_from=merged)
            other, why = kept, "One is said to rest on the other"
    with pytest.raises(CannotMerge, match=why):
        SourceMerger(merged, other).run()
    merged.refresh_from_db()
    assert merged.merged_into is None


def test_it_is_done_in_the_admin(publisher: Client, kept: Source, merged: Source):
    page = act(publisher, Source, "merge_two", [kept, merged])
    where = f"{address(merged, 'merge')}?into={kept.pk}"
    page = publisher.get(where)
    assert "Passages that stay with it, and that the page of the other will list" in text_of(page)
    done = publisher.post(where, {"shown": page.context["shown"]}, follow=True)
    assert "“The Ford Chronicle” is merged into “Chronicle of the Ford”." in text_of(done)
    assert "It was merged into" in text_of(publisher.get(address(merged)))
    query = {"app_label": "battles", "model_name": "citation", "field_name": "named_source"}
    found = publisher.get(reverse("admin:autocomplete"), query | {"term": "chronicle"}).json()
    assert [row["id"] for row in found["results"]] == [str(kept.pk)]


def test_a_bundle_carries_the_redirect(
    kept: Source, merged: Source, tmp_path: Path, transactional_db: None, client: Client
):
    SourceMerger(merged, kept).run()
    counts = export_archive(tmp_path / "bundle")
    call_command("flush", interactive=False, verbosity=0)
    import_archive(tmp_path / "bundle")
    assert list(verify()) == []
    assert client.get("/sources/ford-chronicle/")["Location"] == "/sources/chronicle/"
    assert export_archive(tmp_path / "second") == counts


def test_a_bibliography_finds_the_one_that_stays(kept: Source, merged: Source):
    number = ("isbn", "9780160837128")
    merged.identifiers.create(scheme=number[0], value=number[1])
    assert Index().matches(Entry(identifiers=[number]))[0] == [merged.pk]
    SourceMerger(merged, kept).run()
    assert Index().matches(Entry(identifiers=[number]))[0] == [kept.pk]
