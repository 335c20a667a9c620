"""Every kind of page passes axe, by day and by night, at a desk and in the hand."""

import pytest
from axe_playwright_python.sync_playwright import Axe

SCREENS = {
    "desk": {"viewport": {"width": 1280, "height": 900}},
    "phone, dark": {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"},
}


@pytest.mark.parametrize("screen", SCREENS)
def test_axe_finds_no_violation_on_any_page(open_page, archive, screen):
    page = open_page(**SCREENS[screen])
    found = {}
    for name, address in archive.items():
        page.goto(address)
        results = Axe().run(page)
        if results.violations_count:
            found[name] = results.generate_report()
    assert found == {}


@pytest.mark.parametrize("screen", SCREENS)
def test_axe_finds_no_violation_in_an_open_note(open_page, archive, screen):
    page = open_page(**SCREENS[screen])
    page.goto(archive["battle"])
    page.locator(".marker").last.hover()
    page.locator(".note:popover-open").wait_for()
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
