"""A curator who saves what somebody else has changed meanwhile, in a real browser."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import expect

from battles.models import Battle
from tests.browser.signing_in import sign_in
from tests.builders import make_battle, make_curator, make_side

SCREENS = [
    {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}
    for width in (390, 1280)
    for scheme in ("light", "dark")
]


@pytest.fixture
def in_conflict(open_page, live_server):
    """Open the form of a battle, and save it after somebody else did."""
    curator = make_curator()
    battle = make_battle("Battle of the Ford", slug="ford")
    make_side(battle=battle)
    where = live_server.url + reverse("admin:battles_battle_change", args=[battle.pk])

    def collide(**wishes):
        page = open_page(**wishes)
        sign_in(page, live_server, curator)
        page.goto(where)
        page.get_by_label("Name:", exact=True).first.fill("Battle of the Old Ford")
        page.get_by_label("Slug:").fill("old-ford")
        theirs = Battle.objects.get(pk=battle.pk)
        theirs.name, theirs.slug = "Battle of the Northern Ford", "northern-ford"
        theirs.save()
        page.get_by_role("button", name="Save", exact=True).click()
        return page

    return collide


def test_either_text_is_taken_line_by_line(in_conflict):
    page = in_conflict()
    expect(page.get_by_role("heading", name="Two texts, one place")).to_be_visible()
    name = page.get_by_role("group", name="Name")
    expect(name.locator("del")).to_contain_text("Northern")
    expect(name.locator("ins")).to_contain_text("Old")
    name.get_by_label("Take what is stored now").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    battle = Battle.objects.get()
    assert (battle.name, battle.slug) == ("Battle of the Northern Ford", "old-ford")


@pytest.mark.parametrize("screen", SCREENS)
def test_axe_finds_nothing_where_texts_meet(in_conflict, screen):
    page = in_conflict(**screen)
    expect(page.get_by_role("heading", name="Two texts, one place")).to_be_visible()
    found = Axe().run(page, context=".conflict", options={"preload": False})
    assert found.violations_count == 0, found.generate_report()
