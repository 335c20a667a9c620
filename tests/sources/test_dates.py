"""What EDTF strings cover, in days and in words, and which are refused."""

import re
from datetime import date

import pytest
from edtf import parse_edtf
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from sources.dates import (
    DateError,
    DateRange,
    day_number,
    describe,
    from_day_number,
    parse,
    round_years,
)


def days(text: str) -> int | None:
    """The day number of 1950-06-25, -479-09-20 or nothing."""
    if not text:
        return None
    sign = -1 if text[0] == "-" else 1
    year, month, day = text.lstrip("-").split("-")
    return day_number(sign * int(year), int(month), int(day))


# The examples that the Library of Congress gives for each feature of levels 0, 1 and 2, each
# followed by others that decide how we read the feature.
BOUNDS = [
    # Level 0: date
    ("1985-04-12", "1985-04-12", "1985-04-12"),
    ("1985-04", "1985-04-01", "1985-04-30"),
    ("1985", "1985-01-01", "1985-12-31"),
    ("2000-02", "2000-02-01", "2000-02-29"),
    ("1900-02", "1900-02-01", "1900-02-28"),
    ("0000", "0-01-01", "0-12-31"),
    ("0000-02", "0-02-01", "0-02-29"),
    ("9999-12-31", "9999-12-31", "9999-12-31"),
    # Level 0: date and time
    ("1985-04-12T23:20:30", "1985-04-12", "1985-04-12"),
    ("1985-04-12T23:20:30Z", "1985-04-12", "1985-04-12"),
    ("1985-04-12T23:20:30-04", "1985-04-12", "1985-04-12"),
    ("1985-04-12T23:20:30+04:30", "1985-04-12", "1985-04-12"),
    ("1985-04-12T00:00:00+00:00", "1985-04-12", "1985-04-12"),
    ("1985-04-12T23:59:60Z", "1985-04-12", "1985-04-12"),
    ("-0479-09-20T06:00:00", "-479-09-20", "-479-09-20"),
    # Level 0: interval
    ("1964/2008", "1964-01-01", "2008-12-31"),
    ("2004-06/2006-08", "2004-06-01", "2006-08-31"),
    ("2004-02-01/2005-02-08", "2004-02-01", "2005-02-08"),
    ("2004-02-01/2005-02", "2004-02-01", "2005-02-28"),
    ("2004-02-01/2005", "2004-02-01", "2005-12-31"),
    ("2005/2006-02", "2005-01-01", "2006-02-28"),
    ("1953/1953-07", "1953-01-01", "1953-07-31"),
    ("1953-07/1953", "1953-07-01", "1953-12-31"),
    ("1953/1953", "1953-01-01", "1953-12-31"),
    ("-0480/-0479", "-480-01-01", "-479-12-31"),
    # Level 1: letter-prefixed year
    ("Y170000002", "170000002-01-01", "170000002-12-31"),
    ("Y-170000002", "-170000002-01-01", "-170000002-12-31"),
    # Level 1: seasons
    ("2001-21", "2001-01-01", "2001-12-31"),
    ("2001-22", "2000-11-01", "2002-03-31"),
    ("2001-23", "2001-01-01", "2001-12-31"),
    ("2001-24", "2000-11-01", "2002-03-31"),
    ("2001-21?", "2001-01-01", "2001-12-31"),
    # Level 1: qualification of a whole date
    ("1984?", "1984-01-01", "1984-12-31"),
    ("2004-06~", "2004-06-01", "2004-06-30"),
    ("2004-06-11%", "2004-06-11", "2004-06-11"),
    # Level 1: unspecified digits from the right
    ("201X", "2010-01-01", "2019-12-31"),
    ("20XX", "2000-01-01", "2099-12-31"),
    ("1XXX", "1000-01-01", "1999-12-31"),
    ("2004-XX", "2004-01-01", "2004-12-31"),
    ("1985-04-XX", "1985-04-01", "1985-04-30"),
    ("1985-XX-XX", "1985-01-01", "1985-12-31"),
    ("1900-02-XX", "1900-02-01", "1900-02-28"),
    ("19XX-02", "1900-02-01", "1999-02-28"),
    ("XXXX", "", ""),
    ("-01XX", "-199-01-01", "-100-12-31"),
    ("-000X", "-9-01-01", "-1-12-31"),
    ("-XXXX", "", "-1-12-31"),
    # Level 1: extended interval
    ("1985-04-12/..", "1985-04-12", ""),
    ("1985-04/..", "1985-04-01", ""),
    ("1985/..", "1985-01-01", ""),
    ("../1985-04-12", "", "1985-04-12"),
    ("../1985-04", "", "1985-04-30"),
    ("../1985", "", "1985-12-31"),
    ("1985-04-12/", "1985-04-12", ""),
    ("1985-04/", "1985-04-01", ""),
    ("1985/", "1985-01-01", ""),
    ("/1985-04-12", "", "1985-04-12"),
    ("/1985-04", "", "1985-04-30"),
    ("/1985", "", "1985-12-31"),
    ("1984~/2004-06", "1984-01-01", "2004-06-30"),
    ("1984/2004-06~", "1984-01-01", "2004-06-30"),
    ("1984?/2004%", "1984-01-01", "2004-12-31"),
    ("190X/..", "1900-01-01", ""),
    ("/190X?", "", "1909-12-31"),
    ("2004-XX/2005", "2004-01-01", "2005-12-31"),
    ("2001-21/2001-34", "2001-01-01", "2001-06-30"),
    ("Y-17000/XXXX", "-17000-01-01", ""),
    # Level 1: negative year
    ("-1985", "-1985-01-01", "-1985-12-31"),
    ("-0004-02", "-4-02-01", "-4-02-29"),
    # Level 2: exponential year
    ("Y-17E7", "-170000000-01-01", "-170000000-12-31"),
    ("Y1E16", f"{10**16}-01-01", f"{10**16}-12-31"),
    ("Y-1E16S1", f"-{2 * 10**16 - 1}-01-01", f"-{10**16}-12-31"),
    # Level 2: significant digits
    ("1950S2", "1900-01-01", "1999-12-31"),
    ("Y171010000S3", "171000000-01-01", "171999999-12-31"),
    ("Y3388E2S3", "338000-01-01", "338999-12-31"),
    ("-1950S3", "-1959-01-01", "-1950-12-31"),
    ("-0050S2", "-99-01-01", "-1-12-31"),
    ("1950S4", "1950-01-01", "1950-12-31"),
    # Level 2: sub-year groupings
    ("2001-25", "2001-01-01", "2001-12-31"),
    ("2001-26", "2001-01-01", "2001-12-31"),
    ("2001-28", "2000-11-01", "2002-03-31"),
    ("2001-30", "2000-11-01", "2002-03-31"),
    ("2001-32", "2001-01-01", "2001-12-31"),
    ("2001-33", "2001-01-01", "2001-03-31"),
    ("2001-34", "2001-04-01", "2001-06-30"),
    ("2001-36", "2001-10-01", "2001-12-31"),
    ("2001-37", "2001-01-01", "2001-04-30"),
    ("2001-38", "2001-05-01", "2001-08-31"),
    ("2001-40", "2001-01-01", "2001-06-30"),
    ("2001-41", "2001-07-01", "2001-12-31"),
    ("195X-24", "1949-11-01", "1960-03-31"),
    ("-XXXX-35", "", "-1-09-30"),
    # Level 2: sets
    ("[1667,1668,1670..1672]", "1667-01-01", "1672-12-31"),
    ("[..1760-12-03]", "", "1760-12-03"),
    ("[1760-12..]", "1760-12-01", ""),
    ("[1760-01,1760-02,1760-12..]", "1760-01-01", ""),
    ("[1667,1760-12]", "1667-01-01", "1760-12-31"),
    ("[..1984]", "", "1984-12-31"),
    ("{1667,1668,1670..1672}", "1667-01-01", "1672-12-31"),
    ("{1960,1961-12}", "1960-01-01", "1961-12-31"),
    ("{..1984}", "", "1984-12-31"),
    ("{1950..1953}", "1950-01-01", "1953-12-31"),
    ("[1672,1667]", "1667-01-01", "1672-12-31"),
    ("[1950~,XXXX]", "", ""),
    ("[..1900,1950..]", "", ""),
    # Level 2: qualification of parts
    ("2004-06~-11", "2004-06-11", "2004-06-11"),
    ("2004?-06-11", "2004-06-11", "2004-06-11"),
    ("?2004-06-~11", "2004-06-11", "2004-06-11"),
    ("2004-%06-11", "2004-06-11", "2004-06-11"),
    ("?2004-06", "2004-06-01", "2004-06-30"),
    ("2004?-06~-11", "2004-06-11", "2004-06-11"),
    # Level 2: unspecified digits anywhere
    ("156X-12-25", "1560-12-25", "1569-12-25"),
    ("15XX-12-25", "1500-12-25", "1599-12-25"),
    ("XXXX-12-XX", "", ""),
    ("1XXX-XX", "1000-01-01", "1999-12-31"),
    ("1XXX-12", "1000-12-01", "1999-12-31"),
    ("1984-1X", "1984-10-01", "1984-12-31"),
    ("1XXX-1X", "1000-10-01", "1999-12-31"),
    ("190X-02-29", "1904-02-29", "1908-02-29"),
    ("1900-XX-3X", "1900-01-30", "1900-12-31"),
    ("1900-02-2X", "1900-02-20", "1900-02-28"),
    ("X1X4-X2-X2", "104-02-02", "9194-12-22"),
    # Level 2: interval
    ("2004-06-~01/2004-06-~20", "2004-06-01", "2004-06-20"),
    ("2004-06-XX/2004-07-03", "2004-06-01", "2004-07-03"),
]


