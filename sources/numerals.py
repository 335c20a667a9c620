"""The whole numbers that a text can be read as holding, however it writes them.

Digits with or without separators, full-width ones too; words in English, Chinese and Korean; and
both together (3만 2천, 1.5 million). Where a text can be read in two ways, both numbers are found:
who asks whether a number stands there is told no only if no reading has it.
"""

import re
import unicodedata
from collections.abc import Iterator
from fractions import Fraction

_UNITS = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_WORDS = {word: number for number, word in enumerate(_UNITS, start=1)}
_WORDS |= {word: number for number, word in zip(range(20, 100, 10), _TENS, strict=True)}
_SCALES = {
    "dozen": 12,
    "hundred": 100,
    "thousand": 1000,
    "million": 10**6,
    "billion": 10**9,
}
_WORD = "|".join((*_SCALES, *_WORDS))
_IN_ENGLISH = re.compile(rf"\b(?:(?:an?|{_WORD})(?:[\s-]+(?:and\s+)?|\b))+")
_NOTHING = re.compile(r"\b(?:no|none|nil|zero|nobody|without)\b|[零无無没沒영]|없")

# Digits in groups of three, or one run of them; perhaps a fraction, perhaps a scale after it.
_DIGITS = re.compile(
    r"(?P<grouped>(?<![0-9])[0-9]{1,3}(?:(?P<mark>[,.' ’])[0-9]{3})(?:(?P=mark)[0-9]{3})*(?![0-9]))"
    r"|(?P<plain>[0-9]+)"
)
_SCALED = re.compile(
    rf"(?<![0-9])(?P<number>[0-9]+(?:[,.][0-9]{{3}})*(?:[.,][0-9]{{1,2}})?)\s?-?(?P<scale>{'|'.join(_SCALES)})\b"
)

_EASTERN_DIGITS = {
    character: number
    for characters in ("〇一二三四五六七八九", "零壹贰叁肆伍陆柒捌玖", "영일이삼사오육칠팔구")
    for number, character in enumerate(characters)
} | {"两": 2, "兩": 2, "貳": 2, "參": 3, "陸": 6, "륙": 6, "공": 0}
_EASTERN_SCALES = {
    **dict.fromkeys("十拾십", 10),
    **dict.fromkeys("百佰백", 100),
    **dict.fromkeys("千仟천", 1000),
    **dict.fromkeys("万萬만", 10**4),
    **dict.fromkeys("亿億억", 10**8),
}
_EASTERN = "".join((*_EASTERN_DIGITS, *_EASTERN_SCALES))
_IN_THE_EAST = re.compile(rf"(?:[0-9]+(?:[.,][0-9]+)*\s?|[{_EASTERN}])(?:[0-9.,]|[{_EASTERN}]\s?)*")
# A syllable of Hangul alone is more often a word than a number, unless something is counted by it.
_COUNTED = re.compile(r"\s?(?:명|인|년|월|일|대|문|개|차|군|사단|여단|연대)")

_KOREAN_UNITS = "하나 둘 셋 넷 다섯 여섯 일곱 여덟 아홉".split()
_KOREAN_TENS = "열 스물 서른 마흔 쉰 예순 일흔 여든 아흔".split()
_KOREAN = {word: number for number, word in enumerate(_KOREAN_UNITS, start=1)}
_KOREAN |= {"한": 1, "두": 2, "세": 3, "네": 4}
_IN_KOREAN = re.compile(
    rf"(?P<tens>{'|'.join((*_KOREAN_TENS, '스무'))})?(?P<unit>{'|'.join(_KOREAN)})?"
    r"(?=\s?(?:명|사람|대|개|문|차례|번))"
)


def plain(text: str) -> str:
    """Return a text as numbers and dates are looked for in it: without width and case."""
    return unicodedata.normalize("NFKC", text).casefold()


def numbers_in(text: str) -> set[int]:
    """Return every whole number that some reading of a text has."""
    text = plain(text)
    found = {*_in_digits(text), *_scaled(text), *_in_english(text), *_in_the_east(text)}
    found |= set(_in_korean(text))
    if _NOTHING.search(text):
        found.add(0)
    return found


