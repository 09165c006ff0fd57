"""``move``: the only code that writes a state field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.db import models, transaction

from jinbang.audit.actor import Actor
from jinbang.audit.domain.chain import record
from jinbang.audit.fields import StateField
from jinbang.audit.models import OutboxNotice
from jinbang.core.errors import Refusal

M = TypeVar("M", bound=models.Model)


def state_field(model: type[models.Model]) -> StateField:
    """The single state field of ``model``; a model has exactly one."""
    fields = [field for field in model._meta.get_fields() if isinstance(field, StateField)]
    if len(fields) != 1:
        raise TypeError(f"{model.__name__} has {len(fields)} state fields; move() needs exactly one")
    return fields[0]


def move(
    obj: M,
    event: str,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
    data: Mapping[str, Any] | None = None,
    audience: Sequence[Mapping[str, Any]] = (),
) -> M:
    """Take ``obj`` through ``event`` of its machine and return it with the new state.

    The row is locked and its state in the database, not the one in memory, decides. Effects, in one
    transaction: the state field; one audit row; one outbox row if the transition notifies and ``audience``
    is not empty. Raises ``IllegalMove``, or ``Refusal("reason_required")``.
    """
    field = state_field(type(obj))
    with transaction.atomic():
        manager = type(obj)._default_manager
        current = manager.select_for_update().values_list(field.attname, flat=True).get(pk=obj.pk)
        step = field.machine.next(current, event)
        if step.reason and not reason.strip():
            raise Refusal("reason_required", "“{event}” needs a written reason", event=event)
        setattr(obj, field.attname, step.target)
        obj.save(update_fields=[field.attname])
        row = record(
            f"{field.machine.name}.{event}",
            obj,
            actor=actor,
            now=now,
            from_state=step.source,
            to_state=step.target,
            reason=reason,
            data=data,
        )
        if step.notify and audience:
            OutboxNotice.objects.create(
                created_at=now,
                kind=row.action,
                object_type=row.object_type,
                object_key=row.object_key,
                object_label=row.object_label,
                reason=reason,
                audience=list(audience),
                data=row.data,
            )
    return obj
