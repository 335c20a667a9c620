import random
import unicodedata

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from sources.anchoring import (
    CONTEXT,
    Anchor,
    AnchorError,
    Outcome,
    Resolution,
    SearchableText,
    Span,
    find,
    make_anchor,
    page_count,
    page_of,
    quote_hash,
    resolve,
)

TEXT = (
    "The salient south of the river was held by the corps. The battle ended in a Chinese victory "
    "after two weeks. The essay also calls the earlier fighting a Chinese victory, if a costly "
    "one. Losses were put at 32,253 by one side and 78,000 by the other."
)


def only(text: str, wording: str) -> Span:
    """The span of wording that occurs once in the text."""
    assert text.count(wording) == 1
    start = text.index(wording)
    return Span(start, start + len(wording))


def anchored(text: str, wording: str) -> Anchor:
    return make_anchor(text, *only(text, wording))


def found(quote: str, text: str) -> str | None:
    """The text's own words for a quote that is found for sure."""
    resolution = find(quote, text)
    if resolution.outcome is not Outcome.EXACT:
        return None
    assert resolution.place is not None
    return text[resolution.place.start : resolution.place.end]


# Making anchors --------------------------------------------------------------------------------


def test_anchor_holds_the_quote_and_its_context():
    anchor = anchored(TEXT, "78,000")
    assert anchor.quote == "78,000"
    assert anchor.prefix == "re put at 32,253 by one side and "[-CONTEXT:]
    assert anchor.suffix == " by the other."


@pytest.mark.parametrize(("start", "end"), [(3, 3), (5, 3), (-1, 3), (0, 5), (9, 12)])
def test_span_outside_the_text_or_empty_is_refused(start: int, end: int):
    with pytest.raises(AnchorError, match="is not a passage of a text of 4 characters"):
        make_anchor("1953", start, end)


def test_span_of_white_space_is_refused():
    with pytest.raises(AnchorError, match="nothing but white space"):
        make_anchor("July \n\u00a0\f 1953", 4, 8)


# The same text ---------------------------------------------------------------------------------

NASTY = "a e 12,.-–\n\f\t\0\u00a0\u00ad\u200b\u200d\u0301\u0323\u1112\u1161\u11ab"
NASTY += "é“'ﬁ…Ａ金城战役三전투😀𠀀"


@settings(max_examples=500)
@given(st.text(NASTY, min_size=1, max_size=60), st.integers(0, 59), st.integers(1, 60))
def test_anchor_resolves_to_itself_in_its_own_text(text: str, start: int, length: int):
    end = min(start + length, len(text))
    assume(text[start:end].strip())
    expected = Resolution(Outcome.EXACT, (Span(start, end),))
    assert resolve(make_anchor(text, start, end), text) == expected


def test_each_of_many_twins_resolves_to_itself_in_its_own_text():
    text = "Chinese victory. " * 20
    for start in range(0, len(text), 17):
        anchor = make_anchor(text, start, start + 15)
        assert resolve(anchor, text).place == (start, start + 15)


# Other versions of a text ----------------------------------------------------------------------


def test_passage_is_moved_by_what_is_put_before_it():
    resolution = resolve(anchored(TEXT, "78,000"), "A foreword.\n" + TEXT)
    assert resolution.outcome is Outcome.MOVED
    assert resolution.place == only("A foreword.\n" + TEXT, "78,000")


def test_passage_stays_exact_when_only_its_far_context_changes():
    changed = TEXT.replace("put at 32,253", "set to 32,253")
    resolution = resolve(anchored(TEXT, "78,000"), changed)
    assert resolution == Resolution(Outcome.EXACT, (only(TEXT, "78,000"),))


def test_repeated_quote_is_told_by_its_context():
    start = TEXT.rindex("Chinese victory")
    anchor = make_anchor(TEXT, start, start + 15)
    assert resolve(anchor, "Foreword. " + TEXT).place == (start + 10, start + 25)