def _in_digits(text: str) -> Iterator[int]:
    for match in _DIGITS.finditer(text):
        if match["plain"]:
            yield from _short(match["plain"])
            continue
        yield int(re.sub(r"\D", "", match["grouped"]))
        if match["mark"] in " .":  # of a table, or with a fraction
            yield from map(int, match["grouped"].split(match["mark"]))


def _short(digits: str) -> Iterator[int]:
    if len(digits) <= 20:  # more is no count of anything
        yield int(digits)


def _scaled(text: str) -> Iterator[int]:
    for match in _SCALED.finditer(text):
        yield from _times(match["number"], _SCALES[match["scale"]])


def _times(written: str, scale: int) -> Iterator[int]:
    """Yield what a number with a fraction comes to, if that is whole: 1.5 million."""
    whole = re.sub(r"[,.](?=[0-9]{3}(?![0-9]))", "", written).replace(",", ".")
    if whole.count(".") > 1 or len(whole) > 20:
        return
    value = Fraction(whole) * scale
    if value.denominator == 1:
        yield int(value)


def _in_english(text: str) -> Iterator[int]:
    for match in _IN_ENGLISH.finditer(text):
        yield from _english(re.findall(rf"\b(?:an?|{_WORD})\b", match[0]))


def _english(words: list[str]) -> Iterator[int]:
    """Yield the numbers of a run of words: “two hundred thousand” is one, “one two” are two."""
    total = part = 0
    last = ""
    for word in words:
        if word in _SCALES:
            scale = _SCALES[word]
            if scale >= 1000:
                total, part = total + max(part, 1) * scale, 0
            elif last:
                part = max(part, 1) * scale
            else:
                part = scale
        elif word in _WORDS:
            goes_on = not last or last in _SCALES or last in {"a", "an"}
            goes_on = goes_on or (last in _TENS and _WORDS[word] < 10)
            if not goes_on:
                yield total + part
                total = part = 0
            part += _WORDS[word]
        last = word
    if total or part:
        yield total + part


def _in_the_east(text: str) -> Iterator[int]:
    for match in _IN_THE_EAST.finditer(text):
        run = re.sub(r"\s", "", match[0])
        is_hangul = all("가" <= character <= "힣" for character in run)
        if len(run) == 1 and is_hangul and not _COUNTED.match(text, match.end()):
            continue
        yield from eastern(run)


def eastern(run: str) -> Iterator[int]:
    """Yield what a run of Chinese or Korean numerals, perhaps with digits in it, comes to."""
    if not any(character in _EASTERN_SCALES for character in run):
        digits = "".join(str(_EASTERN_DIGITS.get(character, character)) for character in run)
        if digits.isdecimal() and not run.isdecimal():
            yield from _short(digits)  # digit by digit: 一九五三
        return
    total, part, digit = Fraction(0), Fraction(0), Fraction(0)
    met = False
    for piece in re.findall(r"[0-9.,]+|.", run):
        if piece in _EASTERN_DIGITS:
            digit, met = digit * 10 + _EASTERN_DIGITS[piece], True
        elif piece not in _EASTERN_SCALES:
            numbers = list(_times(piece.strip(".,") or "0", 1000))
            if not numbers:
                return
            digit, met = Fraction(numbers[0], 1000), True
        elif (scale := _EASTERN_SCALES[piece]) >= 10**4:
            here = part + digit
            total += (here if here or met else 1) * scale
            part, digit, met = Fraction(0), Fraction(0), False
        else:
            part += (digit if met else 1) * scale
            digit, met = Fraction(0), False
    value = total + part + digit
    if value.denominator == 1:
        yield int(value)


def _in_korean(text: str) -> Iterator[int]:
    for match in _IN_KOREAN.finditer(text):
        tens = match["tens"]
        ten = 20 if tens == "스무" else 10 * (_KOREAN_TENS.index(tens) + 1) if tens else 0
        if number := ten + _KOREAN.get(match["unit"] or "", 0):
            yield number
