"""The admin's own forms and lists, as those who do not see them are told of them."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse

from battles.models import Battle, Entity, Statement
from sources.models import Document, Source
from tests.admin_forms import address
from tests.browser.signing_in import sign_in
from tests.builders import (
    make_battle,
    make_curator,
    make_document,
    make_entity,
    make_passage,
    make_published,
    make_side,
    make_source,
)

SCREENS = {
    "desk": {"viewport": {"width": 1280, "height": 900}},
    "phone, dark": {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"},
}
OPTIONS = {"preload": False}  # axe would write styles into the page, which it does not allow


@pytest.fixture
def pages():
    """The addresses of forms and lists that hold something, by name."""
    battle = make_battle()
    make_side(battle=battle)
    source = make_source(title="Annals of the Ford")
    document = make_document(source=source)
    make_published(battle=battle, passage=make_passage(document=document))
    new = f"{address(Statement, 'add')}?battle={battle.pk}&kind=casualties"
    return {
        "battles": address(Battle, "changelist"),
        "battle": address(battle),
        "a new battle": address(Battle, "add"),
        "statements": address(Statement, "changelist"),
        "kinds of statements": address(Statement, "add"),
        "a new statement": new,
        "entity": address(make_entity()),
        "entities": address(Entity, "changelist"),
        "source": address(source),
        "a new source": address(Source, "add"),
        "sources": address(Source, "changelist"),
        "documents": address(Document, "changelist"),
        "upload": reverse("admin:sources_source_upload_new"),
        "bibliography": reverse("admin:sources_source_bibliography"),
        "draft": reverse("admin:battles_statement_draft", args=[document.pk]),
        "merge": address(battle, "merge"),
    }


@pytest.mark.parametrize("screen", SCREENS)
def test_axe_finds_nothing_in_forms_and_lists_and_they_fit(open_page, live_server, pages, screen):
    page = open_page(**SCREENS[screen])
    sign_in(page, live_server, make_curator())
    reports = {}
    for name, where in pages.items():
        page.goto(f"{live_server.url}{where}")
        found = Axe().run(page, options=OPTIONS)
        if found.violations_count:
            reports[name] = found.generate_report()
        if not page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
            reports[f"{name}, width"] = page.evaluate("document.documentElement.scrollWidth")
    assert reports == {}
