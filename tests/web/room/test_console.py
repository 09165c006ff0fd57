"""The console's addresses: who may see a room, who may do what in it, what a refusal looks like."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from jinbang.accounts.models import Organisation, Person, RoleGrant
from jinbang.accreditation.models import Room
from jinbang.audit.actor import SYSTEM
from jinbang.audit.models import AuditRow
from jinbang.config import clock
from jinbang.delivery.domain.room import open_room
from jinbang.delivery.drill.site import build
from jinbang.delivery.models import Incident, RoomSession, TimeEntry
from jinbang.exams.models import InvigilatorAssignment
from jinbang.web.room.actions import ACTIONS

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(db: None) -> RoomSession:
    now = clock.now()
    build(candidates=3, starts_at=now, minutes=90)
    return open_room(session=RoomSession.objects.get(), actor=SYSTEM, now=now)


def person(session: RoomSession, role: str, *, at: str = "site", duty: str = "") -> Client:
    """A signed-in client of someone with ``role`` at the site's school or the awarding organisation."""
    site = session.room.site
    place = site.organisation if at == "site" else Organisation.objects.get(kind="awarding")
    one = Person.objects.create(username=f"{role}-{at}-{duty}", name=role, created_at=clock.now())
    RoleGrant.objects.create(
        person=one, role=role, organisation=place, valid_from=session.go_at.replace(year=2020), granted_by="test"
    )
    if duty:
        InvigilatorAssignment.objects.create(
            sitting=session.sitting_subject.sitting, site=site, room=session.room, person=one, duty=duty
        )
    client = Client()
    client.force_login(one)
    return client


def allowed(client: Client, session: RoomSession) -> set[str]:
    """Actions that the console offers."""
    html = client.get(f"/room/{session.pk}/").content.decode()
    config = html.split('<script id="config" type="application/json">')[1].split("</script>")[0]
    return set(json.loads(config)["may"])


CHIEF = set(ACTIONS)


@pytest.mark.parametrize(
    ("role", "at", "duty", "may"),
    [
        ("invigilator", "site", "invigilator",
         CHIEF - {"start", "correct_absence", "authorise", "correct_time", "force", "reopen"}),
        ("chief_invigilator", "site", "", CHIEF),
        ("exam_officer", "awarding", "",
         {"start", "broadcast", "correct_absence", "pause", "resume", "authorise", "decline", "correct_time", "waive",
          "reopen"}),
        ("inspector", "awarding", "", {"authorise", "decline", "correct_time", "incident"}),
        ("site_manager", "site", "", set()),
    ],
)  # fmt: skip
def test_what_each_role_may_do(session: RoomSession, role: str, at: str, duty: str, may: set[str]) -> None:
    client = person(session, role, at=at, duty=duty)
    assert allowed(client, session) == may
    for name in CHIEF - may:
        response = client.post(f"/room/{session.pk}/do/{name}/")
        assert (name, response.status_code) == (name, 403)


@pytest.mark.parametrize(("role", "at"), [("invigilator", "site"), ("marker", "awarding"), ("school_manager", "site")])
def test_foreign_room_is_not_there(session: RoomSession, role: str, at: str) -> None:
    client = person(session, role, at=at)
    for path in ("", "board/", "live/", "minutes/", "minutes.pdf", "seat/1/"):
        assert client.get(f"/room/{session.pk}/{path}").status_code == 404
    assert client.post(f"/room/{session.pk}/do/close/").status_code == 404


def test_strangers_sign_in_first(session: RoomSession) -> None:
    assert Client().get(f"/room/{session.pk}/board/").status_code == 302


def test_attempt_of_another_room_is_not_there(session: RoomSession) -> None:
    client = person(session, "chief_invigilator")
    assert client.post(f"/room/{session.pk}/do/identity/", {"attempt": 999_999}).status_code == 404


def test_refusal_says_why_and_at_which_field(session: RoomSession) -> None:
    client = person(session, "chief_invigilator")
    response = client.post(f"/room/{session.pk}/do/time/", {"minutes": "abc", "cause": "power"})
    assert (response.status_code, response.json()["field"]) == (409, "minutes")
    response = client.post(f"/room/{session.pk}/do/close/")
    assert (response.status_code, response.json()["code"]) == (409, "attendance_open")
    assert TimeEntry.objects.count() == 0


