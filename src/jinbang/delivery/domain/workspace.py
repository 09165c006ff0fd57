"""Snapshots of a candidate's work folder: the code that pairs the check tool, and the format it sends.

A snapshot is gzip of JSON (``docs/exam-protocol.md``): the names of all source files with their SHA-256, and the
contents that the server has not had yet. Everything in it comes from the candidate's machine, so sizes are counted
while inflating, and nothing is ever written to a path that it names.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

FORMAT = "jinbang-snapshot/1"
ITEM, NAME = "workspace", "workspace.json.gz"
MAX_BODY, MAX_PLAIN, MAX_FILES, MAX_PATH = 1 << 20, 4 << 20, 400, 200
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MAC = 10
_ALIKE = str.maketrans("OIL", "011")


@dataclass(frozen=True)
class Workspace:
    """One snapshot: when it was taken (ms, server time as the tool computed it), path → SHA-256, SHA-256 → bytes."""

    taken_ms: int
    files: Mapping[str, str]
    contents: Mapping[str, bytes]


def pairing_code(master: bytes, attempt: int, device_key: str) -> str:
    """The short code that lets the check tool send snapshots of ``attempt`` from the machine it is bound to.

    It opens nothing else, and is void as soon as the candidate is moved to another machine.
    """
    mac = hmac.digest(master, f"workspace:{attempt}:{device_key}".encode(), "sha256")
    number = int.from_bytes(mac[:8], "big")
    letters = "".join(_LETTERS[number >> 5 * i & 31] for i in range(_MAC))
    return f"{_in_letters(attempt)}-{letters[:5]}-{letters[5:]}"


def _in_letters(number: int) -> str:
    rest, last = divmod(number, 32)
    return (_in_letters(rest) if rest else "") + _LETTERS[last]


def attempt_of_code(code: str) -> int | None:
    """The attempt that a typed code names; None if it is no code. It is not verified by this."""
    letters = _plain(code)[:-_MAC]
    if not letters or len(letters) > 12 or any(letter not in _LETTERS for letter in letters):
        return None
    number = 0
    for letter in letters:
        number = number * 32 + _LETTERS.index(letter)
    return number


def same_code(typed: str, code: str) -> bool:
    """Whether a typed code is ``code``; case, hyphens and look-alike letters do not matter."""
    return hmac.compare_digest(_plain(typed).encode(), _plain(code).encode())


def _plain(code: str) -> str:
    return "".join(letter for letter in code.upper().translate(_ALIKE) if letter.isalnum())


def read_snapshot(data: bytes) -> Workspace:
    """What is in a snapshot. Raises ``ValueError`` for anything that is not exactly of the format."""
    if len(data) > MAX_BODY:
        raise ValueError("too large")
    try:
        given = json.loads(_inflated(data))
        files = {str(path): str(digest) for path, digest in given["files"].items()}
        contents = {str(key): base64.b64decode(value, validate=True) for key, value in given["contents"].items()}
        taken = given["taken_ms"]
    except (zlib.error, binascii.Error, UnicodeDecodeError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a snapshot: {error}") from error
    _check(given, taken, files, contents)
    return Workspace(taken, files, contents)


def _inflated(data: bytes) -> bytes:
    opened = zlib.decompressobj(31)
    plain = opened.decompress(data, MAX_PLAIN)
    if not opened.eof:
        raise ValueError("cut off, or too large when inflated")
    return plain


def _check(given: Any, taken: object, files: Mapping[str, str], contents: Mapping[str, bytes]) -> None:
    if given.get("format") != FORMAT or not isinstance(taken, int) or not 0 <= taken < 2**53:
        raise ValueError("another format")
    if len(files) > MAX_FILES or any(not path or len(path) > MAX_PATH or "\0" in path for path in files):
        raise ValueError("too many files, or a bad name")
    if any(hashlib.sha256(content).hexdigest() != digest for digest, content in contents.items()):
        raise ValueError("a content is not what its hash says")
    if not set(contents) <= set(files.values()):
        raise ValueError("a content that no file has")
