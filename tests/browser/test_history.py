"""The history of a statement in a real browser: told in words, and restored from."""

import pytest
import reversion
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect

from battles.models import Statement
from tests.admin_forms import address, save
from tests.browser.signing_in import sign_in
from tests.builders import cite, make_curator, make_statement

SCREENS = [
    {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}
    for width in (390, 1280)
    for scheme in ("light", "dark")
]


@pytest.fixture
def reworded(open_page, live_server):
    """Open the history of a draft that a curator reworded."""
    curator = make_curator()
    client = Client()
    client.force_login(curator)
    draft = make_statement(text="The army crossed at dawn.")
    cite(draft)
    with reversion.create_revision():
        reversion.add_to_revision(draft)
    save(client, address(draft), text="The army crossed at noon.")
    where = live_server.url + reverse("admin:battles_statement_history", args=[draft.pk])

    def look(**wishes):
        page = open_page(**wishes)
        sign_in(page, live_server, curator)
        page.goto(where)
        return page

    return look


def test_an_earlier_version_is_found_seen_and_restored(reworded):
    page = reworded()
    expect(page.get_by_text("Sentence changed from “The army crossed at dawn.”")).to_be_visible()
    page.locator(".history h2 a").last.click()
    expect(page.get_by_role("row", name="Sentence")).to_contain_text("at noon.")
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_text("Restored as a draft.")).to_be_visible()
    assert Statement.objects.get().text == "The army crossed at dawn."


@pytest.mark.parametrize("screen", SCREENS)
def test_axe_finds_nothing_in_the_history_and_in_a_version(reworded, screen):
    page = reworded(**screen)
    axe_finds_nothing(page)
    page.locator(".history h2 a").last.click()
    expect(page.get_by_role("button", name="Restore")).to_be_visible()
    axe_finds_nothing(page)


def axe_finds_nothing(page) -> None:
    found = Axe().run(page, context="#content-main", options={"preload": False})
    assert found.violations_count == 0, found.generate_report()
