"""Regrades: a changed task is tried on every submission first; two people then decide whether it counts."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from jinbang.accounts.models import Person
from jinbang.audit.actor import Actor
from jinbang.audit.domain import move, record
from jinbang.content.models import PracticalTask
from jinbang.core import scoring
from jinbang.core.errors import Refusal
from jinbang.documents.domain import files as documents
from jinbang.exams.models import Registration, Sitting
from jinbang.grading.domain import queue
from jinbang.grading.domain.results import compute_results, scoring_rules, subject_inputs
from jinbang.grading.models import JudgeJob, RegradeProposal, Result
from jinbang.judge.uploads import unpack

WITH = ("sitting__plan__rule_set", "old_task", "new_task")


@transaction.atomic
def propose(
    *, sitting: Sitting, old_task: PracticalTask, new_task: PracticalTask, reason: str, actor: Actor, now: datetime
) -> RegradeProposal:
    """Have every submission of ``old_task`` in the sitting judged by ``new_task`` as well; nothing counts yet.

    Effects: proposal, one regrade job a submission. Refusals: ``reason_required``, ``regrade_task`` (another task's
    slug), ``regrade_points`` (a changed total would change what the points mean), ``sitting_not_closed``,
    ``regrade_nothing``.
    """
    if not reason.strip():
        raise Refusal("reason_required", _("请写明重判的理由"))
    if old_task.slug != new_task.slug or old_task.pk == new_task.pk:
        raise Refusal("regrade_task", _("请选择同一任务的另一个版本"))
    if old_task.total_points != new_task.total_points:
        raise Refusal("regrade_points", _("新旧版本总分不同，不能直接重判；请保持总分一致"))
    if sitting.state not in ("closed", "released"):
        raise Refusal("sitting_not_closed", _("本次考试尚未结束，结束后才能提出重判"))
    jobs = list(_counting_jobs(sitting, old_task))
    if not jobs:
        raise Refusal("regrade_nothing", _("本次考试没有使用该任务的作答"))
    proposal = RegradeProposal.objects.create(
        sitting=sitting,
        old_task=old_task,
        new_task=new_task,
        reason=reason,
        proposed_at=now,
        proposed_by=actor.label,
    )
    for job in jobs:
        trial = queue.enqueue(
            kind=JudgeJob.Kind.REGRADE,
            task=new_task,
            submission=unpack(documents.read(job.submission)),
            actor=actor,
            now=now,
            attempt=job.attempt,
            item=job.item,
        )
        trial.counts = False
        trial.save(update_fields=["counts"])
    record("regrade.propose", proposal, actor=actor, now=now, data={"submissions": len(jobs)})
    return proposal


def _counting_jobs(sitting: Sitting, task: PracticalTask) -> Any:
    return JudgeJob.objects.filter(
        attempt__registration__sitting=sitting, task=task, counts=True, state="done"
    ).select_related("submission", "attempt")


def _trial_jobs(proposal: RegradeProposal) -> Any:
    return JudgeJob.objects.filter(
        attempt__registration__sitting=proposal.sitting, task=proposal.new_task, kind=JudgeJob.Kind.REGRADE
    )


def running(proposal: RegradeProposal) -> int:
    """How many trial judgements are not in yet."""
    return int(_trial_jobs(proposal).exclude(state="done").count())


@transaction.atomic
def assess(*, proposal: RegradeProposal, actor: Actor, now: datetime) -> RegradeProposal:
    """Work out what the regrade would do: whose mark changes, by how much, who crosses the pass line.

    Refusals: ``regrade_decided`` once somebody approved what was worked out before; ``regrade_running`` while a trial
    verdict is missing. Effects: ``effects`` of the proposal, an audit row. Nothing else stays: the new marks are tried
    inside a savepoint that is rolled back.
    """
    proposal = RegradeProposal.objects.select_for_update(of=("self",)).select_related(*WITH).get(pk=proposal.pk)
    if proposal.state != "proposed":
        raise Refusal("regrade_decided", _("已有人批准或否决，影响不再重新计算；需要时请重新提出重判"))
    open_jobs = running(proposal)
    if open_jobs:
        raise Refusal("regrade_running", _("还有 {count} 份作答正在重判，请稍候再试"), count=open_jobs)
    registrations = list(
        Registration.objects.filter(attempts__judge_jobs__in=_trial_jobs(proposal))
        .distinct()
        .select_related("sitting__plan__rule_set", "candidate")
        .order_by("ticket_number")
    )
    rules = scoring_rules(proposal.sitting)
    before = {key: scoring.compute(given, rules) for key, given in subject_inputs(registrations).items()}
    savepoint = transaction.savepoint()
    _switch(proposal)
    after = {key: scoring.compute(given, rules) for key, given in subject_inputs(registrations).items()}
    transaction.savepoint_rollback(savepoint)
    proposal.effects = [
        _effect(registration, before[registration.pk], after[registration.pk]) for registration in registrations
    ]
    proposal.save(update_fields=["effects"])
    crossing = sum(row["crosses"] for row in proposal.effects)
    record("regrade.assess", proposal, actor=actor, now=now, data={"rows": len(registrations), "crossing": crossing})
    return proposal


def _effect(registration: Registration, before: scoring.Result, after: scoring.Result) -> dict[str, Any]:
    change = scoring.compare(before, after)
    return {
        "registration": registration.pk,
        "ticket": registration.ticket_number,
        "before": _text(before.composite),
        "after": _text(after.composite),
        "status_before": before.status.value,
        "status_after": after.status.value,
        "by": _text(change.composite_by),
        "crosses": change.crosses,
    }


def _text(value: Decimal | None) -> str:
    return "" if value is None else str(value)


def _switch(proposal: RegradeProposal) -> None:
    """Let the trial verdicts count instead of the old ones."""
    trials = _trial_jobs(proposal)
    pairs = set(trials.values_list("attempt_id", "item"))
    for job in _counting_jobs(proposal.sitting, _old_task(proposal)):
        if (job.attempt_id, job.item) in pairs:
            job.counts = False
            job.save(update_fields=["counts"])
    trials.update(counts=True)


def _old_task(proposal: RegradeProposal) -> PracticalTask:
    assert proposal.old_task is not None
    return proposal.old_task


@transaction.atomic
def approve(*, proposal: RegradeProposal, person: Person, actor: Actor, now: datetime) -> RegradeProposal:
    """First or second approval; by two different people, and only of effects that were worked out."""
    proposal = RegradeProposal.objects.select_for_update().get(pk=proposal.pk)
    if not proposal.effects:
        raise Refusal("regrade_unassessed", _("请先计算重判影响，再批准"))
    if proposal.first_approver_id is None:
        proposal.first_approver = person
        proposal.save(update_fields=["first_approver"])
        return move(proposal, "first_approve", actor=actor, now=now)
    if proposal.first_approver_id == person.pk:
        raise Refusal("regrade_same_person", _("重判须由两名不同的人员批准，请另一人操作"))
    proposal.second_approver = person
    proposal.save(update_fields=["second_approver"])
    return move(proposal, "second_approve", actor=actor, now=now)


@transaction.atomic
def apply(*, proposal: RegradeProposal, actor: Actor, now: datetime) -> int:
    """Let an approved regrade count: verdicts switch, results get a new version. Old verdicts stay on file.

    Returns the number of results that changed.
    """
    move(proposal, "apply", actor=actor, now=now)
    _switch(proposal)
    before = Result.objects.filter(registration__sitting=proposal.sitting).count()
    compute_results(sitting=proposal.sitting, actor=actor, now=now, cause=f"regrade {proposal.pk}")
    return Result.objects.filter(registration__sitting=proposal.sitting).count() - before


def reject(*, proposal: RegradeProposal, reason: str, actor: Actor, now: datetime) -> RegradeProposal:
    """Turn a proposal down; nothing changes."""
    return move(proposal, "reject", actor=actor, now=now, reason=reason)
