"""Background work of exams: thin, primary keys in, safe to run twice."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django_tasks import task

from jinbang.accounts.domain.operations import advance_operation, finish_operation
from jinbang.audit.actor import SYSTEM, Actor
from jinbang.audit.sweeps import sweep
from jinbang.config import clock
from jinbang.core.errors import Refusal
from jinbang.exams.domain.papers import issue_papers
from jinbang.exams.domain.photos import erase_old_photos
from jinbang.exams.models import Arrangement


@sweep(every_s=6 * 3600)
def erase_photos(now: datetime) -> int:
    """Candidates' photos whose time is over are erased."""
    return erase_old_photos(actor=SYSTEM, now=now)


@task()
def print_papers(arrangement: int, kind: str, actor: dict[str, Any], operation: str, result_url: str) -> None:
    """Print one kind for a site. What was printed already is found again, so a second run changes nothing."""
    row = Arrangement.objects.select_related("sitting__plan__rule_set", "site__organisation").get(pk=arrangement)
    try:
        made = issue_papers(arrangement=row, kind=kind, actor=Actor(**actor), now=clock.now())
    except Refusal as refusal:
        finish_operation(key=operation, now=clock.now(), error=str(refusal))
        return
    except Exception:
        finish_operation(key=operation, now=clock.now(), error=_("打印时出现意外错误，已记录；请稍后重试"))
        raise
    advance_operation(key=operation, done=len(made), total=len(made))
    pages = sum(document.pages for document in made)
    finish_operation(key=operation, now=clock.now(), result_url=result_url, note=f"{pages}")