@pytest.mark.parametrize(("edtf", "earliest", "latest"), BOUNDS)
def test_a_date_covers_its_days(edtf: str, earliest: str, latest: str) -> None:
    covered = parse(edtf)
    assert (covered.earliest, covered.latest) == (days(earliest), days(latest))


@pytest.mark.parametrize(
    ("edtf", "marks"),
    [
        ("1953", ""),
        ("1984?", "?"),
        ("2004-06~", "~"),
        ("2004-06-11%", "?~"),
        ("?2004-06-~11", "?~"),
        ("2004-~06-11", "~"),
        ("1984/2004?", "?"),
        ("1984~/..", "~"),
        ("/19XX%", "?~"),
        ("[1950~,1953]", "~"),
        ("Y17000?", "?"),
        ("1950S2", ""),
    ],
)
def test_marks_are_told_and_never_move_a_bound(edtf: str, marks: str) -> None:
    covered = parse(edtf)
    assert (covered.is_uncertain, covered.is_approximate) == ("?" in marks, "~" in marks)
    unmarked = parse(re.sub("[?~%]", "", edtf))
    assert (covered.earliest, covered.latest) == (unmarked.earliest, unmarked.latest)


@pytest.mark.parametrize(
    ("edtf", "words"),
    [
        ("1953", "1953"),
        ("1953-07", "July 1953"),
        ("1953-07-27", "27 July 1953"),
        ("1985-04-12T23:20:30", "12 April 1985, 23:20:30"),
        ("1985-04-12T23:20:30Z", "12 April 1985, 23:20:30 UTC"),
        ("1950-06-25T04:00:00+09:00", "25 June 1950, 04:00:00 UTC+09:00"),
        ("0079-08-24", "24 August 79 CE"),
        ("-0479", "480 BCE"),
        ("0480", "480 CE"),
        ("0000", "1 BCE"),
        ("Y-170000002", "170000003 BCE"),
        ("1953-07-13/1953-07-27", "13–27 July 1953"),
        ("1950-06-28/1950-07-03", "28 June – 3 July 1950"),
        ("1950-07/1950-08", "July–August 1950"),
        ("1950-11/1951-01", "November 1950 – January 1951"),
        ("1950/1953", "1950–1953"),
        ("1950/1950", "1950–1950"),
        ("1985-04-XX/1985-04-20", "some day of April 1985 – 20 April 1985"),
        ("1950/1953-07", "1950 – July 1953"),
        ("-0480-09/-0480-10", "September–October 481 BCE"),
        ("-0479/-0478", "480 BCE – 479 BCE"),
        ("1950-06~/1950-07", "about June 1950 – July 1950"),
        ("1953/..", "from 1953, end open"),
        ("1953/", "from 1953, end unknown"),
        ("../1453", "until 1453, start open"),
        ("/1453", "until 1453, start unknown"),
        ("1600~", "about 1600"),
        ("1953-07?", "July 1953?"),
        ("1600%", "about 1600?"),
        ("?2004-06-~11", "11 June 2004 (year uncertain; day approximate)"),
        ("2004-06%-11", "11 June 2004 (year uncertain and approximate;"
         " month uncertain and approximate)"),
        ("2004-~21", "spring 2004 (season approximate)"),
        ("1951-21", "spring 1951"),
        ("1951-32~", "about southern winter 1951"),
        ("1951-34", "second quarter of 1951"),
        ("195X", "1950s"),
        ("195X-12", "December of the 1950s"),
        ("190X", "some year between 1900 and 1909"),
        ("19XX?", "some year between 1900 and 1999?"),
        ("005X", "some year between 50 CE and 59 CE"),
        ("-01XX", "some year between 200 BCE and 101 BCE"),
        ("19X5", "some year of the form 19X5"),
        ("190X-02-29", "29 February of some year between 1900 and 1909"),
        ("XXXX-12-XX", "some day of December of an unknown year"),
        ("-XXXX", "an unknown year before 1 BCE"),
        ("1985-XX", "some month of 1985"),
        ("1985-04-XX", "some day of April 1985"),
        ("1985-XX-XX", "some day of 1985"),
        ("1985-XX-12", "day 12 of some month of 1985"),
        ("1984-1X", "October or November or December 1984"),
        ("1984-0X-31", "31 January or March or May or July or August 1984"),
        ("1900-02-X9", "9 or 19 February 1900"),
        ("1950S2", "some year between 1900 and 1999 (estimated 1950)"),
        ("[1667,1668,1670..1672]", "one of 1667, 1668, 1670 to 1672"),
        ("{1960,1961-12}", "all of 1960, December 1961"),
        ("[..1984]", "1984 or earlier"),
        ("[1760-12..]", "December 1760 or later"),
        ("[1950,1952..]", "one of 1950, 1952 or later"),
        ("{..1984}", "all of 1984 and earlier"),
        ("[1950..1953]", "one of 1950 to 1953"),
    ],
)  # fmt: skip
def test_a_date_is_described_in_words(edtf: str, words: str) -> None:
    assert describe(edtf) == words


