"""Pages of training, practice, resources and support: by role, with their messages."""

from __future__ import annotations

from importlib.resources import files

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from tests.accounts.world import PASSWORD, World, build_world

from jinbang.accounts.models import Person
from jinbang.accreditation.models import CertificateLevel
from jinbang.audit.actor import SYSTEM
from jinbang.config import clock
from jinbang.content.domain.transfer import import_bank, parse_bank
from jinbang.demo.fixtures.load import load_seed
from jinbang.learning.models import (
    Announcement,
    PracticeRun,
    Resource,
    ResourceDownload,
    SupportRequest,
    TeacherLink,
    TrainingTerm,
)

pytestmark = pytest.mark.django_db
YES = {"csrfmiddlewaretoken": "x"}


@pytest.fixture
def world(db: None) -> World:
    made = build_world(clock.now())
    load_seed(made.now, SYSTEM)
    made.north_school.region = "32"
    made.north_school.save()
    return made


def enter(world: World, name: str, role: str, place: str = "north_school") -> Client:
    organisation = getattr(world, place)
    person = Person.objects.filter(username=name).first() or world.person(name, organisation, role)
    client = Client()
    assert client.post("/sign-in/", {"username": person.username, "password": PASSWORD}).status_code == 302
    return client


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("name", "role", "stranger"),
    [
        ("training_list", "teacher", "student"),
        ("enrolment_list", "programme_manager", "teacher"),
        ("practice_list", "student", "school_manager"),
        ("practice_choose", "student", "school_manager"),
        ("student_list", "teacher", "student"),
        ("student_link", "teacher", "student"),
        ("resource_list", "student", "invigilator"),
        ("resource_new", "programme_manager", "teacher"),
        ("support_list", "teacher", "student"),
        ("support_new", "teacher", "student"),
    ],
)
def test_it_opens_for_its_role_and_not_for_another(world: World, name: str, role: str, stranger: str) -> None:
    place = "awarding" if role == "programme_manager" else "north_school"
    assert enter(world, "a", role, place).get(reverse(name)).status_code == 200
    assert enter(world, "b", stranger).get(reverse(name)).status_code == 403


def test_a_teacher_takes_a_place_is_told_of_a_clash_and_gets_hours(world: World) -> None:
    TrainingTerm.objects.update(enrolment_closes=clock.now().replace(year=clock.now().year + 1))
    first = TrainingTerm.objects.get(programme__code="1X-2022", ordinal=1)
    clashing = TrainingTerm.objects.get(programme__code="RT-2022", ordinal=2)
    teacher, manager = enter(world, "t", "teacher"), enter(world, "m", "programme_manager", "awarding")
    assert teacher.post(reverse("training_enrol", args=[first.pk]), YES).status_code == 302
    assert "2022-04-16" in text(teacher.post(reverse("training_enrol", args=[clashing.pk]), YES))
    place = first.enrolments.get()
    day = first.sessions.order_by("date")[0]
    address = reverse("attendance", args=[place.pk])
    assert "0 至 8" in text(manager.post(address, {"session": day.pk, "hours": 9}))
    assert manager.post(address, {"session": day.pk, "hours": 8}).status_code == 302
    assert "<strong>8</strong> / 16" in text(teacher.get(reverse("training_term", args=[first.pk])))
    stranger = enter(world, "t2", "teacher")
    assert stranger.post(reverse("enrolment_event", args=[place.pk, "withdraw"]), YES).status_code == 404
    teacher.post(reverse("enrolment_event", args=[place.pk, "withdraw"]), YES)
    place.refresh_from_db()
    assert place.state == "withdrawn"


def test_a_student_practises_and_only_the_own_linked_teacher_sees_it(world: World) -> None:
    level = CertificateLevel.objects.get(code="elementary")
    bank = parse_bank((files("jinbang.content") / "bank/elementary-practice.toml").read_text(encoding="utf-8"))
    author, reviewer = world.person("au", world.awarding), world.person("re", world.awarding)
    import_bank(bank=bank, level=level, author=author, reviewer=reviewer, actor=SYSTEM, now=world.now)
    student, teacher = enter(world, "s", "student"), enter(world, "t", "teacher")
    assert student.get(reverse("practice_start", args=[level.pk])).status_code == 404
    student.post(reverse("practice_start", args=[level.pk]))
    run = PracticeRun.objects.get()
    address = reverse("practice", args=[run.pk])
    assert "practice-mark" not in text(student.get(address))
    assert enter(world, "s2", "student").get(address).status_code == 404
    student.post(address, {f"item-{run.items[0]}": "nonsense", "item-x": "A"})
    assert "共 20 题" in text(student.get(address))
    assert "已经交卷" in text(student.post(address, follow=True))
    assert "没有这个学生账号" in text(teacher.post(reverse("student_link"), {"username": "nobody"}))
    world.person("away", world.south_school, "student")
    assert "没有这个学生账号" in text(teacher.post(reverse("student_link"), {"username": "away"}))
    assert teacher.post(reverse("student_link"), {"username": "s"}).status_code == 302
    assert TeacherLink.objects.get().student.username == "s"
    assert "测试s" in text(teacher.get(reverse("student_list")))
    assert "测试s" not in text(enter(world, "t3", "teacher").get(reverse("student_list"))).partition("<main")[2]


