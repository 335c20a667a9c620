"""What a curator types outlives a lost connection and an ended sign-in, and is theirs alone."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.urls import reverse
from playwright.sync_api import expect

from battles.models import Battle
from tests.browser.signing_in import sign_in
from tests.builders import make_battle, make_curator, make_side


@pytest.fixture
def typing(open_page, live_server):
    """Open the form of a battle as a curator, and type into it."""
    curator = make_curator()
    battle = make_battle("Battle of the Ford", slug="ford")
    make_side(battle=battle)
    where = reverse("admin:battles_battle_change", args=[battle.pk])

    def start(**wishes):
        page = open_page(**wishes)
        sign_in(page, live_server, curator)
        page.goto(live_server.url + where)
        page.get_by_label("Name:", exact=True).first.fill("Battle of the Bridge")
        return page

    return start


def name(page):
    return page.get_by_label("Name:", exact=True).first


def axe_finds_nothing(page, within: str = "#content-main") -> None:
    found = Axe().run(page, context=within, options={"preload": False})
    assert found.violations_count == 0, found.generate_report()


def offered(page):
    return page.get_by_text("was not saved.")


def test_what_was_typed_is_offered_back_after_a_lost_connection(typing):
    page = typing()
    where = page.url
    page.locator("#sides-group .add-row a").click()
    page.locator("[name=sides-1-name]").fill("South")
    page.context.set_offline(True)
    page.get_by_role("button", name="Save", exact=True).click()
    page.context.set_offline(False)
    page.goto(where)
    expect(offered(page)).to_be_visible()
    axe_finds_nothing(page, ".kept")
    expect(name(page)).to_have_value("Battle of the Ford")
    page.get_by_role("button", name="Put it back").click()
    expect(name(page)).to_have_value("Battle of the Bridge")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    battle = Battle.objects.get()
    assert battle.name == "Battle of the Bridge"
    assert sorted(battle.sides.values_list("name", flat=True)) == ["North", "South"]
    page.goto(where)
    expect(offered(page)).to_have_count(0)


def test_another_person_in_the_same_tab_is_offered_nothing(typing, live_server):
    page = typing()
    where = page.url
    sign_in(page, live_server, make_curator("other"))
    page.goto(where)
    expect(name(page)).to_have_value("Battle of the Ford")
    expect(offered(page)).to_have_count(0)


def test_signing_out_forgets_what_was_typed(typing):
    page = typing()
    assert page.evaluate("sessionStorage.length") == 1
    page.get_by_role("button", name="Log out").click()
    page.wait_for_load_state()
    assert page.evaluate("sessionStorage.length") == 0


@pytest.mark.parametrize("scripts", [True, False])
def test_an_ended_sign_in_loses_nothing_with_or_without_scripts(typing, live_server, scripts):
    page = typing(java_script_enabled=scripts)
    Session.objects.all().delete()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("You are not signed in any more")).to_be_visible()
    if scripts:
        axe_finds_nothing(page)
    sign_in(page, live_server, User.objects.get())
    page.get_by_role("button", name="Put it into the form").click()
    expect(name(page)).to_have_value("Battle of the Bridge")
    assert Battle.objects.get().name == "Battle of the Ford"
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    assert Battle.objects.get().name == "Battle of the Bridge"
