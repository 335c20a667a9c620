"""A form that could not be received gives back what was typed; nothing is saved by itself."""

import json
import re
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from battles.models import Battle, Citation, Reading, Statement
from battles.publication import publish_reading
from battles.readings import mark
from sources.anchoring import Span
from sources.models import Document, Source
from tests.admin_forms import address, filled, text_of
from tests.archive import test_access
from tests.archive.test_access import FOUND, Who, declared, sent_to
from tests.archive.test_access import address as page_address
from tests.builders import (
    cite,
    make_battle,
    make_curator,
    make_document,
    make_passage,
    make_published,
    make_side,
    make_statement,
)

pytestmark = pytest.mark.django_db

every_row = test_access.rows

HERE = {"Origin": "http://testserver"}


@pytest.fixture
def battle() -> Battle:
    battle = make_battle("Battle of the Ford")
    make_side("North", battle=battle)
    return battle


@pytest.fixture
def curator() -> Client:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_curator())
    return client


def typed_into(client: Client, row: Battle) -> dict[str, str]:
    """Open a form and type into it."""
    page = client.get(address(row))
    typed = {"name": "Battle of the <Bridge>", "sides-0-name": "League", "_save": "Save"}
    return filled(page) | typed | {"csrfmiddlewaretoken": token_in(page)}


def token_in(page) -> str:
    return re.search(r'name="csrfmiddlewaretoken" value="([^"]*)"', page.content.decode())[1]


def hidden_in(page) -> dict[str, str]:
    """Return what the button of the page sends."""
    form = page.content.decode().partition('<div id="content-main">')[2].partition("</form>")[0]
    fields = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', form)
    return {name: value.replace("&lt;", "<").replace("&gt;", ">") for name, value in fields}


def sent_by(page) -> dict[str, list[str]]:
    """Return what the button of the page sends, all of what has one name."""
    sent: dict[str, list[str]] = {}
    for name, value in page.context["sent"]:
        sent.setdefault(name, []).append(value)
    return sent | {"_shown_again": ["1"], "csrfmiddlewaretoken": [token_in(page)]}


def sign_out_elsewhere(client: Client) -> None:
    """End the session, as time does; the token of forms stays."""
    del client.cookies[settings.SESSION_COOKIE_NAME]


def sign_in_again(client: Client, **who) -> None:
    client.force_login(User.objects.get(**who))


def test_what_was_typed_after_the_sign_in_ended_comes_back_into_the_form(
    curator: Client, battle: Battle
):
    data = typed_into(curator, battle)
    sign_out_elsewhere(curator)
    page = curator.post(address(battle), data)
    assert page.status_code == 403
    assert "Nothing was saved, and nothing is lost while this page is open." in text_of(page)
    assert "Battle of the &lt;Bridge&gt;" in text_of(page)
    assert "no-store" in page["Cache-Control"]
    sign_in_again(curator, username="curator")
    form = curator.post(address(battle), hidden_in(page), headers=HERE)
    assert filled(form)["name"] == "Battle of the <Bridge>"
    assert filled(form)["sides-0-name"] == "League"
    assert "Nothing is saved until you save it." in text_of(form)
    battle.refresh_from_db()
    assert battle.name == "Battle of the Ford"
    curator.post(address(battle), filled(form) | {"csrfmiddlewaretoken": token_in(form)})
    battle.refresh_from_db()
    assert battle.name == "Battle of the <Bridge>"
    assert battle.sides.get().name == "League"


def test_a_new_row_comes_back_too(curator: Client):
    page = curator.get(address(Battle, "add"))
    data = filled(page) | {"name": "New", "slug": "new", "csrfmiddlewaretoken": token_in(page)}
    sign_out_elsewhere(curator)
    page = curator.post(address(Battle, "add"), data)
    sign_in_again(curator, username="curator")
    form = curator.post(address(Battle, "add"), hidden_in(page), headers=HERE)
    assert (filled(form)["name"], Battle.objects.count()) == ("New", 0)