def test_old_offsets_do_not_win_against_the_context():
    """A line put in before shifts every line by one: a namesake now stands at the old offsets."""
    lines = [f"{year} at the river: Chinese victory, so they say.\n" for year in range(1949, 1954)]
    text = "".join(lines[1:])
    start = 2 * len(lines[0]) + lines[0].index("Chinese")
    anchor = make_anchor(text, start, start + 15)
    changed = lines[0] + text
    assert changed[anchor.start : anchor.end] == anchor.quote
    true = Span(start + len(lines[0]), start + len(lines[0]) + 15)
    assert resolve(anchor, changed) == Resolution(Outcome.MOVED, (true,))


def test_old_offsets_do_not_win_where_the_context_cannot_decide():
    text = "River: Chinese victory. Hill: Chinese victory. Road: Chinese victory. Hill: truce."
    anchor = make_anchor(text, 30, 45)
    changed = "Camp: Chinese victory. " + text.replace("Hill", "Peak")
    resolution = resolve(anchor, changed)
    assert resolution.outcome is Outcome.AMBIGUOUS
    assert len(resolution.places) == 4


def test_quote_that_recurs_in_its_own_context_needs_all_of_it():
    text = "Rout after rout: Chinese victory, Chinese victory; so the reports went on and on."
    anchor = make_anchor(text, 34, 49)
    assert anchor.quote in anchor.prefix
    assert resolve(anchor, "At last. " + text).place == (43, 58)
    tripled = "Peace. " + text[17:49] + ", Chinese victory" + text[49:]
    assert resolve(anchor, tripled).outcome is Outcome.AMBIGUOUS


def test_quote_that_recurs_at_the_end_of_a_text_is_ambiguous_once_another_follows():
    text = "For years on end the reports had it so: Chinese victory, Chinese victory"
    anchor = make_anchor(text, 40, 55)
    assert resolve(anchor, text + ", Chinese victory").outcome is Outcome.AMBIGUOUS


def test_copy_put_beside_the_end_of_a_text_leaves_it_ambiguous():
    text = "Fighting went on for two weeks along the river and ended in a truce."
    anchor = make_anchor(text, len(text) - 6, len(text) - 1)
    assert resolve(anchor, text + " A truce.").outcome is Outcome.AMBIGUOUS


def test_namesake_is_not_taken_for_a_passage_that_has_gone():
    anchor = make_anchor(TEXT, TEXT.index("Chinese victory"), TEXT.index("Chinese victory") + 15)
    gone = TEXT.replace("The battle ended in a Chinese victory after two weeks. ", "")
    resolution = resolve(anchor, gone)
    assert resolution.outcome is Outcome.AMBIGUOUS
    assert resolution.places == (only(gone, "Chinese victory"),)
    assert resolution.place is None


def test_namesake_at_the_old_offsets_is_not_taken_for_a_passage_that_has_gone():
    text = "Hill 433:  Chinese victory.  Hill 512: .. Chinese victory after a long day of fighting."
    anchor = make_anchor(text, 11, 26)
    changed = "Before it. " + text[42:]
    assert changed[11:26] == anchor.quote
    assert resolve(anchor, changed).outcome is Outcome.AMBIGUOUS


def test_blank_context_vouches_for_nothing():
    anchor = anchored("|" + " " * 40 + "253" + " " * 40 + "|", "253")
    assert resolve(anchor, "Killed, all told:" + " " * 40 + "253" + " " * 40).outcome is (
        Outcome.AMBIGUOUS
    )


def test_copy_of_the_passage_with_its_context_leaves_it_ambiguous():
    anchor = anchored(TEXT, "78,000")
    resolution = resolve(anchor, f"{TEXT} Again.\n{TEXT}"[1:])
    assert resolution.outcome is Outcome.AMBIGUOUS
    assert len(resolution.places) == 2


BEFORE, AFTER = " and then reports came in of one", " by the last days of that summer"


@pytest.mark.parametrize(
    "rival",
    [
        (BEFORE[-20:], AFTER[:20]),
        (BEFORE, AFTER[:12]),
        (BEFORE[-12:], AFTER),
    ],
)
@pytest.mark.parametrize("rival_first", [True, False])
def test_place_with_half_its_context_is_not_preferred_to_a_rival(
    rival: tuple[str, str], rival_first: bool
):
    anchor = Anchor(500, 509, " victory ", BEFORE, AFTER)
    copy, passage = " victory ".join(rival), f"{BEFORE[-24:]} victory {AFTER[:24]}"
    pair = [copy, passage] if rival_first else [passage, copy]
    assert resolve(anchor, f"Thus: {pair[0]} ... {pair[1]}!").outcome is Outcome.AMBIGUOUS
    assert resolve(anchor, f"Thus: {passage} ... victory!").outcome is Outcome.MOVED


