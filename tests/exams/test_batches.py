"""What a whole school costs: queries that do not grow by the head, and one audit row a head all the same."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.accreditation.factories import ACTOR
from tests.exams.factories import ARRANGING, REGISTERING, World, confirmed, world

from jinbang.audit.domain import verify_chain
from jinbang.audit.models import AuditRow
from jinbang.core.errors import Refusal, RowErrors
from jinbang.exams.domain import arrangements, books, fees, registrations
from jinbang.exams.models import Candidate, LedgerTransaction, Registration

pytestmark = pytest.mark.django_db


def crowd(at: World, count: int) -> list[Registration]:
    """Registrations as ``register`` makes them, for people that no sheet had to bring."""
    people = Candidate.objects.bulk_create(
        Candidate(
            school=at.school, name=f"演{number}", name_sort=f"yan {number:05d}", id_hash=f"{number:064d}",
            id_cipher=b"-", id_mask="3201**********0000", sex="F", born=date(2002, 1, 1), created_at=REGISTERING,
        )
        for number in range(count)
    )  # fmt: skip
    made = Registration.objects.bulk_create(
        Registration(
            candidate=person, sitting=at.sitting, level=at.level, site=at.site, school=at.school,
            registered_at=REGISTERING,
        )
        for person in people
    )  # fmt: skip
    fees.charge(made, sitting=at.sitting, now=REGISTERING)
    return made


def test_three_thousand_fees_are_confirmed_in_few_queries():
    w = world()
    rows = crowd(w, 3000)
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert fees.confirm_fees(registrations=rows, actor=ACTOR, now=REGISTERING) == 3000
    assert len(seen) < 200
    assert Registration.objects.filter(state="confirmed").count() == 3000
    keys = (
        AuditRow.objects.filter(action="registration.confirm_fee").order_by("seq").values_list("object_key", flat=True)
    )
    assert list(keys) == [str(row.pk) for row in rows]
    assert LedgerTransaction.objects.filter(reference__startswith="payment:").count() == 3000
    assert verify_chain() == []
    assert books.faults() == ()


def test_freezing_costs_no_more_for_more_heads():
    w = world()
    confirmed(w, 30)
    drawn = arrangements.draw(sitting=w.sitting, site=w.site, actor=ACTOR, now=ARRANGING, seed=1)
    with CaptureQueriesContext(connection) as seen:
        arrangements.freeze(arrangement=drawn, actor=ACTOR, now=ARRANGING)
    assert len(seen) <= 31
    frozen = AuditRow.objects.filter(action="registration.seat").order_by("seq")
    assert [row.data["ticket"] for row in frozen] == list(
        Registration.objects.order_by("ticket_number").values_list("ticket_number", flat=True)
    )
    assert verify_chain() == []


def test_a_withdrawn_one_among_many_is_named_and_nobody_is_withdrawn():
    w = world()
    rows = confirmed(w, 4)
    registrations.withdraw(registrations=rows[1:2], actor=ACTOR, now=REGISTERING)
    with pytest.raises(RowErrors) as refused:
        registrations.withdraw(registrations=rows, actor=ACTOR, now=REGISTERING)
    assert [(fault.row, fault.value) for fault in refused.value.errors] == [(2, "已退考")]
    assert rows[1].candidate.name in str(refused.value)
    assert Registration.objects.filter(state="confirmed").count() == 3
    with pytest.raises(Refusal):
        fees.confirm_fees(registrations=rows, actor=ACTOR, now=REGISTERING)
