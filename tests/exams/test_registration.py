"""Registration in batches, fees, refunds and statements, through the verbs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from tests.accreditation.factories import ACTOR, NOW, at, level, live_site, refused, school
from tests.exams.factories import (
    FORM,
    REGISTERING,
    STARTS,
    candidates,
    confirmed,
    registered,
    sitting,
    world,
)

from jinbang.accreditation.domain import sites
from jinbang.core.errors import RowErrors
from jinbang.exams.domain import books, fees, plans, prices, registrations
from jinbang.exams.domain.rules import create_rule_set, read_rules
from jinbang.exams.models import LedgerTransaction, Registration

pytestmark = pytest.mark.django_db


def line_of(rows=None):
    return fees.statements(LedgerTransaction.objects.all() if rows is None else rows)[0]


def try_register(w, people, **changes):
    values = {"sitting": w.sitting, "level": w.level, "site": w.site, "now": REGISTERING} | changes
    return registrations.register(candidates=people, actor=ACTOR, **values)


def test_three_candidates_owe_nine_hundred():
    w = world()
    rows = registered(w, 3)
    line = line_of()
    assert [row.state for row in Registration.objects.all()] == ["registered"] * 3
    assert (line.registrations, line.charged, line.site_share, line.awarding_share) == (3, 90000, 18000, 72000)
    assert {row.school_id for row in rows} == {w.school.pk}
    assert books.faults() == ()


@pytest.mark.parametrize(("now", "code"), [(at(4, 9, 23, 59), "window_upcoming"), (at(5, 11), "window_closed")])
def test_only_within_the_window(now, code):
    w = world()
    people = candidates(w.school, 1)
    with refused(code):
        try_register(w, people, now=now)
    assert len(try_register(w, people, now=at(5, 10, 23, 59))) == 1


def test_one_level_a_person_a_sitting():
    w = world()
    rows = registered(w, 2)
    fresh = candidates(w.school, 1, start=50)
    with pytest.raises(RowErrors) as caught:
        try_register(w, [rows[0].candidate, *fresh])
    assert [(error.field, error.code) for error in caught.value.errors] == [(rows[0].candidate.name, "registered")]
    assert Registration.objects.count() == 2


def test_school_without_approval_for_that_level():
    w = world()
    with refused("not_a_pilot"):
        try_register(w, candidates(w.school, 1), level=level("intermediate"))
    with refused("level_not_offered"):
        try_register(w, candidates(w.school, 1, start=9), level=level("advanced"))


def test_site_must_be_live_and_have_room():
    w = world()
    people = candidates(w.school, 39)
    with refused("site_full"):
        try_register(w, people)  # 40 seats, 2 of them spare
    sites.suspend_site(site=w.site, reason="检修", actor=ACTOR, now=NOW)
    with refused("site_not_live"):
        try_register(w, people[:1])


def test_unpublished_sitting_and_nobody():
    w = world()
    with refused("nobody"):
        try_register(w, [])
    draft = sitting(replace(FORM, name="草案"), publish=False)
    with refused("sitting_closed"):
        try_register(w, candidates(w.school, 1), sitting=draft)


def test_payment_is_booked_once():
    w = world()
    rows = registered(w, 2)
    assert fees.confirm_fees(registrations=rows, actor=ACTOR, now=REGISTERING) == 2
    assert fees.confirm_fees(registrations=rows, actor=ACTOR, now=REGISTERING) == 0
    balances = books.ledger.balances(books.entries(LedgerTransaction.objects.all()))
    assert {account.kind.value: amount for account, amount in balances.items()} == {
        "receivable": 0, "cash": 60000, "site": -12000, "awarding": -48000,
    }  # fmt: skip


def test_withdrawal_gives_everything_back_while_registration_is_open():
    w = world()
    rows = confirmed(w, 2)
    registrations.withdraw(registrations=rows[:1], actor=ACTOR, now=REGISTERING)
    line = line_of()
    assert (line.registrations, line.refunds, line.charged, line.site_share) == (2, 1, 30000, 6000)
    assert books.faults() == ()
    again = try_register(w, [rows[0].candidate])
    assert again[0].pk != rows[0].pk


def test_late_withdrawal_gives_back_the_plans_percentage():
    w = world(refund_after_close_percent=50)
    rows = confirmed(w, 1)
    registrations.withdraw(registrations=rows, actor=ACTOR, now=at(5, 12))
    line = line_of()
    assert (line.charged, line.site_share, line.awarding_share) == (15000, 3000, 12000)
    assert books.faults() == ()


def test_cancelling_a_sitting_refunds_everybody():
    w = world()
    confirmed(w, 3)
    registrations.cancel_sitting(sitting=w.sitting, reason="疫情防控", actor=ACTOR, now=at(5, 12))
    line = line_of()
    assert (line.charged, line.refunds) == (0, 3)
    assert set(Registration.objects.values_list("state", flat=True)) == {"withdrawn"}


def test_payout_is_the_sites_share_and_only_once():
    w = world()
    confirmed(w, 2)
    fees.pay_out(sitting=w.sitting, site=w.site, actor=ACTOR, now=at(5, 30))
    assert line_of().paid_out == 12000
    with refused("nothing_due"):
        fees.pay_out(sitting=w.sitting, site=w.site, actor=ACTOR, now=at(5, 30))


def test_price_of_the_province_before_the_general_one_and_ceiling():
    w = world()
    prices.set_price(
        region="32", level=w.level, exam_form="computer", valid_from=date(2022, 4, 1), amount_fen=28000, site_fen=5000,
        actor=ACTOR, now=NOW,
    )  # fmt: skip
    registered(w, 1)
    assert line_of().charged == 28000
    with refused("price_above_ceiling"):
        prices.set_price(
            region="", level=w.level, exam_form="computer", valid_from=date(2023, 1, 1), amount_fen=30001,
            site_fen=0, actor=ACTOR, now=NOW,
        )  # fmt: skip


def test_no_price_no_registration():
    w = world()
    people = candidates(w.school, 1)
    w.level.prices.all().delete()
    with refused("no_price"):
        try_register(w, people)
    assert Registration.objects.count() == 0


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"weights": {"theory": 50, "practical": 60}}, "weights"),
        ({"ticket_format": "level2 room4"}, "ticket_format"),
        ({"ticket_format": "?"}, "ticket_format"),
        ({"late_after_min": 91}, "late_after_min"),
        ({"marking_mode": "3"}, "marking_mode"),
        ({"colour": 1}, "unknown"),
        ({"copy_paste": "sometimes"}, "copy_paste"),
        ({"durations_min": {"theory": "x"}}, "durations_min"),
    ],
)
def test_bad_rules_are_named(values, code):
    with pytest.raises(Exception) as caught:  # noqa: PT011
        read_rules(values)
    assert caught.value.params["codes"] == (code,)


def test_rule_sets_are_versioned():
    made = [create_rule_set(name="甲", rules={}, actor=ACTOR, now=NOW) for _ in range(2)]
    assert [row.version for row in made] == [1, 2]
    assert read_rules({}).room_rules() == {
        "sign_in_before_s": 1800, "late_after_s": 1800, "min_stay_s": 1800, "grace_s": 10,
        "early_hand_in": True, "calculator": False, "copy_paste": "log", "focus_loss": "log",
        "workspace_snapshots": False,
    }  # fmt: skip


def test_a_calendar_with_errors_is_not_published():
    bad = replace(FORM, name="错误", tickets_open=at(5, 12), arrangement_closes=at(5, 18, 23, 59))
    draft = sitting(bad, publish=False)
    with refused("calendar_errors"):
        plans.publish_plan(plan=draft.plan, actor=ACTOR, now=NOW)


def test_amending_a_published_sitting_needs_a_reason():
    w = world()
    later = replace(FORM, registration_closes=at(5, 9, 23, 59))
    change = {"sitting": w.sitting, "form": later, "starts": STARTS, "actor": ACTOR, "now": NOW}
    with refused("reason_required"):
        plans.amend_sitting(reason="", **change)
    assert plans.amend_sitting(reason="应院校要求", **change).registration_closes == at(5, 9, 23, 59)
    with refused("sittings_in_use"):
        registered(w, 1)
        plans.cancel_plan(plan=w.sitting.plan, reason="x", actor=ACTOR, now=NOW)


def test_two_sites_have_their_own_lines():
    w = world()
    registered(w, 1)
    other = live_site(school("乙校"))
    try_register(w, candidates(w.school, 2, start=70), site=other)
    assert [line.charged for line in fees.statements(LedgerTransaction.objects.all())] == [30000, 60000]