def test_rival_that_agrees_nearly_as_well_leaves_it_ambiguous():
    anchor = Anchor(500, 509, " victory ", BEFORE, AFTER)
    changed = f"Thus: {BEFORE[-24:]} victory {AFTER} ... {BEFORE[-12:]} victory {AFTER}!"
    assert resolve(anchor, changed).outcome is Outcome.AMBIGUOUS


@pytest.mark.parametrize("rival", [(BEFORE, AFTER[:1]), (BEFORE[-1:], AFTER)])
def test_rival_that_agrees_better_on_one_side_leaves_it_ambiguous(rival: tuple[str, str]):
    anchor = Anchor(500, 509, " victory ", BEFORE, AFTER)
    passage, copy = f"{BEFORE[-30:]} victory {AFTER[:30]}", " victory ".join(rival)
    assert resolve(anchor, f"Thus: {passage} ... {copy}!").outcome is Outcome.AMBIGUOUS


def test_complete_copy_and_nearly_complete_copy_leave_it_ambiguous():
    for order in (1, -1):
        whole, half = f"{BEFORE} victory {AFTER}", f"{BEFORE[-20:]} victory {AFTER[:20]}"
        changed = " ... ".join([whole, half][::order])
        anchor = Anchor(500, 509, " victory ", BEFORE, AFTER)
        assert resolve(anchor, changed).outcome is Outcome.AMBIGUOUS


def test_long_quote_speaks_for_itself():
    quote = "The essay also calls the earlier fighting a Chinese victory, if a costly one."
    changed = f"Elsewhere, in other words:\n{quote}\nNothing else is as it was."
    assert resolve(anchored(TEXT, quote), changed).place == only(changed, quote)


def test_white_space_at_the_ends_of_a_quote_is_not_sought():
    anchor = anchored(TEXT, " 78,000 ")
    assert resolve(anchor, "Foreword. " + TEXT).place == only("Foreword. " + TEXT, "78,000")


def test_other_typography_at_the_old_offsets_is_moved():
    text = "A foreword and then “White Tiger” of the Capital Division, as it is called here."
    plain = text.replace("“", '"').replace("”", '"')
    resolution = resolve(anchored(text, "“White Tiger”"), plain)
    assert resolution == Resolution(Outcome.MOVED, (only(plain, '"White Tiger"'),))


def test_part_of_a_word_moves_with_its_word_only():
    text = "Forces counter-attacked along the river on the second day of the fighting there."
    anchor = anchored(text, "ttack")
    assert resolve(anchor, "So: " + text).place == only("So: " + text, "ttack")
    assert resolve(anchor, text.replace("attacked", "ttack")).outcome is Outcome.LOST


def test_dash_alone_is_an_anchor_like_any_other():
    text = "The salient was reduced — at great cost to both sides, as everybody agrees."
    assert resolve(anchored(text, "—"), "So: " + text).place == only("So: " + text, "—")


def test_changed_figure_is_proposed_as_an_edit():
    changed = "Foreword. " + TEXT.replace("78,000 by the other", "78,500 by the other")
    resolution = resolve(anchored(TEXT, "78,000 by the other"), changed)
    assert resolution.outcome is Outcome.EDITED
    assert resolution.place == only(changed, "78,500 by the other")
    assert 0.75 <= resolution.similarity < 1


def test_passage_without_trace_is_lost():
    resolution = resolve(anchored(TEXT, "32,253 by one side"), "Nothing of the kind is said here.")
    assert resolution.outcome is Outcome.LOST
    assert (resolution.places, resolution.place) == ((), None)


def test_proposal_is_made_of_whole_words():
    text = "By then the counterattacking divisions had lost 12,689 men in a week."
    resolution = find("attacking divisions had lost 2,689 men", text)
    assert resolution.outcome is Outcome.EDITED
    assert resolution.place == only(text, "counterattacking divisions had lost 12,689 men")


