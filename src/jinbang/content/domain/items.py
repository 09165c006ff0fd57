"""Items: written by one person, reviewed by another, revised as new versions."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from jinbang.accounts.models import Person
from jinbang.accreditation.models import CertificateLevel
from jinbang.audit.actor import Actor
from jinbang.audit.domain import move, record
from jinbang.content.domain.wording import Wording, require_sound
from jinbang.content.models import Item, ItemReview, ItemVersion, SkillPoint
from jinbang.core.errors import Refusal


@transaction.atomic
def add_item(
    *,
    code: str,
    level: CertificateLevel,
    skill_point: SkillPoint,
    wording: Wording,
    author: Person | None,
    actor: Actor,
    now: datetime,
    for_practice: bool = False,
) -> Item:
    """Create a draft item with its first version. Effects: item, version, audit row."""
    require_sound(wording)
    if skill_point.level_id != level.pk:
        raise Refusal("skill_level", _("技能点 {code} 不属于该级别，请另选技能点"), code=skill_point.code)
    if Item.objects.filter(code=code).exists():
        raise Refusal("item_code_taken", _("题号 {code} 已被使用，请换一个题号"), code=code)
    item = Item.objects.create(
        code=code,
        level=level,
        skill_point=skill_point,
        kind=wording.kind,
        author=author,
        for_practice=for_practice,
    )
    _add_version(item, wording, number=1, now=now)
    record("item.create", item, actor=actor, now=now)
    return item


def _add_version(item: Item, wording: Wording, *, number: int, now: datetime) -> ItemVersion:
    return ItemVersion.objects.create(
        item=item,
        number=number,
        stem=wording.stem,
        code_block=wording.code_block,
        options=[{"key": key, "text": text} for key, text in wording.options],
        answer=list(wording.answer),
        explanation=wording.explanation,
        difficulty=wording.difficulty,
        content_sha256=wording.digest(),
        created_at=now,
    )


def current_version(item: Item) -> ItemVersion:
    """The newest version of ``item``."""
    return item.versions.order_by("-number")[0]


@transaction.atomic
def revise_item(*, item: Item, wording: Wording, actor: Actor, now: datetime) -> ItemVersion:
    """Give ``item`` a new version; versions already used keep standing.

    Effects: version, audit row; an accepted item goes back to draft and needs review again. A wording
    equal to the newest version changes nothing and returns that version.
    """
    require_sound(wording)
    if wording.kind != item.kind:
        raise Refusal("item_kind", _("题型不能修改；请新建一道题"))
    newest = current_version(item)
    if newest.content_sha256 == wording.digest():
        return newest
    if item.state == "in_review":
        raise Refusal("item_in_review", _("该题正在审核，请等待审核结果或请审题员退回"))
    if item.state == "accepted":
        move(item, "revise", actor=actor, now=now)
    version = _add_version(item, wording, number=newest.number + 1, now=now)
    record("item.revise", item, actor=actor, now=now, data={"version": version.number})
    return version


def submit_item(*, item: Item, actor: Actor, now: datetime) -> Item:
    """Hand a draft to the reviewers."""
    return move(item, "submit", actor=actor, now=now)


@transaction.atomic
def review_item(
    *, item: Item, reviewer: Person, accepted: bool, comment: str, actor: Actor, now: datetime
) -> ItemReview:
    """Accept or return an item in review. The author never reviews their own item.

    Effects: review row; the item becomes accepted, or a draft again with the comment as the reason.
    """
    if item.author_id is not None and item.author_id == reviewer.pk:
        raise Refusal("own_item", _("不能审核自己命制的试题，请由他人审核"))
    audience = [{"person": item.author_id}] if item.author_id else []
    event = "accept" if accepted else "return"
    move(item, event, actor=actor, now=now, reason=comment, audience=audience)
    return ItemReview.objects.create(
        version=current_version(item), reviewer=reviewer, accepted=accepted, comment=comment, at=now
    )


def retire_item(*, item: Item, reason: str, actor: Actor, now: datetime) -> Item:
    """Take an accepted item out of use; forms that hold it keep it."""
    return move(item, "retire", actor=actor, now=now, reason=reason)
