"""The model field that holds a state. Only :func:`jinbang.audit.domain.move` writes it."""

from __future__ import annotations

from typing import Any

from django.db import models

from jinbang.core.lifecycle import MACHINES, Machine


class StateField(models.CharField):  # type: ignore[type-arg]
    """A state of ``machine`` (a name in ``core.lifecycle``); starts at the machine's initial state."""

    def __init__(self, machine: str, **kwargs: Any) -> None:
        self.machine_name = machine
        kwargs.setdefault("max_length", 32)
        kwargs.setdefault("default", MACHINES[machine].initial)
        kwargs.setdefault("editable", False)
        kwargs.setdefault("db_index", True)
        super().__init__(**kwargs)

    @property
    def machine(self) -> Machine:
        """The transition table that governs this field."""
        return MACHINES[self.machine_name]

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, [self.machine_name, *args], kwargs