@pytest.mark.parametrize("word", ["launched", "salient"])
def test_passage_with_words_put_in_is_proposed_whole(word: str):
    quote = "the forces launched an offensive on the river salient after midnight of July 13"
    edited = quote.replace(word, f"{word}, at long last,")
    for shift in range(60):
        text = "." * shift + f" In July {edited}. More would follow."
        resolution = find(quote, text)
        assert resolution.outcome is Outcome.EDITED
        assert resolution.place == only(text, edited)


def test_difference_of_case_is_an_edit():
    resolution = find("THE KUMSONG SALIENT", "So it was in the Kumsong salient by then.")
    assert resolution == Resolution(Outcome.EDITED, (Span(13, 32),))


def test_two_similar_places_are_never_chosen_between():
    text = "Losses: 7,548 wounded there. Later on: 7,559 wounded there."
    resolution = find("7,543 wounded there", text)
    assert resolution.outcome is Outcome.AMBIGUOUS
    assert resolution.place is None
    assert [text[start:end] for start, end in resolution.places] == [
        "7,548 wounded there",
        "7,559 wounded there",
    ]


# Looking up a quote ----------------------------------------------------------------------------


def test_unique_quote_is_found():
    assert find("Losses were put at", TEXT) == Resolution(
        Outcome.EXACT, (only(TEXT, "Losses were put at"),)
    )


def test_repeated_quote_is_ambiguous_with_all_its_places():
    first, last = TEXT.index("Chinese victory"), TEXT.rindex("Chinese victory")
    resolution = find("Chinese victory", TEXT)
    assert resolution.outcome is Outcome.AMBIGUOUS
    assert resolution.places == (Span(first, first + 15), Span(last, last + 15))
    assert resolution.place is None


@pytest.mark.parametrize(
    "context", [{"prefix": "ended in a "}, {"suffix": "after two"}, {"prefix": "ended\nin a"}]
)
def test_context_decides_between_places(context: dict[str, str]):
    start = TEXT.index("Chinese victory")
    resolution = find("Chinese victory", TEXT, **context)
    assert resolution == Resolution(Outcome.EXACT, (Span(start, start + 15),))


def test_context_that_contradicts_leaves_even_one_place_ambiguous():
    resolution = find("78,000", TEXT, prefix="South Korean estimation: ")
    assert resolution == Resolution(Outcome.AMBIGUOUS, (only(TEXT, "78,000"),))


def test_verbatim_place_does_not_hide_one_of_other_typography():
    text = "A Chinese victory here, and a Chinese\nvictory there."
    assert len(find("Chinese victory", text).places) == 2


