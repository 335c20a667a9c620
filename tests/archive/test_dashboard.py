"""The front page of the admin says what waits, and each count leads to just those rows."""

import re

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from archive.models import KnownFault, Verification
from archive.worklists import WORK_LISTS
from battles.kinds import Kind
from battles.models import Citation, Statement
from battles.publication import open_revision, publish
from sources.models import Displacement, Footnote, Passage
from tests.admin_forms import text_of
from tests.builders import (
    CHRONICLE,
    cite,
    make_battle,
    make_curator,
    make_document,
    make_locator,
    make_origin,
    make_passage,
    make_published,
    make_question,
    make_source,
    make_statement,
    store_chronicle,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def curator() -> Client:
    client = Client()
    client.force_login(make_curator())
    return client


def add_work() -> None:
    """Add at least one row to every work list, and rows beside them that wait for nothing."""
    battle = make_battle()
    make_statement(battle=battle)
    cite(make_statement(battle=battle, state="in_review"))
    open_revision(make_published(battle=battle))
    make_published(battle=battle, text="They crossed.")
    make_published(
        battle=battle,
        text="They waited.",
        passage=make_passage(
            document=make_document(source=make_source(origin=make_origin("Southern Staff")))
        ),
    )
    cite(make_statement(Kind.NAME, battle=battle))
    source = make_source()
    make_locator(source=source)
    document = make_document(source=source)
    newer = make_document("Nothing of it is left.", source=source)
    for outcome in Displacement.Outcome.values:
        passage = make_passage(document=document)
        Displacement.objects.create(passage=passage, document=newer, outcome=outcome)
    make_document("")
    Footnote.objects.create(document=newer, marker="[7]", number=7, times=1, first=0)
    verification = Verification.objects.create(fault_count=1)
    KnownFault.objects.create(
        verification=verification, what="passage", which="p", problem="It lies beyond the text."
    )


def links(page: str) -> dict[str, int]:
    """Return address → count of each list that the front page names as waiting."""
    rows = r'<a href="([^"]+)">[^<]*</a>\s*<p>[^<]*</p>\s*</th>\s*<td class="count">([\d,]+)</td>'
    found = re.findall(rows, page)
    return {where: int(count.replace(",", "")) for where, count in found}


def counts_and_lists(client: Client) -> dict[str, int]:
    """Return what the front page counts, each compared with the list that it leads to."""
    found = links(client.get(reverse("admin:index")).content.decode())
    for where, count in found.items():
        assert client.get(where).context["cl"].result_count == count, where
    return found


@pytest.mark.parametrize("role", ["Curator", "Publisher", "administrator"])
def test_each_count_leads_to_a_list_of_as_many_rows(client, role):
    user = User.objects.create_user("someone", is_staff=True, is_superuser=role == "administrator")
    user.groups.set(Group.objects.filter(name=role))
    client.force_login(user)
    add_work()
    add_work()
    assert set(counts_and_lists(client)) == {work.address for work in WORK_LISTS}


def test_counts_follow_what_is_done(curator, settings, tmp_path):
    settings.FILES_ROOT = tmp_path / "store"
    document = store_chronicle()
    passage = make_passage("2,689 killed", document=document)
    published = make_published(passage=passage)
    assert work_of(counts_and_lists(curator)) == {"unread": 1}
    newer = tmp_path / "newer.txt"
    newer.write_text("A preface.\n\n" + CHRONICLE.replace("2,689 killed", "2,700 killed"))
    call_command("ingest", newer, source=document.source.slug, verbosity=0)
    found = work_of(counts_and_lists(curator))
    assert sum(found.get(outcome, 0) for outcome in Displacement.Outcome.values) == 1
    open_revision(published)
    assert work_of(counts_and_lists(curator))["recheck"] == 1
    Passage._base_manager.update(public=False)
    with pytest.raises(SystemExit):
        call_command("verify")
    assert work_of(counts_and_lists(curator))["faults"] >= 1


def work_of(found: dict[str, int]) -> dict[str, int]:
    return {where.partition("work=")[2]: count for where, count in found.items()}


def test_what_waits_for_nobody_is_named_as_none(curator):
    page = text_of(curator.get(reverse("admin:index")))
    assert "Nothing waits for you." in page
    assert "Drafts that nothing supports" in page
    assert "The archive was not verified yet" in page


def test_a_draft_with_support_and_a_published_statement_are_not_uncited():
    cite(make_statement())
    make_published()
    disputed = make_statement()
    cite(disputed, bearing="disputes")
    assert list(Statement.objects.uncited()) == [disputed]


def test_sentences_of_one_claimant_have_no_rival_to_be_compared_with():
    battle = make_battle()
    voice = make_source(origin=make_origin("Northern Staff"))
    for words in ("They crossed.", "They waited."):
        document = make_document(f"{words} 2,689 killed", source=voice)
        make_published(battle=battle, text=words, passage=make_passage(document=document))
    assert not Statement.objects.uncompared().exists()
    other = make_source(origin=make_origin("Southern Staff"))
    rival = make_statement(battle=battle, text="Nobody crossed.")
    rival.question = make_question(battle=battle)
    rival.save()
    cite(rival, make_passage(document=make_document("South: 2,689 killed", source=other)))
    publish([rival])
    waiting = Statement.objects.uncompared()
    assert {statement.text for statement in waiting} == {"They crossed.", "They waited."}


def test_the_front_page_asks_as_much_for_many_rows_as_for_few(curator):
    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            curator.get(reverse("admin:index"))
        return len(captured)

    add_work()
    asked()
    few = asked()
    for _ in range(4):
        add_work()
    assert asked() == few
    assert few <= len(WORK_LISTS) + 8


def test_it_shows_only_lists_that_someone_may_open():
    user = User.objects.create_user("reader", password="ford-and-river", is_staff=True)
    client = Client()
    client.force_login(user)
    add_work()
    assert links(client.get(reverse("admin:index")).content.decode()) == {}
    user.groups.add(Group.objects.get(name="Curator"))
    assert len(links(client.get(reverse("admin:index")).content.decode())) == len(WORK_LISTS)


def test_faults_of_the_last_verification_alone_are_kept(settings, tmp_path):
    settings.FILES_ROOT = tmp_path / "store"
    make_published(passage=make_locator())
    call_command("verify")
    assert Verification.objects.get().fault_count == 0
    Passage._base_manager.update(public=False)
    with pytest.raises(SystemExit):
        call_command("verify")
    faults = [str(fault) for fault in KnownFault.objects.of_last_verification()]
    assert Verification.objects.latest("pk").fault_count == len(faults)
    assert any(fault.endswith("is not public") for fault in faults)
    Passage._base_manager.update(public=True)
    call_command("verify")
    assert not KnownFault.objects.exists()


def test_a_citation_of_a_revision_waits_until_it_was_read_again():
    revision = open_revision(make_published())
    [citation] = revision.citations.all()
    assert list(Citation.objects.to_recheck()) == [citation]
    citation.recheck()
    citation.save()
    assert not Citation.objects.to_recheck().exists()
