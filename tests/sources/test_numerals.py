"""Numbers are found in a text however it writes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.numerals import numbers_in


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("32253 men", 32253),
        ("32,253 men", 32253),
        ("32 253 men", 32253),
        ("32\u00a0253 men", 32253),
        ("32\u202f253 men", 32253),
        ("32.253 Mann", 32253),
        ("32'253 Mann", 32253),
        ("1,234,567", 1234567),
        ("３２，２５３人", 32253),
        ("1.5 million shells", 1500000),
        ("1,5 million", 1500000),
        ("20 thousand", 20000),
        ("two dozen guns", 24),
        ("a dozen guns", 12),
        ("a hundred guns", 100),
        ("twenty-one guns", 21),
        ("Twelve divisions", 12),
        ("two hundred and five men", 205),
        ("one hundred twenty thousand men", 120000),
        ("three thousand four hundred", 3400),
        ("three or four", 4),
        ("三万人", 30000),
        ("三萬人", 30000),
        ("3万人", 30000),
        ("3만 명", 30000),
        ("삼만 명", 30000),
        ("삼만오천 명", 35000),
        ("3만 2천 명", 32000),
        ("3만2,253명", 32253),
        ("五万二千七百八十三人", 52783),
        ("7.8万", 78000),
        ("7万8000余人", 78000),
        ("十二個師", 12),
        ("十二个师", 12),
        ("十个师", 10),
        ("二十个师", 20),
        ("两万人", 20000),
        ("万人", 10000),
        ("一亿", 100000000),
        ("2억 3천만", 230000000),
        ("一千零五人", 1005),
        ("一九五三年", 1953),
        ("열두 명", 12),
        ("스물한 명", 21),
        ("스무 명", 20),
        ("12개 사단", 12),
        ("killed 0", 0),
        ("no men were lost", 0),
        ("none", 0),
        ("无人伤亡", 0),
        ("사망자는 없었다", 0),
        ("the 1950s", 1950),
        ("70-80 guns", 80),
    ],
)
def test_a_number_is_found_however_it_is_written(text: str, number: int):
    assert number in numbers_in(text)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("32,253 men", 32),
        ("32,253 men", 253),
        ("32253 men", 3225),
        ("twenty-one guns", 20),
        ("two hundred", 2),
        ("三万人", 3),
        ("thousands fell", 1000),
        ("the phone rang", 1),
        ("이 전투", 2),
        ("anyone", 1),
        ("nobody knows", 1),
        ("the north", 0),
    ],
)
def test_what_is_not_written_is_not_found(text: str, number: int):
    assert number not in numbers_in(text)


@given(st.integers(0, 10**12), st.sampled_from(["{}", "{:,}", "({:,})", "x {} y", "{:,} men"]))
def test_every_number_in_digits_is_found(number: int, form: str):
    assert number in numbers_in(form.format(number))


@given(st.text())
def test_any_text_is_read(text: str):
    assert all(number >= 0 for number in numbers_in(text))


_DIGITS = "零一二三四五六七八九"


def _in_chinese(number: int) -> str:
    """Write a number below ten thousand in Chinese."""
    written, gap = "", False
    for scale, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // scale % 10
        if digit:
            written += ("零" if gap and written else "") + _DIGITS[digit] + name
            gap = False
        else:
            gap = True
    return written


@given(st.integers(1, 9999), st.integers(0, 9999))
def test_every_number_in_chinese_is_found(high: int, low: int):
    written = _in_chinese(high) + "万" + (_in_chinese(low) if low else "")
    assert high * 10000 + low in numbers_in(written)
