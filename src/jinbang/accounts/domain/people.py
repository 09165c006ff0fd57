"""Accounts and grants: creating people, giving and taking roles, passwords."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from jinbang.accounts.domain.signing_in import end_sessions
from jinbang.accounts.models import Organisation, Person, Role, RoleGrant
from jinbang.audit.actor import Actor
from jinbang.audit.domain import record
from jinbang.core.errors import Refusal, RowError, RowErrors

K = Organisation.Kind
_CENTRAL = frozenset({
    Role.SYSTEM_ADMIN, Role.PROGRAMME_MANAGER, Role.ACCREDITATION_OFFICER, Role.EXAM_OFFICER, Role.ITEM_AUTHOR,
    Role.ITEM_REVIEWER, Role.KEY_HOLDER, Role.MARKER, Role.CHIEF_MARKER, Role.CERTIFICATE_OFFICER,
    Role.FINANCE_OFFICER, Role.SUPPORT_AGENT, Role.INSPECTOR,
})  # fmt: skip
_LOCAL = frozenset({
    Role.SCHOOL_MANAGER, Role.TEACHER, Role.SITE_MANAGER, Role.CHIEF_INVIGILATOR, Role.INVIGILATOR, Role.STUDENT,
})  # fmt: skip
ROLES_OF_KIND: dict[str, frozenset[Role]] = {
    K.AWARDING: _CENTRAL,
    K.PROVINCE: frozenset({Role.PROVINCE_OFFICER, Role.INSPECTOR}),
    K.CITY: frozenset({Role.CITY_OFFICER, Role.INSPECTOR}),
    K.SCHOOL: _LOCAL,
    K.ISSUER: frozenset({Role.CERTIFICATE_OFFICER}),
}


def initial_password() -> str:
    """A random first password that is easy to read out: it must be changed at the first sign-in."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(alphabet) for _ in range(4)) for _ in range(3))


def create_person(
    *,
    username: str,
    name: str,
    organisation: Organisation | None,
    actor: Actor,
    now: datetime,
    email: str = "",
    phone: str = "",
    password: str = "",
    password_hash: str = "",
    must_change_password: bool = True,
) -> Person:
    """A new account, without any role.

    Effects: ``Person``; audit row ``person.create``. Raises ``Refusal("username_taken")``. Without ``password``
    nobody can sign in until :func:`reset_password` gives one; ``password_hash`` is for accounts whose password is
    public anyway, such as a demonstration's, which need not be hashed one by one.
    """
    if Person.objects.filter(username__iexact=username.strip()).exists():
        raise Refusal("username_taken", _("用户名“{username}”已被使用，请换一个"), username=username, field="username")
    person = Person(
        username=username.strip(),
        name=name.strip(),
        email=email.strip(),
        phone=phone.strip(),
        home_organisation=organisation,
        created_at=now,
        must_change_password=must_change_password,
    )
    if password_hash:
        person.password = password_hash
    elif password:
        person.set_password(password)
    else:
        person.set_unusable_password()
    try:
        with transaction.atomic():
            person.save(force_insert=True)
            record("person.create", person, actor=actor, now=now, data={"username": person.username})
    except IntegrityError:
        raise Refusal(
            "username_taken", _("用户名“{username}”已被使用，请换一个"), username=username, field="username"
        ) from None
    return person


def update_person(*, person: Person, name: str, email: str, phone: str, actor: Actor, now: datetime) -> Person:
    """Correct name and addresses. Effects: the row; audit row ``person.update`` with the changed fields, if any."""
    wanted = {"name": name.strip(), "email": email.strip(), "phone": phone.strip()}
    changed = [field for field, value in wanted.items() if getattr(person, field) != value]
    if changed:
        with transaction.atomic():
            for field in changed:
                setattr(person, field, wanted[field])
            person.save(update_fields=changed)
            record("person.update", person, actor=actor, now=now, data={"fields": changed})
    return person


def set_active(*, person: Person, active: bool, actor: Actor, now: datetime, reason: str) -> None:
    """Close or reopen an account. Effects: the row; sessions end; audit row ``person.close``/``person.reopen``."""
    if not reason.strip():
        raise Refusal("reason_required", _("停用或恢复账号必须写明理由"), field="reason")
    with transaction.atomic():
        person.is_active = active
        person.save(update_fields=["is_active"])
        record("person.reopen" if active else "person.close", person, actor=actor, now=now, reason=reason)
        if not active:
            end_sessions(person=person, actor=actor, now=now)


def reset_password(*, person: Person, actor: Actor, now: datetime) -> str:
    """A new random password, to be told to the person and changed at the next sign-in.

    Effects: password, sessions end, audit row ``person.password_reset``.
    """
    password = initial_password()
    with transaction.atomic():
        person.set_password(password)
        person.must_change_password = True
        person.save(update_fields=["password", "must_change_password"])
        record("person.password_reset", person, actor=actor, now=now)
        end_sessions(person=person, actor=actor, now=now)
    return password


