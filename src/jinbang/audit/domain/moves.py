"""``move`` and ``move_all``: the only code that writes a state field."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.db import models, transaction
from django.utils.translation import gettext as _

from jinbang.audit.actor import Actor
from jinbang.audit.domain.chain import Entry, record, record_all
from jinbang.audit.fields import StateField
from jinbang.audit.labels import event_label, state_label
from jinbang.audit.models import OutboxNotice
from jinbang.core.errors import Refusal, RowError, RowErrors
from jinbang.core.lifecycle import IllegalMove, Transition

M = TypeVar("M", bound=models.Model)
_PART = 500
_NAMED = 5


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
        step = _step(field, current, event, reason)
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


def move_all(
    objects: Iterable[M],
    event: str,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
    data: Callable[[M], Mapping[str, Any]] | None = None,
) -> list[M]:
    """Take all ``objects`` (of one model) through ``event``, or none of them.

    As :func:`move` for each, in their order and with an audit row of its own for each, but in a few queries
    for hundreds; nobody is told. Raises ``Refusal("reason_required")``, or ``RowErrors`` that names every
    row whose state does not allow the event; ``row`` counts them from 1.
    """
    moved = list(objects)
    if not moved:
        return moved
    model = type(moved[0])
    field = state_field(model)
    with transaction.atomic():
        steps = _steps(moved, field, event, reason)
        for target in sorted({step.target for step in steps}):
            pks = [obj.pk for obj, step in zip(moved, steps, strict=True) if step.target == target]
            for part in _parts(pks):
                model._default_manager.filter(pk__in=part).update(**{field.attname: target})
        for obj, step in zip(moved, steps, strict=True):
            setattr(obj, field.attname, step.target)
        entries = [
            Entry(obj, step.source, step.target, data(obj) if data else None)
            for obj, step in zip(moved, steps, strict=True)
        ]
        record_all(f"{field.machine.name}.{event}", entries, actor=actor, now=now, reason=reason)
    return moved


def _step(field: StateField, current: str, event: str, reason: str) -> Transition:
    step = field.machine.next(current, event)
    if step.reason and not reason.strip():
        raise Refusal("reason_required", "“{event}” needs a written reason", event=event)
    return step


def _steps(objects: Sequence[models.Model], field: StateField, event: str, reason: str) -> list[Transition]:
    """The step of each, by its state in the database; its row is locked from here on."""
    current: dict[Any, str] = {}
    for part in _parts([obj.pk for obj in objects]):
        rows = type(objects[0])._default_manager.select_for_update().filter(pk__in=part).order_by("pk")
        current |= dict(rows.values_list("pk", field.attname))
    steps, faults = [], []
    for number, obj in enumerate(objects, 1):
        try:
            steps.append(_step(field, current[obj.pk], event, reason))
        except IllegalMove as refusal:
            state = str(state_label(field.machine.name, current[obj.pk]))
            faults.append(RowError(number, str(obj), _("现在是“{state}”").format(state=state), state, refusal.code))
    if faults:
        raise _refused(field, event, faults)
    return steps


def _refused(field: StateField, event: str, faults: Sequence[RowError]) -> RowErrors:
    names = "；".join(f"{fault.field}（{fault.value}）" for fault in faults[:_NAMED])
    more = _("等 {count} 项").format(count=len(faults)) if len(faults) > _NAMED else ""
    step = event_label(field.machine.name, event)
    return RowErrors(
        faults, _("不能进行“{step}”，没有改动任何一项：{names}{more}").format(step=step, names=names, more=more)
    )


def _parts(keys: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """``keys`` in parts that every database takes as parameters of one statement."""
    return (keys[start : start + _PART] for start in range(0, len(keys), _PART))
