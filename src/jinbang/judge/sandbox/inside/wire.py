"""Frames on a stream socket: a JSON head that gives the sizes of the blobs which follow it."""

from __future__ import annotations

import array
import json
import socket
import struct
from typing import Any, Dict, List, Sequence, Tuple  # noqa: UP035 - Python 3.7 runs this

_SIZE = struct.Struct("!I")


class Closed(Exception):  # noqa: N818
    """The other side is gone."""


def send(sock: socket.socket, head: Dict[str, Any], blobs: Sequence[bytes] = ()) -> None:  # noqa: UP006
    """Sends one frame. Raises OSError when the other side is gone."""
    text = json.dumps(dict(head, blobs=[len(blob) for blob in blobs])).encode()
    sock.sendall(b"".join([_SIZE.pack(len(text)), text, *blobs]))


def receive(sock: socket.socket) -> Tuple[Dict[str, Any], List[bytes]]:  # noqa: UP006
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


def receive_fds(sock: socket.socket, count: int) -> Tuple[bytes, List[int]]:  # noqa: UP006
    """The message of send_fds. Raises Closed at the end of the stream."""
    size, ancillary, _, _ = sock.recvmsg(_SIZE.size, socket.CMSG_SPACE(4 * count))
    if not size:
        raise Closed
    fds = array.array("i")
    for _, _, data in ancillary:
        fds.frombytes(data[: len(data) - len(data) % 4])
    return _exactly(sock, _SIZE.unpack(size)[0]), list(fds)
