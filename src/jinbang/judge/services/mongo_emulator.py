"""Program: the MongoDB emulator as a server, started by mongodb.py on the `mongo-emulator` toolchain.

    python mongo_emulator.py PORT SOCKET SEED

Loads the seed straight into the emulator's engine, answers on 127.0.0.1:PORT, and on the unix socket SOCKET for
the judge; says "ready" when both do. Needs mongoeco; imports nothing of jinbang.
"""

import asyncio
import signal
import sys
from contextlib import suppress
from pathlib import Path

from bson import json_util  # type: ignore[import-not-found]
from mongoeco.wire.proxy import AsyncMongoEcoProxyServer  # type: ignore[import-not-found]
from pymongo import AsyncMongoClient  # type: ignore[import-not-found]


async def main(port: int, socket: str, seed: Path) -> None:
    """Serve until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with AsyncMongoEcoProxyServer(host="127.0.0.1", port=port):
        if seed.stat().st_size:
            await _load(port, seed.read_text("utf-8"))
        server = await asyncio.start_unix_server(lambda r, w: _bridge(port, r, w), socket)
        Path(socket).chmod(0o777)
        print("ready", flush=True)
        async with server:
            await stop.wait()


async def _load(port: int, text: str) -> None:
    """The seed: {database: {collection: [documents]}} in extended JSON."""
    client = AsyncMongoClient(f"mongodb://127.0.0.1:{port}")
    for database, collections in json_util.loads(text).items():
        for name, documents in collections.items():
            if documents:
                await client[database][name].insert_many(documents)
            else:
                await client[database].create_collection(name)
    await client.close()


async def _bridge(port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """The emulator listens on TCP only; carry a unix-socket connection over to it."""
    far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
    await asyncio.gather(_pour(reader, far_writer), _pour(far_reader, writer))


async def _pour(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()
    sink.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2], Path(sys.argv[3])))
