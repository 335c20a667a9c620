"""Curators' accounts: by invitation, limited, with a second factor, ended when they should be."""

import re

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret, hotp_value
from allauth.mfa.totp.internal.auth import yield_hotp_counters_from_time as counters
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client

from archive.accounts import link_to_choose_a_password
from tests.builders import cite, make_battle, make_statement
from tests.small_archive import make_small_archive

pytestmark = pytest.mark.django_db

SIGN_IN = "/admin/account/login/"
PASSWORD = "ford-and-river"


@pytest.fixture
def curator() -> User:
    user = User.objects.create_user("ann", "ann@example.org", PASSWORD, is_staff=True)
    user.groups.add(Group.objects.get(name="Curator"))
    return user


def sign_in(client: Client, name: str = "ann", password: str = PASSWORD):
    return client.post(SIGN_IN, {"login": name, "password": password})


def sign_in_and_confirm(client: Client) -> None:
    """Sign in, and give the password again, as is asked before a second factor is changed."""
    sign_in(client)
    client.post("/admin/account/reauthenticate/", {"password": PASSWORD})


def opens(client: Client) -> bool:
    return client.get("/admin/").status_code == 200


# Signing in


def test_the_admin_signs_in_through_the_accounts_and_comes_back(client, curator):
    response = client.get("/admin/battles/battle/", follow=True)
    assert response.redirect_chain[-1][0].startswith(SIGN_IN)
    address = response.redirect_chain[-1][0]
    response = client.post(address, {"login": "ann", "password": PASSWORD, "next": "/admin/x/"})
    assert response["Location"] == "/admin/x/"


@pytest.mark.parametrize("name", ["ann", "ann@example.org", "ANN@example.org"])
def test_a_curator_signs_in_by_name_or_address(client, curator, name):
    sign_in(client, name)
    assert opens(client)


def test_the_page_says_what_was_wrong_without_saying_whether_the_account_exists(client, curator):
    def said(name):
        page = client.post(SIGN_IN, {"login": name, "password": "wrong"}).content.decode()
        return re.findall(r'<p class="errornote">(.*?)</p>', page)

    assert said("ann")
    assert said("ann") == said("nobody")


def test_guessing_is_stopped_even_when_the_last_guess_is_right(client, curator):
    for _ in range(5):
        sign_in(client, password="guess")
    page = sign_in(client)
    assert "Wait five minutes, then try again." in page.content.decode()
    assert not opens(client)


def test_letters_for_a_forgotten_password_are_limited(client, curator):
    for _ in range(12):
        client.post("/admin/account/password/reset/", {"email": "ann@example.org"})
    assert 1 <= len(mail.outbox) <= 5
    page = client.post("/admin/account/password/reset/", {"email": "ann@example.org"})
    assert page.status_code == 429
    assert "Wait five minutes" in page.content.decode()


def test_second_factors_cannot_be_guessed_at_leisure(client, curator):
    TOTP.activate(curator, generate_totp_secret())
    sign_in(client)
    where = "/admin/account/2fa/authenticate/"
    answers = [client.post(where, {"code": f"{n:06}"}) for n in range(12)]
    assert "Too many" in answers[-1].content.decode()


def test_nobody_signs_up(client):
    page = client.get("/admin/account/signup/")
    assert "By invitation" in page.content.decode()
    client.post(
        "/admin/account/signup/",
        {"username": "eve", "email": "eve@example.org", "password1": PASSWORD},
    )
    assert not User.objects.filter(username="eve").exists()


def test_an_account_that_is_not_a_curators_opens_no_admin_page(client):
    client.force_login(User.objects.create_user("reader", password=PASSWORD))
    assert client.get("/admin/", follow=True).status_code == 403


def test_account_pages_are_never_cached(client, curator):
    assert "no-store" in client.get(SIGN_IN)["Cache-Control"]


# The second factor


def test_with_a_second_factor_a_password_alone_opens_nothing(client, curator):
    secret = generate_totp_secret()
    TOTP.activate(curator, secret)
    response = sign_in(client)
    assert response["Location"] == "/admin/account/2fa/authenticate/"
    assert not opens(client)
    code = get_adapter().decrypt(Authenticator.objects.get().data["secret"])
    digits = f"{hotp_value(code, next(iter(counters()))):06}"
    client.post("/admin/account/2fa/authenticate/", {"code": digits})
    assert opens(client)


def test_a_new_password_ends_a_sign_in_that_waits_for_its_second_factor(client, curator):
    secret = generate_totp_secret()
    TOTP.activate(curator, secret)
    sign_in(client)
    curator.set_password("quiet-river-9")
    curator.save()
    digits = f"{hotp_value(secret, next(iter(counters()))):06}"
    answer = client.post("/admin/account/2fa/authenticate/", {"code": digits})
    assert not opens(client)
    assert answer["Location"] == SIGN_IN


def test_only_the_page_with_the_code_to_scan_may_show_an_image_within_it(client, curator):
    sign_in_and_confirm(client)
    page = client.get("/admin/account/2fa/totp/activate/")
    assert 'src="data:image/svg' in page.content.decode()
    assert "img-src 'self' data:" in page["Content-Security-Policy"]
    for address in ("/admin/", "/admin/account/2fa/", "/"):
        assert "data:" not in client.get(address)["Content-Security-Policy"]


