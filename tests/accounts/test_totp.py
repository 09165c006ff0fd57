"""One-time codes: the vectors of the RFC, clocks that differ, codes that are used once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.accounts.world import NOW, World

from jinbang.accounts.domain import totp
from jinbang.accounts.domain.signing_in import actor_of
from jinbang.accounts.models import Person, TotpDevice
from jinbang.audit.models import AuditRow
from jinbang.core.errors import Refusal

RFC_SECRET = b"12345678901234567890"


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037")],
)
def test_the_vectors_of_rfc_6238(seconds: int, code: str) -> None:
    step = totp.step_of(datetime.fromtimestamp(seconds, UTC))
    assert totp.code_at(RFC_SECRET, step) == code


@pytest.mark.parametrize(("steps", "accepted"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_one_step_of_clock_difference_is_allowed(steps: int, accepted: bool) -> None:
    here = totp.step_of(NOW)
    code = totp.code_at(RFC_SECRET, here + steps)
    assert (totp.matching_step(RFC_SECRET, code, NOW, after=0) is not None) is accepted


def set_up(person: Person) -> tuple[bytes, list[str]]:
    secret = totp.begin_setup(person=person)
    code = totp.code_at(secret, totp.step_of(NOW))
    return secret, totp.confirm_setup(person=person, code=code, actor=actor_of(person), now=NOW)


def test_setting_up_takes_a_right_code_and_gives_ten_recovery_codes(world: World) -> None:
    person = world.person("lin", world.awarding, "exam_officer")
    assert totp.begin_setup(person=person) == totp.begin_setup(person=person)
    with pytest.raises(Refusal) as refused:
        totp.confirm_setup(person=person, code="abcdef", actor=actor_of(person), now=NOW)
    assert (refused.value.code, refused.value.params["field"]) == ("wrong_code", "code")
    _secret, codes = set_up(person)
    assert len(set(codes)) == 10
    assert AuditRow.objects.filter(action="person.second_factor_set").count() == 1
    with pytest.raises(Refusal) as again:
        totp.begin_setup(person=person)
    assert again.value.code == "second_factor_exists"


def test_a_code_works_once(world: World) -> None:
    person = world.person("lin", world.awarding, "exam_officer")
    secret, _codes = set_up(person)
    later = NOW + timedelta(seconds=60)
    code = totp.code_at(secret, totp.step_of(later))
    assert totp.check_code(person=person, code=f"{code[:3]} {code[3:]}", actor=actor_of(person), now=later)
    assert not totp.check_code(person=person, code=code, actor=actor_of(person), now=later)


def test_a_recovery_code_works_once_and_is_logged(world: World) -> None:
    person = world.person("lin", world.awarding, "exam_officer")
    _secret, codes = set_up(person)
    assert totp.check_code(person=person, code=codes[3].lower(), actor=actor_of(person), now=NOW)
    assert not totp.check_code(person=person, code=codes[3], actor=actor_of(person), now=NOW)
    assert AuditRow.objects.get(action="person.recovery_code_used").data == {"left": 9}


def test_the_secret_is_not_stored_in_the_clear(world: World) -> None:
    person = world.person("lin", world.awarding, "exam_officer")
    secret = totp.begin_setup(person=person)
    assert secret.hex().encode() not in bytes(TotpDevice.objects.get(person=person).secret)


def test_removing_a_device_needs_a_reason(world: World) -> None:
    person = world.person("lin", world.awarding, "exam_officer")
    set_up(person)
    with pytest.raises(Refusal):
        totp.remove_device(person=person, actor=actor_of(person), now=NOW, reason="")
    totp.remove_device(person=person, actor=actor_of(person), now=NOW, reason="手机丢失")
    assert not TotpDevice.objects.filter(person=person).exists()
