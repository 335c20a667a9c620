"""The curators' front page in a browser: what waits, and the way there."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse

from tests.archive.test_dashboard import add_work
from tests.browser.signing_in import sign_in
from tests.builders import make_curator

pytestmark = pytest.mark.django_db(transaction=True)

SCREENS = {
    "desk": {"viewport": {"width": 1280, "height": 900}},
    "phone, dark": {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"},
}
OPTIONS = {"preload": False}  # axe would write styles into the page, which it does not allow


@pytest.mark.parametrize("screen", SCREENS)
def test_a_count_leads_to_its_rows_and_axe_finds_nothing(open_page, live_server, screen):
    add_work()
    page = open_page(**SCREENS[screen])
    sign_in(page, live_server, make_curator())
    page.goto(f"{live_server.url}{reverse('admin:index')}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    results = Axe().run(page, context=".work-lists", options=OPTIONS)
    assert results.violations_count == 0, results.generate_report()
    row = page.get_by_role("row", name="Drafts that nothing supports")
    assert row.locator(".count").inner_text() == "1"
    row.get_by_role("link").click()
    page.get_by_text("1 statement", exact=False).first.wait_for()
    assert page.locator("#result_list tbody tr").count() == 1
