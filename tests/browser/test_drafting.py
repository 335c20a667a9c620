"""A curator drafts from a document, in a real browser."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import expect

from battles.models import Dismissal, Statement
from tests.battles.test_drafting import ENTRY
from tests.browser.signing_in import sign_in
from tests.builders import make_battle, make_curator, make_document, make_origin, make_source

OPTIONS = {"preload": False}  # axe would write styles into the page, which it does not allow


@pytest.fixture
def drafting(open_page, live_server):
    """Open the page of proposals as a curator who is logged in."""
    make_origin("North", kind="state")
    document = make_document(ENTRY, source=make_source(title="Book of Fords"))
    battle = make_battle()
    curator = make_curator()
    where = reverse(
        "admin:battles_statement_draft", args=[document.pk], query={"battle": str(battle.pk)}
    )

    def open_proposals(**wishes):
        page = open_page(**wishes)
        sign_in(page, live_server, curator)
        page.goto(f"{live_server.url}{where}")
        return page

    return open_proposals


@pytest.mark.parametrize("wishes", [{}, {"java_script_enabled": False}])
def test_proposals_are_worded_accepted_and_dismissed_with_or_without_javascript(drafting, wishes):
    page = drafting(**wishes)
    sentence = page.get_by_role("listitem").filter(has_text="The army crossed the ford").last
    sentence.get_by_label("Sentence").fill("At dawn the army went over.")
    page.get_by_role("listitem").filter(has_text="Date").get_by_label("Accept").first.check()
    page.get_by_role("listitem").filter(has_text="two corps").get_by_label("Dismiss").last.check()
    page.get_by_role("button", name="Save what is decided").click()
    expect(page.get_by_text("Dismissed: 1.")).to_be_visible()
    assert Statement.objects.get(kind="narrative").text == "At dawn the army went over."
    assert Statement.objects.count() == 2
    assert Dismissal.objects.count() == 1


@pytest.mark.parametrize(
    "wishes", [{"color_scheme": "dark"}, {"viewport": {"width": 390, "height": 800}}]
)
def test_axe_finds_nothing_and_the_page_fits(drafting, wishes):
    page = drafting(**wishes)
    found = Axe().run(page, options=OPTIONS)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
