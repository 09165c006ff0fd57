"""The sitting as a whole: sealed before the day, opened on it, closed once every room is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from jinbang.audit.actor import Actor
from jinbang.audit.domain import move
from jinbang.core.errors import Refusal
from jinbang.delivery.domain.sealing import KeyHolder, seal_papers
from jinbang.delivery.models import PaperSet, RoomSession
from jinbang.exams.models import Sitting


@transaction.atomic
def seal_sitting(*, sitting: Sitting, holders: Sequence[KeyHolder], actor: Actor, now: datetime) -> int:
    """Seal every paper set that is not sealed yet, and with the last one the sitting. Returns how many papers.

    Effects: those of ``seal_papers``; the sitting's state. Refusal ``nothing_prepared``.
    """
    sets = list(_live_sets(sitting))
    if not sets:
        raise Refusal("nothing_prepared", _("本场还没有准备试卷，请先执行考前准备"))
    for paper_set in sets:
        if paper_set.state == "preparing":
            seal_papers(paper_set=paper_set, holders=holders, actor=actor, now=now)
    _seal_with_last(sitting, actor, now)
    return sum(paper_set.papers for paper_set in sets)


@transaction.atomic
def seal_set(*, paper_set: PaperSet, holders: Sequence[KeyHolder], actor: Actor, now: datetime) -> PaperSet:
    """Seal one set, and with the last one the sitting. Effects and refusals: those of ``seal_papers``; the sitting's
    state."""
    sealed = seal_papers(paper_set=paper_set, holders=holders, actor=actor, now=now)
    _seal_with_last(paper_set.sitting_subject.sitting, actor, now)
    return sealed


def _live_sets(sitting: Sitting) -> QuerySet[PaperSet]:
    return PaperSet.objects.filter(sitting_subject__sitting=sitting).exclude(state="discarded")


def _seal_with_last(sitting: Sitting, actor: Actor, now: datetime) -> None:
    if sitting.state == "arranged" and not _live_sets(sitting).filter(state="preparing").exists():
        move(sitting, "seal", actor=actor, now=now)


def open_sitting(*, sitting: Sitting, actor: Actor, now: datetime) -> Sitting:
    """Open a sealed sitting on its day. Effects: state, audit row."""
    return move(sitting, "open", actor=actor, now=now)


@transaction.atomic
def close_sitting(*, sitting: Sitting, actor: Actor, now: datetime) -> Sitting:
    """Close a sitting. Refusal ``rooms_open`` names how many rooms are not closed."""
    waiting = RoomSession.objects.filter(sitting_subject__sitting=sitting).exclude(state="closed").count()
    if waiting:
        raise Refusal("rooms_open", _("还有 {count} 个考场没有结束，请先逐个结束考场"), count=waiting)
    return move(sitting, "close", actor=actor, now=now)
