"""A curator takes in many files, in a real browser."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import expect

from sources.models import Source
from tests.browser.signing_in import sign_in
from tests.builders import make_curator
from tests.sample_files import PICTURE, pdf

SCREENS = [
    {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}
    for width in (390, 1280)
    for scheme in ("light", "dark")
]


NOTE_PROGRESS = """() => {
  window.seen = [];
  new MutationObserver(() => {
    const bar = document.querySelector('.upload-report progress');
    if (bar) seen.push(bar.value);
  }).observe(document.body, { attributes: true, childList: true, subtree: true });
}"""


@pytest.fixture
def letters(tmp_path):
    """A folder as curators have it: folders within, a scan, what cannot be read, what is hidden."""
    folder = tmp_path / "letters"
    (folder / "1951").mkdir(parents=True)
    (folder / ".cache").mkdir()
    (folder / "dawn.txt").write_text("At dawn they crossed.")
    (folder / "1951" / "scan.pdf").write_bytes(pdf([PICTURE]))
    (folder / "1951" / "broken.docx").write_bytes(b"PK\x03\x04 broken")
    (folder / ".cache" / "index.txt").write_text("nothing to read")
    return folder


@pytest.fixture
def at_upload(open_page, live_server):
    """Open the page for uploads as a curator who is logged in."""
    curator = make_curator()

    def open_upload(**wishes):
        page = open_page(**wishes)
        sign_in(page, live_server, curator)
        page.goto(live_server.url + reverse("admin:sources_source_upload_new"))
        return page

    return open_upload


def send(page, folder):
    page.get_by_label("Or a folder").set_input_files(folder)
    page.get_by_role("button", name="Upload").click()


def test_each_file_of_a_folder_is_told_of_as_it_comes(at_upload, letters):
    page = at_upload()
    asked = []
    page.on("request", lambda request: request.method == "POST" and asked.append(request))
    send(page, letters)
    expect(page.get_by_role("status")).to_have_text(
        "2 of 3 files are held here now; not taken in: 1."
    )
    assert len(asked) == 3
    rows = page.locator(".upload-report tbody tr")
    said = {row.locator("th").inner_text(): row.inner_text() for row in rows.all()}
    assert "New source: dawn, v1" in said["letters/dawn.txt"]
    assert "Its one page has no text" in said["letters/1951/scan.pdf"]
    assert "Refused. The archive is damaged" in said["letters/1951/broken.docx"]
    assert sorted(Source.objects.values_list("slug", flat=True)) == ["dawn", "scan"]
    page.get_by_role("button", name="Upload").click()
    expect(rows.filter(has_text="Already held")).to_have_count(2)


def test_a_large_file_shows_how_far_it_is(at_upload, tmp_path):
    page = at_upload()
    slow = page.context.new_cdp_session(page)
    slow.send("Network.enable")
    speed = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 2**20}
    slow.send("Network.emulateNetworkConditions", speed)
    path = tmp_path / "long.txt"
    path.write_text("At dawn.\n" * 200_000)
    page.get_by_label("Files").set_input_files(path)
    page.evaluate(NOTE_PROGRESS)
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_text("New source:")).to_be_visible()
    seen = page.evaluate("seen")
    assert any(0 < value < 1 for value in seen)
    assert seen == sorted(seen)
    assert Source.objects.get().documents.get().text_length == 1_800_000


def test_a_sign_in_that_ended_is_told_of_and_nothing_more_is_sent(at_upload, letters):
    page = at_upload()
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    send(page, letters)
    expect(page.get_by_role("status")).to_contain_text("You are no longer signed in.")
    expect(page.get_by_text("Not sent.")).to_have_count(2)
    assert not Source.objects.exists()


def test_without_scripts_the_folder_goes_at_once(at_upload, letters):
    page = at_upload(java_script_enabled=False)
    send(page, letters)
    expect(page.get_by_role("heading", name="3 of 4 files are held here now")).to_be_visible()


@pytest.mark.parametrize("screen", SCREENS)
def test_axe_finds_nothing_in_a_report_of_uploads(at_upload, letters, screen):
    page = at_upload(**screen)
    send(page, letters)
    expect(page.get_by_role("status")).to_contain_text("are held here now")
    found = Axe().run(page, context="#content-main", options={"preload": False})
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