def change_password(*, person: Person, old: str, new: str, actor: Actor, now: datetime, keep_session: str = "") -> None:
    """The person's own change. Effects: password; other sessions end; audit row ``person.password_change``.

    Raises ``Refusal``: ``wrong_password``, ``password_same``, ``password_weak`` with the validators' own words.
    """
    if not person.check_password(old):
        raise Refusal("wrong_password", _("原密码不对"), field="old")
    if old == new:
        raise Refusal("password_same", _("新密码不能与原密码相同"), field="new")
    try:
        validate_password(new, person)
    except ValidationError as weak:
        raise Refusal("password_weak", " ".join(weak.messages), field="new") from None
    with transaction.atomic():
        person.set_password(new)
        person.must_change_password = False
        person.save(update_fields=["password", "must_change_password"])
        record("person.password_change", person, actor=actor, now=now)
        end_sessions(person=person, actor=actor, now=now, keep=keep_session)


def grant_role(
    *,
    person: Person,
    role: str,
    organisation: Organisation,
    actor: Actor,
    now: datetime,
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
) -> RoleGrant:
    """Give ``person`` ``role`` at ``organisation`` from ``valid_from`` (default: now) until ``valid_until``.

    Effects: ``RoleGrant``; audit row ``grant.give``. Raises ``Refusal``: ``role_misplaced`` (a role that this kind
    of organisation does not have), ``grant_window``, ``grant_exists``.
    """
    begins = valid_from or now
    if role not in ROLES_OF_KIND[organisation.kind]:
        words = {"role": Role(role).label, "organisation": organisation.name, "field": "role"}
        raise Refusal("role_misplaced", _("“{organisation}”这类单位没有“{role}”这个角色"), **words)
    if valid_until is not None and valid_until <= begins:
        raise Refusal("grant_window", _("截止时间必须晚于开始时间"), field="valid_until")
    held = RoleGrant.objects.filter(person=person, role=role, organisation=organisation)
    for grant in held:
        if grant.valid_until is None or grant.valid_until > begins:
            raise Refusal("grant_exists", _("此人在该单位已有这个角色，且尚未到期"), field="role")
    with transaction.atomic():
        grant = RoleGrant.objects.create(
            person=person,
            role=role,
            organisation=organisation,
            valid_from=begins,
            valid_until=valid_until,
            granted_by=actor.label,
        )
        data = {"role": role, "organisation": organisation.pk, "grant": grant.pk}
        record("grant.give", person, actor=actor, now=now, data=data)
    return grant


def revoke_grant(*, grant: RoleGrant, actor: Actor, now: datetime, reason: str) -> None:
    """End a grant now (one that has not begun disappears). Effects: the row; audit row ``grant.revoke``.

    Raises ``Refusal``: ``reason_required``, ``grant_over`` if it had ended already.
    """
    if not reason.strip():
        raise Refusal("reason_required", _("收回角色必须写明理由"), field="reason")
    if grant.valid_until is not None and grant.valid_until <= now:
        raise Refusal("grant_over", _("这个角色已经到期，不用再收回"))
    with transaction.atomic():
        data = {"role": grant.role, "organisation": grant.organisation_id, "grant": grant.pk}
        if grant.valid_from >= now:
            grant.delete()
        else:
            grant.valid_until = now
            grant.save(update_fields=["valid_until"])
        record("grant.revoke", grant.person, actor=actor, now=now, reason=reason, data=data)


@dataclass(frozen=True)
class NewPerson:
    """One row of a sheet of people: sheet row number, who, which role and where (organisation code; "" = default)."""

    row: int
    username: str
    name: str
    role: str
    organisation_code: str = ""
    email: str = ""
    phone: str = ""


def import_people(
    *,
    rows: Sequence[NewPerson],
    organisations: Sequence[Organisation],
    default: Organisation | None,
    actor: Actor,
    now: datetime,
) -> list[tuple[Person, str]]:
    """Create the people of a sheet with their roles, all or none; returns each with the first password.

    ``organisations`` are those the importer may manage. Effects: as ``create_person`` and ``grant_role`` for every
    row. Raises ``RowErrors`` with every fault.
    """
    by_code = {organisation.code: organisation for organisation in organisations}
    errors: list[RowError] = []
    made: list[tuple[Person, str]] = []
    with transaction.atomic():
        for row in rows:
            organisation = by_code.get(row.organisation_code) if row.organisation_code else default
            try:
                made.append(_import_one(row, organisation, actor, now))
            except Refusal as refusal:
                field = str(refusal.params.get("field", ""))
                value = str(getattr(row, field, "") or "")
                errors.append(RowError(row.row, field, str(refusal), value=value, code=refusal.code))
        if errors:
            raise RowErrors(errors, _("有 {n} 行需要更正，什么也没有写入").format(n=len(errors)))
    return made


def _import_one(row: NewPerson, organisation: Organisation | None, actor: Actor, now: datetime) -> tuple[Person, str]:
    if organisation is None:
        raise Refusal("organisation_unknown", _("没有这个单位，或不在您的管理范围内"), field="organisation_code")
    if not row.username.strip() or not row.name.strip():
        missing = "username" if not row.username.strip() else "name"
        raise Refusal("required", _("不能为空"), field=missing)
    roles = {str(label): value for value, label in Role.choices} | {value: value for value in Role.values}
    if row.role not in roles:
        raise Refusal("role_unknown", _("没有这个角色"), field="role")
    password = initial_password()
    person = create_person(
        username=row.username, name=row.name, organisation=organisation, actor=actor, now=now,
        email=row.email, phone=row.phone, password=password,
    )  # fmt: skip
    grant_role(person=person, role=roles[row.role], organisation=organisation, actor=actor, now=now)
    return person, password
