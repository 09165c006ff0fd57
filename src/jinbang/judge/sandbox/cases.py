"""The hostile programs of judge/hostile, and what must come of each."""

from __future__ import annotations

from dataclasses import replace

from .trial import Case, Seen, died_of, exits_with

_LIMITS = Case("").limits
_BOMB = replace(_LIMITS, wall_s=1.0)


def _within(name: bytes, least: int, most: int, seen: Seen) -> str:
    value = seen.number(name)
    return "" if least <= value <= most else f"{name.decode()} {value} is not within {least} and {most}"


def _tmpfs_full(seen: Seen) -> str:
    """Three folders, each capped in bytes and in files."""
    return _within(b"BYTES", 1 << 20, 3 * _LIMITS.tmp_mb << 20, seen) or _within(b"FILES", 1, 3 * 10_000, seen)


def _file_size(seen: Seen) -> str:
    return _within(b"BYTES", 1 << 20, _LIMITS.file_mb << 20, seen)


def _descriptors(seen: Seen) -> str:
    return _within(b"OPEN", 2, _LIMITS.open_files, seen)


def _bounded_output(seen: Seen) -> str:
    longest = max(len(seen.last.stdout), len(seen.last.stderr))
    return died_of("output")(seen) or ("" if longest <= _LIMITS.output_kb * 1024 else f"{longest} bytes came out")


def _no_late_file(seen: Seen) -> str:
    """The daemon wrote while its parent lived; the parent's status came through, and soon."""
    return exits_with(5)(seen) or ("" if seen.last.wall_s < _LIMITS.wall_s / 2 else "the daemon held up the end")


def _strange_files(seen: Seen) -> str:
    """Only regular files come back, none of them through a link."""
    expected = {"closed/inner.txt", "line\nbreak.txt", "sparse.bin", "main.py", "targets.py", "honest.py"}
    missing, more = expected - seen.files.keys(), seen.files.keys() - expected
    return f"files missing: {sorted(missing)}, too many: {sorted(more)}" if missing or more else ""


CASES: tuple[Case, ...] = (
    Case("files_read"),
    Case("files_write"),
    Case("environment"),
    Case("network"),
    Case("unix_sockets"),
    Case("processes", exits_with(23)),
    Case("namespaces"),
    Case("namespaces_killed", died_of("forbidden")),
    Case("ptrace"),
    Case("io_uring"),
    Case("kernel"),
    Case("other_architecture"),
    Case("fork_bomb", died_of("time", "cpu", "processes", "memory"), _BOMB),
    Case("thread_bomb", died_of("time", "cpu", "processes", "memory"), _BOMB),
    Case("memory", died_of("memory")),
    Case("memory_children", died_of("memory")),
    Case("memory_hidden"),
    Case("tmpfs_full", _tmpfs_full, replace(_LIMITS, wall_s=30.0, cpu_s=10.0)),
    Case("file_size", _file_size),
    Case("fd_exhaustion", _descriptors),
    Case("flood_stdout", _bounded_output),
    Case("flood_stderr", _bounded_output),
    Case("signals_ignored", died_of("cpu", "time")),
    Case("sleeper", died_of("time"), _BOMB),
    Case("stopped", died_of("time"), _BOMB),
    Case("cpu_children", died_of("cpu"), replace(_LIMITS, wall_s=30.0)),
    Case("daemon", _no_late_file),
    Case("forge_stdout", exits_with(7)),
    Case("forge_status", exits_with(9)),
    Case("patch_judge", exits_with(11)),
    Case("leave_state", roles=("leave",), new_box_roles=("look",)),
    Case("tests_and_reference"),
    Case("strange_files", _strange_files, replace(_LIMITS, file_mb=32, tmp_mb=64)),
    Case("escape_limits"),
)
