"""Identity numbers: GB 11643, boundaries of dates, what spreadsheets do to them."""

import random
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jinbang.core import identity
from jinbang.core.errors import Refusal
from jinbang.core.identity import Sex

# The worked example printed in GB 11643-1999 itself.
STANDARD_EXAMPLE = "11010519491231002X"

people = st.builds(
    lambda seed, born, sex, area: identity.generate(random.Random(seed), born, sex, f"{area:06d}"),
    st.integers(),
    st.dates(date(1900, 1, 1), date(2030, 12, 31)),
    st.sampled_from(Sex),
    st.integers(0, 999999),
)


def codes(text, **kw):
    return [p.code for p in identity.inspect(text, **kw).errors]


def test_standard_example():
    number = identity.parse(STANDARD_EXAMPLE)
    assert (number.area, number.born, number.sex) == ("110105", date(1949, 12, 31), Sex.FEMALE)
    assert identity.parse("11010519491231002x") == number
    assert identity.parse(" １１０１０５ 19491231－002Ｘ\u200b") == number
    assert identity.parse("'11010519491231002X") == number


@given(people)
def test_generated_numbers_are_valid_and_read_back(number):
    again = identity.parse(number.value)
    assert again == number
    assert identity.generate(random.Random(3), again.born, again.sex).sex is again.sex


@given(people, st.integers(0, 17), st.sampled_from("0123456789X"))
def test_any_single_wrong_character_is_found(number, at, wrong):
    broken = number.value[:at] + wrong + number.value[at + 1 :]
    assert identity.is_valid(broken) == (broken == number.value)


@given(people, st.integers(0, 16))
def test_swapped_neighbours_are_found(number, at):
    v = number.value
    swapped = v[:at] + v[at + 1] + v[at] + v[at + 2 :]
    assert identity.is_valid(swapped) == (swapped == v)


@given(st.text(max_size=30))
def test_inspect_never_raises(text):
    report = identity.inspect(text)
    assert (report.number is None) == bool(report.errors)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["id_empty"]),
        ("  ", ["id_empty"]),
        ("1.10105E+17", ["id_spreadsheet"]),
        ("110105194912310020.0", ["id_spreadsheet"]),
        ("11010519491231002", ["id_length"]),
        ("11010519491231002XX", ["id_length"]),
        ("1101051949123100X2", ["id_characters"]),
        ("A10105194912310020", ["id_characters"]),
        ("110105194912310021", ["id_checksum"]),
        ("11010519491331002X", ["id_birth_date", "id_checksum"]),
    ],
)
def test_error_codes(text, expected):
    assert codes(text) == expected


@pytest.mark.parametrize(
    ("day", "ok"), [("20000229", True), ("19000229", False), ("20230229", False), ("20010631", False)]
)
def test_leap_days(day, ok):
    first17 = f"110105{day}001"
    value = first17 + identity.check_character(first17)
    assert codes(value) == ([] if ok else ["id_birth_date"])


def test_birth_today_is_allowed_and_tomorrow_is_not():
    number = identity.generate(random.Random(1), date(2022, 5, 21), Sex.MALE).value
    assert codes(number, today=date(2022, 5, 21)) == []
    assert codes(number, today=date(2022, 5, 20)) == ["id_future_birth"]


@pytest.mark.parametrize(
    ("area", "warned"),
    [("110101", False), ("810000", True), ("830001", False), ("990101", True), ("542621", False)],
)
def test_unknown_area_is_only_a_warning(area, warned):
    report = identity.inspect(identity.generate(random.Random(1), date(2004, 1, 1), Sex.MALE, area).value)
    assert report.number is not None
    assert [w.code for w in report.warnings] == (["id_area_unknown"] if warned else [])


def test_parse_refuses_with_a_reason_for_people():
    with pytest.raises(Refusal, match="现有 3 位") as caught:
        identity.parse("123")
    assert caught.value.code == "id_length"


def test_age_turns_on_the_birthday():
    number = identity.parse(STANDARD_EXAMPLE)
    assert number.age_on(date(1969, 12, 30)) == 19
    assert number.age_on(date(1969, 12, 31)) == 20


def test_masks():
    assert identity.mask(STANDARD_EXAMPLE) == "110***********002X"
    assert identity.mask("1234567890") == "********90"
    assert identity.mask("12") == "**"
    assert identity.mask("") == ""
    assert identity.mask_phone("138 0000 1234") == "138****1234"
    assert identity.mask_phone("02012345678") == "020****5678"
    assert identity.mask_phone("82345678") == "****5678"
    assert identity.mask_phone("110") == "***"


@given(people)
def test_mask_hides_the_birth_date(number):
    assert number.masked[3:14] == "*" * 11
    assert len(number.masked) == 18