# Each refusal tells its own reason, and where there is one the form to write instead.
REFUSED = [
    ("", "A date is missing"),
    (" 1985", "a space at position 1"),
    ("1985 ", "a space at position 5"),
    ("1985\n", "U+000A at position 5"),
    ("1985-04\x00", "U+0000 at position 8"),
    ("1985-0４", "“４” (U+FF14) at position 7"),
    ("1985–1986", "“–” (U+2013) at position 5"),
    ("1" * 201, "longer than the 200 characters"),
    ("1985-13", "no month 13"),
    ("1985-00", "no month 00"),
    ("1985-20", "no month 20"),
    ("2001-42", "no month 42"),
    ("1984-2X", "no month 2X"),
    ("1985-04-31", "no day 31 in 1985-04"),
    ("1985-04-00", "no day 00"),
    ("1900-02-29", "no day 29 in 1900-02"),
    ("2004-02-30?", "no day 30 in 2004-02"),
    ("1984-02-3X", "no day 3X in 1984-02"),
    ("XXX1-02-29", "no day 29 in XXX1-02"),
    ("2001-21-12", "has no days"),
    ("-0000", "1 BCE is written 0000"),
    ("1953/1950", "the end is before the start"),
    ("1953-08/1953-07", "the end is before the start"),
    ("1950/-1950", "the end is before the start"),
    ("1953-07-28/1953-07-2X/", "one /"),
    ("1953-07-30/1953-07-2X", "the end is before the start"),
    ("1950/1951/1952", "one /"),
    ("/", "a date at one end"),
    ("../..", "a date at one end"),
    ("../", "a date at one end"),
    ("/..", "a date at one end"),
    ("[1953..1950]", "the end is before the start"),
    ("[1950..,1960]", "without end last"),
    ("[1950,..1960]", "without start comes first"),
    ("[1950..1953-07]", "joins two years"),
    ("[1950~..1953]", "joins two years"),
    ("[156X..]", "joins two years"),
    ("[..]", "joins two years"),
    ("[..1953..]", "1953.."),
    ("[1960]", "write one date without brackets"),
    ("[]", "A date is missing"),
    ("[1950,]", "A date is missing"),
    ("[1950,1951", "must end with ]"),
    ("{1950,1951]", "must end with }"),
    ("[1950,[1951,1952]]", "stands alone"),
    ("[1950,1951]/1953", "must end with ]"),
    ("[1950/1953,1954]", "cannot stand in a set"),
    ("1950..1953", "write an interval as 1950/1953"),
    ("1985T10:00:00", "a time follows one whole date"),
    ("1985-04-12T24:00:00", "from 00:00:00 to 23:59:59"),
    ("1985-04-12T10:60:00", "a time follows"),
    ("1985-04-12T10:10:60", "a time follows"),
    ("1985-04-12T10:00", "a time follows"),
    ("1985-04-12T10:00:00.5", "a time follows"),
    ("1985-04-12T10:00:00-00:00", "a time follows"),
    ("1985-04-12T10:00:00+14:30", "a time follows"),
    ("1985-04-12T10:00:00+15", "a time follows"),
    ("1985-04-12T10:00:00/1986", "outside intervals and sets"),
    ("1985-04-31T10:00:00", "no day 31"),
    ("Y1985", "written without Y"),
    ("Y1E3", "written without Y"),
    ("Y01985", "does not begin with 0"),
    ("Y1E999999999", "years run from Y-1E16 to Y1E16"),
    ("Y" + "9" * 150, "years run from"),
    ("Y10000000000000001", "years run from"),
    ("12345", "put Y before"),
    ("1950S0", "1 to 4 can be significant"),
    ("1950S5", "1 to 4 can be significant"),
    ("195XS2", "significant digits follow a whole year"),
    ("1950S2-04", "significant digits follow a whole year"),
    ("?1984?", "marked on both sides"),
    ("2004-06-~11?", "the day is marked on both sides"),
    ("1984??", "use one of ? ~ %"),
    # Forms of the drafts before 2019
    ("199u", "capital X"),
    ("199x", "capital X"),
    ("uuuu-12", "capital X"),
    ("unknown/2000", "leave an unknown end"),
    ("1953/open", "two dots for an open end"),
    ("y170000002", "capital Y"),
    ("Y17e7", "capital E"),
    ("1950s2", "capital S"),
    ("Y17101E4p3", "capital S"),
    ("1984?~", "% is uncertain and approximate together"),
    ("(2004)?-06-11", "round brackets are not used"),
    ("2001-21^southern", "part of the season's code"),
    # Forms of ISO 8601 that EDTF leaves out, and other habits
    ("19500625", "put hyphens between"),
    ("1950-W26", "week dates are not accepted"),
    ("1950-176", "days of the year are not accepted"),
    ("1950/P3Y", "durations are not accepted"),
    ("19", "a century as 19XX"),
    ("198", "a decade as 198X"),
    ("1950-6-25", "write a date as 1950, 1950-06 or 1950-06-25"),
    ("+1950", "write a date as"),
    ("-", "write a date as"),
    ("X", "write a date as"),
]


