"""The review of statements: steps with who and when, queues, comments, citations re-checked."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from battles.models import Citation, Remark, Statement
from battles.publication import CannotPublish, open_revision, publish, withdraw
from tests.admin_forms import act, address, delete, save, text_of
from tests.builders import (
    cite,
    make_battle,
    make_document,
    make_origin,
    make_passage,
    make_published,
    make_statement,
    rechecked,
)

pytestmark = pytest.mark.django_db


def client_of(group: str, name: str = "") -> Client:
    user = User.objects.create_user(name or group.lower(), is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def curator() -> Client:
    return client_of("Curator")


@pytest.fixture
def publisher() -> Client:
    return client_of("Publisher")


def step(client: Client, statement: Statement, name: str, **sent: Any) -> Any:
    statement.refresh_from_db()
    data = {"version": statement.version, **sent}
    return client.post(address(statement, name), data, follow=True)


def lines(client: Client, statement: Statement) -> list[tuple[str, str, str]]:
    """Return what the page of a statement tells of its review: who, what, and in which words."""
    page = client.get(address(statement))
    return [(line.who, line.did, line.text) for line in page.context["thread"]]


# Steps ------------------------------------------------------------------------------------------


def test_each_step_is_told_with_who_took_it_and_when(curator: Client, publisher: Client):
    draft = make_statement()
    cite(draft)
    step(curator, draft, "review")
    step(publisher, draft, "return", comment="The quote ends too early.")
    step(curator, draft, "review")
    step(publisher, draft, "publish")
    step(publisher, draft, "withdraw", reason="Misread.")
    assert lines(curator, draft) == [
        ("curator", "sent it for review", ""),
        ("publisher", "sent it back", "The quote ends too early."),
        ("curator", "sent it for review", ""),
        ("publisher", "published it (edition 1)", ""),
        ("publisher", "withdrew it (edition 2)", "Misread."),
    ]
    page = curator.get(address(draft)).content.decode()
    assert page.count("<time datetime=") == 5


def test_a_step_from_the_list_is_told_too(curator: Client):
    draft, other = make_statement(), make_statement()
    act(curator, Statement, "send_for_review", [draft, other])
    assert set(Remark.objects.values_list("statement", "step", "by_name")) == {
        (draft.pk, "in_review", "curator"),
        (other.pk, "in_review", "curator"),
    }


def test_a_step_that_was_not_taken_is_not_told(curator: Client):
    published = make_published()
    act(curator, Statement, "send_for_review", [published])
    assert not Remark.objects.exists()


def test_who_took_a_step_is_told_after_the_account_is_gone(curator: Client):
    draft = make_statement()
    step(client_of("Curator", "ann"), draft, "review")
    User.objects.get(username="ann").delete()
    assert lines(curator, draft) == [("ann", "sent it for review", "")]


def test_the_review_of_a_revision_goes_on_with_what_it_revised(publisher: Client):
    public = make_published()
    revision = open_revision(public)
    step(publisher, revision, "comment", comment="The date is new.")
    rechecked(revision)
    step(publisher, revision, "publish")
    assert ("publisher", "wrote", "The date is new.") in lines(publisher, public)


def test_the_review_of_a_deleted_draft_goes_with_it(curator: Client):
    draft = make_statement()
    step(curator, draft, "review")
    delete(curator, draft)
    assert not Statement.objects.exists()
    assert not Remark.objects.exists()


# Queues -----------------------------------------------------------------------------------------


def test_the_list_counts_each_queue_and_leads_there(curator: Client):
    battle = make_battle()
    for _ in range(2):
        make_statement(battle=battle)
    act(curator, Statement, "send_for_review", [make_statement(battle=battle)])
    make_published(battle=battle)
    withdraw([make_published(battle=battle)], "Misread.")
    page = curator.get(address(Statement, "changelist"))
    queues = page.context["queues"]
    assert [(queue.label, queue.number) for queue in queues] == [
        ("draft", 2),
        ("in review", 1),
        ("published", 1),
        ("withdrawn", 1),
    ]
    for queue in queues:
        assert curator.get(queue.address).context["cl"].result_count == queue.number
    listed = text_of(curator.get(queues[1].address))
    assert "curator sent it for review, " in listed
    assert 'aria-current="true">In review' in listed


def test_the_list_costs_the_same_queries_with_one_statement_or_many(curator: Client):
    def queries() -> int:
        with CaptureQueriesContext(connection) as counted:
            curator.get(address(Statement, "changelist"))
        return len(counted)

    battle = make_battle()
    step(curator, make_statement(battle=battle), "review")
    make_published(battle=battle)
    curator.get(address(Statement, "changelist"))
    few = queries()
    for _ in range(4):
        step(curator, make_statement(battle=battle), "review")
        make_published(battle=battle)
    assert queries() == few


# Comments ---------------------------------------------------------------------------------------


def test_a_comment_is_kept_with_who_wrote_it_and_changes_nothing_else(curator: Client):
    public = make_published()
    version = public.version
    page = step(curator, public, "comment", comment="Is <b>this</b> all?")
    assert "Readers never see it." in text_of(page)
    assert "Is &lt;b&gt;this&lt;/b&gt; all?" in text_of(page)
    assert lines(curator, public)[-1] == ("curator", "wrote", "Is <b>this</b> all?")
    public.refresh_from_db()
    assert public.version == version


def test_readers_see_no_comment(curator: Client, client: Client):
    public = make_published()
    step(curator, public, "comment", comment="Zanzibar")
    for where in (public.get_absolute_url(), public.battle.get_absolute_url()):
        assert "Zanzibar" not in client.get(where).content.decode()


def test_an_empty_comment_is_refused(curator: Client):
    draft = make_statement()
    page = step(curator, draft, "comment", comment="  ")
    assert "Write what you have to say." in text_of(page)
    assert not Remark.objects.exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        Remark.objects.create(statement=draft)


def test_who_may_not_comment_does_not(client: Client):
    draft = make_statement()
    where = address(draft, "comment")
    assert client.post(where, {"comment": "x"}).status_code == 403
    user = User.objects.create_user("guest", is_staff=True)
    client.force_login(user)
    assert client.post(where, {"comment": "x"}).status_code == 403
    assert client.get(where).status_code in {403, 405}
    assert not Remark.objects.exists()


# Citations of a revision ------------------------------------------------------------------------


@pytest.fixture
def revision() -> Statement:
    """A revision with two citations, none of them re-checked."""
    document = make_document()
    public = make_statement("casualties")
    cite(public, make_passage("2,689 killed", document=document))
    cite(public, make_passage("32,253", document=document))
    publish([public])
    public.refresh_from_db()
    return open_revision(public)


def recheck(client: Client, citation: Citation) -> Any:
    citation.statement.refresh_from_db()
    return client.post(
        address(citation.statement, "recheck"),
        {"citation": citation.pk, "version": citation.statement.version},
        follow=True,
    )


def marks(revision: Statement) -> list[str]:
    rows = Citation.objects.filter(statement=revision).order_by("created", "pk")
    return [row.rechecked_by_name if row.rechecked_at else "" for row in rows]


def test_a_revision_waits_until_each_of_its_citations_is_rechecked(
    publisher: Client, revision: Statement
):
    one, two = revision.citations.all()
    with pytest.raises(CannotPublish, match="2 of its 2 citations are still to be re-checked"):
        publish([revision])
    recheck(publisher, one)
    page = step(publisher, revision, "publish")
    assert "1 of its 2 citations are still to be re-checked" in text_of(page)
    page = recheck(publisher, two)
    assert "All its citations are re-checked." in text_of(page)
    step(publisher, revision, "publish")
    assert not Statement.objects.drafts().exists()
    kept = Citation.objects.filter(statement=revision.revises_id)
    assert {(row.rechecked_by_name, row.rechecked_at is not None) for row in kept} == {
        ("publisher", True)
    }


def test_the_next_revision_begins_unchecked(publisher: Client, revision: Statement):
    publish(rechecked(revision))
    again = open_revision(Statement.objects.get())
    assert marks(again) == ["", ""]


def test_the_page_shows_what_was_published_beside_the_revision(
    curator: Client, revision: Statement
):
    revision.value = 2698
    revision.save()
    page = text_of(curator.get(address(revision, "recheck")))
    assert "2,689" in page
    assert "2,698" in page
    assert "No quote it cites contains the figure 2,698." in page
    assert page.count("It holds</button>") == 2


def test_a_mark_goes_when_the_citation_is_changed(curator: Client, revision: Statement):
    one, two = revision.citations.all()
    recheck(curator, one)
    recheck(curator, two)
    one.refresh_from_db()
    one.bearing = "context"
    one.save()
    assert marks(revision) == ["", "curator"]
    two.refresh_from_db()
    two.claimant = make_origin("Somebody else")
    two.save()
    assert marks(revision) == ["", ""]


def test_a_mark_stays_when_only_a_note_is_changed(curator: Client, revision: Statement):
    one, _ = revision.citations.all()
    recheck(curator, one)
    save(curator, address(revision), citations__0__note="See the map.")
    assert marks(revision) == ["curator", ""]


def test_all_marks_go_when_a_value_is_changed(curator: Client, revision: Statement):
    for citation in revision.citations.all():
        recheck(curator, citation)
    save(curator, address(revision), inference="Read again.")
    assert marks(revision) == ["curator", "curator"]
    save(curator, address(revision), value="2690")
    assert marks(revision) == ["", ""]


def test_a_mark_on_what_somebody_changed_since_is_refused(curator: Client, revision: Statement):
    one, _ = revision.citations.all()
    version = revision.version
    revision.value = 7
    revision.save()
    page = curator.post(
        address(revision, "recheck"), {"citation": one.pk, "version": version}, follow=True
    )
    assert "Nothing was marked" in text_of(page)
    assert marks(revision) == ["", ""]


def test_only_a_citation_of_the_revision_can_be_marked(curator: Client, revision: Statement):
    other = cite(make_statement())
    curator.post(address(revision, "recheck"), {"citation": other.pk, "version": revision.version})
    curator.post(address(revision, "recheck"), {"citation": "nothing", "version": revision.version})
    assert not Citation.objects.exclude(rechecked_at=None).exists()


def test_only_revisions_are_rechecked_and_only_by_those_who_draft(
    curator: Client, client: Client, revision: Statement
):
    assert curator.get(address(make_statement(), "recheck")).status_code == 403
    assert curator.get(address(revision, "recheck")).status_code == 200
    where = reverse("admin:battles_statement_recheck", args=[make_battle().pk])
    assert curator.get(where).status_code == 302
    citation = revision.citations.first()
    data = {"citation": citation.pk, "version": revision.version}
    assert client.post(address(revision, "recheck"), data).status_code == 403
    client.force_login(User.objects.create_user("guest", is_staff=True))
    assert client.get(address(revision, "recheck")).status_code == 403
    assert client.post(address(revision, "recheck"), data).status_code == 403
    assert marks(revision) == ["", ""]


def test_the_revisions_own_page_says_which_citations_are_rechecked(
    curator: Client, revision: Statement
):
    recheck(curator, revision.citations.first())
    page = text_of(curator.get(address(revision)))
    assert ", by curator" in page
    assert "Not yet." in page
    assert "Re-check citations" in page


# What was typed, where somebody else was faster ---------------------------------------------------


@pytest.mark.parametrize(("step", "state"), [("withdraw", "published"), ("return", "in_review")])
def test_words_typed_for_a_step_are_given_back_when_somebody_else_was_faster(
    curator: Client, step: str, state: str
):
    row = make_published() if state == "published" else make_statement(state=state)
    typed = {"reason": "Typed with care.", "comment": "Typed with care.", "version": row.version}
    Statement._base_manager.filter(pk=row.pk).update(version=row.version + 1)
    page = curator.post(address(row, step), typed)
    assert page.status_code == 409
    assert "Somebody else changed this statement" in text_of(page)
    assert "Typed with care." in text_of(page)
    row.refresh_from_db()
    assert row.state == state


@pytest.mark.parametrize("step", ["comment", "return"])
def test_a_comment_on_a_statement_deleted_meanwhile_is_given_back(curator: Client, step: str):
    row = make_statement(state="in_review")
    where = address(row, step)
    row.delete()
    page = curator.post(where, {"comment": "Typed with care.", "version": row.version})
    assert page.status_code == 409
    assert "Typed with care." in text_of(page)


def test_a_reason_for_what_was_changed_meanwhile_is_given_back(curator: Client):
    row, other = make_published(), make_published(battle=make_battle("Battle of the Bridge"))
    data = {"action": "withdraw", "_selected_action": [row.pk], "reason": "Typed with care."}
    page = curator.post(address(Statement, "changelist"), data | {f"version-{row.pk}": 0})
    assert page.status_code == 409
    assert "Typed with care." in text_of(page)
    data = {"action": "publish", "_selected_action": [row.pk, other.pk]}
    data |= {f"version-{row.pk}": 0, f"version-{other.pk}": other.version}
    data |= {f"reason-{row.pk}": "A later count."}
    page = curator.post(address(Statement, "changelist"), data, follow=True)
    assert "for which you typed: “A later count.”" in text_of(page)
