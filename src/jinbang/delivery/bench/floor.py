"""The floor under a save: an HTTP echo on the same server software, and a durable row in a group commit of 100."""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any

ROWS, WITHIN_S = 100, 4.0
_TABLE = "CREATE TABLE bench_floor (id bigint, seq bigint, item text, value text, PRIMARY KEY (id, seq))"


async def echo(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """An ASGI app that answers what it was sent."""
    if scope["type"] == "lifespan":
        while (await receive())["type"] != "lifespan.shutdown":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})
        return
    body = (await receive()).get("body", b"")
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def rows_on_sqlite(path: str) -> int:
    """Durable rows written in batches of 100; returns how many."""
    import pysqlite3.dbapi2 as sqlite3

    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "wal_autocheckpoint=4000"):
        connection.execute(f"PRAGMA {pragma}").fetchall()
    connection.execute(_TABLE)
    written, until = 0, time.monotonic() + WITHIN_S
    while time.monotonic() < until:
        connection.execute("BEGIN IMMEDIATE")
        rows = [(n, written, "e7", "B") for n in range(ROWS)]
        connection.executemany("INSERT INTO bench_floor VALUES (?, ?, ?, ?)", rows)
        connection.execute("COMMIT")
        written += ROWS
    connection.execute("DROP TABLE bench_floor")
    connection.close()
    return written


def rows_on_postgres(url: str) -> int:
    """The same on PostgreSQL, one statement a batch."""
    import psycopg

    statement = "INSERT INTO bench_floor SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[])"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_TABLE)
        written, until = 0, time.monotonic() + WITHIN_S
        while time.monotonic() < until:
            columns = (list(range(ROWS)), [written] * ROWS, ["e7"] * ROWS, ["B"] * ROWS)
            connection.execute(statement, columns)
            written += ROWS
        connection.execute("DROP TABLE bench_floor")
    return written


def main() -> int:
    """Write rows into this environment's database; print how many and this process's CPU seconds."""
    url = os.environ.get("JINBANG_DATABASE", "")
    began = time.process_time()
    written = rows_on_postgres(url) if url else rows_on_sqlite(os.environ["JINBANG_DATA"] + "/floor.sqlite3")
    sys.stdout.write(json.dumps({"rows": written, "cpu_s": time.process_time() - began}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