def test_a_wrong_token_from_our_own_page_gives_back_what_was_typed(curator: Client, battle: Battle):
    data = typed_into(curator, battle) | {"csrfmiddlewaretoken": "x" * 64}
    page = curator.post(address(battle), data, headers=HERE)
    assert page.status_code == 403
    form = curator.post(address(battle), hidden_in(page) | {"csrfmiddlewaretoken": token_in(page)})
    assert filled(form)["name"] == "Battle of the <Bridge>"
    battle.refresh_from_db()
    assert battle.name == "Battle of the Ford"


@pytest.mark.parametrize(
    "headers", [{}, {"Origin": "https://elsewhere.example"}, {"Origin": "null"}]
)
def test_what_another_site_sends_is_not_taken_up(curator: Client, battle: Battle, headers):
    data = typed_into(curator, battle) | {"csrfmiddlewaretoken": "x" * 64}
    page = curator.post(address(battle), data, headers=headers)
    assert page.status_code == 403
    assert "Bridge" not in text_of(page)
    assert 'name="csrfmiddlewaretoken"' not in text_of(page)


def test_another_person_who_signs_in_gets_none_of_it(curator: Client, battle: Battle):
    data = typed_into(curator, battle)
    sign_out_elsewhere(curator)
    curator.post(address(battle), data)
    make_curator("other")
    sign_in_again(curator, username="other")
    for where in ("/admin/", address(battle)):
        assert "Bridge" not in text_of(curator.get(where))
    assert "Bridge" not in str(curator.session.items())


def test_who_may_not_change_a_row_is_refused_with_the_form_given_back_too(
    client: Client, battle: Battle
):
    client.force_login(make_curator("other", email="o@archive.example"))
    User.objects.filter(username="other").update(is_superuser=False)
    assert client.post(address(battle), {"_shown_again": "1", "name": "X"}).status_code == 403


def test_files_are_left_out_and_named(client: Client):
    upload = SimpleUploadedFile("chronicle.txt", b"The army crossed.")
    page = client.post(address(Battle, "add"), {"name": "New", "file": upload})
    assert "Files are not kept; choose again: chronicle.txt." in text_of(page)


def test_passwords_and_other_forms_are_never_shown_back(client: Client):
    for where in ("/admin/auth/user/add/", "/admin/account/password/change/"):
        page = client.post(where, {"password1": "ford-and-river", "usable_password": "true"})
        assert "/login/" in page["Location"]


# At the desk ------------------------------------------------------------------------------------


def given_back(client: Client, where: str, opened: str, data: dict[str, Any]) -> tuple[Any, Any]:
    """Send a form after the sign-in ended; return what is answered, and the form after it anew."""
    token = token_in(client.get(opened))
    sign_out_elsewhere(client)
    page = client.post(where, data | {"csrfmiddlewaretoken": token})
    assert page.status_code == 403
    sign_in_again(client, username="curator")
    return page, client.post(where, sent_by(page), headers=HERE)


def desk_of(document: Document) -> str:
    return reverse("admin:battles_statement_read", args=[document.pk])


def test_what_was_pasted_at_the_desk_comes_back_and_is_looked_up(curator: Client):
    document = make_document()
    where = reverse("admin:battles_statement_cite", args=[document.pk])
    data = {"words": "again at dusk", "bearing": "supports", "_open": "1"}
    page, panel = given_back(curator, where, desk_of(document), data)
    assert [value for _, value in page.context["typed"]] == ["again at dusk", "supports"]
    assert "<mark>again at dusk</mark>" in panel.context["quote"]


