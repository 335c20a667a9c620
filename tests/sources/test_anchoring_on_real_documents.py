import json
import os
import random
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from sources.anchoring import (
    Anchor,
    Outcome,
    Resolution,
    SearchableText,
    Span,
    find,
    make_anchor,
    page_of,
    resolve,
)

BESIDE_THE_REPOSITORY = Path(__file__).resolve().parents[2].parent / "shared"
SHARED = Path(os.environ.get("SHARED_DATA", BESIDE_THE_REPOSITORY))

pytestmark = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the real documents are not here (see SHARED_DATA)"
)


@cache
def document(path: str) -> str:
    return (SHARED / path).read_bytes().decode()


def report(name: str) -> str:
    return document(f"data/acw-sample/documents/{name}.txt")


def citations() -> list[dict[str, Any]]:
    lines = document("data/acw-sample/citations.jsonl").splitlines()
    return [json.loads(line) for line in lines]


def test_infobox_figure_of_the_encyclopedia_stands_at_its_known_place():
    text = document("seeds/kumsong-encyclopedia.txt")
    assert len(text) == 3576
    expected = Resolution(Outcome.EXACT, (Span(640, 666),))
    assert find("Chinese sources: 32,253[8]", text) == expected
    assert find("253", text).outcome is Outcome.LOST


def test_name_in_chinese_and_in_pinyin_is_found_however_it_is_typed():
    text = document("seeds/kumsong-encyclopedia.txt")
    for quote in ("金城\n战役", "Ji\u0304n Che\u0301ng Zha\u0300n Yi\u0300", "13-27 July 1953"):
        assert find(quote, text).outcome is Outcome.EXACT


def test_phrase_that_the_essay_repeats_is_ambiguous_until_its_context_is_given():
    text = document("seeds/kumsong-essay.txt")
    resolution = find("Chinese victory", text)
    assert resolution.outcome is Outcome.AMBIGUOUS
    assert len(resolution.places) == 3
    for start, end in resolution.places:
        context = {"prefix": text[start - 20 : start], "suffix": text[end : end + 20]}
        assert find("Chinese victory", text, **context).place == (start, end)
        assert resolve(make_anchor(text, start, end), text).place == (start, end)


def test_every_citation_of_the_reports_is_found_or_honestly_ambiguous():
    right = 0
    for citation in citations():
        text = report(citation["document"])
        true = Span(citation["start"], citation["end"])
        resolution = find(citation["exact"], text)
        if citation["n_in_doc"] == 1:
            assert resolution == Resolution(Outcome.EXACT, (true,)), citation
            assert page_of(text, true.start) == citation["page"]
        else:
            assert resolution.outcome is Outcome.AMBIGUOUS, citation
            assert len(resolution.places) == citation["n_in_doc"]
            assert true in resolution.places
        right += 1
    assert right == 71


def test_every_citation_of_the_reports_can_be_anchored():
    for citation in citations():
        text = report(citation["document"])
        true = Span(citation["start"], citation["end"])
        assert resolve(make_anchor(text, *true), text) == Resolution(Outcome.EXACT, (true,))


def anchors() -> list[tuple[str, Anchor]]:
    return [
        (citation["document"], make_anchor(text, citation["start"], citation["end"]))
        for citation in citations()
        for text in [report(citation["document"])]
    ]


def test_citations_follow_their_words_into_a_reset_report():
    """Unwrapped lines and straight quotation marks: what another extractor might make of it."""
    outcomes: Counter[str] = Counter()
    for name, anchor in anchors():
        text = report(name)
        reset = text.replace("\n", " \n").replace("’", "'").replace("“", '"').replace("”", '"')
        resolution = resolve(anchor, reset)
        start = anchor.start + text.count("\n", 0, anchor.start)
        true = Span(start, anchor.end + text.count("\n", 0, anchor.end))
        assert true in resolution.places, anchor
        outcomes[resolution.outcome] += 1
    assert outcomes[Outcome.EXACT] + outcomes[Outcome.MOVED] >= 66


def test_citations_are_never_led_astray_by_edits_elsewhere():
    """Lines of the report are dropped and doubled at random, but those of the passage."""
    chance = random.Random(1953)
    decided = wrong = 0
    for name, anchor in anchors():
        text = report(name)
        head, tail = text[: anchor.start], text[anchor.end :]
        line_start, line_end = head.rfind("\n") + 1, tail.find("\n") + 1
        kept = head[line_start:] + anchor.quote + tail[:line_end]
        before, after = (
            "".join(line * chance.choices((0, 1, 2), (1, 8, 1))[0] for line in part)
            for part in (
                head[:line_start].splitlines(keepends=True),
                tail[line_end:].splitlines(keepends=True),
            )
        )
        start = len(before) + anchor.start - line_start
        true = Span(start, start + len(anchor.quote))
        resolution = resolve(anchor, SearchableText(before + kept + after))
        if resolution.place is None:
            assert true in resolution.places
        else:
            decided += 1
            wrong += resolution.place != true
    assert wrong == 0
    assert decided >= 40
