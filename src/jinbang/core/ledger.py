"""Money: prices, shares, refunds, and a journal of double entries. All amounts are whole fen (分).

A price is data keyed by province, certificate, level, form of exam and the day it takes effect, because
each province approves its own. A form of exam has a published ceiling that no price may exceed. Every
business event becomes one balanced entry; nothing is edited or deleted, a refund is an entry the other
way round that points at the one it undoes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from jinbang.core.errors import Refusal


class ExamForm(StrEnum):
    """The four forms of the notice on cost ceilings."""

    PAPER = "paper"
    COMPUTER = "computer"
    PRACTICAL = "practical"
    SPECIAL_PRACTICAL = "special_practical"


#: Ceilings in fen per person and exam: 200, 300, 500 and 700 yuan.
CEILINGS: Mapping[ExamForm, int] = MappingProxyType(
    {
        ExamForm.PAPER: 200_00,
        ExamForm.COMPUTER: 300_00,
        ExamForm.PRACTICAL: 500_00,
        ExamForm.SPECIAL_PRACTICAL: 700_00,
    }
)

#: Stands for "any province" or "any level" in a price.
ANY = "*"


@dataclass(frozen=True)
class Price:
    """What one registration costs, and the site's share of it; the awarding organisation gets the rest."""

    certificate: str
    form: ExamForm
    amount: int
    site_share: int
    valid_from: date
    province: str = ANY
    level: str = ANY

    def __post_init__(self) -> None:
        if not 0 <= self.site_share <= self.amount:
            raise ValueError("the site's share lies between nothing and the price")

    @property
    def awarding_share(self) -> int:
        """Fen that the awarding organisation keeps."""
        return self.amount - self.site_share


def check_price(price: Price, ceilings: Mapping[ExamForm, int] = CEILINGS) -> None:
    """Refuse a price above its ceiling (``price_above_ceiling``)."""
    if price.amount > ceilings[price.form]:
        raise Refusal(
            "price_above_ceiling",
            "定价 {amount} 元超过该考核形式的成本上限 {ceiling} 元",
            amount=yuan(price.amount),
            ceiling=yuan(ceilings[price.form]),
        )


def find_price(
    prices: Iterable[Price], *, province: str, certificate: str, level: str, form: ExamForm, on: date
) -> Price:
    """The price in force on a day: the province's own before the general one, then the level's, then the latest.

    Refuses with ``no_price`` if none applies.
    """
    fitting = [
        p
        for p in prices
        if (p.certificate, p.form) == (certificate, form)
        and p.province in (province, ANY)
        and p.level in (level, ANY)
        and p.valid_from <= on
    ]
    if not fitting:
        raise Refusal(
            "no_price", "{province} 的 {certificate}（{level}）在 {on} 没有生效的收费标准，请先录入批准的价格",
            province=province, certificate=certificate, level=level, on=on.isoformat(),
        )  # fmt: skip
    return max(fitting, key=lambda p: (p.province != ANY, p.level != ANY, p.valid_from))


