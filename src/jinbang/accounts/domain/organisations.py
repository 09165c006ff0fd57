"""Organisations: adding one to the tree, correcting it, closing it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from jinbang.accounts.models import Organisation
from jinbang.audit.actor import Actor
from jinbang.audit.domain import record
from jinbang.core.errors import Refusal

K = Organisation.Kind
_PARENTS: dict[str, frozenset[str]] = {
    K.AWARDING: frozenset(),
    K.ISSUER: frozenset(),
    K.PROVINCE: frozenset(),
    K.CITY: frozenset({K.PROVINCE}),
    K.SCHOOL: frozenset({K.PROVINCE, K.CITY}),
}


def create_organisation(
    *,
    kind: str,
    name: str,
    code: str,
    actor: Actor,
    now: datetime,
    parent: Organisation | None = None,
    region: str = "",
    tier: str = "",
    licence_number: str = "",
) -> Organisation:
    """Add an organisation below ``parent`` (cities below a province; schools below a province or a city).

    Effects: ``Organisation``; audit row ``organisation.create``. Raises ``Refusal``: ``parent_kind``,
    ``organisation_code_taken``, ``organisation_name_taken``.
    """
    _check_place(kind, parent)
    if Organisation.objects.filter(code=code).exists():
        raise Refusal("organisation_code_taken", _("代码“{value}”已被使用"), value=code, field="code")
    if Organisation.objects.filter(kind=kind, name=name).exists():
        raise Refusal("organisation_name_taken", _("已有同名单位“{name}”"), name=name, field="name")
    with transaction.atomic():
        organisation = Organisation.objects.create(
            kind=kind,
            name=name,
            code=code,
            parent=parent,
            region=region or (parent.region if parent else ""),
            tier=tier,
            licence_number=licence_number,
        )
        record("organisation.create", organisation, actor=actor, now=now, data={"kind": kind, "code": code})
    return organisation


def _check_place(kind: str, parent: Organisation | None) -> None:
    allowed = _PARENTS[kind]
    if parent is None and not allowed:
        return
    if parent is None or parent.kind not in allowed:
        words = "、".join(str(K(value).label) for value in sorted(allowed)) or "（无）"
        raise Refusal("parent_kind", _("这类单位的上级必须是：{allowed}"), allowed=words, field="parent")


def update_organisation(
    *,
    organisation: Organisation,
    name: str,
    licence_number: str,
    tier: str,
    is_active: bool,
    actor: Actor,
    now: datetime,
) -> Organisation:
    """Correct an organisation; closing it (``is_active=False``) suspends every grant there.

    Effects: the row; audit row ``organisation.update`` with what changed, if anything did.
    """
    wanted = {"name": name, "licence_number": licence_number, "tier": tier, "is_active": is_active}
    changed = {field: value for field, value in wanted.items() if getattr(organisation, field) != value}
    if changed:
        if Organisation.objects.filter(kind=organisation.kind, name=name).exclude(pk=organisation.pk).exists():
            raise Refusal("organisation_name_taken", _("已有同名单位“{name}”"), name=name, field="name")
        with transaction.atomic():
            for field, value in changed.items():
                setattr(organisation, field, value)
            organisation.save(update_fields=list(changed))
            record("organisation.update", organisation, actor=actor, now=now, data=changed)
    return organisation