@pytest.mark.parametrize(("edtf", "reason"), REFUSED)
def test_a_date_that_cannot_be_read_is_refused_by_name(edtf: str, reason: str) -> None:
    for read in (parse, describe):
        with pytest.raises(DateError, match=re.escape(reason)):
            read(edtf)


# Generated dates: a real day, then less and less of it told.


@st.composite
def printed_days(draw: st.DrawFn) -> tuple[int, str]:
    """A day of the years -9999 to 9999 and how it is printed."""
    number = draw(st.integers(day_number(-9999, 1, 1), day_number(9999, 12, 31)))
    year, month, day = from_day_number(number)
    return number, f"{'-' if year < 0 else ''}{abs(year):04}-{month:02}-{day:02}"


marks = st.sampled_from(["", "?", "~", "%"])


@st.composite
def level_1_dates(draw: st.DrawFn) -> tuple[int, str]:
    """A day, and a date of level 0 or 1 that covers it."""
    number, printed = draw(printed_days())
    year, month = printed[:-6], printed[-5:-3]
    hidden = draw(st.integers(1, 3))
    form = draw(
        st.sampled_from(
            [
                printed,
                f"{year}-{month}",
                year,
                f"{year[:-hidden]}{'X' * hidden}",
                f"{year}-XX",
                f"{year}-{month}-XX",
                f"{year}-XX-XX",
                f"{year}-{21 + (int(month) - 3) % 12 // 3}",
            ]
        )
    )
    return number, form + draw(marks)


