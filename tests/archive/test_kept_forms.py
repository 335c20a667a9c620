"""A form that could not be received gives back what was typed; nothing is saved by itself."""

import re

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from battles.models import Battle
from tests.admin_forms import address, filled, text_of
from tests.builders import make_battle, make_curator, make_side

pytestmark = pytest.mark.django_db

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
