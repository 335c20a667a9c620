"""Measures the desk with a document of a million characters, in a real Chromium.

Run as `python -m tests.bench.desk --characters 1000000 --passages 300`.
"""

import argparse
import gzip
import random
import time
from typing import Any

from tests.bench.browsing import Curator, browsing

PANEL_IS_OF = """(quote) => {
  const at = document.querySelector("#panel [name=at]").value;
  return at && JSON.parse(at)[2] === quote;
}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--characters", type=int, default=1_000_000)
    parser.add_argument("--passages", type=int, default=300)
    options = parser.parse_args()
    with browsing(lambda: fill(options.characters, options.passages)) as curator:
        measure_server()
        measure_browser(curator)


def fill(characters: int, passages: int) -> None:
    """Make a long document, and passages spread over it that a statement cites."""
    from tests.bench.corpus import WORDS
    from tests.builders import cite, make_battle, make_document, make_passage, make_statement

    chance = random.Random(1953)
    paragraphs, length = [], 0
    while length < characters:
        sentences = [f"{' '.join(chance.choices(WORDS, k=12)).capitalize()}." for _ in range(6)]
        sentences[0] = f"In hour {len(paragraphs)} {sentences[0]}"
        paragraphs.append(" ".join(sentences))
        length += len(paragraphs[-1]) + 2
    document = make_document("\n\n".join(paragraphs))
    battle = make_battle()
    for number in range(passages):
        which = number * len(paragraphs) // passages
        statement = make_statement(battle=battle, text=f"The army crossed in hour {which}.")
        cite(statement, make_passage(paragraphs[which][:60], document=document))
    print(f"a document of {document.text_length:,} characters with {passages:,} passages")


def where() -> str:
    from django.urls import reverse

    from sources.models import Document

    return reverse("admin:battles_statement_read", args=[Document.objects.get().pk])


def measure_server() -> None:
    from django.contrib.auth.models import User
    from django.test import Client

    client = Client()
    client.force_login(User.objects.get())
    client.get(where())
    times = []
    for _ in range(5):
        started = time.process_time()
        answer = client.get(where())
        times.append(time.process_time() - started)
    size, packed = len(answer.content), len(gzip.compress(answer.content, 5))
    print(f"server: {min(times) * 1000:,.0f} ms of CPU; {size:,} bytes, {packed:,} compressed")


def measure_browser(curator: Curator) -> None:
    page = curator.page
    started = time.perf_counter()
    curator.go(where())
    told("page opened", started)
    for what, key in (("first uncited sentence", "n"), ("next one", "n")):
        started = time.perf_counter()
        page.keyboard.press(key)
        page.wait_for_function("getSelection().toString()")
        told(what, started)
    # From the end of the text backwards.
    page.evaluate("document.querySelector('.stretch:last-child').scrollIntoView()")
    times: list[float] = []
    for _ in range(5):
        started = time.perf_counter()
        page.keyboard.press("n")
        quote = page.evaluate("getSelection().toString().trim()")
        page.keyboard.press("c")
        page.wait_for_function(PANEL_IS_OF, arg=quote)
        times.append(time.perf_counter() - started)
        page.keyboard.press("Escape")
    print(f"sentence selected, and its panel shown: {min(times) * 1000:,.0f} ms", flush=True)
    started = time.perf_counter()
    page.locator("#id_kind").select_option("casualties")
    page.locator("#panel-new").wait_for()
    told("kind chosen, and what the words say filled in", started)
    page.locator("#id_kind").select_option("")
    page.locator("#panel-new").wait_for(state="detached")
    started = time.perf_counter()
    page.locator("#panel-statements input").first.check()
    told("statement ticked", started)
    started = time.perf_counter()
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("1 citation saved.").wait_for()
    told("saved, and the text marked", started)


def told(what: str, started: Any) -> None:
    print(f"{what}: {(time.perf_counter() - started) * 1000:,.0f} ms", flush=True)


if __name__ == "__main__":
    main()
