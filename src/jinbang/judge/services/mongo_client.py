"""Program: reads or fills a MongoDB server over its unix socket, for mongodb.py; the emulator imports it too.

    python mongo_client.py dump SOCKET            prints the state as JSON
    python mongo_client.py load SOCKET < SEED     inserts {database: {collection: [documents]}} (extended JSON)

Needs pymongo; imports nothing of jinbang.
"""

import json
import sys
from typing import Any
from urllib.parse import quote

from bson import json_util  # type: ignore[import-not-found]
from pymongo import MongoClient  # type: ignore[import-not-found]

DOCUMENTS_MAX = 20_000
_OWN = {"admin", "config", "local"}


def read(client: MongoClient) -> str:
    """{database: {collection: {"documents": […], "indexes": {…}, "truncated": bool}}} as JSON, in order of _id."""
    state: dict[str, Any] = {}
    for database in sorted(set(client.list_database_names()) - _OWN):
        names = sorted(client[database].list_collection_names())
        state[database] = {name: _collection(client[database][name]) for name in names}
    return str(json_util.dumps(state, json_options=json_util.RELAXED_JSON_OPTIONS, ensure_ascii=False))


def _collection(collection: Any) -> dict[str, Any]:
    documents = list(collection.find().sort("_id", 1).limit(DOCUMENTS_MAX + 1))
    indexes = {
        name: {"key": [list(part) for part in index["key"]], "unique": bool(index.get("unique"))}
        for name, index in sorted(collection.index_information().items())
    }
    return {
        "documents": documents[:DOCUMENTS_MAX],
        "indexes": indexes,
        "truncated": len(documents) > DOCUMENTS_MAX,
    }


def fill(client: MongoClient, seed: str) -> None:
    """Insert a seed."""
    for database, collections in json_util.loads(seed).items():
        for name, documents in collections.items():
            if documents:
                client[database][name].insert_many(documents)
            else:
                client[database].create_collection(name)


def main(command: str, socket: str) -> None:
    """Exit status 1 with the driver's sentence on standard error when it fails."""
    with MongoClient(f"mongodb://{quote(socket, safe='')}", serverSelectionTimeoutMS=25000) as client:
        try:
            if command == "load":
                fill(client, sys.stdin.read())
            else:
                print(read(client))
        except Exception as error:  # noqa: BLE001 -- as above
            print(json.dumps(f"{type(error).__name__}: {error}"), file=sys.stderr)
            sys.exit(1)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