def test_a_passkey_can_be_added_and_used_where_scripts_may_not_be_inline(client, curator):
    entrance = client.get(SIGN_IN)
    sign_in_and_confirm(client)
    for page in (entrance, client.get("/admin/account/2fa/webauthn/add/")):
        scripts = re.findall(r"<script\b[^>]*>", page.content.decode())
        assert any("mfa/js/webauthn" in script for script in scripts)
        for script in scripts:
            assert "src=" in script or 'type="application/json"' in script


# Invitations


def link_in(letter) -> str:
    return re.search(rf"^{settings.SITE_URL}(/admin/\S+/key/\S+)$", letter.body, re.M)[1]


def choose_password(client: Client, link: str):
    form = client.get(link, follow=True).redirect_chain[-1][0]
    return client.post(form, {"password1": "long-and-quiet-7", "password2": "long-and-quiet-7"})


def test_an_invited_curator_chooses_a_password_and_may_draft(client):
    call_command("invite", "Bo@Example.org", group="Publisher")
    (letter,) = mail.outbox
    assert letter.to == ["bo@example.org"]
    chosen = client.get(choose_password(client, link_in(letter))["Location"]).content.decode()
    assert "Your password is set" in chosen
    assert f'href="{SIGN_IN}"' in chosen
    client.logout()
    sign_in(client, "bo@example.org", "long-and-quiet-7")
    assert opens(client)
    assert User.objects.get().has_perm("battles.publish_statement")


def test_a_link_works_once(client):
    call_command("invite", "bo@example.org")
    link = link_in(mail.outbox[0])
    choose_password(client, link)
    page = Client().get(link).content.decode()
    assert "It was used already, or is too old." in page
    assert f'href="{SIGN_IN}"' in page


def test_inviting_again_makes_a_new_link_until_the_account_is_used(client):
    call_command("invite", "bo@example.org")
    call_command("invite", "bo@example.org", group="Publisher")
    assert [group.name for group in User.objects.get().groups.all()] == ["Publisher"]
    choose_password(client, link_in(mail.outbox[1]))
    with pytest.raises(CommandError, match=r"bo@example.org has an account already\."):
        call_command("invite", "bo@example.org")


@pytest.mark.parametrize("address", ["", "bo", "bo@", "bo@example.org\nBcc: eve@example.org"])
def test_what_is_no_address_is_not_invited(address):
    with pytest.raises(CommandError, match="Enter a valid email address"):
        call_command("invite", address)
    assert not User.objects.exists()
    assert not mail.outbox


def test_there_are_two_groups_to_be_invited_to():
    with pytest.raises(CommandError, match="Emperor"):
        call_command("invite", "bo@example.org", "--group=Emperor")


# The end of a right, the end of a session


def test_leaving_a_group_works_from_the_next_request(client, curator):
    battle = make_battle()
    client.force_login(curator)
    address = f"/admin/battles/battle/{battle.pk}/change/"
    assert client.get(address).status_code == 200
    curator.groups.clear()
    assert client.get(address).status_code == 403


def test_who_has_lost_a_right_is_told_so_and_led_back(client, curator):
    sign_in(client)
    assert "Second factor" in client.get("/admin/").content.decode()
    curator.groups.clear()
    page = client.get("/admin/battles/battle/")
    assert page.status_code == 403
    assert "This account has no right to it, or has it no more." in page.content.decode()
    assert 'href="/admin/"' in page.content.decode()


def test_a_publisher_who_is_one_no_more_publishes_nothing_from_a_page_still_open(client, curator):
    curator.groups.set([Group.objects.get(name="Publisher")])
    draft = cite(make_statement()).statement
    client.force_login(curator)
    page = client.get(f"/admin/battles/statement/{draft.pk}/change/").content.decode()
    assert "publish/" in page
    curator.groups.set([Group.objects.get(name="Curator")])
    draft.refresh_from_db()
    sent = client.post(f"/admin/battles/statement/{draft.pk}/publish/", {"version": draft.version})
    assert sent.status_code == 403
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_an_account_that_is_staff_no_more_is_out_at_the_next_request(client, curator):
    client.force_login(curator)
    assert opens(client)
    User.objects.update(is_staff=False)
    assert not opens(client)


def test_an_account_put_out_of_use_is_out_at_the_next_request(client, curator):
    client.force_login(curator)
    User.objects.update(is_active=False)
    assert not opens(client)


def test_a_new_password_ends_every_other_session(client, curator):
    elsewhere = Client()
    sign_in(client)
    sign_in(elsewhere)
    new = {"oldpassword": PASSWORD, "password1": "quiet-river-9", "password2": "quiet-river-9"}
    assert client.post("/admin/account/password/change/", new).status_code == 302
    assert not opens(elsewhere)


def test_a_password_chosen_from_a_letter_ends_every_session(client, curator):
    sign_in(client)
    curator.refresh_from_db()  # signing in has ended older links
    link = link_to_choose_a_password(curator).removeprefix(settings.SITE_URL)
    choose_password(Client(), link)
    assert not opens(client)


def test_a_password_set_by_an_administrator_ends_every_session(client, curator):
    sign_in(client)
    curator.set_password("quiet-river-9")
    curator.save()
    assert not opens(client)


def test_the_admins_own_page_for_passwords_leads_to_the_accounts(client, curator):
    sign_in(client)
    assert client.get("/admin/password_change/")["Location"] == "/admin/account/password/change/"


# What readers see of it


def test_public_pages_know_nothing_of_accounts(client, curator):
    addresses = make_small_archive()
    strangers = {name: client.get(address).content for name, address in addresses.items()}
    sign_in(client)
    for name, address in addresses.items():
        response = client.get(address)
        assert response.content == strangers[name], name
        assert not response.cookies, name
