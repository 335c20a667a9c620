"""Lists and their confirmation pages act on rows as the curator saw them, and on no others."""

import re

import pytest
from django.test import Client

from battles.models import Battle, Citation, Statement
from sources.models import Source
from tests.admin_forms import act, address, save, text_of
from tests.builders import (
    cite,
    make_battle,
    make_curator,
    make_published,
    make_source,
    make_statement,
)

pytestmark = pytest.mark.django_db

LIST = address(Statement, "changelist")


@pytest.fixture
def publisher() -> Client:
    client = Client()
    client.force_login(make_curator("Publisher"))
    return client


@pytest.fixture
def other() -> Client:
    client = Client()
    client.force_login(make_curator())
    return client


def sent_from(page) -> dict[str, str]:
    """Return the hidden fields of a page, as its form sends them; those chosen as a list."""
    fields: dict = {"_selected_action": []}
    for field in re.findall(r'<input type="hidden"[^>]*>', page.content.decode()):
        name, value = re.search(r'name="([^"]*)"(?: value="([^"]*)")?', field).groups()
        if name == "_selected_action":
            fields[name].append(value)
        elif name != "csrfmiddlewaretoken":
            fields[name] = value or ""
    return fields


def choose(client: Client, page, action: str, *rows, **more) -> object:
    """Choose rows of a list that was opened before, and an action."""
    ids = [str(row.pk) for row in rows]
    data = sent_from(page) | {"action": action, "_selected_action": ids, "index": "0", **more}
    return client.post(LIST, data, follow=True)


def states() -> dict[str, str]:
    return dict(Statement.objects.values_list("text", "state"))


# Actions ----------------------------------------------------------------------------------------


def test_a_row_changed_since_the_list_was_seen_is_left_and_the_others_are_done(
    publisher: Client, other: Client
):
    first, second = make_statement(text="First."), make_statement(text="Second.")
    page = publisher.get(LIST)
    save(other, address(first), text="First, reworded.")
    told = text_of(choose(publisher, page, "send_for_review", first, second))
    assert states() == {"First, reworded.": "draft", "Second.": "in_review"}
    assert "Left as they are" in told
    assert "First, reworded." in told.partition("Left as they are")[2][:400]


def test_a_citation_that_came_meanwhile_counts_as_a_change(publisher: Client):
    draft = make_statement(text="First.")
    page = publisher.get(LIST)
    cite(draft)
    choose(publisher, page, "send_for_review", draft)
    assert states() == {"First.": "draft"}


@pytest.mark.parametrize("version", ["", "0", "2", "one", "1\0", "-1", "1,1"])
def test_a_choice_with_a_forged_version_is_refused(publisher: Client, version: str):
    draft = make_statement(text="First.")
    act(publisher, Statement, "send_for_review", [draft], **{f"version-{draft.pk}": version})
    assert states() == {"First.": "draft"}


def test_a_choice_without_a_version_is_refused(publisher: Client):
    draft = make_statement(text="First.")
    data = {"action": "send_for_review", "_selected_action": [str(draft.pk)]}
    assert "Left as they are" in text_of(publisher.post(LIST, data, follow=True))
    assert states() == {"First.": "draft"}


def test_a_row_deleted_meanwhile_is_told(publisher: Client):
    draft, kept = make_statement(text="First."), make_statement(text="Second.")
    page = publisher.get(LIST)
    Statement.objects.get(pk=draft.pk).delete()
    told = text_of(choose(publisher, page, "send_for_review", draft, kept))
    assert "1 of those you chose had been deleted meanwhile." in told
    assert states() == {"Second.": "in_review"}


def test_what_is_no_id_changes_nothing(publisher: Client):
    draft = make_statement(text="First.")
    act(publisher, Statement, "send_for_review", [draft], _selected_action=["x", str(draft.pk)])
    assert states() == {"First.": "draft"}