@given(level_1_dates())
def test_a_date_covers_the_day_it_was_made_from(dated: tuple[int, str]) -> None:
    number, edtf = dated
    covered = parse(edtf)
    assert covered.earliest is not None
    assert covered.latest is not None
    assert covered.earliest <= number <= covered.latest


@given(printed_days(), st.data())
def test_hiding_digits_never_loses_the_day(dated: tuple[int, str], data: st.DataObject) -> None:
    number, printed = dated
    hidden = "".join("X" if c != "-" and data.draw(st.booleans()) else c for c in printed)
    covered = parse(hidden)
    assert covered.earliest is None or covered.earliest <= number
    assert covered.latest is None or covered.latest >= number


@settings(max_examples=60)
@given(st.integers(0, 999), st.from_regex(r"[0-3X][0-9X]-[0-3X][0-9X]", fullmatch=True))
@example(190, "02-29")
@example(190, "02-30")
def test_unspecified_days_are_found_as_by_trying_every_day(decade: int, rest: str) -> None:
    """Every day of ten years is compared with the pattern; the first and last that fit count."""
    assume(not re.match("2[1-9]|3[0-9]", rest))
    edtf = f"{decade:03}X-{rest}"
    fits = re.compile(edtf.replace("X", "[0-9]"))
    found = [
        number
        for number in range(day_number(decade * 10, 1, 1), day_number(decade * 10 + 9, 12, 31) + 1)
        if fits.fullmatch("{:04}-{:02}-{:02}".format(*from_day_number(number)))
    ]
    if found:
        assert parse(edtf) == DateRange(found[0], found[-1])
    else:
        with pytest.raises(DateError):
            parse(edtf)


