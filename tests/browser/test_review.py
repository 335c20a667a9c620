"""Reviewing in a browser: re-check, comment, publish with a reason, see as a visitor, merge."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse

from battles.models import Battle, Statement
from battles.publication import open_revision
from tests.admin_forms import address
from tests.browser.signing_in import sign_in
from tests.builders import cite, make_battle, make_curator, make_published, make_statement

pytestmark = pytest.mark.django_db(transaction=True)

SCREENS = {
    "desk": {"viewport": {"width": 1280, "height": 900}},
    "phone, dark, without scripts": {
        "viewport": {"width": 390, "height": 844},
        "color_scheme": "dark",
        "java_script_enabled": False,
    },
}
OPTIONS = {"preload": False}  # axe would write styles into the page, which it does not allow


@pytest.fixture
def revision() -> Statement:
    """A revision whose figure its quote does not contain."""
    revision = open_revision(make_published("casualties", battle=make_battle()))
    revision.value = 2698
    revision.save()
    return revision


@pytest.mark.parametrize("screen", SCREENS)
def test_a_revision_is_rechecked_talked_about_and_published_with_a_reason(
    open_page, live_server, revision, screen
):
    page = open_page(**SCREENS[screen])
    sign_in(page, live_server, make_curator())
    found = {}

    def look(name: str) -> None:
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        if SCREENS[screen].get("java_script_enabled", True):
            results = Axe().run(page, options=OPTIONS)
            if results.violations_count:
                found[name] = results.generate_report()

    page.goto(f"{live_server.url}{address(revision, 'recheck')}")
    look("re-checking")
    page.get_by_role("button", name="It holds").click()
    page.get_by_text("All its citations are re-checked.").first.wait_for()

    page.goto(f"{live_server.url}{address(revision)}")
    page.get_by_label("Comment").fill("A later count.")
    page.get_by_role("button", name="Comment", exact=True).click()
    page.locator(".thread", has_text="A later count.").wait_for()

    preview = reverse("admin:battles_battle_preview", args=[revision.battle_id])
    page.goto(f"{live_server.url}{preview}")
    page.locator(".unpublished", has_text="revision draft").first.wait_for()
    look("preview")

    page.goto(f"{live_server.url}{address(revision)}")
    page.get_by_role("button", name="Publish").click()
    look("reasons")
    page.get_by_label("No quote contains the figure 2,698").fill("Corrected in a later edition.")
    page.get_by_role("button", name="Publish").click()
    page.get_by_text("1 statement is now published").wait_for()
    assert Statement.objects.get().inference == "Corrected in a later edition."

    other = make_battle("Battle of the Bridge")
    cite(make_statement(battle=other))
    merge = f"{address(other, 'merge')}?into={revision.battle_id}"
    page.goto(f"{live_server.url}{merge}")
    look("merging")
    page.get_by_role("button", name="Merge into").click()
    page.get_by_text("is merged into").wait_for()
    assert Battle.objects.count() == 1
    assert found == {}
