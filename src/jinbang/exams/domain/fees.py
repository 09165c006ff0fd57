"""Fees of registrations: charged, paid, refunded, paid out, and the statements that add up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from jinbang.accreditation.domain.zone import ZONE
from jinbang.accreditation.models import Site
from jinbang.audit.actor import Actor
from jinbang.audit.domain import move_all, record
from jinbang.core import ledger
from jinbang.core.errors import Refusal
from jinbang.exams.domain.books import Booking, entries, post
from jinbang.exams.domain.prices import price_for
from jinbang.exams.domain.rules import rules_of
from jinbang.exams.models import LedgerPosting, LedgerTransaction, Registration, Sitting


def charge(registrations: Sequence[Registration], *, sitting: Sitting, now: datetime) -> None:
    """Book the fee of new registrations of ``sitting``, in the caller's transaction; a free one is not booked.

    Effects: per registration one entry school → site + awarding organisation. Refusal: ``no_price``.
    """
    form = rules_of(sitting.plan).exam_form
    awarding = str(sitting.plan.certificate_type.awarding_id)
    today = now.astimezone(ZONE).date()
    prices: dict[tuple[str, int], ledger.Price] = {}
    bookings = []
    for registration in registrations:
        key = (registration.school.region, registration.level_id)
        if key not in prices:
            prices[key] = price_for(region=key[0], level=registration.level, exam_form=form, on=today)
        if prices[key].amount:
            entry = ledger.book_fee(
                f"fee:{registration.pk}", prices[key], school=str(registration.school_id),
                site=str(registration.site_id), awarding=awarding, sitting=str(sitting.pk),
            )  # fmt: skip
            bookings.append(_about(registration, entry))
    post(bookings, now=now)


def confirm_fees(*, registrations: Sequence[Registration], actor: Actor, now: datetime) -> int:
    """The school's payment has come in; returns how many registrations it confirmed.

    Effects: per registration a payment entry, state confirmed, an audit row. Those confirmed before are
    passed over, so that confirming twice changes nothing. Refusal ``not_registered`` for a withdrawn one.
    """
    with transaction.atomic():
        rows = list(_locked(registrations))
        if any(row.state == "withdrawn" for row in rows):
            raise Refusal("not_registered", _("选中的报名里有已退考的，请取消选择后再确认收费"))
        open_rows = [row for row in rows if row.state == "registered"]
        due = _booked(open_rows, "fee")
        payments = [
            _about(
                row,
                ledger.book_payment(
                    f"payment:{row.pk}", due[row.pk].size, school=str(row.school_id),
                    holder=str(row.sitting.plan.certificate_type.awarding_id), sitting=str(row.sitting_id),
                    site=str(row.site_id),
                ),
            )
            for row in open_rows
            if row.pk in due
        ]  # fmt: skip
        post(payments, now=now)
        move_all(open_rows, "confirm_fee", actor=actor, now=now)
    return len(open_rows)


def refund(registrations: Sequence[Registration], *, percent: int, now: datetime) -> None:
    """Undo fee and payment of withdrawn registrations to ``percent``, in the caller's transaction."""
    if percent == 0:
        return
    bookings = []
    for kind in ("fee", "payment"):
        for pk, booked in _booked(registrations, kind).items():
            bookings.append(
                Booking(
                    _undone(booked.entry, f"refund:{kind}:{pk}", percent),
                    booked.row.sitting_id,
                    booked.row.site_id,
                    pk,
                )
            )
    post(bookings, now=now)


def pay_out(*, sitting: Sitting, site: Site, actor: Actor, now: datetime) -> LedgerTransaction:
    """Pay a site its share of a sitting (返款), as far as it was not paid out before.

    Effects: an entry, an audit row. Refusal ``nothing_due``.
    """
    with transaction.atomic():
        Site.objects.select_for_update().get(pk=site.pk)
        due = -_balance(f"site:{site.pk}", sitting)
        if due <= 0:
            raise Refusal("nothing_due", _("该站点本场没有待返款项"))
        times = LedgerTransaction.objects.filter(reference__startswith=f"payout:{sitting.pk}:{site.pk}:").count()
        entry = ledger.book_payout(
            f"payout:{sitting.pk}:{site.pk}:{times + 1}", due, site=str(site.pk),
            holder=str(sitting.plan.certificate_type.awarding_id), sitting=str(sitting.pk),
        )  # fmt: skip
        row = post([Booking(entry, sitting.pk, site.pk)], now=now)[0]
        record("ledger.pay_out", site, actor=actor, now=now, data={"sitting": sitting.pk, "fen": due})
    return row


def statements(rows: QuerySet[LedgerTransaction]) -> tuple[ledger.StatementLine, ...]:
    """One line per sitting and site of these bookings; payments of schools are not charges and stay out."""
    return ledger.statement([entry for entry in entries(rows) if not _is_payment(entry)])


def _is_payment(entry: ledger.Entry) -> bool:
    kinds = {posting.account.kind for posting in entry.postings}
    return kinds == {ledger.AccountKind.CASH, ledger.AccountKind.RECEIVABLE}


class _Booked:
    """A booking found in the tables."""

    def __init__(self, row: LedgerTransaction, entry: ledger.Entry) -> None:
        self.row, self.entry = row, entry
        self.size = sum(posting.amount for posting in entry.postings if posting.amount > 0)


def _booked(registrations: Sequence[Registration], kind: str) -> dict[int, _Booked]:
    pks = {f"{kind}:{registration.pk}": registration.pk for registration in registrations}
    rows = LedgerTransaction.objects.filter(reference__in=list(pks))
    by_reference = {row.reference: row for row in rows}
    return {pks[entry.key]: _Booked(by_reference[entry.key], entry) for entry in entries(rows)}


def _undone(entry: ledger.Entry, key: str, percent: int) -> ledger.Entry:
    return ledger.reverse(entry, key) if percent == 100 else ledger.reverse_part(entry, key, percent)


def _balance(code: str, sitting: Sitting) -> int:
    rows = LedgerPosting.objects.filter(account__code=code, transaction__sitting=sitting)
    return int(rows.aggregate(total=Sum("amount_fen"))["total"] or 0)


def _about(registration: Registration, entry: ledger.Entry) -> Booking:
    return Booking(entry, registration.sitting_id, registration.site_id, registration.pk)


def _locked(registrations: Sequence[Registration]) -> QuerySet[Registration]:
    rows = Registration.objects.select_for_update(of=("self",)).filter(pk__in=[row.pk for row in registrations])
    return rows.select_related("candidate", "sitting__plan__certificate_type", "school", "level").order_by("pk")