def test_the_panel_of_the_desk_comes_back_with_all_that_was_chosen_and_typed(curator: Client):
    document, battle = make_document(), make_battle("Battle of the Ford")
    rows = [make_statement(battle=battle), make_statement(battle=battle)]
    where = reverse("admin:battles_statement_cite", args=[document.pk])
    start = document.text.content.index("2,689")
    data = {
        "at": json.dumps([start, start + 5, "2,689"]),
        "battle": str(battle.pk),
        "statements": [f"{row.pk}:{row.version}:" for row in rows],
        "kind": "note",
        "kind_shown": "note",
        "new-text": "It counts all of them.",
        "claimant": str(document.source.origin_id),
        "bearing": "context",
        "note": "Typed with care.",
        "proposed_for": "1",
        "_save": "Save",
    }
    page, panel = given_back(curator, where, desk_of(document), data)
    typed = text_of(page).partition("What you typed")[2]
    assert "Typed with care." in typed
    assert "It counts all of them." in typed
    assert str(rows[0].pk) not in typed
    assert "Nothing is saved until you save it." in text_of(panel)
    assert not Citation.objects.exists()
    assert {choice.statement for choice in panel.context["panel"].choices} == {
        row.pk for row in rows
    }
    assert panel.context["new"]["text"].value() == "It counts all of them."
    assert panel.context["panel"]["note"].value() == "Typed with care."
    again = data | {"csrfmiddlewaretoken": token_in(panel)}
    curator.post(where, again)
    assert Citation.objects.filter(note="Typed with care.").count() == 3


def test_a_script_that_asks_for_the_desk_is_sent_to_sign_in_since_its_page_keeps_what_was_typed(
    client: Client,
):
    where = reverse("admin:battles_statement_cite", args=[make_document().pk])
    answer = client.post(where, {"words": "crossed", "_save": "1"}, headers={"X-Desk": "1"})
    assert "/login/" in answer["Location"]


def test_what_was_read_through_is_asked_again_and_not_marked_by_itself(curator: Client):
    document, battle = make_document(), make_battle()
    where = reverse("admin:battles_reading_of", args=[document.pk])
    data = {"battle": str(battle.pk), "unit": "paragraphs", "first": "1", "_mark": "Mark"}
    _, form = given_back(curator, where, where, data)
    assert "Nothing was done yet. What you typed is below" in text_of(form)
    assert form.context["form"]["first"].value() == "1"
    assert not Reading.objects.exists()


def test_the_reason_for_which_a_reading_is_withdrawn_comes_back(curator: Client):
    document, battle = make_document(), make_battle()
    make_published(battle=battle, passage=make_passage("2,689 killed", document=document))
    mark(document, battle, Span(0, document.text_length), by=None)
    publish_reading(document, battle)
    where = reverse("admin:battles_reading_of", args=[document.pk])
    data = {"_withdraw": str(battle.pk), "reason": "Page 2 was overlooked."}
    _, form = given_back(curator, where, where, data)
    assert 'value="Page 2 was overlooked."' in text_of(form)
    assert Reading.objects.get().state == "published"


# Every form ------------------------------------------------------------------------------------