def test_time_and_incident_by_button(session: RoomSession) -> None:
    client = person(session, "chief_invigilator")
    attempt = session.attempts.order_by("seat__number").first()
    fields = {"attempt": attempt.pk, "minutes": "2.5", "cause": "machine", "note": "重启"}
    assert client.post(f"/room/{session.pk}/do/time/", fields).json() == {"message": "延时已生效"}
    assert TimeEntry.objects.get().seconds == 150
    client.post(f"/room/{session.pk}/do/incident/", {"attempt": attempt.pk, "code": "illness", "note": "头晕"})
    assert Incident.objects.get().attempt == attempt
    board = client.get(f"/room/{session.pk}/board/").json()
    card = next(seat for seat in board["seats"] if seat["attempt"] == attempt.pk)
    assert (card["extra_s"], card["incidents"]) == (150, 1)


def test_entry_of_another_room_cannot_be_authorised(session: RoomSession) -> None:
    entry = TimeEntry.objects.create(
        sitting_subject=session.sitting_subject, seconds=900, cause="power", asked_by="甲 #1", effective=False,
        at=clock.now(),
    )  # fmt: skip
    client = person(session, "chief_invigilator")
    response = client.post(f"/room/{session.pk}/do/authorise/", {"entry": entry.pk})
    assert (response.status_code, response.json()["code"]) == (409, "entry_unknown")


def test_overview_costs_the_same_for_one_room_and_for_many(session: RoomSession) -> None:
    client = person(session, "exam_officer", at="awarding")
    with CaptureQueriesContext(connection) as one:
        assert client.get("/room/").content.decode().count("row-link") == 1
    for number in (8, 9):
        room = Room.objects.create(
            site=session.room.site, number=number, name=f"{number}", rows=1, columns=1, spacing_cm=120
        )
        RoomSession.objects.create(
            sitting_subject=session.sitting_subject, room=room, go_at=session.go_at, ends_at=session.ends_at
        )
    with CaptureQueriesContext(connection) as three:
        assert client.get("/room/").content.decode().count("row-link") == 3
    assert len(one) == len(three)


def test_long_time_for_everyone_takes_two_officers(session: RoomSession) -> None:
    first, second = (person(session, "exam_officer", at="awarding", duty=duty) for duty in ("", "inspector"))
    subject = session.sitting_subject_id
    first.post(f"/room/everyone/{subject}/", {"minutes": 20, "cause": "network", "note": "专线故障"})
    entry = TimeEntry.objects.get()
    assert (entry.seconds, entry.effective) == (1200, False)
    assert "等待第二人批准" in second.get("/room/").content.decode()
    first.post(f"/room/everyone/{subject}/authorise/{entry.pk}/")
    assert not TimeEntry.objects.get().effective
    second.post(f"/room/everyone/{subject}/authorise/{entry.pk}/")
    assert TimeEntry.objects.get().effective


def test_unsettled_seat_stands_first(session: RoomSession) -> None:
    client = person(session, "chief_invigilator")
    attempt = session.attempts.order_by("-seat__number").first()
    now = clock.now()
    type(attempt).objects.filter(pk=attempt.pk).update(
        state="handed_in",
        signed_in_at=now,
        handed_in_at=now,
        hand_in_how="auto",
        last_seen_at=now - timedelta(minutes=5),
    )
    board = client.get(f"/room/{session.pk}/board/").json()
    assert board["worst"][0] == attempt.seat.number
    assert "unsettled" in board["seats"][attempt.seat.number - 1]["reasons"]


def test_minutes_and_their_pdf(session: RoomSession) -> None:
    client = person(session, "chief_invigilator")
    client.post(f"/room/{session.pk}/do/incident/", {"code": "power", "note": "全楼停电两分钟"})
    assert "全楼停电两分钟" in client.get(f"/room/{session.pk}/minutes/").content.decode()
    response = client.get(f"/room/{session.pk}/minutes.pdf", {"remark": "无"})
    assert b"".join(response.streaming_content).startswith(b"%PDF")  # type: ignore[arg-type]


def invigilator_and_chief(session: RoomSession) -> Client:
    """An invigilator at the console; the chief of the site has the password below."""
    person(session, "chief_invigilator")
    chief = Person.objects.get(username="chief_invigilator-site-")
    chief.set_password("jinbang-test-2022")
    chief.save()
    return person(session, "invigilator", duty="invigilator")


SIGNED = {"by_username": "chief_invigilator-site-", "by_password": "jinbang-test-2022"}


