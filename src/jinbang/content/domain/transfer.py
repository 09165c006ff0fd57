"""Whole item banks as TOML text: read, checked, taken in, written out again.

The format is documented in ``docs/item-bank-format.md``; ``format = 1``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from jinbang.accounts.models import Person
from jinbang.accreditation.models import CertificateLevel
from jinbang.audit.actor import Actor
from jinbang.audit.domain import record
from jinbang.content.domain.items import add_item, current_version, review_item, revise_item, submit_item
from jinbang.content.domain.wording import Wording, faults
from jinbang.content.models import Item, SkillPoint
from jinbang.core.errors import Refusal, RowError, RowErrors

FORMAT = 1


@dataclass(frozen=True)
class ItemRecord:
    """One item of a bank file."""

    code: str
    skill: str
    wording: Wording
    runs: bool = False
    practice: bool = False


@dataclass(frozen=True)
class Bank:
    """A parsed bank file: the level it belongs to, its skill points (code, name) and its items."""

    certificate: str
    level: str
    skills: tuple[tuple[str, str], ...]
    items: tuple[ItemRecord, ...]


@dataclass(frozen=True)
class ImportOutcome:
    """What taking in a bank changed."""

    created: int
    revised: int
    unchanged: int


def parse_bank(text: str) -> Bank:
    """Read a bank file. Raises ``RowErrors`` that names every faulty item, or ``Refusal("bank_format")``."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Refusal("bank_format", _("文件不是有效的 TOML：{detail}"), detail=str(error)) from error
    if data.get("format") != FORMAT:
        raise Refusal("bank_format", _("缺少 format = 1，或版本不受支持；请用导出的文件作为样例"))
    skills = tuple((str(row["code"]), str(row["name"])) for row in data.get("skill", ()))
    errors: list[RowError] = []
    items: list[ItemRecord] = []
    for index, row in enumerate(data.get("item", ()), start=1):
        try:
            items.append(_item_record(row))
        except (KeyError, TypeError, ValueError, ArithmeticError) as error:
            errors.append(RowError(index, "item", _("缺少或无法识别的内容：{detail}").format(detail=error)))
    errors += _bank_faults(items, {code for code, _name in skills})
    if errors:
        raise RowErrors(errors, _("题库文件有 {count} 处需要更正，未导入任何内容").format(count=len(errors)))
    return Bank(str(data.get("certificate", "")), str(data.get("level", "")), skills, tuple(items))


def _item_record(row: dict[str, Any]) -> ItemRecord:
    wording = Wording(
        kind=Item.Kind(row["kind"]).value,
        stem=str(row["stem"]).strip(),
        options=tuple((str(key), str(text)) for key, text in row.get("options", {}).items()),
        answer=tuple(str(part) for part in row["answer"]),
        difficulty=Decimal(str(row["difficulty"])),
        code_block=str(row.get("code_block", "")).strip("\n"),
        explanation=str(row.get("explanation", "")),
    )
    return ItemRecord(
        str(row["code"]), str(row["skill"]), wording, bool(row.get("runs", False)), bool(row.get("practice", False))
    )


def _bank_faults(items: Iterable[ItemRecord], skills: set[str]) -> Iterator[RowError]:
    seen: set[str] = set()
    for index, item in enumerate(items, start=1):
        if item.code in seen:
            yield RowError(index, "code", _("题号重复，请改为唯一的题号"), item.code)
        seen.add(item.code)
        if item.skill not in skills:
            yield RowError(index, "skill", _("文件中没有这个技能点，请在 [[skill]] 中声明"), item.skill)
        for fault in faults(item.wording):
            yield RowError(index, "wording", fault, item.code)


@transaction.atomic
def import_bank(
    *, bank: Bank, level: CertificateLevel, author: Person, reviewer: Person | None, actor: Actor, now: datetime
) -> ImportOutcome:
    """Take in a bank; doing it twice changes nothing the second time.

    New items are created, changed ones get a new version. With a ``reviewer`` (another person than the
    author) they are submitted and accepted as well, for banks that were reviewed outside.
    """
    points = {code: _skill_point(level, code, name) for code, name in bank.skills}
    counts = {"created": 0, "revised": 0, "unchanged": 0}
    for item_record in bank.items:
        item, change = _take_in(item_record, level, points[item_record.skill], author, actor, now)
        counts[change] += 1
        if reviewer is not None and item.state == "draft":
            submit_item(item=item, actor=actor, now=now)
            review_item(item=item, reviewer=reviewer, accepted=True, comment=_("随题库导入"), actor=actor, now=now)
    record("item_bank.import", level, actor=actor, now=now, data=counts)
    return ImportOutcome(**counts)


def _skill_point(level: CertificateLevel, code: str, name: str) -> SkillPoint:
    point, created = SkillPoint.objects.get_or_create(
        certificate_type_id=level.certificate_type_id, code=code, defaults={"level": level, "name": name}
    )
    if not created and point.level_id != level.pk:
        raise Refusal("skill_level", _("技能点 {code} 已属于另一级别"), code=code)
    return point


def _take_in(
    item_record: ItemRecord,
    level: CertificateLevel,
    point: SkillPoint,
    author: Person,
    actor: Actor,
    now: datetime,
) -> tuple[Item, str]:
    existing = Item.objects.filter(code=item_record.code).first()
    if existing is None:
        item = add_item(
            code=item_record.code,
            level=level,
            skill_point=point,
            wording=item_record.wording,
            author=author,
            actor=actor,
            now=now,
            for_practice=item_record.practice,
        )
        return item, "created"
    before = current_version(existing).number
    after = revise_item(item=existing, wording=item_record.wording, actor=actor, now=now).number
    return existing, "unchanged" if after == before else "revised"


def export_bank(level: CertificateLevel) -> str:
    """The newest versions of a level's items as bank text; ``parse_bank`` reads it back to the same content."""
    lines = [
        f"format = {FORMAT}",
        f"certificate = {_quoted(level.certificate_type.code)}",
        f"level = {_quoted(level.code)}",
    ]
    for point in level.skill_points.order_by("code"):
        lines += ["", "[[skill]]", f"code = {_quoted(point.code)}", f"name = {_quoted(point.name)}"]
    for item in level.items.select_related("skill_point").order_by("code"):
        lines += ["", *_item_lines(item)]
    return "\n".join(lines) + "\n"


def _item_lines(item: Item) -> Iterator[str]:
    version = current_version(item)
    yield "[[item]]"
    yield f"code = {_quoted(item.code)}"
    yield f"skill = {_quoted(item.skill_point.code)}"
    yield f"kind = {_quoted(item.kind)}"
    yield f"difficulty = {version.difficulty}"
    yield f"stem = {_quoted(version.stem)}"
    if version.code_block:
        yield f"code_block = {_quoted(version.code_block)}"
    if version.options:
        pairs = ", ".join(f"{_quoted(option['key'])} = {_quoted(option['text'])}" for option in version.options)
        yield f"options = {{ {pairs} }}"
    yield "answer = [" + ", ".join(_quoted(part) for part in version.answer) + "]"
    if version.explanation:
        yield f"explanation = {_quoted(version.explanation)}"
    if item.for_practice:
        yield "practice = true"


def _quoted(text: str) -> str:
    """``text`` as a TOML basic string."""
    escapes = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    body = "".join(
        escapes.get(char, char if char >= " " and char != "\x7f" else f"\\u{ord(char):04x}") for char in text
    )
    return f'"{body}"'
