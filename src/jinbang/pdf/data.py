"""What each document states. Every value is already text, as it is to be read.

The dataclasses are the contract between the apps and the templates, and their JSON form is what is kept
so that a document can be printed again; so fields are only added, with a default, never renamed.
A ``photo`` is a ``data:image/jpeg;base64,…`` or png address; ``qr`` is the text of a QR code. Both may be empty.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Slot:
    """A subject with its day and hours."""

    name: str
    day: str
    hours: str


@dataclass(frozen=True)
class Ticket:
    """准考证: one candidate, all subjects."""

    exam: str
    level: str
    name: str
    sex: str
    id_number: str
    ticket_number: str
    school: str
    site: str
    address: str
    room: str
    seat: str
    slots: tuple[Slot, ...]
    photo: str = ""
    qr: str = ""


@dataclass(frozen=True)
class TicketSheet:
    """Tickets with the rules, ``per_page`` 1, 2 or 4 to a sheet of A4."""

    tickets: tuple[Ticket, ...]
    rules: tuple[str, ...]
    issuer: str
    per_page: int = 1

    def __post_init__(self) -> None:
        if self.per_page not in (1, 2, 4):
            raise ValueError("1, 2 or 4 tickets a page")


@dataclass(frozen=True)
class DoorSign:
    """门贴: a page for the door of a room."""

    exam: str
    site: str
    room: str
    place: str
    level: str
    slots: tuple[Slot, ...]
    first_ticket: str
    last_ticket: str
    count: int
    note: str = ""


@dataclass(frozen=True)
class DoorSigns:
    """One page per sign."""

    signs: tuple[DoorSign, ...]


@dataclass(frozen=True)
class SignInRow:
    """A candidate's line, in seat order."""

    seat: str
    ticket_number: str
    name: str
    id_number: str
    school: str


@dataclass(frozen=True)
class SignInSheet:
    """签到表 of one room; ``subjects`` become columns to sign in."""

    exam: str
    site: str
    room: str
    level: str
    day: str
    subjects: tuple[str, ...]
    rows: tuple[SignInRow, ...]


@dataclass(frozen=True)
class SeatCell:
    """A machine in the room; ``state`` is taken, spare, unused or broken. Rows count from the front."""

    row: int
    column: int
    label: str
    state: str = "unused"
    name: str = ""
    ticket_number: str = ""


@dataclass(frozen=True)
class SeatMap:
    """座次表 as seen from the door, platform above."""

    exam: str
    site: str
    room: str
    day: str
    cells: tuple[SeatCell, ...]


@dataclass(frozen=True)
class DeskLabel:
    """桌贴 for one seat."""

    room: str
    seat: str
    name: str
    ticket_number: str
    level: str


@dataclass(frozen=True)
class DeskLabels:
    """Ten labels to a sheet of A4, with cutting marks."""

    exam: str
    labels: tuple[DeskLabel, ...]


@dataclass(frozen=True)
class Banner:
    """横幅; PDF pages end at 508 cm, a longer banner is printed at scale by the shop."""

    text: str
    width_cm: int = 500
    height_cm: int = 70

    def __post_init__(self) -> None:
        if not (20 <= self.width_cm <= 500 and 10 <= self.height_cm <= 200):
            raise ValueError("a banner is 20 to 500 cm wide and 10 to 200 cm high")


@dataclass(frozen=True)
class Incident:
    """A line of the minutes: what happened at a seat."""

    time: str
    seat: str
    kind: str
    note: str
    by: str


@dataclass(frozen=True)
class TimeGrant:
    """A line of the minutes: extra time."""

    time: str
    scope: str
    minutes: str
    cause: str
    asked_by: str
    authorised_by: str


@dataclass(frozen=True)
class RoomMinutes:
    """考场情况记录 of one subject in one room, written from the log."""

    exam: str
    site: str
    room: str
    subject: str
    planned: str
    actual: str
    expected: int
    present: int
    absent: int
    handed_in: int
    absentees: tuple[str, ...]
    incidents: tuple[Incident, ...]
    grants: tuple[TimeGrant, ...]
    invigilators: tuple[str, ...]
    log_digest: str
    printed_at: str
    remark: str = ""


@dataclass(frozen=True)
class SubjectResult:
    """A subject on the slip: ``score`` is a number or the reason why there is none."""

    name: str
    score: str
    weight: str


@dataclass(frozen=True)
class ResultSlip:
    """成绩单; ``explanation`` lines let anyone check the sum."""

    exam: str
    level: str
    name: str
    id_number: str
    ticket_number: str
    school: str
    subjects: tuple[SubjectResult, ...]
    composite: str
    status: str
    passed: bool
    explanation: tuple[str, ...]
    issuer: str
    day: str
    qr: str = ""
    photo: str = ""


@dataclass(frozen=True)
class Certificate:
    """证书. ``statement`` is the Chinese sentence, ``statement_en`` the English one; dates are as written out."""

    title: str
    title_en: str
    number: str
    name: str
    sex: str
    id_number: str
    programme: str
    level: str
    statement: str
    statement_en: str
    issuer: str
    issuer_en: str
    day: str
    qr: str
    school: str = ""
    photo: str = ""
    replaces: str = ""


@dataclass(frozen=True)
class FeeLine:
    """Amounts in yuan with two decimals."""

    sitting: str
    party: str
    registrations: int
    refunds: int
    charged: str
    site_share: str
    awarding_share: str


@dataclass(frozen=True)
class FeeStatement:
    """费用结算单; ``total`` is a line of its own, computed by the books and not by the template."""

    title: str
    number: str
    period: str
    payer: str
    lines: tuple[FeeLine, ...]
    total: FeeLine
    notes: tuple[str, ...]
    issuer: str
    day: str


@dataclass(frozen=True)
class Major:
    """An intended major; a code means something only with its catalogue's year."""

    name: str
    code: str
    catalogue: str
    people: str


@dataclass(frozen=True)
class Approval:
    """A step of the way: who decided what, when, with which number or reason."""

    step: str
    decision: str
    by: str
    at: str
    note: str = ""


@dataclass(frozen=True)
class PilotApplication:
    """试点申报表."""

    year: str
    batch: str
    authority: str
    school: str
    certificate: str
    level: str
    applied: str
    approved: str
    majors: tuple[Major, ...]
    staff: str
    place: str
    attachments: tuple[str, ...]
    approvals: tuple[Approval, ...]
    number: str = ""
    contact: str = ""
