"""The text of an objective item, checked before it becomes a version."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from jinbang.content.models import Item
from jinbang.core.errors import Refusal

TRUE_FALSE_KEYS = ("T", "F")
MIN_OPTIONS, MAX_OPTIONS = 2, 8


@dataclass(frozen=True)
class Wording:
    """What a candidate sees and what is right. ``options`` are (key, text); ``answer`` keys, or accepted texts."""

    kind: str
    stem: str
    options: tuple[tuple[str, str], ...]
    answer: tuple[str, ...]
    difficulty: Decimal
    code_block: str = ""
    explanation: str = ""

    def digest(self) -> str:
        """SHA-256 (hex) of the canonical content: equal wordings have equal digests."""
        text = json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()


def faults(wording: Wording) -> Iterator[str]:
    """Every reason why ``wording`` cannot be an item, each for its author to read."""
    if not wording.stem.strip():
        yield _("题干为空，请填写题干")
    if not wording.answer or any(not part.strip() for part in wording.answer):
        yield _("没有答案，请至少给出一个答案")
    if not Decimal(0) < wording.difficulty < Decimal(1):
        yield _("难度应在 0 和 1 之间（预计答对比例），如 0.65")
    if wording.kind in (Item.Kind.SINGLE, Item.Kind.MULTIPLE):
        yield from _option_faults(wording)
    elif wording.options:
        yield _("判断题和填空题不带选项，请删去选项")
    if wording.kind == Item.Kind.TRUE_FALSE and (len(wording.answer) != 1 or wording.answer[0] not in TRUE_FALSE_KEYS):
        yield _("判断题的答案只能是 T 或 F")


def _option_faults(wording: Wording) -> Iterator[str]:
    keys = [key for key, _text in wording.options]
    texts = [text.strip() for _key, text in wording.options]
    if not MIN_OPTIONS <= len(keys) <= MAX_OPTIONS:
        yield _("选择题应有 2 至 8 个选项")
    if len(set(keys)) != len(keys) or len(set(texts)) != len(texts) or not all(texts):
        yield _("选项的编号和文字都不能重复或为空")
    if not set(wording.answer) <= set(keys):
        yield _("答案不在选项之中，请核对选项编号")
    if len(set(wording.answer)) != len(wording.answer):
        yield _("答案重复，请删去多余的一个")
    if wording.kind == Item.Kind.SINGLE and len(wording.answer) != 1:
        yield _("单选题只能有一个答案")
    if wording.kind == Item.Kind.MULTIPLE and len(wording.answer) < MIN_OPTIONS:
        yield _("多选题至少有两个答案，只有一个时请改为单选题")


def require_sound(wording: Wording) -> None:
    """Raise ``Refusal("wording")`` naming every fault of ``wording``."""
    found = list(faults(wording))
    if found:
        raise Refusal("wording", "；".join(found))
