"""Uploads that try to reach outside, each of which judge/uploads.py must refuse or take in harmlessly."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath

from .uploads import UploadError, accept_files, unpack

_MB = 1 << 20


def _zip(*members: tuple[str, bytes], mode: int = 0o100644) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            info.create_system = 3
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return buffer.getvalue()


def _lying_size() -> bytes:
    """The headers say a few bytes; the stream inflates to 64 MB."""
    honest = _zip(("main.py", bytes(64 * _MB)))
    small = (16).to_bytes(4, "little")
    return honest.replace((64 * _MB).to_bytes(4, "little"), small)


TRICKS: Mapping[str, Callable[[], Mapping[str, bytes]]] = {
    "zip_symlink": lambda: unpack(_zip(("answer.txt", b"/etc/passwd"), mode=stat.S_IFLNK | 0o777)),
    "zip_device": lambda: unpack(_zip(("disk", b""), mode=stat.S_IFBLK | 0o666)),
    "zip_parent": lambda: unpack(_zip(("../../etc/cron.d/job", b"x"))),
    "zip_absolute": lambda: unpack(_zip(("/etc/passwd", b"x"))),
    "zip_backslash": lambda: unpack(_zip(("..\\..\\main.py", b"x"))),
    "zip_bomb": lambda: unpack(_zip(("main.py", bytes(256 * _MB)))),
    "zip_lying_size": lambda: unpack(_lying_size()),
    "zip_many_files": lambda: unpack(_zip(*((f"{number}.py", b"") for number in range(20_000)))),
    "zip_double_name": lambda: unpack(_zip(("main.py", b"1"), ("./main.py", b"2"))),
    "zip_deep": lambda: unpack(_zip(("a/" * 500 + "main.py", b"x"))),
    "zip_nul_name": lambda: unpack(_zip(("main.py\0.txt", b"x"))),
    "not_a_zip": lambda: unpack(b"PK\x03\x04" + bytes(1000)),
    "file_parent": lambda: accept_files([("../main.py", b"x")]),
    "file_absolute": lambda: accept_files([("/work/../etc/passwd", b"x")]),
}


def contained(name: str) -> str:
    """ "" when the trick was refused or gave only plain names of modest size, else what came of it."""
    try:
        files = TRICKS[name]()
    except UploadError:
        return ""
    for path in map(PurePosixPath, files):
        if path.is_absolute() or ".." in path.parts or "\\" in str(path) or "\0" in str(path) or len(path.parts) > 16:
            return f"it was taken in as {path}"
    if name == "zip_symlink":
        return "a link was taken in as a file"
    total = sum(map(len, files.values()))
    return f"{total} bytes were taken in" if total > 64 * _MB - 1 or len(files) > 1000 else ""
