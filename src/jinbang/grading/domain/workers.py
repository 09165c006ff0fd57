"""Judge hosts: registered with a token that is shown once and stored as a hash."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from jinbang.audit.actor import Actor
from jinbang.audit.domain import record
from jinbang.core.errors import Refusal
from jinbang.grading.models import JudgeWorker


def token_hash(token: str) -> str:
    """How a worker's token is stored: SHA-256, hex. The token itself has 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def register_worker(*, name: str, actor: Actor, now: datetime) -> tuple[JudgeWorker, str]:
    """Create a worker, or give a known one a new token. Returns the row and the token, which is kept nowhere.

    Effects: worker row, audit row; an older token of that worker no longer works.
    """
    if not name.strip():
        raise Refusal("worker_name", _("请填写判题机名称"))
    token = secrets.token_urlsafe(32)
    worker, _created = JudgeWorker.objects.update_or_create(
        name=name.strip(),
        defaults={"token_sha256": token_hash(token), "is_active": True, "withdrawn_reason": ""},
    )
    record("judge_worker.register", worker, actor=actor, now=now)
    return worker, token


@transaction.atomic
def retire_worker(*, worker: JudgeWorker, reason: str, actor: Actor, now: datetime) -> JudgeWorker:
    """Stop trusting a worker's token. Jobs that it holds go back when their leases end."""
    worker.is_active = False
    worker.save(update_fields=["is_active"])
    record("judge_worker.retire", worker, actor=actor, now=now, reason=reason)
    return worker


def worker_of(token: str) -> JudgeWorker | None:
    """The active worker that this token belongs to, if any."""
    return JudgeWorker.objects.filter(token_sha256=token_hash(token), is_active=True).first()
