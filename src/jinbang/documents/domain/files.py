"""Uploaded files, kept by content under ``settings.FILES_DIR``: the SHA-256 of the bytes is the path."""

from __future__ import annotations

import hashlib
import os
import tempfile
from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from jinbang.accounts.models import Organisation
from jinbang.audit.actor import Actor
from jinbang.audit.domain import record
from jinbang.core.errors import Refusal
from jinbang.documents.models import StoredFile

MAX_UPLOAD_BYTES = 20 * 1024 * 1024


def store(
    *,
    data: bytes,
    name: str,
    content_type: str,
    actor: Actor,
    now: datetime,
    organisation: Organisation | None = None,
    keep_until: date | None = None,
    ability: str = "",
) -> StoredFile:
    """Keep ``data`` and return its row; ``ability`` is what one needs at ``organisation`` to open it.

    Effects: the bytes on disk (once for equal content, flushed before the row is written); a ``StoredFile``;
    an audit row ``file.store``. Refusals: ``file_empty``, ``file_too_large`` (over 20 MiB).
    """
    if not data:
        raise Refusal("file_empty", _("文件“{name}”是空的，请检查后重新上传"), name=name)
    if len(data) > MAX_UPLOAD_BYTES:
        raise Refusal("file_too_large", _("文件“{name}”超过 20 MB，请压缩或拆分后再上传"), name=name)
    digest = hashlib.sha256(data).hexdigest()
    keep_bytes(digest, data)
    with transaction.atomic():
        stored = StoredFile.objects.create(
            sha256=digest,
            name=Path(name.replace("\\", "/")).name[:255],
            content_type=content_type[:100],
            size=len(data),
            uploaded_at=now,
            uploaded_by=actor.label,
            organisation=organisation,
            keep_until=keep_until,
            ability=ability,
        )
        record("file.store", stored, actor=actor, now=now, data={"sha256": digest, "size": len(data)})
    return stored


def discard(*, stored: StoredFile, actor: Actor, now: datetime) -> None:
    """Erase a file: its row, and the bytes unless another row has the same.

    Effects: an audit row ``file.discard``; the bytes go once the transaction has held.
    """
    digest = stored.sha256
    with transaction.atomic():
        record("file.discard", stored, actor=actor, now=now, data={"sha256": digest})
        stored.delete()
        transaction.on_commit(lambda: _drop_bytes(digest))


def _drop_bytes(digest: str) -> None:
    if not StoredFile.objects.filter(sha256=digest).exists():
        path_of(digest).unlink(missing_ok=True)


def keep_bytes(digest: str, data: bytes) -> Path:
    """Write ``data`` under its ``digest`` unless it is there; whole or not at all, flushed to disk."""
    path = path_of(digest)
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, beside = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    Path(beside).replace(path)
    return path


def path_of(digest: str) -> Path:
    """Where the content with this SHA-256 lies."""
    return Path(settings.FILES_DIR) / digest[:2] / digest[2:4] / digest


def open(stored: StoredFile) -> BinaryIO:
    """The content for reading; the caller closes it. Refusal ``file_missing`` if the disk lost it."""
    path = path_of(stored.sha256)
    if not path.exists():
        raise Refusal("file_missing", _("文件“{name}”在磁盘上找不到，请从备份恢复"), name=stored.name)
    return path.open("rb")


def read(stored: StoredFile) -> bytes:
    """The whole content, checked against its hash; refusals ``file_missing`` and ``file_damaged``."""
    with open(stored) as file:
        data = file.read()
    if hashlib.sha256(data).hexdigest() != stored.sha256:
        raise Refusal("file_damaged", _("文件“{name}”的内容与登记不符，请从备份恢复"), name=stored.name)
    return data
