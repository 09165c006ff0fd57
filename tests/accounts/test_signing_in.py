"""Signing in: right and wrong passwords, the brake, sessions, impersonation."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.accounts.world import NOW, PASSWORD, World

from jinbang.accounts.domain import signing_in
from jinbang.accounts.models import ImpersonationSession, Person, SignInFailure
from jinbang.audit.models import AuditRow
from jinbang.core.errors import Refusal

HERE = "192.0.2.7"


def attempt(username: str, password: str, *, address: str = HERE, now: object = NOW) -> Person:
    return signing_in.authenticate(username=username, password=password, address=address, now=now)  # type: ignore[arg-type]


def test_the_right_password_whatever_the_case_of_the_name(world: World) -> None:
    person = world.person("Lin.Yi", world.port_school)
    assert attempt(" lin.yi ", PASSWORD) == person


@pytest.mark.parametrize(("username", "password"), [("lin", "wrong"), ("nobody", PASSWORD)])
def test_a_refusal_does_not_say_what_was_wrong(world: World, username: str, password: str) -> None:
    world.person("lin", world.port_school)
    with pytest.raises(Refusal) as refused:
        attempt(username, password)
    assert refused.value.code == "wrong_credentials"
    assert SignInFailure.objects.get().username == username


def test_a_closed_account_cannot_sign_in(world: World) -> None:
    person = world.person("lin", world.port_school)
    Person.objects.filter(pk=person.pk).update(is_active=False)
    with pytest.raises(Refusal, match="用户名或密码"):
        attempt("lin", PASSWORD)


def test_guessing_one_account_is_braked_from_any_address_and_the_brake_wears_off(world: World) -> None:
    world.person("lin", world.port_school)
    for number in range(signing_in.PER_ACCOUNT):
        with pytest.raises(Refusal, match="用户名或密码"):
            attempt("LIN", "wrong", address=f"192.0.2.{number}")
    with pytest.raises(Refusal) as refused:
        attempt("lin", PASSWORD, address="198.51.100.1")
    assert refused.value.code == "throttled"
    assert attempt("lin", PASSWORD, now=NOW + signing_in.WINDOW)


def test_guessing_many_accounts_from_one_address_is_braked(world: World) -> None:
    world.person("lin", world.port_school)
    rows = [SignInFailure(username=f"u{n}", address=HERE, at=NOW) for n in range(signing_in.PER_ADDRESS)]
    SignInFailure.objects.bulk_create(rows)
    with pytest.raises(Refusal) as refused:
        attempt("lin", PASSWORD)
    assert refused.value.code == "throttled"
    assert attempt("lin", PASSWORD, address="198.51.100.1")


def test_who_owes_a_second_factor(world: World, settings: object) -> None:
    staff = world.person("staff", world.awarding, "exam_officer")
    teacher = world.person("teacher", world.port_school, "teacher")
    settings.SECOND_FACTOR_REQUIRED = True  # type: ignore[attr-defined]
    assert signing_in.needs_second_factor(staff, world.access(staff)) == "second_factor_setup"
    assert signing_in.needs_second_factor(teacher, world.access(teacher)) == ""
    settings.SECOND_FACTOR_REQUIRED = False  # type: ignore[attr-defined]
    assert signing_in.needs_second_factor(staff, world.access(staff)) == ""


def test_impersonation_needs_a_reason_and_never_reaches_an_administrator(world: World) -> None:
    admin = world.person("admin", world.awarding, "system_admin")
    other = world.person("other", world.awarding, "system_admin")
    lin = world.person("lin", world.port_school, "school_manager")

    def begin(target: Person, reason: str) -> ImpersonationSession:
        return signing_in.begin_impersonation(actor_person=admin, target=target, reason=reason, now=NOW)

    for target, reason, code in [
        (lin, "  ", "reason_required"),
        (admin, "x", "impersonation_self"),
        (other, "x", "impersonation_admin"),
    ]:
        with pytest.raises(Refusal) as refused:
            begin(target, reason)
        assert refused.value.code == code
    session = begin(lin, "电话求助，代为查看报名")
    assert signing_in.actor_of(lin, session).impersonator == "测试admin (admin)"
    assert not signing_in.impersonation_over(session, NOW + timedelta(minutes=59))
    assert signing_in.impersonation_over(session, NOW + signing_in.IMPERSONATION_LASTS)
    signing_in.end_impersonation(session=session, now=NOW)
    signing_in.end_impersonation(session=session, now=NOW)
    assert AuditRow.objects.filter(action="person.impersonation_ended").count() == 1
