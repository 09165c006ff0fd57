"""Files of practical tasks: chunks, resuming, versions, receipts, and what is refused."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

from jinbang.delivery.domain.crypto import write_rescue
from jinbang.delivery.drill.candidate import Candidate, RefusedByServer

from .conftest import Site

_ASK_FOR_FILES = """
import json
from jinbang.delivery.domain import crypto
from jinbang.delivery.domain.scoring import CONTEXT
for s in PaperSet.objects.all():
    key = crypto.scoring_key(bytes(s.released_key))
    text = json.loads(crypto.unseal(bytes(s.scoring_cipher), key=key, context=CONTEXT))
    text["files"] = {"e1": ["main.py"]}
    s.scoring_cipher = crypto.seal(json.dumps(text).encode(), key=key, context=CONTEXT)
    s.manifest_sha256 = "f" * 64
    s.save()
"""


@pytest.fixture(scope="module")
def practical(site: Site) -> Site:
    """The same sitting, whose first item asks for a file as a practical task would."""
    site.do(_ASK_FOR_FILES)
    return site


async def _started(site: Site) -> Candidate:
    candidate = site.candidate()
    await candidate.sign_in()
    await asyncio.sleep(0.7)
    await candidate.start()
    return candidate


async def test_a_file_goes_up_in_chunks_and_each_change_is_a_version(practical: Site) -> None:
    candidate = await _started(practical)
    first, second = os.urandom(700_000), b"print('again')\n"
    one = await candidate.upload("e1", "main.py", first)
    again = await candidate.upload("e1", "main.py", first)
    two = await candidate.upload("e1", "main.py", second)
    assert (one["version"], two["version"]) == (1, 2)
    assert again == one
    assert (one["size"], one["sha256"]) == (700_000, hashlib.sha256(first).hexdigest())
    listed = (await candidate.ask("GET", "/uploads"))["uploads"]
    assert listed == [one, two]
    found = practical.do(
        "from jinbang.delivery.queries.answers import final_uploads, upload_path\n"
        f"u = final_uploads([{candidate.session['attempt']}])[{candidate.session['attempt']}]\n"
        "print(len(u), u[0].version, upload_path(u[0]).read_bytes() == b\"print('again')\\n\")"
    )
    assert found == "1 2 True"


async def test_an_upload_goes_on_where_it_stopped(practical: Site) -> None:
    candidate = await _started(practical)
    data = os.urandom(600_000)
    given = {"item": "e1", "name": "main.py", "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    begun = await candidate.ask("POST", "/uploads", given)
    path = f"/uploads/{begun['upload']}?offset="
    assert (await candidate.ask("PUT", f"{path}0", data[:200_000]))["received"] == 200_000
    with pytest.raises(RefusedByServer) as caught:
        await candidate.ask("PUT", f"{path}0", data[:200_000])
    assert (caught.value.code, caught.value.body["received"]) == ("offset_differs", 200_000)
    candidate.client.close()
    assert (await candidate.ask("POST", "/uploads", given))["received"] == 200_000
    assert (await candidate.upload("e1", "main.py", data))["upload"] == begun["upload"]


async def test_content_that_is_not_what_was_announced_is_refused(practical: Site) -> None:
    candidate = await _started(practical)
    given = {"item": "e1", "name": "main.py", "size": 4, "sha256": hashlib.sha256(b"good").hexdigest()}
    begun = await candidate.ask("POST", "/uploads", given)
    path = f"/uploads/{begun['upload']}?offset=0"
    with pytest.raises(RefusedByServer, match="digest_differs"):
        await candidate.ask("PUT", path, b"evil")
    assert (await candidate.ask("PUT", path, b"good"))["complete"] is True


async def test_names_sizes_and_other_peoples_uploads_are_refused(practical: Site) -> None:
    candidate, other = await _started(practical), await _started(practical)
    fields = {"item": "e1", "name": "main.py", "size": 4, "sha256": hashlib.sha256(b"good").hexdigest()}
    for change, code in (
        ({"name": "../main.py"}, "not_found"),
        ({"item": "e2"}, "not_found"),
        ({"size": 2**30}, "too_large"),
    ):
        with pytest.raises(RefusedByServer, match=code):
            await candidate.ask("POST", "/uploads", {**fields, **change})
    begun = await candidate.ask("POST", "/uploads", fields)
    with pytest.raises(RefusedByServer, match="not_found"):
        await other.ask("PUT", f"/uploads/{begun['upload']}?offset=0", b"good")


_TAKE_IN = """
from pathlib import Path
from jinbang.core.errors import Refusal
from jinbang.delivery.domain.rescue import take_in_rescue
from jinbang.delivery.queries.answers import answers_with_files
for path in {paths!r}:
    try:
        r = take_in_rescue(file=Path(path).read_bytes(), actor=SYSTEM, now=clock.now())
        print(r.files, r.new_files, r.refused_files, r.attempt.receipt_count, end=";")
    except Refusal as refusal:
        print(refusal.code, end=";")
print(answers_with_files({attempt}))
"""


async def test_a_rescue_file_brings_files_that_were_not_acknowledged(practical: Site, tmp_path: Path) -> None:
    candidate = await _started(practical)
    first, second = b"print(1)\n", os.urandom(600_000)
    await candidate.upload("e1", "main.py", first)
    key = load_der_public_key(base64.b64decode(candidate.session["rescue_key"]["spki"]))
    assert isinstance(key, ec.EllipticCurvePublicKey)
    parts = [second[:262_144], second[262_144:524_288], second[524_288:], first, b"x"]
    chosen = candidate.server_ms() + 1000  # chosen well after the upload above
    payload = {
        "format": "jinbang-rescue/1", "attempt": candidate.session["attempt"], "ticket": candidate.ticket,
        "token": candidate.client.token, "created_ms": chosen, "hand_in": True, "steps": [],
        "files": [
            _given("main.py", second, chosen, [0, 1, 2]), _given("main.py", first, chosen - 60_000, [3]),
            _given("other.py", b"x", chosen, [4]),
        ],
    }  # fmt: skip
    damaged = {**payload, "files": [_given("main.py", second, chosen, [0, 2])]}
    later = {**payload, "created_ms": chosen + 1}
    paths = []
    for name, content in (("damaged", damaged), ("one", payload), ("one", payload), ("later", later)):
        paths.append(str(tmp_path / name))
        if not Path(paths[-1]).exists():
            Path(paths[-1]).write_bytes(write_rescue(content, key, parts))
    found = practical.do(_TAKE_IN.format(paths=paths, attempt=candidate.session["attempt"]))
    hashed = hashlib.sha256(second).hexdigest()
    assert found == f"rescue_unreadable;3 1 1 1;3 1 1 1;3 0 1 1;{{'file:e1/main.py': '{hashed}'}}"


def _given(name: str, data: bytes, at_ms: int, parts: list[int]) -> dict[str, object]:
    hashed = hashlib.sha256(data).hexdigest()
    return {"item": "e1", "name": name, "size": len(data), "sha256": hashed, "at_ms": at_ms, "parts": parts}