@pytest.mark.django_db(transaction=True)
def test_chief_signs_at_the_invigilators_screen(session: RoomSession) -> None:
    client = invigilator_and_chief(session)
    attempt = session.attempts.order_by("seat__number").first()
    at = f"/room/{session.pk}/do/"
    client.post(at + "time/", {"attempt": attempt.pk, "minutes": "5", "cause": "machine"})
    wanted = {"entry": TimeEntry.objects.get().pk, "reason": "给错了座位"}
    assert client.post(at + "correct_time/", wanted).status_code == 403
    wrong = client.post(at + "correct_time/", {**wanted, **SIGNED, "by_password": "x"})
    assert (wrong.status_code, wrong.json()["field"]) == (409, "by_password")
    assert client.post(at + "correct_time/", {**wanted, **SIGNED, "reason": " "}).json()["code"] == "reason_required"
    assert client.post(at + "correct_time/", {**wanted, **SIGNED}).json() == {"message": "延时已收回"}
    assert [row.seconds for row in TimeEntry.objects.order_by("pk")] == [300, -300]
    assert "chief_invigilator-site-" in TimeEntry.objects.order_by("pk")[1].asked_by
    signed = AuditRow.objects.filter(action="person.signed_on_the_spot", data__for="room.correct_time")[0]
    assert "invigilator" in signed.data["at"]
    ledger = client.get(f"/room/{session.pk}/board/").json()["ledger"]
    assert [(one["seconds"], one["gone"], one["waits"]) for one in ledger] == [(300, True, False)]
    assert client.get(f"/room/{session.pk}/").status_code == 200  # still signed in as the invigilator


def test_long_time_is_approved_or_declined_at_one_screen(session: RoomSession) -> None:
    client = invigilator_and_chief(session)
    at = f"/room/{session.pk}/do/"
    for minutes in (20, 30):
        client.post(at + "time/", {"minutes": minutes, "cause": "power", "note": "停电"})
    first, second = TimeEntry.objects.order_by("pk")
    own = Person.objects.get(username="invigilator-site-invigilator")
    own.set_password("jinbang-test-2022")
    own.save()
    client.force_login(own)
    by_own = {"by_username": own.username, "by_password": "jinbang-test-2022"}
    assert client.post(at + "authorise/", {"entry": first.pk, **by_own}).json()["code"] == "forbidden"
    assert client.post(at + "authorise/", {"entry": first.pk, **SIGNED}).json() == {"message": "延时已批准并生效"}
    assert client.post(at + "decline/", {"entry": first.pk, "reason": "多了"}).json()["code"] == "already_authorised"
    assert client.post(at + "decline/", {"entry": second.pk, "reason": "多了"}).status_code == 200
    assert client.post(at + "authorise/", {"entry": second.pk, **SIGNED}).json()["code"] == "nothing_to_correct"
    ledger = client.get(f"/room/{session.pk}/board/").json()["ledger"]
    assert [(one["seconds"], one["gone"], one["waits"]) for one in ledger] == [
        (1200, False, False),
        (1800, True, False),
    ]


@pytest.mark.django_db(transaction=True)
def test_time_for_everyone_is_approved_here_and_taken_back(session: RoomSession) -> None:
    officer = person(session, "exam_officer", at="awarding")
    person(session, "exam_officer", at="awarding", duty="inspector")
    other = Person.objects.get(username="exam_officer-awarding-inspector")
    other.set_password("jinbang-test-2022")
    other.save()
    at = f"/room/everyone/{session.sitting_subject_id}/"
    officer.post(at, {"minutes": 20, "cause": "network", "note": "专线故障"})
    entry = TimeEntry.objects.get().pk
    signed = {"by_username": other.username, "by_password": "jinbang-test-2022"}
    assert officer.post(f"{at}authorise/{entry}/", {**signed, "by_password": "x"}).status_code == 422
    assert officer.post(f"{at}authorise/{entry}/", signed).status_code == 302
    assert TimeEntry.objects.get().authorised_by.endswith(f"#{other.pk}")
    assert "已给全体延时 20 分钟" in officer.get("/room/").content.decode()
    assert officer.post(f"{at}back/{entry}/", {"reason": ""}).status_code == 422
    assert officer.post(f"{at}back/{entry}/", {"reason": "误操作"}).status_code == 302
    assert officer.post(f"{at}back/{entry}/", {"reason": "误操作"}).status_code == 422
    assert [row.seconds for row in TimeEntry.objects.order_by("pk")] == [1200, -1200]
    assert "全体延时 20 分钟" not in officer.get("/room/").content.decode()