def test_all_of_a_long_list_are_chosen_if_none_changed_since_it_was_seen(
    publisher: Client, other: Client, monkeypatch
):
    monkeypatch.setattr("battles.admin.statements.StatementAdmin.list_per_page", 1)
    first = make_statement(text="First.")
    make_statement(text="Second.")
    page = publisher.get(LIST)
    save(other, address(first), text="First, reworded.")
    told = choose(publisher, page, "send_for_review", first, select_across="1")
    assert "The list is not the one you saw" in text_of(told)
    assert states() == {"First, reworded.": "draft", "Second.": "draft"}
    page = publisher.get(LIST)
    choose(publisher, page, "send_for_review", first, select_across="1")
    assert set(states().values()) == {"in_review"}


def test_all_of_a_list_cannot_be_chosen_without_having_seen_it(publisher: Client):
    draft = make_statement(text="First.")
    act(publisher, Statement, "send_for_review", [draft], select_across="1")
    assert states() == {"First.": "draft"}


# Confirmation pages -----------------------------------------------------------------------------


def test_what_is_revised_while_its_withdrawal_is_confirmed_stays_public(
    publisher: Client, other: Client
):
    public, twin = make_published(text="First."), make_published(text="Second.")
    page = act(publisher, Statement, "withdraw", [public, twin])
    Statement._base_manager.filter(pk=public.pk).update(version=99)
    told = publisher.post(LIST, sent_from(page) | {"reason": "Misread."}, follow=True)
    assert states() == {"First.": "published", "Second.": "withdrawn"}
    assert "Left as they are" in text_of(told)


@pytest.mark.parametrize("make", [make_statement, make_battle, make_source])
def test_what_is_edited_while_its_deletion_is_confirmed_is_kept(publisher: Client, make):
    row = make()
    model, where = type(row), address(row, "delete")
    one, many = publisher.get(where), act(publisher, type(row), "delete_selected", [row])
    row.save()
    page = publisher.post(where, sent_from(one), follow=True)
    assert "Nothing was deleted; this is what is stored now." in text_of(page)
    publisher.post(address(model, "changelist"), sent_from(many), follow=True)
    assert model.objects.filter(pk=row.pk).exists()


def test_a_citation_is_deleted_as_its_statement_was_seen(publisher: Client):
    kept = cite(make_statement())
    where = address(kept, "delete")
    page = publisher.get(where)
    kept.statement.refresh_from_db()
    kept.statement.save()
    publisher.post(where, sent_from(page))
    act(publisher, Citation, "delete_selected", [kept], post="yes", **{f"version-{kept.pk}": 1})
    assert Citation.objects.exists()
    publisher.post(where, sent_from(publisher.get(where)))
    assert not Citation.objects.exists()


@pytest.mark.parametrize("version", [{}, {"version": ""}, {"version": "1\0"}, {"version": "7"}])
def test_nothing_is_deleted_without_the_version_that_was_seen(publisher: Client, version):
    battle = make_battle()
    publisher.post(address(battle, "delete"), {"post": "yes", **version})
    assert Battle.objects.exists()


@pytest.mark.parametrize("make", [make_statement, make_battle, make_source])
def test_what_is_as_it_was_seen_is_deleted(publisher: Client, make):
    row, selected = make(), make(**({} if make is make_statement else {"slug": "another"}))
    publisher.post(address(row, "delete"), sent_from(publisher.get(address(row, "delete"))))
    page = act(publisher, type(row), "delete_selected", [selected])
    publisher.post(address(type(row), "changelist"), sent_from(page))
    assert not type(row).objects.filter(pk__in=[row.pk, selected.pk]).exists()


def test_a_source_deleted_while_it_is_edited_gives_back_what_was_typed(
    publisher: Client, other: Client
):
    source = make_source()
    data = {"version": source.version, "title": "Typed in vain"}
    publisher.post(address(source, "delete"), {"post": "yes", "version": source.version})
    assert not Source.objects.exists()
    page = other.post(address(source), data)
    assert page.status_code == 409
    assert "Typed in vain" in text_of(page)
