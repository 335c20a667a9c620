"""Measures the job: from an ingested encyclopedia's page to 30 published, cited statements.

It is done three times in a real Chromium: by drafting from the document, by selecting its words at
the desk one after the other, and with the plain forms of the admin. All must end in the same
statements. Counted are the pages loaded, the clicks and the characters typed. In each way the
source has its origin, and the battle its sides, beforehand.

Run as `python -m tests.bench.curating`. The page is not part of the project; without it nothing is
measured (SHARED_DATA names its folder).
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.bench.browsing import ROOT, Curator, browsing

SENTENCES = 6
SHORT = 20  # what is no longer is typed; longer words of the document are copied
WAYS = ("drafting", "selecting", "forms")
BATTLE = "Battle of Kumsong"
ENCYCLOPEDIA = "An encyclopedia"
# The infobox is flattened: whose losses a line tells of is read from its place.
LOSSES_OF = ["United Nations"] * 4 + ["China"] * 2
REASON = "Read from the place of its line in the infobox."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--made", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not page_of_encyclopedia().is_file():
        print("not measured: the encyclopedia's page is not here (SHARED_DATA names its folder)")
        return
    if options.way:
        do(options.way, options.made)
        return
    counts = []
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder, "made.json")
        for way in WAYS:
            command = [sys.executable, "-m", "tests.bench.curating", "--way", way, "--made", made]
            done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
            counts.append(json.loads(done.stdout.splitlines()[-1]))
    names = ("pages loaded", "clicks", "characters typed", "… other than sentences worded")
    for name, drafting, selecting, forms in zip(names, *counts, strict=True):
        print(
            f"{name}: {drafting:,} by drafting ({drafting / forms:.0%} of forms), "
            f"{selecting:,} by selecting ({selecting / forms:.0%}), {forms:,} with forms"
        )


def page_of_encyclopedia() -> Path:
    folder = Path(os.environ.get("SHARED_DATA", ROOT.parent / "shared"))
    return folder / "seeds/kumsong-encyclopedia.txt"


def fill() -> None:
    from sources.ingest import ingest
    from sources.models import Source
    from tests.builders import make_battle, make_origin, make_side

    ingest(page_of_encyclopedia())
    source = Source.objects.get()
    source.origin = make_origin(ENCYCLOPEDIA, kind="reference")
    source.rights = Source.Rights.OPEN_LICENCE
    source.save()
    for voice in ("China", "South Korea"):
        make_origin(voice, kind="state")
    battle = make_battle(BATTLE)
    for side in ("China", "United Nations"):
        make_side(side, battle=battle)


def do(way: str, path: Path) -> None:
    """Do the job in one way and print what it took, as JSON."""
    with browsing(fill) as curator:
        wanted = [] if way == "drafting" else json.loads(path.read_text(encoding="utf-8"))
        match way:
            case "drafting":
                draft(curator)
            case "selecting":
                select_at_desk(curator, wanted)
            case "forms":
                fill_in_forms(curator, wanted)
        publish(curator)
        made = statements_made()
        if way == "drafting":
            path.write_text(json.dumps(made), encoding="utf-8")
        elif made != wanted:
            sys.exit("The ways did not make the same:\n" + differences(made, wanted))
        wordings = sum(len(wording(number)) for number in range(SENTENCES))
        counts = curator.loads, curator.clicks, curator.typed, curator.typed - wordings
        print(json.dumps(counts))


def wording(number: int) -> str:
    return f"This is what the page tells in its sentence {number + 1}, in words of our own."


# Drafting ---------------------------------------------------------------------------------------


def draft(curator: Curator) -> None:
    page = curator.page
    curator.go("/admin/battles/statement/read/")
    curator.follow(page.get_by_role("link", name="kumsong-encyclopedia").first)
    curator.follow(page.get_by_role("link", name="Draft from this document"))
    curator.pick(page.locator("#id_battle"), BATTLE)
    curator.follow(page.get_by_role("button", name="Propose"))
    losses = iter(LOSSES_OF)
    left = SENTENCES
    while left or page.locator(".proposal h3", has_text="Casualties").count():
        for proposal in page.locator(".proposal").all():
            kind = proposal.locator("h3").inner_text()
            if kind == "Part of":  # its war has no statement here yet
                curator.click(proposal.get_by_label("Dismiss"))
            elif kind == "Casualties":
                curator.choose_named(proposal.get_by_label("Side"), next(losses))
            elif kind == "Narrative" and left:
                curator.type(proposal.locator("textarea").first, wording(SENTENCES - left))
                left -= 1
        curator.follow(page.get_by_role("button", name="Save, and accept all lines here"))


def publish(curator: Curator) -> None:
    """Publish all drafts from the list of statements."""
    page = curator.page
    curator.go("/admin/battles/statement/")
    curator.click(page.locator("#action-toggle"))
    curator.choose(page.locator("select[name=action]"), "publish")
    curator.follow(page.get_by_role("button", name="Go"))
    if page.locator("fieldset.asked").count():
        curator.type(page.locator("[name=reason-shared]"), REASON)
        curator.follow(page.get_by_role("button", name="Publish"))


# At the desk ------------------------------------------------------------------------------------


def select_at_desk(curator: Curator, wanted: list[Any]) -> None:
    from tests.browser.test_desk import SELECT

    page = curator.page
    add_entities(curator, wanted)
    curator.go("/admin/battles/statement/read/")
    curator.follow(page.get_by_role("link", name="kumsong-encyclopedia").first)
    for statement in wanted:
        page.evaluate(SELECT, [statement["at"], statement["at"] + len(statement["quote"])])
        page.locator("#desk-text").dispatch_event("pointerup")
        curator.clicks += 1
        page.locator("#panel-quote mark").wait_for()
        if not page.locator("select#id_battle option:checked").count():
            curator.pick(page.locator("#id_battle"), BATTLE)
        curator.choose(page.locator("#id_kind"), statement["kind"])
        page.locator("#panel-new").wait_for()
        for column, value in statement["values"].items():
            enter(curator, page.locator(f"#id_new-{column}"), value, statement)
        claimant = page.locator("#id_claimant")
        if claimant.locator("option:checked").inner_text() != statement["claimant"]:
            curator.pick(claimant, statement["claimant"])
        marker = page.locator("#id_note_marker")
        if statement["note_marker"] != marker.input_value():
            curator.click(page.locator("#panel summary"))
            curator.type(marker, statement["note_marker"])
        curator.click(page.get_by_role("button", name="Save", exact=True))
        page.locator("#desk-said", has_text="1 citation saved.").wait_for()


# With plain forms -------------------------------------------------------------------------------


def fill_in_forms(curator: Curator, wanted: list[Any]) -> None:
    page = curator.page
    add_entities(curator, wanted)
    for statement in wanted:
        if f"kind={statement['kind']}&" not in page.url:
            begin(curator, statement["kind"])
        for column, value in statement["values"].items():
            enter(curator, page.locator(f"#id_{column}"), value, statement)
        curator.pick(page.locator("#id_cite-0-document"), "kumsong-encyclopedia")
        curator.paste(page.locator("#id_cite-0-words"), statement["quote"])
        if statement["claimant"] != ENCYCLOPEDIA:
            curator.pick(page.locator("#id_cite-0-claimant"), statement["claimant"])
        if statement["note_marker"]:
            curator.click(page.locator("#cite-0 summary", has_text="What the account itself names"))
            curator.type(page.locator("#id_cite-0-note_marker"), statement["note_marker"])
        curator.follow(page.get_by_role("button", name="Save and add another"))
        if page.locator(".places").count():
            place = f"{statement['at']}-{statement['at'] + len(statement['quote'])}"
            curator.click(page.locator(f".places input[value='{place}']"))
            curator.follow(page.get_by_role("button", name="Save and add another"))


def begin(curator: Curator, kind: str) -> None:
    """Go to an empty form of a kind; after “Save and add another” one is there already."""
    page = curator.page
    curator.follow(page.locator("#nav-sidebar a[href='/admin/battles/statement/add/']"))
    curator.follow(page.get_by_role("link", name=BATTLE, exact=True))
    curator.follow(page.locator(f".choices a[href*='kind={kind}&']"))


def add_entities(curator: Curator, wanted: list[Any]) -> None:
    named = [tuple(entity) for statement in wanted for entity in statement["entities"]]
    for kind, name in dict.fromkeys(named):
        add_entity(curator, kind, name)


def add_entity(curator: Curator, kind: str, name: str) -> None:
    page = curator.page
    if not page.url.endswith("/admin/battles/entity/add/"):
        curator.go("/admin/battles/entity/add/")
    curator.choose(page.locator("#id_kind"), kind)
    curator.type(page.locator("#id_name"), name)
    curator.follow(page.get_by_role("button", name="Save and add another"))


def enter(curator: Curator, field: Any, value: str, statement: Any) -> None:
    if "admin-autocomplete" in (field.get_attribute("class") or ""):
        chosen = field.locator("option:checked")
        if not chosen.count() or value not in chosen.first.inner_text():
            curator.pick(field, value)
    elif field.input_value() == value:
        return
    elif field.evaluate("one => one.tagName") == "SELECT":
        curator.choose_named(field, value)
    elif value in statement["quote"] and len(value) > SHORT:
        curator.paste(field, value)
    else:
        curator.type(field, value)


# What was made ----------------------------------------------------------------------------------


def statements_made() -> list[Any]:
    """Return the published statements as a curator would give them to a form, in their order."""
    from battles.kinds import SHAPES, Kind
    from battles.models import Statement

    rows = Statement.objects.published().with_values().with_evidence()
    found = []
    for row in rows:
        [citation] = row.citations.all()
        values, entities = {}, []
        for column in (*SHAPES[Kind(row.kind)].columns, "printed"):
            value = getattr(row, column)
            if column in {"entity", "party", "place"} and value is not None:
                entities.append((value.kind, value.name))
            choices = Statement._meta.get_field(column).choices
            if value not in (None, ""):
                shown = getattr(row, f"get_{column}_display")() if choices else str(value)
                values[column] = str(shown)
        found.append(
            {
                "kind": row.kind,
                "values": values,
                "entities": entities,
                "quote": citation.passage.quote,
                "at": citation.passage.start,
                "claimant": citation.claimant.name,
                "note_marker": citation.note_marker,
            }
        )
    # As from JSON, so that both ways compare.
    return json.loads(json.dumps(sorted(found, key=lambda one: one["at"])))


def differences(made: list[Any], wanted: list[Any]) -> str:
    lines = [f"{len(made)} made, {len(wanted)} wanted"]
    lines += [
        f"{one}\n  wanted {other}" for one, other in zip(made, wanted, strict=False) if one != other
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