CARE = "Typed with care."
SENDING = {
    name
    for name in FOUND
    if name.startswith(("admin:battles_", "admin:sources_"))
    and declared()[name][1] is not Who.NOBODY
}
# Page → what is typed into its form, and what of it the form shows again.
TYPED: dict[str, tuple[dict[str, str], str]] = {
    "admin:battles_battle_add": ({"name": CARE}, CARE),
    "admin:battles_battle_change": ({"name": CARE}, CARE),
    "admin:battles_battle_import_dataset": ({"shipped": "cdb90"}, 'value="cdb90" selected'),
    "admin:battles_entity_add": ({"name": CARE}, CARE),
    "admin:battles_entity_change": ({"name": CARE}, CARE),
    "admin:battles_question_add": ({"wording": CARE}, CARE),
    "admin:battles_question_change": ({"wording": CARE}, CARE),
    "admin:battles_reading_of": ({"_mark": "1", "first": "1234"}, 'value="1234"'),
    "admin:battles_statement_add": ({"text": CARE}, CARE),
    "admin:battles_statement_change": ({"text": CARE}, CARE),
    "admin:battles_statement_changelist": ({"action": "withdraw", "reason": CARE}, CARE),
    "admin:battles_statement_cite": ({"words": CARE}, CARE),
    "admin:battles_statement_comment": ({"comment": CARE}, CARE),
    "admin:battles_statement_draft": ({"text": CARE}, ""),  # its own tests fill it in
    "admin:battles_statement_publish": ({"reason-shared": CARE}, "None of these needs a reason"),
    "admin:battles_statement_return": ({"comment": CARE}, CARE),
    "admin:battles_statement_withdraw": ({"reason": CARE}, CARE),
    "admin:sources_footnote_change": ({"text": CARE}, CARE),
    "admin:sources_origin_add": ({"name": CARE}, CARE),
    "admin:sources_origin_change": ({"name": CARE}, CARE),
    "admin:sources_passage_add": ({"locator": CARE}, CARE),
    "admin:sources_passage_change": (
        {"glosses-TOTAL_FORMS": "1", "glosses-INITIAL_FORMS": "0", "glosses-0-text": CARE},
        CARE,
    ),
    "admin:sources_source_add": ({"title": CARE}, CARE),
    "admin:sources_source_change": ({"title": CARE}, CARE),
    "admin:sources_source_bibliography": ({"text": f"@book{{a, title={{{CARE}}}}}"}, CARE),
    "admin:sources_source_upload": ({"charset": CARE}, CARE),
    "admin:sources_source_upload_new": ({"charset": CARE}, CARE),
}
# Pages of which the forms hold nothing but a button, and what the page itself sends.
BUTTONS = {
    *(
        name
        for name in SENDING - set(TYPED)
        if name.endswith(("_delete", "_changelist", "_history"))
    ),
    "admin:battles_battle_deleted",
    "admin:battles_battle_version",
    "admin:battles_statement_deleted",
    "admin:sources_source_deleted",
    "admin:sources_source_version",
    "admin:battles_battle_merge",
    "admin:battles_entity_merge",
    "admin:battles_statement_read",
    "admin:battles_statement_recheck",
    "admin:battles_statement_review",
    "admin:battles_statement_revise",
    "admin:battles_statement_shelf",
    "admin:battles_statement_undo",
    "admin:battles_statement_version",
    "admin:sources_document_read_again",
    "admin:sources_source_merge",
}


def where_of(name: str) -> str:
    """Return the address of a page, of a new statement with what begins it."""
    if name != "admin:battles_statement_add":
        return page_address(name)
    return reverse(name, query={"kind": "narrative", "battle": Battle.objects.get().pk})


def stored() -> dict[str, list[Any]]:
    """Return all that the archive holds."""
    models = [*apps.get_app_config("battles").get_models()]
    models += apps.get_app_config("sources").get_models()
    return {
        model._meta.label: list(model._base_manager.order_by("pk").values_list())
        for model in models
    }


def test_every_page_that_receives_a_form_says_what_becomes_of_what_was_typed():
    missing = sorted(SENDING - set(TYPED) - BUTTONS)
    assert not missing, (
        "Add each of these pages to TYPED, with what is typed into its form, or to BUTTONS, and "
        f"let `archive.kept_forms` know those that are typed into: {missing}"
    )
    assert not (set(TYPED) | BUTTONS) - SENDING


@pytest.mark.parametrize("name", sorted(TYPED))
def test_each_form_is_shown_back_and_then_again_and_nothing_is_done(
    every_row: None, client: Client, name: str
):
    (data, shown), where = TYPED[name], where_of(name)
    choice = Statement.objects.filter(state="published").first()
    data = sent_to(name) | data | {"_selected_action": str(choice.pk)}
    data |= {f"version-{choice.pk}": str(choice.version)} if "action" in data else {}
    before = stored()
    page = client.post(where, data)
    assert page.status_code == 403
    told = text_of(page).partition("What you typed")[2]
    assert any(value in told for value in TYPED[name][0].values())
    client.force_login(make_curator())
    again = client.post(where, sent_by(page), headers=HERE, follow=True)
    assert again.status_code < 500
    assert shown in text_of(again)
    assert stored() == before