@given(level_1_dates(), level_1_dates(), st.sampled_from(["", "start", "end"]), st.booleans())
def test_an_interval_runs_from_its_first_day_to_its_last(
    one: tuple[int, str], other: tuple[int, str], missing: str, is_open: bool
) -> None:
    (_, start), (_, end) = sorted((one, other))
    dots = ".." if is_open else ""
    covered = parse(f"{dots if missing == 'start' else start}/{dots if missing == 'end' else end}")
    assert covered.earliest == (None if missing == "start" else parse(start).earliest)
    assert covered.latest == (None if missing == "end" else parse(end).latest)


@given(level_1_dates(), level_1_dates())
def test_an_interval_that_ends_before_it_starts_is_refused(
    one: tuple[int, str], other: tuple[int, str]
) -> None:
    (_, early), (_, late) = sorted((one, other))
    last, first = parse(early).latest, parse(late).earliest
    assume(last is not None and first is not None and last < first)
    with pytest.raises(DateError, match="the end is before the start"):
        parse(f"{late}/{early}")


@given(printed_days(), printed_days())
def test_days_sort_in_the_order_of_time(one: tuple[int, str], other: tuple[int, str]) -> None:
    first, second = (from_day_number(number) for number, _ in (one, other))
    assert (first < second) == (day_number(*first) < day_number(*second))
    assert parse(one[1]) == DateRange(one[0], one[0])


@given(st.integers(-(2**63), 2**63 - 1))
def test_a_day_number_stands_for_one_day(number: int) -> None:
    year, month, day = from_day_number(number)
    assert day_number(year, month, day) == number
    assert (year, month, day) < from_day_number(number + 1)
    assert day_number(year + 400, month, day) == number + 146_097


@given(st.dates())
def test_day_numbers_agree_with_the_calendar_of_the_standard_library(day: date) -> None:
    assert day_number(day.year, day.month, day.day) == day.toordinal()
    assert from_day_number(day.toordinal()) == (day.year, day.month, day.day)


@pytest.mark.parametrize(
    ("number", "year", "month", "day"),
    [(1, 1, 1, 1), (0, 0, 12, 31), (-365, 0, 1, 1), (-366, -1, 12, 31)],
)
def test_day_numbers_go_on_before_year_1(number: int, year: int, month: int, day: int) -> None:
    assert day_number(year, month, day) == number
    assert from_day_number(number) == (year, month, day)


