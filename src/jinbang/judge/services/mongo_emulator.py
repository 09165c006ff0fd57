"""Program: the MongoDB emulator as a server, kept warm by mongo_spares.py on the `mongo-emulator` toolchain.

    python mongo_emulator.py FOLDER

In FOLDER it answers MongoDB's protocol on `mongodb.sock`, and on `control.sock` one command a connection: a line
"dump" or "load SEED" is answered by a line of JSON. Says "ready". Needs mongoeco and pymongo; imports nothing of
jinbang.
"""

import asyncio
import json
import os
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from mongo_client import fill, read  # type: ignore[import-not-found]
from mongoeco.wire.proxy import AsyncMongoEcoProxyServer  # type: ignore[import-not-found]
from pymongo import MongoClient  # type: ignore[import-not-found]

LINE_MAX = 64 << 20


async def main(folder: Path) -> None:
    """Serve until killed."""
    async with AsyncMongoEcoProxyServer(host="127.0.0.1", port=0) as proxy:
        port = proxy.address.port
        await asyncio.start_unix_server(partial(_bridge, port), folder / "mongodb.sock")
        await asyncio.start_unix_server(partial(_control, port), folder / "control.sock", limit=LINE_MAX)
        for name in ("mongodb.sock", "control.sock"):
            (folder / name).chmod(0o777)
        print("ready", flush=True)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # nobody reads it from now on: a full pipe would stop us
        await asyncio.Event().wait()


async def _bridge(port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """The emulator listens on TCP only."""
    far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
    await asyncio.gather(_pour(reader, far_writer), _pour(far_reader, writer))


async def _pour(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    """One way, until the source ends."""
    with suppress(ConnectionError):
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()
    sink.close()


async def _control(port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    command, _, seed = (await reader.readline()).decode().partition(" ")
    try:
        answer = await asyncio.to_thread(_do, port, command.strip(), seed)
    except Exception as error:  # noqa: BLE001 -- the judge gets the driver's sentence, whatever its class
        answer = json.dumps({"error": f"{type(error).__name__}: {error}"})
    writer.write(answer.encode() + b"\n")
    await writer.drain()
    writer.close()


def _do(port: int, command: str, seed: str) -> str:
    with MongoClient("127.0.0.1", port, serverSelectionTimeoutMS=25000) as client:
        if command == "load":
            fill(client, seed)
            return "{}"
        return str(read(client))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