@pytest.mark.parametrize("quote", ["", " \n"])
def test_blank_quote_is_lost(quote: str):
    assert find(quote, TEXT).outcome is Outcome.LOST


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        ('the "White Tiger" regiment', "of the “White Tiger” regiment was"),
        ('the "White Tiger" regiment', "of the «White Tiger» regiment was"),
        ("the ROK's corps", "of the ROK’s corps was"),
        ("1950–1953", "war (1950-1953) in"),
        ("1950-1953", "war (1950\u20111953) in"),
        ("1950−1953", "war (1950—1953) in"),
        ("1950–1953", "war (1950–\n1953) in"),
        ("the war -- at last", "So the war — at last — ended"),
        ("South Korean sources", "by South\u00a0 Korean\n\n\f  sources it"),
        ("South Korean\nsources", "by South Korean sources it"),
        ("they attacked it", "then they attac-\nked it again"),
        ("they attac-\nked it", "then they attacked it again"),
        ("they attac- ked it", "then they attac-\nked it again"),
        ("they attacked it", "then they attac\u00ad\nked it again"),
        ("they attacked it", "then they attac-\n\n\f ked it again"),
        ("they attacked it", "then they at\u00adtac\u200bked it again"),
        ("a well-known hill", "is a well-\nknown hill by"),
        ("a well-\nknown hill", "is a well-known hill by"),
        ("a well-known hill", "is a well\u00ad\nknown hill by"),
        ("a café-\nau lait", "had a caféau lait there"),
        ("Jīn Chéng", "pinyin: Ji\u0304n Che\u0301ng Zhàn"),
        ("Ji\u0304n Che\u0301ng", "pinyin: Jīn Chéng Zhàn"),
        ("first office", "the ﬁrst oﬃce of"),
        ("and so on...", "hills and so on… until"),
        ("Volume III, 1953", "the Ｖｏｌｕｍｅ　ＩＩＩ， １９５３ of"),
        ("金城战役", "中文：金城\n战役；拼音"),
        ("金城\n战役", "中文：金城战役；拼音"),
        ("金城战役，又称", "即金城战役,\n又称金城"),
        ("金城战役", "\uf90a城战役"),
        ("금성 전투는", "그 금성\n전투는 마지막"),
        ("금성 전투", unicodedata.normalize("NFD", "그 금성 전투는 마지막")),
        ("1953年7月", "于 1953 年 7 月发起"),
        ("−5 degrees", "at -5 degrees there"),
        ("Hill 433 –", "at Hill 433 — at last"),
        ("  78,000\n", "estimation: 78,000[8]"),
        ("victory", "a Chinese victory12 and"),
        ("victory", "a Chinese victory¹ and"),
        ("战役", "金城战役历史"),
        ("금성전투", "금성전투는"),
        ("𠀀字", "有𠀀\n字也"),
    ],
)
def test_ordinary_typography_is_forgiven(quote: str, text: str):
    words = found(quote, text)
    assert words is not None
    assert words == words.strip()
    assert find(words, text) == find(quote, text)


def test_dashes_at_the_ends_of_a_quote_belong_to_its_place():
    assert found("– at last -", "it ended — at last — in a truce") == "— at last —"


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        ("32,253", "put at 32.253 by"),
        ("32,253", "put at 32253 by"),
        ("32,253", "put at 32, 253 by"),
        ("1950–1953", "in 19501953 and"),
        ("1950-\n1953", "in 19501953 and"),
        ("resigned", "he re-signed it"),
        ("re-signed", "he resigned it"),
        ("Chinese victory", "a Chinesevictory it"),
        ("Chinese victory", "a chinese Victory it"),
        ("Jīn Chéng", "pinyin: Jin Cheng Zhàn"),
        ("102 men", "10² men were"),
        ("(not) a victory", "not a victory at"),
        ("no; they held it", "no they held it"),
        ("'White Tiger'", 'the "White Tiger" it'),
        ("−5 degrees", "at 5 degrees there"),
        ("Hill 433 –", "at Hill 433, at last"),
    ],
)
def test_other_words_are_not_the_same_place(quote: str, text: str):
    assert find(quote, text).outcome in (Outcome.EDITED, Outcome.LOST)


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        ("2,689", "lost 12,689 men"),
        ("253", "lost 32,253 men"),
        ("32", "lost 32,253 men"),
        ("32", "lost 32.5 men"),
        ("253 men", "lost 32\u202f253 men"),
        ("253 men", "lost 32,\u200b253 men"),
        ("20", "the 20th Army"),
        ("16 rifles", "had M16 rifles"),
        ("5 degrees", "at −5 degrees there"),
        ("30 men", "at 10:30 men came"),
        ("2 divisions", "about 1/2 divisions"),
        ("10", "of 10² men"),
        ("attack", "they attacked it"),
        ("attack", "they counterattack it"),
        ("attack", "they attack\u00aded it"),
        ("ked", "they attac-\nked it"),
        ("attac", "they attac-\nked it"),
        ("i", "the ﬁ ligature"),
        ("f", "the ﬁ ligature"),
        ("tat", "the e\u0301tat was"),
        ("👨", "the 👨\u200d👩 pair"),
        ("caf", "in a café there"),
        ("cafe", "in a cafe\u0301 there"),
        ("f", "the ﬁrst"),
        ("千人", "伤亡三千人以上"),
        ("千人", "伤亡三\n千人以上"),
        ("万人", "伤亡32万人以上"),
        ("253人", "伤亡32253人以上"),
        ("가", "\u1100\u1161\u11a8"),
        ("가", "각"),
    ],
)
def test_part_of_a_word_number_or_character_is_no_place(quote: str, text: str):
    assert found(quote, text) is None
    assert not find(quote, text).places or find(quote, text).outcome is Outcome.EDITED


