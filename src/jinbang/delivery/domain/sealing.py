"""Sealing papers before a sitting, and opening them by two people.

A paper set has one random secret. It is split in two; each half is locked under the passphrase of its key
holder, and neither half says anything of the whole. Until the second release the secret exists nowhere: not in
the database, not on a disk.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from jinbang.accounts.models import Person
from jinbang.audit.actor import Actor
from jinbang.audit.domain import move
from jinbang.content.domain.tasks import open_task
from jinbang.content.models import FormEntry, Item, PracticalTask
from jinbang.core.errors import Refusal
from jinbang.delivery.domain import crypto
from jinbang.delivery.domain.scoring import CONTEXT, answer_keys_text, item_id
from jinbang.delivery.models import Attempt, PaperSet, SealedPaper
from jinbang.documents.domain.files import keep_bytes
from jinbang.judge.package.files import to_zip

MIN_PASSPHRASE = 8
MATERIAL = "jinbang-material/1"
_TRUE_FALSE = [{"key": "T", "text": "正确"}, {"key": "F", "text": "错误"}]


@dataclass(frozen=True)
class KeyHolder:
    """A person who will open the papers, and the passphrase that only this person knows."""

    person: Person
    passphrase: str


@transaction.atomic
def seal_papers(*, paper_set: PaperSet, holders: Sequence[KeyHolder], actor: Actor, now: datetime) -> PaperSet:
    """Fix, compress and encrypt the paper of every attempt of ``paper_set``.

    Effects: a ``SealedPaper`` an attempt; sealed material on disk; the set's locked shares, sealed right answers, hash
    of all papers; its state; an audit row. Refusals: ``two_holders``, ``passphrase_short``, ``illegal_move``.
    """
    _check_holders(holders)
    secret = os.urandom(32)
    form = paper_set.form
    entries = list(form.entries.select_related("item_version__item", "task").order_by("position"))
    materials = {entry.pk: _seal_material(entry.task, secret) for entry in entries if entry.task is not None}
    attempts = list(paper_set.attempts.order_by("pk"))
    sealed = []
    for attempt in attempts:
        paper = _paper(paper_set, attempt, entries, materials)
        text = json.dumps(paper, ensure_ascii=False).encode()
        blob = crypto.seal_paper(text, secret=secret, attempt=attempt.pk)
        digest = hashlib.sha256(blob).hexdigest()
        sealed.append(
            SealedPaper(paper_set=paper_set, attempt=attempt, nonce=blob[4:16], ciphertext=blob, sha256=digest)
        )
    SealedPaper.objects.filter(paper_set=paper_set).delete()
    SealedPaper.objects.bulk_create(sealed, batch_size=200)
    digests = [material["sha256"] for material in materials.values() if material is not None]
    keys = answer_keys_text(entries, digests).encode()
    paper_set.scoring_cipher = crypto.seal(keys, key=crypto.scoring_key(secret), context=CONTEXT)
    paper_set.shares = _shares(paper_set, holders, secret)
    paper_set.key_sha256 = hashlib.sha256(secret).hexdigest()
    paper_set.papers = len(sealed)
    paper_set.manifest_sha256 = manifest(paper.sha256 for paper in sealed)
    paper_set.save(update_fields=["scoring_cipher", "shares", "key_sha256", "papers", "manifest_sha256"])
    data = {"papers": len(sealed), "manifest": paper_set.manifest_sha256}
    return move(paper_set, "seal", actor=actor, now=now, data=data)


def manifest(digests: Iterable[str]) -> str:
    """The hash over the hashes of all papers of a set, in the order of their attempts."""
    return hashlib.sha256("\n".join(digests).encode()).hexdigest()


def verify_papers(paper_set: PaperSet) -> list[int]:
    """Attempts whose stored paper is not the one that was sealed; [0] if papers are missing or added."""
    papers = paper_set.sealed.order_by("attempt_id").values_list("attempt_id", "ciphertext", "sha256")
    broken, digests = [], []
    for attempt, blob, digest in papers.iterator(chunk_size=200):
        digests.append(digest)
        if hashlib.sha256(bytes(blob)).hexdigest() != digest:
            broken.append(attempt)
    if not broken and manifest(digests) != paper_set.manifest_sha256:
        return [0]
    return broken


@transaction.atomic
def release_share(*, paper_set: PaperSet, person: Person, passphrase: str, actor: Actor, now: datetime) -> PaperSet:
    """One key holder's release; the second one opens the set for the exam server.

    Effects: the share, then the whole secret; the state; an audit row. Refusals: ``release_early``, ``not_a_holder``,
    ``share_released`` (the same person twice), ``passphrase_wrong``, ``share_damaged``, ``illegal_move``.
    """
    paper_set = PaperSet.objects.select_for_update().get(pk=paper_set.pk)
    if now < paper_set.not_before:
        raise Refusal("release_early", _("未到开启时间 {when}"), when=paper_set.not_before.isoformat())
    share = next((entry for entry in paper_set.shares if entry["person"] == person.pk), None)
    if share is None:
        raise Refusal("not_a_holder", _("您不是这套试卷的密钥保管人"))
    if "opened" in share:
        raise Refusal("share_released", _("您已开启过，请由另一位保管人开启"))
    opened = crypto.unlock_share(share, passphrase, _share_context(paper_set))
    share["opened"] = opened.hex()
    others = [bytes.fromhex(e["opened"]) for e in paper_set.shares if e is not share and "opened" in e]
    if others:
        secret = crypto.join(opened, others[0])
        if not hmac.compare_digest(hashlib.sha256(secret).hexdigest(), paper_set.key_sha256):
            raise Refusal("share_damaged", _("两份密钥合成后与封存时不符，请联系题库管理员"))
        paper_set.released_key = secret
    paper_set.save(update_fields=["shares", "released_key"])
    return move(paper_set, "second_release" if others else "first_release", actor=actor, now=now)


def _check_holders(holders: Sequence[KeyHolder]) -> None:
    if len(holders) != 2 or holders[0].person.pk == holders[1].person.pk:
        raise Refusal("two_holders", _("试卷密钥由两位不同的人保管，请指定两位"))
    if any(len(holder.passphrase) < MIN_PASSPHRASE for holder in holders):
        raise Refusal("passphrase_short", _("口令至少 {length} 位"), length=MIN_PASSPHRASE)
    if holders[0].passphrase == holders[1].passphrase:
        raise Refusal("two_holders", _("两位保管人的口令不能相同"))


def _shares(paper_set: PaperSet, holders: Sequence[KeyHolder], secret: bytes) -> list[dict[str, Any]]:
    halves = crypto.split(secret)
    context = _share_context(paper_set)
    return [
        {"person": holder.person.pk, **crypto.lock_share(half, holder.passphrase, context)}
        for holder, half in zip(holders, (halves.first, halves.second), strict=True)
    ]


def _share_context(paper_set: PaperSet) -> str:
    return f"jinbang-share/1:{paper_set.pk}"


# -- what a paper says -------------------------------------------------------------------------------


def _paper(
    paper_set: PaperSet, attempt: Attempt, entries: Sequence[FormEntry], materials: dict[int, Any]
) -> dict[str, Any]:
    rng = random.Random(f"{paper_set.seed}:{attempt.pk}")  # noqa: S311 - reproducible order, no secret
    form = paper_set.form
    subject = paper_set.sitting_subject
    sections: dict[str, list[FormEntry]] = {}
    for entry in entries:
        sections.setdefault(entry.section, []).append(entry)
    if form.shuffle_items:
        for members in sections.values():
            rng.shuffle(members)
    return {
        "format": "jinbang-paper/1",
        "attempt": attempt.pk,
        "subject": subject.subject,
        "title": f"{paper_set.level.name} {subject.get_subject_display()}",
        "total_points": str(sum((entry.points for entry in entries), start=0)),
        "sections": [{"name": name, "items": [item_id(e) for e in members]} for name, members in sections.items()],
        "items": {item_id(entry): _item(entry, materials, rng if form.shuffle_options else None) for entry in entries},
    }


def _item(entry: FormEntry, materials: dict[int, Any], rng: random.Random | None) -> dict[str, Any]:
    if entry.task is not None:
        return {
            "kind": "task",
            "points": str(entry.points),
            "title": entry.task.title,
            "statement": entry.task.statement,
            "files": list(entry.task.file_names),
            "material": materials[entry.pk],
        }
    version = entry.item_version
    assert version is not None
    options = [dict(option) for option in version.options]
    if rng is not None:
        rng.shuffle(options)
    if version.item.kind == Item.Kind.TRUE_FALSE:
        options = _TRUE_FALSE
    return {
        "kind": version.item.kind,
        "points": str(entry.points),
        "stem": version.stem,
        "code": version.code_block,
        "options": options,
    }


def _seal_material(task: PracticalTask, secret: bytes) -> dict[str, Any] | None:
    """Seal what the candidate is given; the key stands in the papers, the bytes lie on disk by their hash."""
    package = open_task(task)
    files = {**package.material, **package.starter}
    if not files:
        return None
    plain = to_zip(files)
    key = crypto.material_key(secret, task.digest)
    blob = crypto.seal(plain, key=key, context=MATERIAL)
    digest = hashlib.sha256(blob).hexdigest()
    keep_bytes(digest, blob)
    coded = base64.b64encode(key).decode()
    return {"sha256": digest, "size": len(blob), "name": "material.zip", "key": coded}
