"""The candidate's side: imports their module and does what the guard asks, one operation at a time."""

from __future__ import annotations

import builtins
import contextlib
import importlib
import io
import itertools
import operator
import os
import runpy
import sys
from typing import Any, Callable

from . import wire
from .peer import Gone, Peer, Question

PRINTED_MAX = 64 << 10
OPERATORS: dict[str, Callable[..., Any]] = {
    "len": len,
    "iter": iter,
    "next": next,
    "repr": repr,
    "str": str,
    "int": int,
    "float": float,
    "bool": bool,
    "hash": hash,
    "isinstance": isinstance,
    "issubclass": issubclass,
    "getitem": operator.getitem,
    "setitem": operator.setitem,
    "delitem": operator.delitem,
    "enter": lambda obj: type(obj).__enter__(obj),
    "exit": lambda obj: type(obj).__exit__(obj, None, None, None),
    "list": list,
}
OPERATORS.update({name: getattr(operator, name) for name in ("eq", "lt", "le", "gt", "ge")})
OPERATORS.update({name: getattr(operator, name) for name in ("add", "sub", "mul", "truediv", "mod", "neg")})


class Host:
    """Keeps the objects that the guard holds handles of."""

    def __init__(self) -> None:
        self._objects: list[Any] = []
        self._peer: Any = None

    def connect(self, peer: Peer) -> None:
        """Name the peer through which callbacks are made."""
        self._peer = peer

    def answer(self, question: Question) -> Question:
        """Do one operation; the reply holds `value` or `raised`, and what was printed meanwhile."""
        printed = io.StringIO()
        try:
            with contextlib.redirect_stdout(printed):
                value = getattr(self, "do_" + question["op"])(question)
                reply = {"value": wire.encode(value, self._wrap)}
        except Gone:
            raise
        except BaseException as error:
            reply = {"raised": self._raised(error)}
        reply["printed"] = printed.getvalue()[:PRINTED_MAX]
        return reply

    def do_module(self, question: Question) -> Any:
        """Import the candidate's module."""
        return importlib.import_module(question["name"])

    def do_path(self, question: Question) -> Any:
        """Look up a dotted name below an object."""
        found = self._objects[question["on"]]
        for name in question["name"].split("."):
            found = getattr(found, name)
        return found

    def do_set(self, question: Question) -> None:
        """Set an attribute."""
        setattr(self._objects[question["on"]], question["name"], self._unwire(question["value"]))

    def do_call(self, question: Question) -> Any:
        """Call an object; with `after` set the arguments as they are afterwards come along."""
        args = [self._unwire(item) for item in question["args"]]
        kwargs = {key: self._unwire(item) for key, item in question["kwargs"].items()}
        value = self._objects[question["on"]](*args, **kwargs)
        return {"returned": value, "arguments": args} if question.get("after") else value

    def do_operate(self, question: Question) -> Any:
        """Apply one of the operators."""
        args = [self._unwire(item) for item in question["args"]]
        return OPERATORS[question["name"]](*args)

    def do_take(self, question: Question) -> Any:
        """The next items of an iterator, at most `count`."""
        iterator = self._objects[question["on"]]
        return list(itertools.islice(iterator, question["count"]))

    def do_figures(self, question: Question) -> Any:
        """Run a program and describe the Matplotlib figures it made."""
        from . import figures

        return figures.of_program(question["script"], question["args"])

    def do_program(self, question: Question) -> None:
        """Run a program as `__main__`."""
        sys.argv = [question["script"]] + question["args"]
        runpy.run_path(question["script"], run_name="__main__")

    def _wrap(self, value: Any) -> Any:
        self._objects.append(value)
        form = {"id": len(self._objects) - 1, "type": type(value).__name__}
        if isinstance(value, type):
            form["class"] = value.__name__
            if issubclass(value, BaseException):
                form["lineage"] = self._lineage(value)
        return {"$object": form}

    def _lineage(self, kind: type) -> list[dict[str, Any]]:
        """The exception class and its bases, nearest first; built-in ones by name alone."""
        steps: list[dict[str, Any]] = []
        for step in kind.__mro__:
            own = getattr(builtins, step.__name__, None) is not step
            steps.append({"name": step.__name__, "own": own, "key": id(step)})
        return steps

    def _raised(self, error: BaseException) -> dict[str, Any]:
        try:
            message = str(error)[:500]
        except BaseException:
            message = ""
        return {"lineage": self._lineage(type(error)), "message": message}

    def _unwire(self, plain: Any) -> Any:
        return wire.decode(plain, self._unwrap)

    def _unwrap(self, plain: dict[str, Any]) -> Any:
        if "$object" in plain:
            return self._objects[plain["$object"]]
        return self._callback(plain["$callback"])

    def _callback(self, number: int) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            forms = [wire.encode(item, self._wrap) for item in args]
            named = {key: wire.encode(item, self._wrap) for key, item in kwargs.items()}
            reply = self._peer.ask({"callback": number, "args": forms, "kwargs": named})
            if "raised" in reply:
                name = reply["raised"]["lineage"][0]["name"]
                raise getattr(builtins, name, RuntimeError)(reply["raised"]["message"])
            return self._unwire(reply["value"])

        call.__name__ = "callback"
        return call


def main(read_fd: int, write_fd: int, folder: str) -> None:
    """Serve the guard on two descriptors; standard input is empty, standard output goes to standard error."""
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.dup2(2, 1)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - lives as long as the process
    ours = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    sys.path[:] = [folder] + [place for place in sys.path if not place.startswith(ours)]
    host = Host()
    peer = Peer(os.fdopen(read_fd, "rb"), os.fdopen(write_fd, "wb"), host.answer)
    host.connect(peer)
    with contextlib.suppress(Gone):
        peer.serve()
