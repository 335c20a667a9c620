"""Links to words of a live page: the syntax of WICG text fragments."""

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.anchoring import CONTEXT
from sources.text_fragments import live_address, text_directive

SENTENCE = "The army crossed the ford at dawn, and the army crossed the ford again at dusk"


def terms(directive):
    """Read a directive as a browser does: prefix, start, end and suffix."""
    name, _, given_terms = directive.partition("=")
    assert name == "text"
    parts = given_terms.split(",")
    prefix = unquote(parts.pop(0)[:-1]) if parts[0].endswith("-") else ""
    suffix = unquote(parts.pop()[1:]) if parts[-1].startswith("-") else ""
    start, end = (*map(unquote, parts), "")[:2]
    assert len(parts) in {1, 2}
    return prefix, start, end, suffix


def test_a_quote_is_asked_for_as_it_is():
    assert text_directive(SENTENCE) == (
        "text=The%20army%20crossed%20the%20ford%20at%20dawn%2C%20and%20the%20army%20crossed%20"
        "the%20ford%20again%20at%20dusk"
    )


@pytest.mark.parametrize(
    ("character", "encoded"),
    [("-", "%2D"), (",", "%2C"), ("&", "%26"), ("#", "%23"), ("%", "%25"), ("金", "%E9%87%91")],
)
def test_what_the_syntax_uses_is_percent_encoded(character, encoded):
    assert text_directive(f"1950{character}1953") == f"text=1950{encoded}1953"


def test_a_quote_takes_the_words_around_it_along_and_cuts_none():
    prefix, suffix = "rthern sources, which say that: ", " killed. Southern sources: 32,25"
    assert (len(prefix), len(suffix)) == (CONTEXT, CONTEXT)
    assert terms(text_directive("2,689", prefix, suffix)) == (
        "sources, which say that:",
        "2,689",
        "",
        "killed. Southern sources:",
    )


@pytest.mark.parametrize("quote", [SENTENCE, f"{SENTENCE}. {SENTENCE}!"])
def test_of_two_equal_quotes_each_is_asked_for_by_what_stands_around_it(quote):
    text = f"On Monday: {quote} Nobody saw them. On Tuesday: {quote} All saw them."
    found = []
    for start in (text.index(quote), text.rindex(quote)):
        end = start + len(quote)
        around = text[max(0, start - CONTEXT) : start], text[end : end + CONTEXT]
        found.append(terms(text_directive(quote, *around)))
    assert found[0] != found[1]
    assert [one[0] for one in found] == ["On Monday:", "Nobody saw them. On Tuesday:"]


def test_the_words_around_it_are_those_of_the_next_lines_alone():
    assert terms(text_directive("2,689", "Losses\nNorth: ", "\nSouth: many\nEnd")) == (
        "North:",
        "2,689",
        "",
        "South: many",
    )


def test_a_long_quote_is_asked_for_by_its_beginning_and_its_end():
    prefix, start, end, suffix = terms(text_directive(f"{SENTENCE}. {SENTENCE}!", "And so: "))
    assert (prefix, suffix) == ("And so:", "")
    assert start == "The army crossed the ford at dawn, and the army crossed the"
    assert end == "ford at dawn, and the army crossed the ford again at dusk!"


def test_a_quote_of_several_lines_crosses_no_edge_of_a_block():
    quote = "South Korean sources: 2,689 killed\n7,548 wounded\n\n4,136 missing"
    assert terms(text_directive(quote)) == (
        "",
        "South Korean sources: 2,689 killed",
        "4,136 missing",
        "",
    )


def test_words_that_are_written_together_are_never_cut():
    line = "金城战役" * 40
    assert terms(text_directive(f"{line}。{line}")) == ("", f"{line}。{line}", "", "")
    assert terms(text_directive(f"{line}\n{line}")) == ("", line, line, "")
    assert terms(text_directive("金城", "战" * CONTEXT, "战" * CONTEXT)) == ("", "金城", "", "")


def test_neither_a_mark_nor_an_apostrophe_is_the_edge_of_a_word():
    line = "cafe\u0301-o'clock" * 20
    assert terms(text_directive(line)) == ("", line, "", "")


def test_an_address_that_has_a_fragment_keeps_it():
    assert live_address("https://example.org/a", "ford") == "https://example.org/a#:~:text=ford"
    assert live_address("https://example.org/a#b", "ford") == "https://example.org/a#b:~:text=ford"


def test_an_address_that_asks_for_other_words_asks_for_these_instead():
    for url in ("https://example.org/a#:~:text=river", "https://example.org/a#b:~:text=river"):
        there = url.partition(":~:")[0]
        assert live_address(url, "ford") == f"{there}:~:text=ford"


def test_a_quote_without_words_leads_to_the_page():
    assert live_address("https://example.org/a", "\n \f") == "https://example.org/a"


@given(st.text(min_size=1), st.text(max_size=CONTEXT), st.text(max_size=CONTEXT))
def test_every_term_reads_back_as_words_that_stand_there(quote, prefix, suffix):
    directive = text_directive(quote, prefix, suffix)
    if not directive:
        assert not quote.split()
        return
    found = terms(directive)
    for term, text in zip(found, (prefix, quote, quote, suffix), strict=True):
        assert term in " ".join(text.split())
        assert "\n" not in term
    assert directive.isascii()
    assert not set(directive) & set(" &#\"'<>")