def test_text_searched_again_and_again_is_prepared_once():
    prepared = SearchableText(TEXT)
    for quote in ("Losses were put at", "Chinese victory", "78,500 by the other", "no such"):
        assert find(quote, prepared) == find(quote, TEXT)
    anchor = anchored(TEXT, "32,253")
    assert resolve(anchor, prepared) == resolve(anchor, TEXT)


def test_places_are_right_far_into_a_long_text():
    """The way back from what is compared to the text goes in blocks; none may be off by one."""
    filler = "“Ji\u0304n” – ﬁve…\n金城 " * 900
    for shift in range(40):
        text = "." * shift + filler + "the 2,689\nkilled " + filler
        words = found("the 2,689 killed", text)
        assert words == "the 2,689\nkilled"
        dotted = "." * (4080 + shift) + " le\u0301\u0323 fort"
        assert found("l\u1eb9\u0301 fort", dotted) == "le\u0301\u0323 fort"


# Never a wrong place ---------------------------------------------------------------------------

WORDS = [
    *("army", "corps", "river", "hill", "salient", "front", "line", "attack", "truce", "talks"),
    *("village", "guns", "July", "1953", "27,000", "9th", "金城", "战役", "금성", "전투"),
    *("Chéng", "nai\u0308ve", "𠀀", "😀", "“elite”", "firepower"),
]


def written(chance: random.Random, words: int) -> str:
    return "".join(
        chance.choice(WORDS) + chance.choice((" ", " ", ", ", ".\n")) for _ in range(words)
    )


def reset(text: str, chance: random.Random) -> str:
    """The same words from another press."""
    set_as = {
        " ": [" ", "\u00a0", "\n", "  ", " \f\n"],
        "“": ['"', "«", "“"],
        "”": ['"', "»", "”"],
        "–": ["-", "—", "\u2011", "–"],
        "'": ["’", "'"],
        "fi": ["ﬁ", "fi"],
        "…": ["...", "…"],
        "tt": ["tt", "t-\nt", "t\u00adt", "t\u200bt"],
        "城": ["城", "城\n"],
        "é": ["é", "e\u0301"],
    }
    for plain, forms in set_as.items():
        first, *others = text.split(plain)
        text = first + "".join(chance.choice(forms) + other for other in others)
    return text


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32))
def test_quote_from_another_press_is_found_exactly(seed: int):
    chance = random.Random(seed)
    words = ["the", "first", "attack", "of", "1950–1953", "“Tiger”", "金城战役", "Chéng", "ROK's…"]
    chance.shuffle(words)
    quote = "Kumsong " + " ".join(words[: chance.randint(1, 9)]) + " fire"
    before, planted, after = written(chance, 40), reset(quote, chance), written(chance, 40)
    text = before + planted + " " + after
    expected = Resolution(Outcome.EXACT, (Span(len(before), len(before) + len(planted)),))
    assert find(quote, text) == expected
    assert find(reset(quote, chance), text) == expected


def edited_around(chance: random.Random, namesake: str, copied: int) -> tuple[Anchor, str, Span]:
    """An anchor in a text full of namesakes, the text with edits elsewhere, and the true place.

    Among the edits are copies of the quote with some code points of its context.
    """
    sentences = [written(chance, chance.randint(0, 12)) + namesake + " " for _ in range(4)]
    text = "".join(sentences)
    start = text.index(namesake, len("".join(sentences[: chance.randrange(4)])))
    anchor = make_anchor(text, start, start + len(namesake))
    near = anchor.prefix[-copied:], anchor.suffix[:copied]
    before, after = text[:start], text[anchor.end :]
    for _ in range(chance.randint(1, 3)):
        copies = [f"{namesake} ", f"{near[0]}{namesake}{near[1]}", f"{namesake}{near[1]}", ""]
        put_in = chance.choice([written(chance, 3), *copies])
        side = after if chance.random() < 0.5 else before
        at = chance.choice([0, len(side), chance.randint(0, len(side))])
        changed = side[:at] + put_in + side[at + chance.choice([0, 0, 5, 60]) :]
        before, after = (before, changed) if side is after else (changed, after)
    before, after = f"{before.rstrip()} ", f" {after.lstrip()}"
    true = Span(len(before), len(before) + len(namesake))
    return anchor, before + namesake + after, true


