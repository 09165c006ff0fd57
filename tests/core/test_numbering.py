"""Ticket and certificate numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jinbang.core.errors import Refusal
from jinbang.core.numbering import DEFAULT_TICKET, allocate, check_character, check_holds, gaps, number_format

TICKET = number_format(DEFAULT_TICKET)
CERTIFICATE = number_format("=ZH year4 level1 serial6 check")
alphanumeric = st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=24)


def test_ticket():
    text = TICKET.format(level=1, sitting=2, site=31, room=4, seat=40)
    assert text == "0100020031000440"
    assert TICKET.length == 16
    assert TICKET.parse(text) == {"level": 1, "sitting": 2, "site": 31, "room": 4, "seat": 40}


@given(st.integers(0, 99), st.integers(0, 9999), st.integers(0, 9999), st.integers(0, 9999), st.integers(0, 99))
def test_ticket_reads_back(level, sitting, site, room, seat):
    values = {"level": level, "sitting": sitting, "site": site, "room": room, "seat": seat}
    assert TICKET.parse(TICKET.format(**values)) == values


def test_overflow_says_which_field():
    with pytest.raises(Refusal, match="“seat”的值 100 超出 2 位"):
        TICKET.format(level=1, sitting=1, site=1, room=1, seat=100)
    with pytest.raises(Refusal):
        TICKET.format(level=-1, sitting=1, site=1, room=1, seat=1)
    with pytest.raises(ValueError, match="fields needed"):
        TICKET.format(level=1)


@pytest.mark.parametrize(
    ("text", "code"),
    [("1", "number_length"), ("ZH202210000010", "number_check"), ("XX20221000001", "number_length")],
)
def test_parse_refuses(text, code):
    with pytest.raises(Refusal) as caught:
        CERTIFICATE.parse(text)
    assert caught.value.code == code
    assert not CERTIFICATE.is_valid(text)


def test_prefix_and_digits():
    wrong = "XX20221000001"
    with pytest.raises(Refusal) as caught:
        CERTIFICATE.parse(wrong + check_character(wrong))
    assert caught.value.code == "number_prefix"
    letters = "ZH2O221000001"
    with pytest.raises(Refusal) as caught:
        CERTIFICATE.parse(letters + check_character(letters))
    assert caught.value.code == "number_digits"


@given(st.integers(0, 9999), st.integers(0, 9), st.integers(0, 999999))
def test_certificate_reads_back(year, level, serial):
    text = CERTIFICATE.format(year=year, level=level, serial=serial)
    assert len(text) == CERTIFICATE.length == 14
    assert CERTIFICATE.parse(text.lower()) == {"year": year, "level": level, "serial": serial}


def test_known_check_characters():
    # ISO/IEC 7064 MOD 37,36 as used by the Global Release Identifier: A1-2425G-ABC1234002-M
    assert check_character("A12425GABC1234002") == "M"


@given(alphanumeric, st.data())
def test_check_finds_every_single_error(body, data):
    number = body + check_character(body)
    at = data.draw(st.integers(0, len(number) - 1))
    wrong = data.draw(st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    broken = number[:at] + wrong + number[at + 1 :]
    assert check_holds(broken) == (broken == number)


@pytest.mark.parametrize(
    "spec", ["", "check", "level", "level0", "level2 level2", "Level2", "level2 check seat2", "=zh level2"]
)
def test_bad_specs(spec):
    with pytest.raises(ValueError):  # noqa: PT011
        number_format(spec)


@given(st.integers(0, 10**6), st.integers(0, 500))
def test_allocation_continues_without_gap(last, count):
    new = list(allocate(last, count))
    assert new == [last + 1 + i for i in range(count)]


def test_gaps():
    assert gaps([]) == ()
    assert gaps([1, 2, 3]) == ()
    assert gaps([2, 5]) == (1, 3, 4)
    with pytest.raises(ValueError, match="not negative"):
        allocate(-1, 1)
