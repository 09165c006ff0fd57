"""Documents that were issued: what went in and by which template is kept, so each can be printed again to the byte."""

from __future__ import annotations

import hashlib
import json
import re
from base64 import b64encode
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from jinbang.accounts.models import Organisation
from jinbang.audit.actor import Actor
from jinbang.audit.domain import record
from jinbang.core.errors import Refusal
from jinbang.documents.domain.files import path_of
from jinbang.documents.models import IssuedDocument, StoredFile
from jinbang.pdf.render import TEMPLATE_VERSIONS, GlyphMissingError, engine, payload, render_stored

_PAGE = re.compile(rb"/Type\s*/Page\b")
_SEPARATOR = "|"
_PHOTO = "sha256:"


def issue(
    *,
    kind: str,
    data: object,
    obj: models.Model,
    actor: Actor,
    now: datetime,
    organisation: Organisation | None = None,
    keep_until: date | None = None,
) -> IssuedDocument:
    """Print ``data`` (a type of ``jinbang.pdf.data``) about ``obj`` and remember it.

    The same input about the same object with the same template is the same document: it is returned, not made
    twice. Effects: an ``IssuedDocument`` and an audit row ``document.issue``. Refusal ``glyph_missing`` names
    characters that no font can show, for kinds that must show them.
    """
    stored = payload(kind, data)
    version = f"{TEMPLATE_VERSIONS[kind]}{_SEPARATOR}{engine()}"
    digest = _digest(stored)
    same = IssuedDocument.objects.filter(
        kind=kind,
        input_sha256=digest,
        template_version=version,
        object_type=obj._meta.label_lower,
        object_key=str(obj.pk),
    ).first()
    if same is not None:
        return same
    pdf = _render(kind, version, stored)
    with transaction.atomic():
        made = IssuedDocument.objects.create(
            kind=kind,
            template_version=version,
            input=stored,
            input_sha256=digest,
            pdf_sha256=hashlib.sha256(pdf).hexdigest(),
            pages=len(_PAGE.findall(pdf)),
            object_type=obj._meta.label_lower,
            object_key=str(obj.pk),
            organisation=organisation,
            issued_at=now,
            issued_by=actor.label,
            keep_until=keep_until,
        )
        record(
            "document.issue",
            obj,
            actor=actor,
            now=now,
            data={"kind": kind, "pdf": made.pdf_sha256, "pages": made.pages},
        )
    return made


def print_again(document: IssuedDocument) -> bytes:
    """The PDF, byte for byte as it was issued.

    Refusals: ``input_changed`` if the frozen input was touched; ``engine_changed`` if this installation's
    fonts or compiler make other bytes than those that were issued (the message names the ones needed).
    """
    if _digest(document.input) != document.input_sha256:
        raise Refusal("input_changed", _("文档的存档内容已被改动，不能重印；请查操作日志"))
    pdf = _render(document.kind, document.template_version, document.input)
    if hashlib.sha256(pdf).hexdigest() != document.pdf_sha256:
        raise Refusal(
            "engine_changed", _("重印结果与原件不一致：原件由 {engine} 生成，请安装该版本后重印"),
            engine=document.template_version.partition(_SEPARATOR)[2],
        )  # fmt: skip
    return pdf


def photo_reference(stored: StoredFile | None) -> str:
    """What to put where a document shows a photo: the frozen input keeps the hash, so an erased photo is erased."""
    return f"{_PHOTO}{stored.sha256}" if stored else ""


def _with_photos(stored: Any) -> Any:
    """``stored`` with the photos that it refers to. Refusal ``photo_erased`` for one that is no longer kept."""
    if isinstance(stored, Mapping):
        return {
            name: _photo(value) if name == "photo" and isinstance(value, str) else _with_photos(value)
            for name, value in stored.items()
        }
    return [_with_photos(value) for value in stored] if isinstance(stored, list) else stored


def _photo(value: str) -> str:
    if not value.startswith(_PHOTO):
        return value
    path = path_of(value.removeprefix(_PHOTO))
    if not path.exists():
        raise Refusal("photo_erased", _("文档中的照片已按保存期限删除，不能重印；请重新生成文档"))
    return f"data:image/jpeg;base64,{b64encode(path.read_bytes()).decode()}"


def _digest(stored: Mapping[str, Any]) -> str:
    text = json.dumps(stored, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _render(kind: str, version: str, stored: Mapping[str, Any]) -> bytes:
    try:
        return render_stored(kind, version.partition(_SEPARATOR)[0], _with_photos(stored))
    except GlyphMissingError as fault:
        raise Refusal("glyph_missing", str(fault)) from fault
