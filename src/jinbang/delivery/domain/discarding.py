"""Discarding sealed papers before they were opened: a form that leaked, a passphrase that was forgotten.

One person asks with a reason, another confirms. From then on nothing can open what was handed out: both halves of the
key and the sealed answers are erased, and the attempts wait for a new set that must be sealed again.
"""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from jinbang.audit.actor import Actor
from jinbang.audit.domain import move, record
from jinbang.core.errors import Refusal
from jinbang.delivery.domain.room.common import require_reason, same_person, signature
from jinbang.delivery.models import Attempt, AttemptEvent, PaperSet

UNOPENED = ("sealed", "half_released")
_ASKED = ["discard_asked_by", "discard_asked_at", "discard_reason"]
_NEVER_STARTED = ("prepared", "absent")


def ask_discard(*, paper_set: PaperSet, reason: str, actor: Actor, now: datetime) -> PaperSet:
    """The first of two people asks for a sealed set to be discarded.

    Effects: ``discard_*``, an audit row. Refusals: ``reason_required``, ``papers_open``, ``exam_begun``,
    ``discard_asked`` (somebody did already).
    """
    why = require_reason(reason)[:300]
    with transaction.atomic():
        paper_set = _unopened(paper_set)
        if paper_set.discard_asked_by:
            raise Refusal("discard_asked", _("已有人申请作废，请由另一人确认"))
        paper_set.discard_asked_by, paper_set.discard_asked_at = signature(actor), now
        paper_set.discard_reason = why
        paper_set.save(update_fields=_ASKED)
        record("sealed_paper_set.ask_discard", paper_set, actor=actor, now=now, reason=why)
    return paper_set


def keep_papers(*, paper_set: PaperSet, actor: Actor, now: datetime) -> PaperSet:
    """Take the request back, or turn it down. Effects: ``discard_*`` emptied, audit row. Refusal ``nothing_asked``."""
    with transaction.atomic():
        paper_set = _asked(paper_set)
        _forget_request(paper_set)
        record("sealed_paper_set.keep", paper_set, actor=actor, now=now)
    return paper_set


def discard_papers(*, paper_set: PaperSet, actor: Actor, now: datetime) -> PaperSet:
    """The second person confirms; returns the set that takes its place, to be sealed anew.

    Effects: the set's state; its papers, both halves of its key and its right answers are erased; a new set in
    preparation with every attempt in it; candidates who signed in already must do so again, an ``AttemptEvent`` each
    tells the engine; a sealed sitting is unsealed; audit rows. Refusals: ``nothing_asked``, ``second_person_needed``,
    ``papers_open``, ``exam_begun``.
    """
    with transaction.atomic():
        paper_set = _asked(paper_set)
        if same_person(paper_set.discard_asked_by, actor):
            raise Refusal("second_person_needed", _("作废须由申请人以外的另一人确认"))
        why = paper_set.discard_reason
        data = {
            "manifest": paper_set.manifest_sha256,
            "papers": paper_set.papers,
            "asked_by": paper_set.discard_asked_by,
        }
        move(paper_set, "discard", actor=actor, now=now, reason=why, data=data)
        _erase(paper_set)
        made = _successor(paper_set)
        _hand_over(paper_set, made, actor, now)
        sitting = paper_set.sitting_subject.sitting
        if sitting.state == "sealed":
            move(sitting, "unseal", actor=actor, now=now, reason=why)
    return made


def _unopened(paper_set: PaperSet) -> PaperSet:
    """The set, locked; refused once its key is out or anybody began."""
    found = (
        PaperSet.objects.select_for_update(of=("self",)).select_related("sitting_subject__sitting").get(pk=paper_set.pk)
    )
    if found.attempts.exclude(state__in=_NEVER_STARTED).exists():
        raise Refusal("exam_begun", _("已有考生开始作答，不能作废试卷"))
    if found.state not in UNOPENED:
        raise Refusal("papers_open", _("只有已封存、尚未由两人开启的试卷才能作废"))
    return found


def _asked(paper_set: PaperSet) -> PaperSet:
    found = _unopened(paper_set)
    if not found.discard_asked_by:
        raise Refusal("nothing_asked", _("没有人申请作废这套试卷"))
    return found


def _forget_request(paper_set: PaperSet) -> None:
    paper_set.discard_asked_by, paper_set.discard_asked_at, paper_set.discard_reason = "", None, ""
    paper_set.save(update_fields=_ASKED)


def _erase(paper_set: PaperSet) -> None:
    """Leave nothing of the key; hashes stay, so that a copy found later can be told to be one of these papers."""
    paper_set.sealed.all().delete()
    paper_set.shares, paper_set.scoring_cipher, paper_set.released_key = [], None, None
    paper_set.save(update_fields=["shares", "scoring_cipher", "released_key"])


def _successor(paper_set: PaperSet) -> PaperSet:
    return PaperSet.objects.create(
        sitting_subject=paper_set.sitting_subject, level_id=paper_set.level_id, form_id=paper_set.form_id,
        not_before=paper_set.not_before, seed=secrets.randbits(62), replaces=paper_set,
    )  # fmt: skip


def _hand_over(old: PaperSet, new: PaperSet, actor: Actor, now: datetime) -> None:
    """Every attempt now belongs to ``new``; a machine that fetched the old paper has to sign in again for the new."""
    attempts = Attempt.objects.filter(paper_set=old)
    events = [
        AttemptEvent(attempt_id=pk, at=now, kind="paper_discarded", actor=actor.label, data={"paper_set": new.pk})
        for pk in attempts.values_list("pk", flat=True)
    ]
    attempts.exclude(token_sha256="").update(token_sha256="", device_key="", generation=F("generation") + 1)
    attempts.update(paper_set=new)
    AttemptEvent.objects.bulk_create(events, batch_size=500)
