"""Numbers of works: what is wrong with one, and which forms are one number."""

import pytest

from sources.identifiers import comparable, problem_of


@pytest.mark.parametrize(
    ("scheme", "value"),
    [
        ("isbn", "0-16-035957-0"),
        ("isbn", "978-0-8032-7795-3"),
        ("isbn", "0‐16‐035957‐0"),
        ("issn", "0317-8471"),
        ("doi", "whatever it is"),
        ("other", "1"),
    ],
)
def test_right_numbers_and_numbers_of_other_schemes_have_no_problem(scheme, value):
    assert problem_of(scheme, value) == ""


@pytest.mark.parametrize(
    ("scheme", "value", "said"),
    [
        ("isbn", "0-16-035957-1", "its check digit does not fit"),
        ("isbn", "0-16-03595", "other digits or another length"),
        ("isbn", "none", "other digits or another length"),
        ("issn", "0317-8472", "its check digit does not fit"),
    ],
)
def test_a_wrong_number_is_said_to_be_wrong_and_why(scheme, value, said):
    assert said in problem_of(scheme, value)


@pytest.mark.parametrize(
    ("scheme", "one", "other"),
    [
        ("isbn", "0-16-035957-0", "9780160359576"),
        ("isbn", "0 16 035957 0", "0160359570"),
        ("isbn", "0-16-035957-1 ", "0-16-035957-1"),
        ("issn", "03178471", "0317-8471"),
        ("doi", "https://doi.org/10.1000/ABC", "10.1000/abc"),
        ("doi", "doi: 10.1000/abc", "10.1000/abc"),
    ],
)
def test_forms_of_one_number_compare_as_one(scheme, one, other):
    assert comparable(scheme, one) == comparable(scheme, other)


def test_invalid_numbers_are_not_taken_for_valid_ones():
    assert comparable("isbn", "0-16-035957-1") != comparable("isbn", "0-16-035957-0")
