"""Prices, shares and a journal that always balances."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jinbang.core import ledger
from jinbang.core.errors import Refusal
from jinbang.core.ledger import CEILINGS, Account, AccountKind, Entry, ExamForm, Posting, Price

PYTHON = Price("python", ExamForm.COMPUTER, 300_00, 60_00, date(2022, 1, 1))


def fee(n=1, price=PYTHON, site="S1", sitting="E1"):
    return ledger.book_fee(f"reg:{n}", price, school="SCH", site=site, awarding="ZH", sitting=sitting)


def find(prices, province="江苏", level="初级", on=date(2022, 5, 21)):
    return ledger.find_price(
        prices, province=province, certificate="python", level=level, form=ExamForm.COMPUTER, on=on
    )


def test_the_seed_split():
    entry = fee()
    assert [(p.account.kind, p.amount) for p in entry.postings] == [
        (AccountKind.RECEIVABLE, 300_00),
        (AccountKind.SITE, -60_00),
        (AccountKind.AWARDING, -240_00),
    ]


@pytest.mark.parametrize("form", list(ExamForm))
def test_ceiling_boundary(form):
    limit = CEILINGS[form]
    ledger.check_price(Price("c", form, limit, 0, date(2022, 1, 1)))
    with pytest.raises(Refusal, match="超过"):
        ledger.check_price(Price("c", form, limit + 1, 0, date(2022, 1, 1)))


def test_which_price_applies():
    own = Price("python", ExamForm.COMPUTER, 280_00, 50_00, date(2022, 3, 1), province="江苏")
    later = Price("python", ExamForm.COMPUTER, 260_00, 50_00, date(2022, 6, 1), province="江苏")
    level = Price("python", ExamForm.COMPUTER, 270_00, 50_00, date(2022, 2, 1), province="江苏", level="高级")
    prices = [later, own, PYTHON, level]
    assert find(prices) is own
    assert find(prices, on=date(2022, 2, 28)) is PYTHON
    assert find(prices, on=date(2022, 3, 1)) is own
    assert find(prices, on=date(2022, 6, 1)) is later
    assert find(prices, level="高级", on=date(2022, 6, 1)) is level
    assert find(prices, province="山东") is PYTHON
    with pytest.raises(Refusal, match="没有生效的收费标准"):
        find(prices, on=date(2021, 12, 31))


@given(st.integers(0, 10**9), st.lists(st.integers(0, 1000), min_size=1, max_size=8).filter(any))
def test_split_loses_nothing_and_is_fair(amount, weights):
    parts = ledger.split(amount, weights)
    assert sum(parts) == amount
    assert all(abs(p * sum(weights) - amount * w) < sum(weights) for p, w in zip(parts, weights, strict=True))


def test_split_of_300():
    assert ledger.split(300_00, [60, 240]) == (60_00, 240_00)
    assert ledger.split(100, [1, 1, 1]) == (34, 33, 33)
    with pytest.raises(ValueError, match="weights"):
        ledger.split(1, [0, 0])
    with pytest.raises(ValueError, match="weights"):
        ledger.split(1, [2, -1])


def test_unbalanced_entries_cannot_exist():
    a = Account(AccountKind.CASH, "x")
    with pytest.raises(ValueError, match="balance"):
        Entry("k", "", (Posting(a, 1),))
    with pytest.raises(ValueError, match="balance"):
        Entry("k", "", ())
    with pytest.raises(ValueError, match="empty posting"):
        Entry("k", "", (Posting(a, 0),))


def test_full_cycle_comes_to_zero():
    entries = [fee(1), fee(2), ledger.book_payment("pay:1", 600_00, school="SCH", holder="ZH")]
    entries.append(ledger.reverse(entries[1], "refund:2"))
    entries.append(ledger.book_payout("out:1", 60_00, site="S1", holder="ZH", sitting="E1"))
    totals = ledger.balances(entries)
    assert sum(totals.values()) == 0
    assert totals[Account(AccountKind.RECEIVABLE, "SCH")] == -300_00
    assert totals[Account(AccountKind.SITE, "S1")] == 0
    assert ledger.faults(entries) == ()
    line = ledger.statement([e for e in entries if e.sitting])[0]
    assert (line.registrations, line.refunds, line.charged) == (2, 1, 300_00)
    assert (line.site_share, line.awarding_share, line.paid_out) == (60_00, 240_00, 60_00)


def test_faults_are_named():
    one = fee(1)
    assert ledger.faults([one, one]) == ("reg:1: booked twice",)
    refund = ledger.reverse(one, "r")
    assert ledger.faults([refund]) == ("reg:1: reversed but never booked",)
    assert ledger.faults([one, refund, ledger.reverse(one, "r2")]) == ("reg:1: more was reversed than booked",)


@given(st.integers(100, 70000), st.integers(1, 99), st.data())
def test_part_refund_balances_and_stays_within_the_fee(amount, percent, data):
    share = data.draw(st.integers(0, amount))
    entry = fee(price=Price("python", ExamForm.COMPUTER, amount, share, date(2022, 1, 1)))
    part = ledger.reverse_part(entry, "part", percent)
    assert sum(p.amount for p in part.postings) == 0
    assert ledger.faults([entry, part]) == ()
    assert ledger.balances([entry, part])[Account(AccountKind.RECEIVABLE, "SCH")] == amount - amount * percent // 100
    assert all(v <= 0 for a, v in ledger.balances([entry, part]).items() if a.kind is not AccountKind.RECEIVABLE)


def test_part_refund_bounds():
    with pytest.raises(ValueError, match="1 to 99"):
        ledger.reverse_part(fee(), "p", 100)
    with pytest.raises(ValueError, match="one debit"):
        ledger.reverse_part(ledger.reverse(fee(), "r"), "p", 50)
    tiny = fee(price=Price("python", ExamForm.COMPUTER, 1, 0, date(2022, 1, 1)))
    with pytest.raises(ValueError, match="less than a fen"):
        ledger.reverse_part(tiny, "p", 50)


event = st.tuples(
    st.integers(1, 700_00), st.integers(0, 100), st.sampled_from("AB"), st.sampled_from(["E1", "E2"]), st.booleans()
)


@given(st.lists(event, max_size=30))
def test_statements_add_up_to_the_fen(events):
    entries = []
    for n, (amount, percent, site, sitting, refunded) in enumerate(events):
        price = Price("python", ExamForm.COMPUTER, amount, amount * percent // 100, date(2022, 1, 1))
        entries.append(fee(n, price, site, sitting))
        if refunded:
            entries.append(ledger.reverse(entries[-1], f"refund:{n}"))
    lines = ledger.statement(entries)
    assert all(line.charged == line.site_share + line.awarding_share for line in lines)
    assert sum(line.charged for line in lines) == sum(e[0] for e in events if not e[4])
    assert sum(line.registrations for line in lines) == len(events)
    assert ledger.faults(entries) == ()


def test_bookings_refuse_nothing_and_less():
    with pytest.raises(ValueError, match="more than nothing"):
        ledger.book_payment("p", 0, school="a", holder="b")
    with pytest.raises(ValueError, match="more than nothing"):
        ledger.book_payout("p", -1, site="a", holder="b")
    with pytest.raises(ValueError, match="share"):
        Price("python", ExamForm.COMPUTER, 1, 2, date(2022, 1, 1))
    with pytest.raises(ValueError, match="free"):
        fee(price=Price("python", ExamForm.COMPUTER, 0, 0, date(2022, 1, 1)))


@pytest.mark.parametrize(("fen", "text"), [(0, "0.00"), (5, "0.05"), (30000, "300.00"), (-105, "-1.05")])
def test_yuan(fen, text):
    assert ledger.yuan(fen) == text
