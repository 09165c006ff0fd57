"""The ledger's tables on one side, ``core.ledger`` entries on the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from jinbang.core import ledger
from jinbang.core.errors import Refusal
from jinbang.exams.models import LedgerAccount, LedgerPosting, LedgerTransaction

_NAMES = {
    ledger.AccountKind.RECEIVABLE: "应收报名费",
    ledger.AccountKind.CASH: "货币资金",
    ledger.AccountKind.SITE: "站点考务费",
    ledger.AccountKind.AWARDING: "评价组织收入",
}


@dataclass(frozen=True)
class Booking:
    """An entry and the rows that it is about."""

    entry: ledger.Entry
    sitting_id: int | None = None
    site_id: int | None = None
    registration_id: int | None = None


def post(bookings: Sequence[Booking], *, now: datetime) -> list[LedgerTransaction]:
    """Write entries to the tables, in the caller's transaction.

    Effects: accounts that are missing, one ``LedgerTransaction`` with its postings per entry. Refusal
    ``booked_twice`` if a key is in the books already.
    """
    keys = [booking.entry.key for booking in bookings]
    if LedgerTransaction.objects.filter(reference__in=keys).exists() or len(set(keys)) < len(keys):
        raise Refusal("booked_twice", _("这笔业务已经入账，不会重复记账"))
    undone = [booking.entry.reverses for booking in bookings if booking.entry.reverses]
    reversed_ids = dict(LedgerTransaction.objects.filter(reference__in=undone).values_list("reference", "pk"))
    accounts = _accounts(posting.account for booking in bookings for posting in booking.entry.postings)
    made = LedgerTransaction.objects.bulk_create(
        LedgerTransaction(
            reference=booking.entry.key,
            text=booking.entry.memo,
            booked_at=now,
            sitting_id=booking.sitting_id,
            site_id=booking.site_id,
            registration_id=booking.registration_id,
            reverses_id=reversed_ids.get(booking.entry.reverses),
        )
        for booking in bookings
    )
    LedgerPosting.objects.bulk_create(
        LedgerPosting(transaction=row, account=accounts[posting.account], amount_fen=posting.amount)
        for row, booking in zip(made, bookings, strict=True)
        for posting in booking.entry.postings
    )
    return made


def _accounts(wanted: Iterable[ledger.Account]) -> dict[ledger.Account, LedgerAccount]:
    codes = {account: code_of(account) for account in set(wanted)}
    known = LedgerAccount.objects.in_bulk(list(codes.values()), field_name="code")
    missing = [account for account, code in codes.items() if code not in known]
    LedgerAccount.objects.bulk_create(
        [LedgerAccount(code=codes[account], name=_NAMES[account.kind]) for account in missing], ignore_conflicts=True
    )
    if missing:
        known = LedgerAccount.objects.in_bulk(list(codes.values()), field_name="code")
    return {account: known[code] for account, code in codes.items()}


def code_of(account: ledger.Account) -> str:
    """``receivable:12``: kind and owner."""
    return f"{account.kind.value}:{account.owner}"


def entries(rows: QuerySet[LedgerTransaction]) -> list[ledger.Entry]:
    """Rows as entries, oldest first; two queries."""
    full = rows.select_related("reverses").prefetch_related("postings__account").order_by("booked_at", "pk")
    return [_entry(row) for row in full]


def _entry(row: LedgerTransaction) -> ledger.Entry:
    postings = tuple(
        ledger.Posting(_account(posting.account.code), posting.amount_fen) for posting in row.postings.all()
    )
    return ledger.Entry(
        row.reference,
        row.text,
        postings,
        str(row.sitting_id or ""),
        str(row.site_id or ""),
        row.reverses.reference if row.reverses else "",
    )


def _account(code: str) -> ledger.Account:
    kind, _colon, owner = code.partition(":")
    return ledger.Account(ledger.AccountKind(kind), owner)


def faults() -> tuple[str, ...]:
    """Everything an auditor would object to in the whole ledger; empty when the books are right."""
    try:
        return ledger.faults(entries(LedgerTransaction.objects.all()))
    except ValueError as fault:
        return (str(fault),)
