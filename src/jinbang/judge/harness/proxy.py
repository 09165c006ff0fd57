"""The guard's side of the candidate's objects: a test file uses them as if they were its own.

Plain values (numbers, text, lists, dicts, dates, frames) travel by value and are compared here, out of the
candidate's reach. Anything else is a `Handle`. A handle never equals a plain value, whatever its class says.
"""

from __future__ import annotations

import builtins
from typing import Any, Callable, Iterator

from . import wire
from .peer import Peer, Question

CHUNK = 64
ITEMS_MAX = 100000


class Remote:
    """Asks the host on behalf of handles, and answers its callbacks."""

    def __init__(self) -> None:
        self._peer: Any = None
        self._callbacks: list[Callable[..., Any]] = []
        self._errors: dict[Any, type] = {}

    def connect(self, peer: Peer) -> None:
        """Name the peer to ask."""
        self._peer = peer

    def ask(self, **question: Any) -> Any:
        """Ask and return the value, or raise what the candidate's code raised. Raises Gone."""
        return self.value(self.raw(**question))

    def raw(self, **question: Any) -> dict[str, Any]:
        """Ask and return the reply as it came."""
        reply: dict[str, Any] = self._peer.ask(question)
        return reply

    def value(self, reply: dict[str, Any]) -> Any:
        """The reply's value, or its exception raised."""
        if "raised" in reply:
            raised = reply["raised"]
            raise self.error_class(raised["lineage"])(raised["message"])
        return wire.decode(reply.get("value"), self._unwrap)

    def wire(self, value: Any) -> Any:
        """The value in travelling form; handles by number, functions of the test as callbacks."""
        return wire.encode(value, self._wrap)

    def answer(self, question: Question) -> Question:
        """Run a callback of the test for the candidate's code."""
        try:
            function = self._callbacks[question["callback"]]
            args = [wire.decode(item, self._unwrap) for item in question["args"]]
            kwargs = {key: wire.decode(item, self._unwrap) for key, item in question["kwargs"].items()}
            return {"value": self.wire(function(*args, **kwargs))}
        except Exception as error:  # travels to the caller
            return {"raised": {"lineage": [{"name": type(error).__name__}], "message": str(error)}}

    def error_class(self, lineage: list[dict[str, Any]]) -> type:
        """A class here that mirrors the candidate's exception class; made once for each of theirs."""
        first, rest = lineage[0], lineage[1:]
        known = getattr(builtins, first["name"], None)
        if not first["own"] and isinstance(known, type) and issubclass(known, BaseException):
            return known
        if first["key"] not in self._errors:
            base = self.error_class(rest) if rest and rest[0]["name"] != "object" else Exception
            self._errors[first["key"]] = type(str(first["name"]), (base,), {})
        return self._errors[first["key"]]

    def _wrap(self, value: Any) -> Any:
        if isinstance(value, Handle):
            return {"$object": object.__getattribute__(value, "_id")}
        if callable(value):
            self._callbacks.append(value)
            return {"$callback": len(self._callbacks) - 1}
        return wire.refuse(value)

    def _unwrap(self, plain: dict[str, Any]) -> Any:
        form = plain["$object"]
        if "lineage" in form:
            return self.error_class(form["lineage"])
        return Handle(self, int(form["id"]))


class Handle:
    """An object of the candidate's, by its number."""

    def __init__(self, remote: Remote, number: int) -> None:
        object.__setattr__(self, "_remote", remote)
        object.__setattr__(self, "_id", number)

    def __getattr__(self, name: str) -> Any:
        return self._remote.ask(op="path", on=self._id, name=name)

    def __setattr__(self, name: str, value: Any) -> None:
        self._remote.ask(op="set", on=self._id, name=name, value=self._remote.wire(value))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        named = {key: self._remote.wire(item) for key, item in kwargs.items()}
        return self._remote.ask(op="call", on=self._id, args=[self._remote.wire(item) for item in args], kwargs=named)

    def _operate(self, name: str, *args: Any) -> Any:
        return self._remote.ask(op="operate", name=name, args=[self._remote.wire(a) for a in (self,) + args])

    def __iter__(self) -> Iterator[Any]:
        iterator = self._operate("iter")
        if not isinstance(iterator, Handle):
            raise TypeError("not an iterator")
        taken = 0
        while taken < ITEMS_MAX:
            items = self._remote.ask(op="take", on=iterator._id, count=1)
            if not items:
                return
            taken += 1
            yield items[0]

    def __next__(self) -> Any:
        return self._operate("next")

    def __len__(self) -> int:
        return int(self._operate("len"))

    def __bool__(self) -> bool:
        return self._operate("bool") is True

    def __contains__(self, item: Any) -> bool:
        return any(item == own for own in self)

    def __eq__(self, other: Any) -> Any:
        return self._operate("eq", other) is True if isinstance(other, Handle) else NotImplemented

    def __hash__(self) -> int:
        return int(self._operate("hash"))

    def __instancecheck__(self, item: Any) -> bool:
        return isinstance(item, Handle) and item._operate("isinstance", self) is True

    def __subclasscheck__(self, item: Any) -> bool:
        return isinstance(item, Handle) and item._operate("issubclass", self) is True

    def __exit__(self, *error: Any) -> bool:
        return self._operate("exit") is True


def _forward(method: str, name: str) -> None:
    def forward(self: Handle, *args: Any) -> Any:
        return self._operate(name, *args)

    forward.__name__ = method
    setattr(Handle, method, forward)


for _name in ("repr", "str", "int", "float", "getitem", "setitem", "delitem", "enter"):
    _forward(f"__{_name}__", _name)
for _name in ("lt", "le", "gt", "ge", "add", "sub", "mul", "truediv", "mod", "neg"):
    _forward(f"__{_name}__", _name)