NAMESAKES = ["Chinese victory", "4th", "金城", "2,689 killed", "e\u0301lite"]


@settings(max_examples=500, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from(NAMESAKES))
def test_edits_elsewhere_never_lead_to_a_wrong_place(seed: int, namesake: str):
    anchor, text, true = edited_around(random.Random(seed), namesake, copied=8)
    resolution = resolve(anchor, text)
    if resolution.place is None:
        assert resolution.outcome is Outcome.AMBIGUOUS
        assert true in resolution.places
    else:
        there = make_anchor(text, *resolution.place)  # what no anchor could tell from its own
        is_twin = (there.prefix, there.suffix) == (anchor.prefix, anchor.suffix)
        assert resolution.place == true or is_twin
        assert resolution.outcome in (Outcome.EXACT, Outcome.MOVED)


@settings(max_examples=500, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from(NAMESAKES))
def test_only_a_copy_with_context_on_both_sides_can_pass_for_the_passage(seed: int, namesake: str):
    anchor, text, true = edited_around(random.Random(seed), namesake, copied=CONTEXT)
    place = resolve(anchor, text).place
    if place is not None and place != true:
        before, after = "".join(text[: place.start].split()), "".join(text[place.end :].split())
        assert before.endswith("".join(anchor.prefix[-CONTEXT // 4 :].split()))
        assert after.startswith("".join(anchor.suffix[: CONTEXT // 4].split()))


@settings(max_examples=400, deadline=None)
@given(st.integers(0, 2**32))
def test_passage_cut_out_is_never_found_in_a_namesake(seed: int):
    chance = random.Random(seed)
    namesake = chance.choice(["Chinese victory", "4th", "金城", "2,689 killed"])
    parts = [written(chance, chance.randint(8, 14)) for _ in range(5)]
    text = namesake.join(f" {part}" for part in parts)
    at = len(parts[0]) + 1
    anchor = make_anchor(text, at, at + len(namesake))
    cut = text[: max(0, at - chance.randint(0, 60))] + text[anchor.end + chance.randint(0, 30) :]
    resolution = resolve(anchor, cut[chance.randint(0, 9) :])
    assert resolution.outcome in (Outcome.AMBIGUOUS, Outcome.LOST, Outcome.EDITED)


@settings(max_examples=400, deadline=None)
@given(st.text(NASTY, min_size=1, max_size=12), st.text(NASTY, max_size=40))
@example("é", "e\u0301\u0323")
def test_whatever_is_found_begins_and_ends_with_whole_characters(quote: str, text: str):
    whole = text + quote + text
    resolution = find(quote, whole)
    if resolution.outcome is Outcome.EXACT:
        ((start, end),) = resolution.places
        assert whole[start:end]
        assert whole[start:end] == whole[start:end].strip()
        assert not unicodedata.combining(whole[start])
        assert not unicodedata.combining(whole[end : end + 1] or " ")


# Hashes and pages ------------------------------------------------------------------------------


def test_quote_hash_is_the_sha_256_of_its_utf_8():
    assert quote_hash("金城") == "288e82a7038fd7aaa42e5538e71a6811079f8c9608413d76ba4b18fdde967dc3"


def test_form_feeds_part_pages():
    text = "one\ftwo\f\ffour"
    assert [page_of(text, text.index(word)) for word in ("one", "two", "four")] == [1, 2, 4]
    assert page_count(text) == 4


def test_form_feed_is_on_the_page_that_it_ends():
    assert page_of("one\ftwo", 3) == 1
    assert page_of("one\ftwo", 4) == 2


@pytest.mark.parametrize("offset", [-1, 4])
def test_page_of_an_offset_outside_the_text_is_refused(offset: int):
    with pytest.raises(AnchorError, match="outside a text of 3 characters"):
        page_of("one", offset)
