"""The map and the line of time, in a real browser."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from battles.kinds import Kind
from battles.models import Entity
from tests.builders import make_entity, make_published


def test_a_mark_leads_to_its_line_and_the_line_to_the_mark(page, archive):
    page.goto(archive["map"])
    page.locator(".map-mark").first.wait_for()
    expect(page.locator(".map-mark")).to_have_count(3)

    page.get_by_role("button", name="Show Ford on the map").click()
    mark = page.get_by_role("button", name="Ford, 1 battle")
    expect(mark).to_be_focused()
    popup = page.locator(".leaflet-popup")
    expect(popup).to_contain_text("1 battle; a point.")
    popup.get_by_role("link", name="What is said, and where").click()
    line = page.locator("[data-place]:target")
    expect(line).to_contain_text("Ford")
    expect(line).to_be_in_viewport()


def test_the_map_with_the_keyboard_alone(page, archive):
    page.goto(archive["map"])
    page.locator(".map-mark").first.wait_for()
    page.get_by_role("button", name="Hills, 1 battle").focus()
    page.keyboard.press("Enter")
    popup = page.locator(".leaflet-popup")
    expect(popup).to_contain_text("within 40 km of the point drawn")
    page.keyboard.press("Escape")
    expect(popup).to_have_count(0)


def test_the_next_tab_leads_into_what_a_mark_opened_and_from_there_to_the_next_mark(page, archive):
    page.goto(archive["map"])
    page.locator(".map-mark").first.wait_for()
    marks = page.locator(".map-mark")
    marks.first.focus()
    page.keyboard.press("Space")
    popup = page.locator(".leaflet-popup")
    expect(popup).to_have_count(1)
    assert page.evaluate("scrollY") == 0
    page.keyboard.press("Tab")
    link = popup.get_by_role("link", name="What is said, and where")
    expect(link).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(marks.first).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(popup.get_by_label("Close popup")).to_be_focused()
    page.keyboard.press("Tab")
    expect(marks.nth(1)).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    expect(link).to_be_focused()
    page.keyboard.press("Escape")
    expect(popup).to_have_count(0)
    expect(marks.first).to_be_focused()


def test_where_no_place_has_coordinates_there_is_no_map(page, live_server):
    make_published(Kind.PLACE, place=make_entity("Lost Village", "place"))
    page.goto(f"{live_server.url}/battles/?view=map")  # `page` fails on an error of a script
    expect(page.get_by_role("link", name="Lost Village", exact=True)).to_be_visible()
    expect(page.get_by_text("No coordinates are recorded for these places")).to_be_visible()
    expect(page.get_by_role("img")).to_have_count(0)


GRID = [(20 + n % 30, 40 + n // 30) for n in range(600)]
ONE_SPOT = [(25, 65)] * 300


def put_on_the_map(page, spots, ids=None):
    """Let the archive have one place at each of these spots; some have the ids of its own."""
    features = [
        {
            "type": "Feature",
            "id": (ids or {}).get(number, f"place-{number}"),
            "geometry": {"type": "Point", "coordinates": spot},
            "properties": {
                "name": f"Place {number}",
                "precision": "point",
                "radius_km": None,
                "in_words": "a point",
                "battles": 1,
                "listed_at": f"#place-{number}",
            },
        }
        for number, spot in enumerate(spots)
    ]
    answer = {"type": "FeatureCollection", "features": features}
    page.route("**/places.geojson*", lambda route: route.fulfill(json=answer))


@pytest.mark.parametrize("width", [390, 1280])
def test_what_a_mark_opens_is_not_under_the_buttons_of_the_map(open_page, archive, width):
    page = open_page(viewport={"width": width, "height": 900})
    put_on_the_map(page, [(20, 60), (60, 30)])
    page.goto(archive["map"])
    page.get_by_role("button", name="Place 0, 1 battle").press("Enter")
    popup = page.locator(".leaflet-popup-content-wrapper").bounding_box()
    buttons = page.locator(".leaflet-control-zoom").bounding_box()
    apart = [
        popup[at] + popup[size] <= buttons[at] or buttons[at] + buttons[size] <= popup[at]
        for at, size in (("x", "width"), ("y", "height"))
    ]
    assert any(apart)


def test_of_many_places_near_ones_are_one_mark_that_says_how_many(page, archive):
    put_on_the_map(page, GRID)
    page.goto(archive["map"])
    page.locator(".map-cluster").first.wait_for()
    assert page.locator(".map-mark").count() < 200
    told = page.locator(".map-cluster").all_inner_texts()
    assert sum(map(int, told)) + page.locator(".map-point").count() == 600
    offset = page.locator(".map-cluster").first.evaluate(
        """mark => {
            const words = document.createRange();
            words.selectNodeContents(mark);
            const [a, b] = [mark, words].map((one) => one.getBoundingClientRect());
            return [a.x + a.width / 2 - b.x - b.width / 2, a.y + a.height / 2 - b.y - b.height / 2];
        }"""
    )
    assert max(map(abs, offset)) < 3  # the number stands in the middle of its mark


def test_a_mark_of_many_is_opened_by_the_keyboard_which_then_stays_on_the_map(page, archive):
    put_on_the_map(page, GRID)
    page.goto(archive["map"])
    page.locator(".map-cluster").first.focus()
    before = page.locator(".map-mark").all_inner_texts()
    page.keyboard.press("Enter")
    expect(page.locator("#map")).to_be_focused()
    assert page.locator(".map-mark").all_inner_texts() != before
    page.keyboard.press("Tab")
    expect(page.locator("#map :focus")).to_have_count(1)


def test_a_mark_of_many_in_one_spot_lists_them(page, archive):
    put_on_the_map(page, ONE_SPOT)
    page.goto(archive["map"])
    mark = page.locator(".map-cluster")
    mark.focus()
    page.keyboard.press("Enter")  # as close as the map goes
    mark.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".leaflet-popup li")).to_have_count(300)
    page.keyboard.press("Escape")
    expect(page.locator(".leaflet-popup")).to_have_count(0)
    expect(mark).to_be_focused()


@pytest.mark.parametrize("spots", [GRID, ONE_SPOT])
def test_a_place_among_many_is_shown_by_itself_when_its_line_asks_for_it(page, archive, spots):
    ford = Entity.objects.get(name="Ford").pk
    put_on_the_map(page, spots, {7: str(ford)})
    page.goto(archive["map"])
    page.get_by_role("button", name="Show Place 7 on the map").click()
    mark = page.get_by_role("button", name="Place 7, 1 battle", exact=True)
    expect(mark).to_be_focused()
    expect(mark).to_be_in_viewport()
    expect(page.locator(".leaflet-popup")).to_contain_text("Place 7")
    page.keyboard.press("Escape")
    expect(mark).to_be_focused()


@pytest.mark.parametrize("width", [390, 1280])
def test_places_all_over_the_world_are_all_in_view(open_page, archive, width):
    page = open_page(viewport={"width": width, "height": 900})
    spots = [(-122.4, 37.8), (127.6, 38.4), (178.4, -18.1), (-68.3, -54.8), (-21.9, 64.1)]
    put_on_the_map(page, spots)
    page.goto(archive["map"])
    page.locator(".map-mark").first.wait_for()
    box = page.locator("#map").bounding_box()
    for mark in page.locator(".map-mark").all():
        inside = mark.bounding_box()
        for at, size in (("x", "width"), ("y", "height")):
            assert box[at] <= inside[at]
            assert inside[at] + inside[size] <= box[at] + box[size]
    expect(page.locator(".map-mark")).to_have_count(len(spots))


def test_a_region_is_no_point_and_a_distance_is_a_circle(page, archive):
    page.goto(archive["map"])
    page.locator(".map-mark").first.wait_for()
    region = page.get_by_role("button", name="North Country, 1 battle")
    assert region.bounding_box()["width"] > 50
    expect(page.locator(".map-circle")).to_have_count(1)


def test_the_filter_keeps_the_view(page, archive):
    page.goto(archive["map"])
    page.get_by_label("War or campaign").select_option(value="river-war")
    page.get_by_role("button", name="Show", exact=True).click()
    page.locator(".map-mark").first.wait_for()
    assert "view=map" in page.url
    assert "war=river-war" in page.url
    page.get_by_role("link", name="Timeline").click()
    expect(page.locator(".timeline-bar").first).to_be_visible()
    assert "war=river-war" in page.url


def test_without_scripts_the_map_is_drawn_and_the_list_is_there(open_page, archive):
    page = open_page(java_script_enabled=False)
    page.goto(archive["map"])
    told = "A map of 3 places; the list below has them all"
    expect(page.get_by_role("img", name=told, exact=True)).to_be_visible()
    expect(page.locator(".world-point")).to_have_count(1)
    ring = page.locator(".world circle")  # a broken one, as the words below the map say
    expect(ring).to_have_count(1)
    assert ring.evaluate("it => getComputedStyle(it).strokeDasharray") != "none"
    expect(page.get_by_role("link", name="North Country", exact=True)).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation_in_an_open_popup(open_page, archive, scheme):
    page = open_page(color_scheme=scheme)
    page.goto(archive["map"])
    page.get_by_role("button", name="Show Ford on the map").click()
    page.locator(".leaflet-popup").wait_for()
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