@pytest.mark.parametrize("name", sorted(BUTTONS))
def test_a_button_pressed_without_a_sign_in_leads_back_and_does_nothing(
    every_row: None, client: Client, name: str
):
    where, data, before = where_of(name), {"post": "yes", **sent_to(name)}, stored()
    page = client.post(where, data, headers={"Referer": "http://testserver/admin/where/"})
    assert page.status_code == 403
    assert 'href="http://testserver/admin/where/"' in text_of(page)
    assert "Put it into the form" not in text_of(page)
    client.force_login(make_curator())
    assert client.post(where, data | {"_shown_again": "1"}).status_code in {302, 403}
    assert stored() == before


def chosen(row: Statement, action: str) -> dict[str, Any]:
    pk = str(row.pk)
    return {"action": action, "_selected_action": pk, f"version-{pk}": str(row.version)}


@pytest.mark.parametrize("by", ["step", "list"])
def test_the_reason_for_what_no_quote_contains_comes_back_and_publishes_nothing(
    curator: Client, by: str
):
    draft = make_statement("casualties", value=7)
    cite(draft)
    opened = address(draft)
    where = address(draft, "publish") if by == "step" else address(Statement, "changelist")
    data = {"version": draft.version} if by == "step" else chosen(draft, "publish")
    typed = {f"reason-{draft.pk}": CARE, f"version-{draft.pk}": draft.version}
    page, asking = given_back(curator, where, opened, data | typed)
    assert [value for _, value in page.context["typed"]] == [CARE]
    assert asking.status_code == 200
    assert f"{CARE}</textarea>" in text_of(asking)
    draft.refresh_from_db()
    assert (draft.state, draft.inference) == ("draft", "")


def test_the_battle_that_statements_were_to_move_to_comes_back_and_moves_none(curator: Client):
    draft, other = make_statement(), make_battle("Battle of the Bridge")
    where = address(Statement, "changelist")
    data = chosen(draft, "move") | {"battle": str(other.pk)}
    _, asking = given_back(curator, where, address(draft), data)
    assert asking.context["form"]["battle"].value() == str(other.pk)
    draft.refresh_from_db()
    assert draft.battle != other


def test_what_was_ticked_in_a_bibliography_is_ticked_again(curator: Client):
    where = reverse("admin:sources_source_bibliography")
    text = "@book{a, title={The Ford}}\n@book{b, title={The Bridge}}"
    preview = curator.post(
        where, {"text": text, "name": "a.bib", "csrfmiddlewaretoken": token_in(curator.get(where))}
    )
    data = {"text": text, "name": "a.bib", "digest": preview.context["plan"].digest, "leave": "1"}
    _, again = given_back(curator, where, where, data)
    assert text_of(again).count(" checked>") == 1
    assert 'name="leave" value="1" checked' in text_of(again)
    assert not Source.objects.filter(title__in=["The Ford", "The Bridge"]).exists()


def test_an_upload_keeps_what_was_typed_and_asks_for_its_files_again(curator: Client):
    where = reverse("admin:sources_source_upload_new")
    files = [SimpleUploadedFile(name, b"It crossed.") for name in ("first.txt", "second.txt")]
    page, form = given_back(curator, where, where, {"charset": "gb18030", "file": files})
    assert "Files are not kept; choose again: first.txt, second.txt." in text_of(page)
    assert 'value="gb18030"' in text_of(form)
    assert "Choose a file at least" in text_of(form)
    assert not Document.objects.exists()