def split(amount: int, weights: Sequence[int]) -> tuple[int, ...]:
    """``amount`` in parts proportional to ``weights``, to the fen and without loss (largest remainder)."""
    total = sum(weights)
    if total <= 0 or min(weights) < 0:
        raise ValueError("weights are not negative and not all zero")
    parts = [amount * w // total for w in weights]
    order = sorted(range(len(weights)), key=lambda i: (-(amount * weights[i] % total), i))
    for i in order[: amount - sum(parts)]:
        parts[i] += 1
    return tuple(parts)


class AccountKind(StrEnum):
    """Accounts of the programme's books; each has one per owner."""

    RECEIVABLE = "receivable"
    CASH = "cash"
    SITE = "site"
    AWARDING = "awarding"


@dataclass(frozen=True, order=True)
class Account:
    """``owner`` is the school for receivables, the site for its share, and so on."""

    kind: AccountKind
    owner: str


@dataclass(frozen=True)
class Posting:
    """A line of an entry: debit is positive, credit negative."""

    account: Account
    amount: int


@dataclass(frozen=True)
class Entry:
    """A balanced set of postings. ``key`` names the business event, so that booking it twice is seen."""

    key: str
    memo: str
    postings: tuple[Posting, ...]
    sitting: str = ""
    site: str = ""
    reverses: str = ""

    def __post_init__(self) -> None:
        if not self.postings or sum(p.amount for p in self.postings) != 0:
            raise ValueError(f"entry {self.key} does not balance")
        if any(p.amount == 0 for p in self.postings):
            raise ValueError(f"entry {self.key} has an empty posting")


def _entry(key: str, memo: str, sitting: str, site: str, *lines: tuple[AccountKind, str, int]) -> Entry:
    postings = tuple(Posting(Account(kind, owner), amount) for kind, owner, amount in lines if amount)
    return Entry(key, memo, postings, sitting, site)


def book_fee(key: str, price: Price, *, school: str, site: str, awarding: str, sitting: str) -> Entry:
    """A registration: the school owes the fee, the site and the awarding organisation earn their shares."""
    if price.amount == 0:
        raise ValueError("a free registration is not booked")
    return _entry(
        key, "报名费", sitting, site,
        (AccountKind.RECEIVABLE, school, price.amount),
        (AccountKind.SITE, site, -price.site_share),
        (AccountKind.AWARDING, awarding, -price.awarding_share),
    )  # fmt: skip


def book_payment(key: str, amount: int, *, school: str, holder: str, sitting: str = "", site: str = "") -> Entry:
    """Money received from a school by ``holder``."""
    if amount <= 0:
        raise ValueError("a payment is more than nothing")
    lines = ((AccountKind.CASH, holder, amount), (AccountKind.RECEIVABLE, school, -amount))
    return _entry(key, "收款", sitting, site, *lines)


def book_payout(key: str, amount: int, *, site: str, holder: str, sitting: str = "") -> Entry:
    """The site's share paid out to it by ``holder`` (返款)."""
    if amount <= 0:
        raise ValueError("a payout is more than nothing")
    return _entry(
        key, "考务费返款", sitting, site, (AccountKind.SITE, site, amount), (AccountKind.CASH, holder, -amount)
    )


def reverse(entry: Entry, key: str, memo: str = "退费") -> Entry:
    """The entry that undoes ``entry`` in full, such as a refund."""
    postings = tuple(Posting(p.account, -p.amount) for p in entry.postings)
    return Entry(key, memo, postings, entry.sitting, entry.site, reverses=entry.key)


def reverse_part(entry: Entry, key: str, percent: int, memo: str = "部分退费") -> Entry:
    """Undo ``percent`` (1…99) of an entry with one debit: credits share it to the fen, without loss."""
    if not 1 <= percent <= 99:
        raise ValueError("a part is 1 to 99 percent")
    debits = [p for p in entry.postings if p.amount > 0]
    credits_ = [p for p in entry.postings if p.amount < 0]
    if len(debits) != 1:
        raise ValueError("only an entry with one debit can be undone in part")
    back = debits[0].amount * percent // 100
    if back == 0:
        raise ValueError("the part is less than a fen")
    shares = split(back, [-p.amount for p in credits_])
    postings = [Posting(debits[0].account, -back)]
    postings += [Posting(p.account, s) for p, s in zip(credits_, shares, strict=True) if s]
    return Entry(key, memo, tuple(postings), entry.sitting, entry.site, reverses=entry.key)


def balances(entries: Iterable[Entry]) -> dict[Account, int]:
    """Debits minus credits of every account."""
    totals: dict[Account, int] = defaultdict(int)
    for entry in entries:
        for posting in entry.postings:
            totals[posting.account] += posting.amount
    return dict(sorted(totals.items()))


def faults(entries: Sequence[Entry]) -> tuple[str, ...]:
    """What an auditor would object to: an event booked twice, a reversal of nothing, more undone than booked."""
    found = []
    by_key: dict[str, Entry] = {}
    undone: dict[str, int] = defaultdict(int)
    for entry in entries:
        if entry.key in by_key:
            found.append(f"{entry.key}: booked twice")
        by_key.setdefault(entry.key, entry)
        if entry.reverses:
            undone[entry.reverses] += _size(entry)
    for key, amount in undone.items():
        if key not in by_key:
            found.append(f"{key}: reversed but never booked")
        elif amount > _size(by_key[key]):
            found.append(f"{key}: more was reversed than booked")
    if sum(balances(entries).values()):
        found.append("the books do not balance")
    return tuple(found)


def _size(entry: Entry) -> int:
    return sum(p.amount for p in entry.postings if p.amount > 0)


@dataclass(frozen=True)
class StatementLine:
    """A site's figures for one sitting, in fen: fees charged, refunded, its share, the rest, paid out."""

    sitting: str
    site: str
    registrations: int
    refunds: int
    charged: int
    site_share: int
    awarding_share: int
    paid_out: int


def statement(entries: Sequence[Entry]) -> tuple[StatementLine, ...]:
    """One line per sitting and site; the shares always add up to what was charged."""
    groups: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in entries:
        groups[entry.sitting, entry.site].append(entry)
    return tuple(_line(sitting, site, groups[sitting, site]) for sitting, site in sorted(groups))


def _line(sitting: str, site: str, entries: Sequence[Entry]) -> StatementLine:
    fees = [e for e in entries if _touches(e, AccountKind.AWARDING) or not _touches(e, AccountKind.CASH)]
    payouts = [e for e in entries if _touches(e, AccountKind.CASH) and _touches(e, AccountKind.SITE)]
    return StatementLine(
        sitting=sitting,
        site=site,
        registrations=sum(not e.reverses for e in fees),
        refunds=sum(bool(e.reverses) for e in fees),
        charged=_sum(fees, AccountKind.RECEIVABLE),
        site_share=-_sum(fees, AccountKind.SITE),
        awarding_share=-_sum(fees, AccountKind.AWARDING),
        paid_out=_sum(payouts, AccountKind.SITE),
    )


def _touches(entry: Entry, kind: AccountKind) -> bool:
    return any(p.account.kind is kind for p in entry.postings)


def _sum(entries: Iterable[Entry], kind: AccountKind) -> int:
    return sum(p.amount for e in entries for p in e.postings if p.account.kind is kind)


def yuan(fen: int) -> str:
    """``30000`` → ``300.00``; exact, for display only."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"