@pytest.mark.parametrize(("month", "day"), [(2, 29), (13, 1), (0, 1), (4, 31)])
def test_there_is_no_number_for_a_day_that_is_not(month: int, day: int) -> None:
    with pytest.raises(ValueError, match=r"must be in|out of range"):
        day_number(-1900, month, day)


@pytest.mark.parametrize("edtf", ["Y1E16S1", "Y-1E16S1", "Y1E16", "Y-1E16"])
def test_the_farthest_days_fit_64_bits(edtf: str) -> None:
    covered = parse(edtf)
    assert covered.earliest is not None
    assert covered.latest is not None
    assert -(2**63) <= covered.earliest <= covered.latest < 2**63


texts = st.one_of(
    st.text(),
    st.text("0123456789X-/.,?~%[]{}YESTZ:+ux^() ", max_size=210),
    st.builds(
        lambda edtf, at, cut, new: edtf[:at] + new + edtf[at + cut :],
        st.sampled_from([edtf for edtf, *_ in BOUNDS]),
        st.integers(0, 25),
        st.integers(0, 3),
        st.text("0123456789X-/.,?~%[]{}YEST", max_size=3),
    ),
)


@settings(max_examples=2000)
@given(texts)
@example("[" + "XXXX," * 39 + "1]")
@example("XXXX-02-29/" * 18)
@example("[" * 200)
@example("?" * 200)
@example("Y1E" + "9" * 190)
@example("1950S" + "9" * 190)
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        covered = parse(text)
    except DateError as error:
        message = str(error)
        covered = None
    if covered is None:
        assert message.isprintable()
        return
    assert describe(text)
    assert covered.earliest is None or covered.earliest >= -(2**63)
    assert covered.latest is None or covered.latest < 2**63
    if covered.earliest is not None and covered.latest is not None:
        assert covered.earliest <= covered.latest
    if covered.is_uncertain:
        assert re.search(r"\?|uncertain", describe(text))
    if covered.is_approximate:
        assert re.search("about|approximate", describe(text))


# The independent reading of the edtf package, for the forms it reads rightly.


def independent_days(edtf: str) -> tuple[int, int]:
    read = parse_edtf(edtf)
    return day_number(*read.lower_strict()[:3]), day_number(*read.upper_strict()[:3])


@settings(max_examples=60, deadline=None)
@given(level_1_dates(), level_1_dates())
def test_the_edtf_package_agrees(one: tuple[int, str], other: tuple[int, str]) -> None:
    """Without seasons, which it gives months; years before 0 only where nothing is hidden; and
    of intervals those without X, as it refuses many others."""
    (_, start), (_, end) = sorted((one, other))
    for edtf in (start, end):
        if not re.search(r"-2[1-4][?~%]?$|^-.*X", edtf):
            covered = parse(edtf)
            assert (covered.earliest, covered.latest) == independent_days(edtf)
    if not re.search(r"-2[1-4]([?~%]?$|[?~%]?/)|X", f"{start}/{end}"):
        covered = parse(f"{start}/{end}")
        assert (covered.earliest, covered.latest) == independent_days(f"{start}/{end}")


@pytest.mark.parametrize(
    ("first", "last", "step", "years"),
    [
        (1953, 1957, 5, [1950, 1955, 1960]),
        (-489, -479, 10, [-489, -479]),  # 490 and 480 BCE
        (-490, -478, 10, [-499, -489, -479, -469]),
        (-3, 12, 10, [-9, 1, 10, 20]),  # 10 BCE is followed by 1 CE
        (-1, 2, 1, [-1, 0, 1, 2]),
        (0, 0, 1, [0]),
    ],
)
def test_round_years_are_round_as_historians_count_them(first, last, step, years):
    assert round_years(first, last, step) == years


@given(st.integers(-20_000, 20_000), st.integers(0, 20_000), st.sampled_from([1, 2, 5, 10, 1000]))
def test_round_years_hold_the_years_they_are_asked_for_and_no_more(first, more, step):
    years = round_years(first, first + more, step)
    assert years == sorted(set(years))
    assert years[0] <= first
    assert years[-1] >= first + more
    assert all(year > first for year in years[1:])
    assert all(year < first + more for year in years[:-1])
