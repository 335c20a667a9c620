"""Marked text: every passage has one address, and the words are those of the document."""

from html.parser import HTMLParser
from uuid import UUID

from hypothesis import example, given
from hypothesis import strategies as st

from battles.marking import Block, NoteLink, Span, blocks, marked
from sources.paragraphs import paragraph_starts

WORDS = st.text(st.sampled_from("ab <>&\"'\n\r\f\t;𠀀한é\u2028"), min_size=1, max_size=40)


@st.composite
def texts_with_passages(draw):
    text = draw(WORDS)
    spans = []
    for number in range(draw(st.integers(0, 6))):
        start = draw(st.integers(0, len(text) - 1))
        end = draw(st.integers(start + 1, len(text)))
        spans.append(Span(UUID(int=number), start, end))
    return text, spans


class Reader(HTMLParser):
    """Reads marked text as a browser would: the words, and which passages each stands in."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.words, self.open, self.ids = [], [], []
        self.covered, self.threads = {}, {}
        self.called = []  # markers that lead to notes, and what each holds
        self.addresses = []  # of pages and paragraphs, with the places they are at
        self.feed(html.replace("\r\n", "\n").replace("\r", "\n"))  # as browsers do
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "mark":
            passage = attrs.get("id", "").removeprefix("p-") or attrs["data-passage"]
            if "id" in attrs:
                self.ids.append(passage)
            self.threads.setdefault(passage, set()).add(attrs.get("data-thread"))
            self.open.append(("mark", passage))
        elif attrs.get("class") == "call":
            self.open.append(("call", attrs["href"]))
            self.called.append([attrs, ""])
        else:
            self.open.append((tag, None))
            self.addresses.append((attrs["id"], sum(map(len, self.words))))
            assert attrs["href"] == f"#{attrs['id']}"

    def handle_endtag(self, tag):
        opened = self.open.pop()[0]
        assert (opened, tag) == ("call", "a") or opened == tag

    def handle_data(self, data):
        at = sum(map(len, self.words))
        self.words.append(data)
        if self.open and self.open[-1][0] == "call":
            self.called[-1][1] += data
        for tag, passage in self.open:
            if tag == "mark":
                self.covered.setdefault(passage, set()).update(range(at, at + len(data)))


def whole(text, spans):
    return Block(0, len(text), tuple(spans))


@given(texts_with_passages())
@example(("abcdef", [Span(UUID(int=0), 0, 4), Span(UUID(int=1), 2, 6)]))
@example(("abcdef", [Span(UUID(int=0), 1, 3), Span(UUID(int=1), 1, 3)]))
def test_marked_text_says_what_the_document_says_and_marks_what_is_cited(case):
    text, spans = case
    reader = Reader(marked(text, whole(text, spans)))
    assert "".join(reader.words) == text
    assert sorted(reader.ids) == sorted(str(span.passage) for span in spans)
    for span in spans:
        assert reader.covered[str(span.passage)] == set(range(span.start, span.end))


@given(texts_with_passages())
def test_a_passage_in_pieces_shares_one_thread_with_no_other(case):
    text, spans = case
    reader = Reader(marked(text, whole(text, spans)))
    threads = [thread for found in reader.threads.values() for thread in found if thread]
    assert all(len(found) == 1 for found in reader.threads.values())
    assert len(threads) == len(set(threads))


@given(texts_with_passages())
def test_blocks_make_up_the_text_and_no_passage_leaves_its_own(case):
    text, spans = case
    found = blocks(text, spans)
    assert "".join(text[block.start : block.end] for block in found) == text
    assert sorted(span for block in found for span in block.spans) == sorted(spans)
    for block in found:
        assert all(block.start <= s.start and s.end <= block.end for s in block.spans)


def test_passages_that_nest_are_nested_and_not_cut():
    text = "the army crossed the ford at dawn"
    outer, inner = UUID(int=1), UUID(int=2)
    html = marked(text, whole(text, [Span(inner, 4, 8), Span(outer, 0, 33)]))
    assert html == (
        f'<mark id="p-{outer}">the <mark id="p-{inner}">army</mark> crossed the ford at dawn</mark>'
    )


def test_of_two_that_cross_the_later_is_cut_and_its_pieces_share_a_thread():
    one, two = UUID(int=1), UUID(int=2)
    assert marked("abcdef", whole("abcdef", [Span(one, 0, 4), Span(two, 2, 6)])) == (
        f'<mark id="p-{one}">ab<mark id="p-{two}" data-thread="1">cd</mark></mark>'
        f'<mark data-passage="{two}" data-thread="1">ef</mark>'
    )


def test_words_of_a_document_are_never_markup():
    text = "<script>alert('&amp;')</script>"
    html = marked(text, whole(text, []))
    assert "<script" not in html
    assert "".join(Reader(html).words) == text


def test_a_form_feed_is_told_as_the_page_it_opens():
    html = marked("one\ftwo\fthree", whole("one\ftwo\fthree", []), page=4)
    assert 'data-page="5"' in html
    assert 'data-page="6"' in html


@given(texts_with_passages())
def test_pages_and_paragraphs_have_addresses_in_order_where_they_begin(case):
    text, spans = case
    starts = paragraph_starts(text)
    reader = Reader(marked(text, whole(text, spans), page=4, starts=starts, paragraph=7))
    assert "".join(reader.words) == text
    for span in spans:
        assert reader.covered[str(span.passage)] == set(range(span.start, span.end))
    paragraphs = [(name, at) for name, at in reader.addresses if name.startswith("par-")]
    assert paragraphs == [(f"par-{number}", at) for number, at in enumerate(starts, 7)]
    feeds = [at for at, character in enumerate(text) if character == "\f"]
    pages = [(name, at) for name, at in reader.addresses if name.startswith("page-")]
    assert pages == [(f"page-{number}", at) for number, at in enumerate(feeds, 5)]


def test_a_text_without_passages_is_one_block():
    assert blocks("one\n\ntwo\n\nthree", []) == [Block(0, 15, ())]


def test_a_text_is_cut_only_around_the_lines_that_are_cited():
    text = "one\n\ntwo\n\nthree\n\nfour"
    spans = [Span(UUID(int=1), text.index("two"), text.index("two") + 3)]
    assert [text[b.start : b.end] for b in blocks(text, spans)] == [
        "one\n\n",
        "two\n\n",
        "three\n\nfour",
    ]


@given(texts_with_passages(), st.data())
def test_markers_lead_to_notes_and_the_words_stay_those_of_the_document(case, data):
    text, spans = case
    cuts = data.draw(st.lists(st.integers(0, len(text)), max_size=6, unique=True).map(sorted))
    links = [
        NoteLink(start, end, UUID(int=100 + start), "a <note>", is_first=True)
        for start, end in zip(cuts[::2], cuts[1::2], strict=False)
        if "\f" not in text[start:end]  # no marker goes over the end of a page
    ]
    reader = Reader(marked(text, whole(text, spans), links=links))
    assert "".join(reader.words) == text
    edges = {edge for span in spans for edge in (span.start, span.end)}
    uncut = [link for link in links if not any(link.start < edge < link.end for edge in edges)]
    assert [words for _, words in reader.called] == [text[one.start : one.end] for one in uncut]
    for (attrs, _), link in zip(reader.called, uncut, strict=True):
        assert attrs["href"] == f"#note-{link.note}"
        assert (attrs["id"], attrs["title"]) == (f"call-{link.note}", "a <note>")
