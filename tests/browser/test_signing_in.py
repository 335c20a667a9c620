"""Passkeys in a real browser, with an authenticator that answers by itself."""

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.auth.models import User
from playwright.sync_api import CDPSession, Page, expect

from archive.accounts import link_to_choose_a_password
from tests.browser.signing_in import sign_in
from tests.browser.test_accessibility import SCREENS
from tests.builders import make_curator

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
PASSWORD = "ford-and-river-9"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def curator(live_server) -> User:
    user = make_curator()
    user.set_password(PASSWORD)
    user.save()
    return user


def with_authenticator(page: Page) -> tuple[CDPSession, str]:
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    return session, made["authenticatorId"]


def add_passkey(page: Page) -> None:
    page.get_by_role("link", name="Second factor").click()
    page.get_by_role("link", name="Add", exact=True).click()
    page.get_by_label("Password:").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.get_by_label("Name:").fill("Laptop")
    page.get_by_label("Passwordless").check()
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_text("Security key added.")).to_be_visible()


def test_a_passkey_is_added_signs_in_alone_and_after_a_password(page, live_server, curator):
    with_authenticator(page)
    sign_in(page, live_server, curator)
    page.goto(f"{live_server.url}/admin/")
    add_passkey(page)
    page.context.clear_cookies()
    page.goto(f"{live_server.url}/admin/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("heading", name="The curators’ rooms")).to_be_visible()
    page.context.clear_cookies()
    page.goto(f"{live_server.url}/admin/")
    page.get_by_label("Login:").fill(curator.username)
    page.get_by_label("Password:").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("button", name="Use a passkey or security key").click()
    expect(page.get_by_role("heading", name="The curators’ rooms")).to_be_visible()


def test_a_passkey_that_is_not_there_is_told_in_the_page(page, live_server):
    session, authenticator = with_authenticator(page)
    no = {"authenticatorId": authenticator, "isUserVerified": False}
    session.send("WebAuthn.setUserVerified", no)
    page.goto(f"{live_server.url}/admin/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("The passkey was not used. It was cancelled")


@pytest.mark.parametrize("screen", SCREENS)
def test_axe_finds_nothing_on_the_pages_of_an_account(open_page, live_server, curator, screen):
    page = open_page(**SCREENS[screen])
    account = f"{live_server.url}/admin/account"
    found = {}

    def look(where: str) -> None:
        page.goto(where)
        results = Axe().run(page)
        if results.violations_count:
            found[where] = results.generate_report()

    look(f"{account}/login/")
    look(f"{account}/password/reset/")
    look(f"{account}/password/reset/key/1-no/")
    look(f"{account}/password/reset/key/done/")
    page.goto(
        f"{live_server.url}{link_to_choose_a_password(curator).removeprefix(settings.SITE_URL)}"
    )
    look(page.url)
    sign_in(page, live_server, curator)
    look(f"{account}/2fa/")
    look(f"{account}/password/change/")
    curator.groups.clear()
    look(f"{live_server.url}/admin/battles/battle/")
    TOTP.activate(curator, generate_totp_secret())
    page.context.clear_cookies()
    page.goto(f"{account}/login/")
    page.get_by_label("Login:").fill(curator.username)
    page.get_by_label("Password:").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Second factor")).to_be_visible()
    look(page.url)
    assert found == {}
