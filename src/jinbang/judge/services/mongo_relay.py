"""Program: carries connections from 127.0.0.1:PORT of a box's network to a unix socket; started by mongodb.py.

    python mongo_relay.py PORT SOCKET

Standard library only, and nothing of jinbang.
"""

import asyncio
import os
import sys
from contextlib import suppress


async def main(port: int, socket: str) -> None:
    """Serve until killed."""
    server = await asyncio.start_server(lambda reader, writer: carry(reader, writer, socket), "127.0.0.1", port)
    print("ready", flush=True)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # nobody reads it from now on: a full pipe would stop us
    await server.serve_forever()


async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, socket: str) -> None:
    """One connection, both ways."""
    far_reader, far_writer = await asyncio.open_unix_connection(socket)
    await asyncio.gather(pour(reader, far_writer), pour(far_reader, writer))


async def pour(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    """One way, until the source ends."""
    with suppress(ConnectionError):
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()
    sink.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2]))
