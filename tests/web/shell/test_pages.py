"""Pages of people, roles, organisations and the log: who gets in, what comes of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
import xlsxwriter
from django.test import Client
from tests.accounts.world import PASSWORD, World

from jinbang.accounts.domain import totp
from jinbang.accounts.models import ImpersonationSession, InboxMessage, Organisation, Person, SignInSession
from jinbang.audit.models import AuditRow, OutboxNotice
from jinbang.config import clock

SignIn = Callable[[Person], Client]


@pytest.fixture
def admin(world: World) -> Person:
    return world.person("admin", world.awarding, "system_admin")


def test_strangers_are_sent_to_sign_in_and_come_back(world: World) -> None:
    client = Client()
    world.person("lin", world.port_school, "school_manager")
    response = client.get("/admin/people/")
    assert response.headers["Location"] == "/sign-in/?next=/admin/people/"
    data = {"username": "lin", "password": PASSWORD, "next": "/admin/people/"}
    assert client.post("/sign-in/", data).headers["Location"] == "/admin/people/"
    data["next"] = "https://evil.example/"
    client.post("/sign-out/")
    assert client.post("/sign-in/", data).headers["Location"] == "/"


PAGES = ["/admin/people/", "/admin/organisations/", "/admin/audit/", "/admin/people/new/", "/admin/organisations/new/"]


@pytest.mark.parametrize(
    ("place", "role", "open_to"),
    [
        ("awarding", "system_admin", [200, 200, 200, 200, 200]),
        ("south", "province_officer", [200, 200, 403, 200, 200]),
        ("port_school", "school_manager", [200, 200, 403, 200, 403]),
        ("port_school", "teacher", [403, 403, 403, 403, 403]),
    ],
)
def test_who_may_open_what(world: World, sign_in: SignIn, place: str, role: str, open_to: list[int]) -> None:
    client = sign_in(world.person("who", getattr(world, place), role))
    assert [client.get(url).status_code for url in PAGES] == open_to
    shown = {entry.entry.url_name for _title, lines in client.get("/").context["menu"] for entry in lines}
    assert ("audit_log" in shown) is (open_to[2] == 200)


def test_foreign_people_organisations_and_grants_do_not_exist(world: World, sign_in: SignIn) -> None:
    client = sign_in(world.person("south", world.south, "province_officer"))
    stranger = world.person("stranger", world.north_school, "teacher")
    grant = stranger.grants.get()
    urls = [
        f"/admin/people/{stranger.pk}/",
        f"/admin/people/{stranger.pk}/edit/",
        f"/admin/people/{stranger.pk}/password/",
        f"/admin/people/{stranger.pk}/grants/new/",
        f"/admin/grants/{grant.pk}/revoke/",
        f"/admin/organisations/{world.north_school.pk}/",
        f"/admin/organisations/{world.north.pk}/edit/",
    ]
    assert [client.get(url).status_code for url in urls] == [404] * len(urls)


def test_an_account_is_made_with_its_first_role(world: World, sign_in: SignIn) -> None:
    client = sign_in(world.person("manager", world.port_school, "school_manager"))
    form = {"name": "测试乙", "username": "yi.two", "organisation": world.port_school.pk, "role": "teacher"}
    response = client.post("/admin/people/new/", form, follow=True)
    made = Person.objects.get(username="yi.two")
    assert response.redirect_chain == [(f"/admin/people/{made.pk}/", 302)]
    password = re.search(r"初始密码：([\w-]+)", response.content.decode())
    assert password is not None
    assert made.check_password(password[1])
    assert made.must_change_password
    refused = client.post("/admin/people/new/", form)
    assert refused.status_code == 422
    assert 'href="#id_username"' in refused.content.decode()


def test_a_school_cannot_hand_out_others_roles_or_places(world: World, sign_in: SignIn) -> None:
    client = sign_in(world.person("manager", world.port_school, "school_manager"))
    base = {"name": "测试乙", "username": "yi.two", "organisation": world.port_school.pk, "role": "teacher"}
    for change in ({"organisation": world.south_school.pk}, {"role": "system_admin"}):
        assert client.post("/admin/people/new/", {**base, **change}).status_code == 422
    assert not Person.objects.filter(username="yi.two").exists()


def sheet(*rows: tuple[str, ...]) -> BytesIO:
    file = BytesIO()
    book = xlsxwriter.Workbook(file)
    page = book.add_worksheet()
    for number, row in enumerate(rows):
        page.write_row(number, 0, row)
    book.close()
    file.seek(0)
    file.name = "people.xlsx"
    return file


def test_a_sheet_of_people_with_its_faults_as_a_table(world: World, sign_in: SignIn) -> None:
    client = sign_in(world.person("manager", world.port_school, "school_manager"))
    head = ("角色", "姓 名", "用户名*")
    bad = client.post("/admin/people/upload/", {"file": sheet(head, ("教师", "甲", "jia"), ("厨师", "乙", "yi"))})
    assert bad.status_code == 422
    assert [(error.row, error.field, error.value) for error in bad.context["row_errors"]] == [(3, "role", "厨师")]
    assert not Person.objects.filter(username="jia").exists()
    good = client.post("/admin/people/upload/", {"file": sheet(head, ("教师", "甲", "jia"))})
    ((who, password),) = good.context["made"]
    assert who.check_password(password)


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"not a sheet", "不能作为 Excel"), (None, "第一行缺少表头：角色"), (b"", "文件")],
)
def test_a_file_that_is_no_sheet_is_explained(world: World, sign_in: SignIn, content: bytes | None, words: str) -> None:
    client = sign_in(world.person("manager", world.port_school, "school_manager"))
    file = sheet(("用户名", "姓名"), ("a", "b")) if content is None else BytesIO(content)
    file.name = "x.xlsx"
    response = client.post("/admin/people/upload/", {"file": file})
    assert response.status_code == 422
    assert words in response.content.decode()


def test_a_first_password_must_be_changed_before_anything_else(world: World, sign_in: SignIn) -> None:
    person = world.person("lin", world.port_school, "school_manager")
    Person.objects.update(must_change_password=True)
    client = sign_in(person)
    assert client.get("/").headers["Location"] == "/account/security/password/?next=%2F"
    new = {"old": PASSWORD, "new": "amber-lantern-77", "again": "amber-lantern-77"}
    assert client.post("/account/security/password/", new).headers["Location"] == "/"
    assert client.get("/").status_code == 200


def test_staff_set_up_and_then_give_a_second_factor(world: World, sign_in: SignIn, settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    person = world.person("officer", world.awarding, "exam_officer")
    client = sign_in(person)
    assert client.get("/admin/people/").headers["Location"].startswith("/sign-in/code/setup/")
    secret = totp.begin_setup(person=person)
    step = totp.step_of(clock.now())
    shown = client.post("/sign-in/code/setup/", {"code": totp.code_at(secret, step)})
    assert len(shown.context["codes"]) == 10
    assert client.get("/").status_code == 200

    again = sign_in(person)
    assert again.get("/").headers["Location"].startswith("/sign-in/code/?")
    assert again.post("/sign-in/code/", {"code": totp.code_at(secret, step)}).status_code == 422
    assert again.post("/sign-in/code/", {"code": totp.code_at(secret, step + 1)}).headers["Location"] == "/"
    assert again.get("/").status_code == 200


def test_other_sessions_can_be_ended(world: World, sign_in: SignIn) -> None:
    person = world.person("lin", world.port_school, "school_manager")
    here, there = sign_in(person), sign_in(person)
    assert SignInSession.objects.count() == 2
    here.post("/account/security/sessions/end/")
    assert [here.get("/").status_code, there.get("/").status_code] == [200, 302]


def test_impersonation_is_visible_logged_and_ends(world: World, sign_in: SignIn, admin: Person) -> None:
    manager = world.person("manager", world.port_school, "school_manager")
    client = sign_in(admin)
    assert client.post(f"/impersonation/{manager.pk}/", {"reason": ""}).status_code == 422
    client.post(f"/impersonation/{manager.pk}/", {"reason": "电话求助"})
    page = client.get("/").content.decode()
    assert "正在以 测试manager 的身份操作，理由：电话求助" in page
    client.post("/account/", {"name": "改名", "email": "", "phone": ""})
    row = AuditRow.objects.get(action="person.update")
    assert (row.actor_label, row.impersonator) == ("测试manager (manager)", "测试admin (admin)")
    assert client.get("/admin/audit/").status_code == 403
    client.post("/impersonation/end/")
    assert "身份操作" not in client.get("/").content.decode()
    assert client.get("/admin/audit/").status_code == 200
    assert ImpersonationSession.objects.get().ended_at is not None


def test_impersonation_is_over_after_an_hour(world: World, sign_in: SignIn, admin: Person) -> None:
    manager = world.person("manager", world.port_school, "school_manager")
    client = sign_in(admin)
    client.post(f"/impersonation/{manager.pk}/", {"reason": "电话求助"})
    ImpersonationSession.objects.update(started_at=clock.now() - timedelta(hours=1))
    assert client.get("/").headers["Location"] == "/sign-in/"
    assert client.get("/").headers["Location"].startswith("/sign-in/")


def test_the_log_can_be_checked_and_a_tampered_row_is_named(world: World, sign_in: SignIn, admin: Person) -> None:
    client = sign_in(admin)
    assert "记录完整" in client.post("/admin/audit/check/", follow=True).content.decode()
    AuditRow.objects.filter(seq=3).update(reason="改过")
    assert "第 3 条有问题" in client.post("/admin/audit/check/", follow=True).content.decode()
    assert client.get("/admin/audit/3/").context["intact"] is False


def test_a_message_is_read_when_opened_and_others_cannot_open_it(world: World, sign_in: SignIn) -> None:
    lin, other = (world.person(name, world.port_school, "school_manager") for name in ("lin", "other"))
    notice = OutboxNotice.objects.create(
        created_at=clock.now(), kind="person.create", object_type="accounts.person", object_key=str(lin.pk)
    )
    message = InboxMessage.objects.create(person=lin, notice=notice, created_at=clock.now())
    assert sign_in(other).get(f"/account/inbox/{message.pk}/").status_code == 404
    page = sign_in(lin).get(f"/account/inbox/{message.pk}/")
    assert f'href="/admin/people/{lin.pk}/"' in page.content.decode()
    message.refresh_from_db()
    assert message.read_at is not None


def test_language_and_theme_stay_with_the_person(world: World, sign_in: SignIn) -> None:
    client = sign_in(world.person("lin", world.port_school, "school_manager"))
    client.post("/preferences/language/", {"language": "en", "next": "/account/"})
    client.post("/preferences/theme/", {"theme": "dark"})
    page = client.get("/").content.decode()
    assert 'lang="en"' in page
    assert 'data-bs-theme="dark"' in page
    assert "Waiting for me" in page
    client.post("/preferences/language/", {"language": "fr"})
    assert Person.objects.get(username="lin").language == "en"


def test_every_page_carries_the_policy_that_keeps_scripts_out(world: World, sign_in: SignIn) -> None:
    response = sign_in(world.person("lin", world.port_school, "school_manager")).get("/")
    assert "default-src 'self'" in response.headers["Content-Security-Policy"]
    assert "unsafe-eval" not in response.headers["Content-Security-Policy"]
    assert response.headers["Cache-Control"] == "no-store"
    assert not re.search(r"<script(?![^>]*\bsrc=)", response.content.decode())


def test_a_page_that_is_not_there_says_so_kindly(world: World, sign_in: SignIn) -> None:
    response = sign_in(world.person("lin", world.port_school, "school_manager")).get("/no/such/page/")
    assert response.status_code == 404
    assert "没有找到这个页面" in response.content.decode()


def test_an_organisation_is_added_within_reach(world: World, sign_in: SignIn) -> None:
    client = sign_in(world.person("south", world.south, "province_officer"))
    form = {"kind": "school", "name": "新港学院", "code": "S9", "parent": world.port.pk}
    assert client.post("/admin/organisations/new/", {**form, "parent": world.north.pk}).status_code == 422
    assert client.post("/admin/organisations/new/", form).status_code == 302
    assert Organisation.objects.get(code="S9").parent == world.port
