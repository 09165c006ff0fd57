"""A script run warm: as the main module of an interpreter that is already there."""

from __future__ import annotations

import atexit
import builtins
import gc
import io
import os
import sys
import threading
import types

TYPE_CHECKING = False  # as in wire.py
if TYPE_CHECKING:
    from typing import Any


def run(path: str, argv: list[str], env: dict[str, str]) -> int:
    """Runs `path` as `python path argv…` would; returns the exit status."""
    os.environ.clear()
    os.environ.update(env)
    _open_streams()
    sys.argv[:] = [path, *argv]
    sys.path.insert(0, os.path.dirname(os.path.abspath(path)))
    for name in [name for name in sys.modules if name.split(".")[0] == __package__]:
        del sys.modules[name]
    gc.enable()
    module = types.ModuleType("__main__")
    module.__file__ = path
    module.__dict__["__builtins__"] = builtins
    sys.modules["__main__"] = module
    status = _status_of(path, module.__dict__)
    return _end(status)


def _open_streams() -> None:
    sys.stdin = io.open(0, encoding="utf-8", closefd=False)  # noqa: SIM115, UP020
    setattr(sys, "__stdin__", sys.stdin)  # noqa: B010 - declared final
    for name, fd, errors in (("stdout", 1, "strict"), ("stderr", 2, "backslashreplace")):
        stream = io.open(fd, "w", encoding="utf-8", errors=errors, closefd=False)  # noqa: SIM115, UP020
        setattr(sys, name, stream)
        setattr(sys, "__%s__" % name, stream)  # noqa: UP031


def _status_of(path: str, namespace: dict[str, Any]) -> int:
    try:
        with open(path, "rb") as handle:
            code = compile(handle.read(), path, "exec", dont_inherit=True)
        exec(code, namespace)
    except SystemExit as leave:
        return _exit_status(leave.code)
    except BaseException as error:  # noqa: BLE001 - the interpreter's own top level
        trace = error.__traceback__
        while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
            trace = trace.tb_next
        sys.excepthook(type(error), error.with_traceback(trace), trace)
        return 1
    return 0


def _exit_status(code: object) -> int:
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF
    print(code, file=sys.stderr)
    return 1


def _end(status: int) -> int:
    """What the interpreter does at the end: other threads, exit functions, buffers."""
    try:
        threading._shutdown()  # type: ignore[attr-defined] # what the interpreter itself calls
        atexit._run_exitfuncs()
    except SystemExit as leave:
        status = _exit_status(leave.code)
    except BaseException as error:  # noqa: BLE001 - as above
        sys.excepthook(type(error), error, error.__traceback__)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:  # noqa: BLE001 - a closed or replaced stream
            status = status or 120
    return status