def test_an_answer_key_is_kept_from_students(world: World) -> None:
    manager = enter(world, "m", "programme_manager", "awarding")
    given = {"kind": "answers", "title": "习题答案", "teachers_only": "on"}
    assert "必填" in text(manager.post(reverse("resource_new"), given))
    manager.post(reverse("resource_new"), given | {"file": SimpleUploadedFile("a.txt", "答案".encode())})
    resource = Resource.objects.get()
    address = reverse("resource_download", args=[resource.pk])
    student, teacher = enter(world, "s", "student"), enter(world, "t", "teacher")
    assert "习题答案" not in text(student.get(reverse("resource_list"))).partition("<main")[2]
    assert "仅供教师下载" in text(student.get(address, follow=True))
    assert b"".join(teacher.get(address).streaming_content) == "答案".encode()
    assert ResourceDownload.objects.get().person.username == "t"


def test_a_question_is_answered_by_its_contact_and_hidden_from_other_schools(world: World) -> None:
    teacher = enter(world, "t", "teacher")
    assert "必填" in text(teacher.post(reverse("support_new"), {"subject": "白名单", "question": ""}))
    teacher.post(reverse("support_new"), {"subject": "白名单", "question": "怎么填？"})
    asked = SupportRequest.objects.get()
    address = reverse("support_request", args=[asked.pk])
    assert enter(world, "o", "teacher", "south_school").get(address).status_code == 404
    assert teacher.post(reverse("support_event", args=[asked.pk, "answer"]), {"text": "自答"}).status_code == 403
    assert enter(world, "m", "programme_manager", "awarding").get(address).status_code == 200
    asked.contact.set_password(PASSWORD)
    asked.contact.must_change_password = False
    asked.contact.save()
    contact = enter(world, asked.contact.username, "support_agent")
    assert "白名单" in text(contact.get(reverse("support_list")))
    contact.post(reverse("support_event", args=[asked.pk, "answer"]), {"text": "按主机名"})
    assert "按主机名" in text(teacher.get(address))
    teacher.post(reverse("support_event", args=[asked.pk, "close"]), YES)
    asked.refresh_from_db()
    assert asked.state == "closed"


def test_an_announcement_is_written_read_withdrawn_and_public_while_it_stands(world: World) -> None:
    manager, teacher = enter(world, "m", "exam_officer", "awarding"), enter(world, "t", "teacher")
    student = enter(world, "s", "student")
    assert teacher.get(reverse("announcement_new")).status_code == 403
    assert "必填" in text(manager.post(reverse("announcement_new"), {"title": "考务培训会"}))
    given = {"title": "考务培训会", "body": "考前两周召开。", "roles": ["teacher"], "is_public": "on"}
    assert manager.post(reverse("announcement_new"), given).status_code == 302
    made = Announcement.objects.get()
    address, outside = reverse("announcement", args=[made.pk]), reverse("public_announcement", args=[made.pk])
    assert "考务培训会" in text(teacher.get("/")).partition("<main")[2]
    assert "考务培训会" not in text(student.get("/"))
    assert student.get(address).status_code == 404
    assert "考前两周召开。" in text(teacher.get(address))
    assert "未读" not in text(teacher.get("/")).partition("<main")[2]
    assert list(made.readings.values_list("person__username", flat=True)) == ["t"]
    assert "考务培训会" in text(teacher.get(reverse("announcement_list") + "?q=两周&reading=read&status=now"))
    assert "考务培训会" not in text(teacher.get(reverse("announcement_list") + "?reading=unread")).partition("<main")[2]
    assert "考前两周召开。" in text(Client().get(outside))
    assert made.by not in text(Client().get(outside))
    assert "考务培训会" in text(Client().get(reverse("public_announcements")))
    withdraw = reverse("announcement_withdraw", args=[made.pk])
    assert teacher.post(withdraw, {"reason": "x"}).status_code == 403
    assert manager.post(withdraw, {"reason": "日期有误"}).status_code == 302
    assert (teacher.get(address).status_code, Client().get(outside).status_code) == (404, 404)
    assert "已撤回" in text(manager.get(address))
