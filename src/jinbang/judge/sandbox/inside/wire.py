"""Frames on a stream socket: a JSON head that gives the sizes of the blobs which follow it."""

from __future__ import annotations

import array
import contextlib
import json
import os
import socket
import struct

TYPE_CHECKING = False  # a constant to type checkers too: typing would cost every room and step its import
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

_SIZE = struct.Struct("!I")
_NEWS = struct.Struct("iiqd")
RUNNING = -1


class Closed(Exception):  # noqa: N818
    """The other side is gone."""


def send(sock: socket.socket, head: dict[str, Any], blobs: Sequence[bytes] = ()) -> None:
    """Sends one frame. Raises OSError when the other side is gone."""
    text = json.dumps(dict(head, blobs=[len(blob) for blob in blobs])).encode()
    sock.sendall(b"".join([_SIZE.pack(len(text)), text, *blobs]))


def receive(sock: socket.socket) -> tuple[dict[str, Any], list[bytes]]:
    """The next frame. Raises Closed at the end of the stream."""
    head = json.loads(_exactly(sock, _SIZE.unpack(_exactly(sock, _SIZE.size))[0]).decode())
    return head, [_exactly(sock, size) for size in head.pop("blobs")]


def _exactly(sock: socket.socket, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        piece = sock.recv(min(size - len(data), 1 << 20))
        if not piece:
            raise Closed
        data += piece
    return bytes(data)


def send_fds(sock: socket.socket, data: bytes, fds: Sequence[int]) -> None:
    """One message with file descriptors attached."""
    sock.sendmsg([_SIZE.pack(len(data)), data], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))])


def receive_fds(sock: socket.socket, count: int) -> tuple[bytes, list[int]]:
    """The message of send_fds. Raises Closed at the end of the stream."""
    size, ancillary, _, _ = sock.recvmsg(_SIZE.size, socket.CMSG_SPACE(4 * count))
    if not size:
        raise Closed
    fds = array.array("i")
    for _, kind, data in ancillary:
        if kind == socket.SCM_RIGHTS:
            fds.frombytes(data[: len(data) - len(data) % 4])
    return _exactly(sock, _SIZE.unpack(size)[0]), list(fds)


def tell(pipe: int, pid: int, status: int = RUNNING, peak_kb: int = 0, cpu_s: float = 0.0) -> None:
    """To the box, over the pipe of a run: the program is `pid` and runs, or has ended so.

    `cpu_s` is the time of which the box does not hear otherwise, as the parent of process 1.
    """
    with contextlib.suppress(BrokenPipeError):  # the box is gone: nobody asks any more
        os.write(pipe, _NEWS.pack(pid, status, peak_kb, cpu_s))


def news(data: bytes) -> list[tuple[int, int, int, float]]:
    """What `tell` has written: pid, status or RUNNING, most resident memory (kB), processor time (s)."""
    return [_NEWS.unpack_from(data, start) for start in range(0, len(data) - _NEWS.size + 1, _NEWS.size)]
