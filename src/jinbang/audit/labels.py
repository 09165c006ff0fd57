"""Words for states and events of every machine in ``core.lifecycle``, in Chinese and English, and their tones."""

from __future__ import annotations

from typing import NamedTuple

from django.utils.translation import get_language

TONES = ("neutral", "info", "success", "warning", "danger")


class Label(NamedTuple):
    """The same word twice, and for a state the tone of its badge."""

    zh: str
    en: str
    tone: str = "neutral"

    def __str__(self) -> str:
        return self.en if (get_language() or "").startswith("en") else self.zh


MACHINE_LABELS: dict[str, Label] = {
    "declaration": Label("申报计划", "Declaration plan"),
    "pilot_application": Label("试点申报", "Pilot application"),
    "major_addition": Label("专业新增", "Major addition"),
    "site": Label("考核站点", "Exam site"),
    "agreement": Label("协议", "Agreement"),
    "plan": Label("考试计划", "Exam plan"),
    "sitting": Label("考试场次", "Sitting"),
    "registration": Label("报名", "Registration"),
    "item": Label("试题", "Item"),
    "form": Label("试卷", "Form"),
    "sealed_paper_set": Label("密封试卷包", "Sealed paper set"),
    "room_session": Label("考场场次", "Room session"),
    "attempt": Label("作答", "Attempt"),
    "judge_job": Label("判题作业", "Judge job"),
    "marking": Label("阅卷任务", "Marking"),
    "result": Label("成绩", "Result"),
    "regrade": Label("重判方案", "Regrading"),
    "appeal": Label("成绩复核", "Appeal"),
    "misconduct": Label("违纪处理", "Misconduct case"),
    "certificate": Label("证书", "Certificate"),
    "training_enrolment": Label("培训报名", "Training enrolment"),
    "support_request": Label("支持请求", "Support request"),
    "special_arrangement": Label("特殊安排", "Accommodation"),
}

_DRAFT = Label("草稿", "Draft")
_REVIEW = Label("审核中", "Under review", "info")
_APPROVED = Label("已通过", "Approved", "success")
_REJECTED = Label("未通过", "Rejected", "danger")
_WITHDRAWN = Label("已撤回", "Withdrawn")
_PUBLISHED = Label("已发布", "Published", "success")
_CANCELLED = Label("已取消", "Cancelled", "danger")
_CLOSED = Label("已关闭", "Closed")
_VOIDED = Label("已作废", "Voided", "danger")

STATE_LABELS: dict[str, dict[str, Label]] = {
    "declaration": {"draft": _DRAFT, "published": _PUBLISHED, "withdrawn": _WITHDRAWN},
    "pilot_application": {
        "draft": _DRAFT,
        "city_review": Label("地市审核中", "City review", "info"),
        "province_review": Label("省级审核中", "Province review", "info"),
        "discarded": Label("已放弃", "Discarded"),
        "rejected": _REJECTED,
        "approved": _APPROVED,
        "revoked": Label("已撤销", "Revoked", "danger"),
    },
    "major_addition": {
        "requested": Label("待处理", "Requested", "info"),
        "approved": _APPROVED,
        "rejected": _REJECTED,
        "withdrawn": _WITHDRAWN,
    },
    "site": {
        "draft": _DRAFT,
        "under_review": _REVIEW,
        "rejected": _REJECTED,
        "approved": Label("待签协议", "Awaiting agreements", "warning"),
        "live": Label("已启用", "Live", "success"),
        "suspended": Label("已暂停", "Suspended", "warning"),
        "closed": _CLOSED,
    },
    "agreement": {"filed": Label("已归档", "Filed", "success"), "terminated": Label("已终止", "Terminated", "danger")},
    "plan": {
        "draft": _DRAFT,
        "published": _PUBLISHED,
        "cancelled": _CANCELLED,
        "archived": Label("已归档", "Archived"),
    },
    "sitting": {
        "scheduled": Label("已排期", "Scheduled", "info"),
        "arranged": Label("已编排", "Arranged", "info"),
        "sealed": Label("试卷已密封", "Papers sealed", "warning"),
        "running": Label("考试中", "Running", "success"),
        "closed": Label("已结束", "Closed"),
        "released": Label("成绩已发布", "Results released", "success"),
        "cancelled": _CANCELLED,
    },
    "registration": {
        "registered": Label("已报名", "Registered", "info"),
        "confirmed": Label("已缴费确认", "Fee confirmed", "success"),
        "seated": Label("已编排座位", "Seated", "success"),
        "withdrawn": Label("已退考", "Withdrawn"),
    },
    "item": {
        "draft": _DRAFT,
        "in_review": Label("审题中", "In review", "info"),
        "accepted": Label("已入库", "Accepted", "success"),
        "retired": Label("已停用", "Retired"),
    },
    "form": {
        "draft": _DRAFT,
        "in_review": Label("审卷中", "In review", "info"),
        "approved": _APPROVED,
        "retired": Label("已停用", "Retired"),
    },
    "sealed_paper_set": {
        "preparing": Label("准备中", "Preparing"),
        "sealed": Label("已密封", "Sealed", "info"),
        "half_released": Label("待第二人授权", "Awaiting second key", "warning"),
        "released": Label("已解封", "Released", "success"),
        "discarded": _VOIDED,
    },
    "room_session": {
        "planned": Label("未开场", "Planned"),
        "open": Label("进行中", "Open", "success"),
        "closed": Label("已收场", "Closed"),
    },
    "attempt": {
        "prepared": Label("未开始", "Not started"),
        "running": Label("作答中", "Running", "info"),
        "handed_in": Label("已交卷", "Handed in", "success"),
        "absent": Label("缺考", "Absent", "warning"),
        "voided": _VOIDED,
    },
    "judge_job": {
        "queued": Label("排队中", "Queued", "info"),
        "leased": Label("判题中", "Judging", "info"),
        "done": Label("已完成", "Done", "success"),
        "dead": Label("需人工处理", "Needs a person", "danger"),
        "cancelled": _CANCELLED,
    },
    "marking": {
        "waiting": Label("待分配", "Waiting"),
        "allocated": Label("阅卷中", "Allocated", "info"),
        "marked": Label("已评", "Marked", "info"),
        "disputed": Label("分差超限", "In dispute", "warning"),
        "settled": Label("已定分", "Settled", "success"),
    },
    "result": {
        "computed": Label("已合成", "Computed", "info"),
        "released": Label("已发布", "Released", "success"),
        "superseded": Label("已被新版取代", "Superseded"),
    },
    "regrade": {
        "proposed": Label("待第一人批准", "Awaiting first approval", "info"),
        "half_approved": Label("待第二人批准", "Awaiting second approval", "warning"),
        "approved": Label("已批准", "Approved", "success"),
        "rejected": Label("未批准", "Rejected", "danger"),
        "applied": Label("已执行", "Applied", "success"),
    },
    "appeal": {
        "lodged": Label("已提交", "Lodged", "info"),
        "under_review": Label("复核中", "Under review", "info"),
        "dismissed": Label("维持原分", "Dismissed"),
        "withdrawn": _WITHDRAWN,
        "upheld": Label("复核成立", "Upheld", "success"),
    },
    "misconduct": {
        "reported": Label("已上报", "Reported", "warning"),
        "notified": Label("已告知考生", "Candidate notified", "info"),
        "heard": Label("已听取陈述", "Statement heard", "info"),
        "decided": Label("已作出决定", "Decided", "danger"),
        "dropped": Label("不予处理", "Dropped"),
        "appealed": Label("申诉中", "Under appeal", "warning"),
        "confirmed": Label("维持决定", "Confirmed", "danger"),
        "overturned": Label("撤销决定", "Overturned", "success"),
    },
    "certificate": {
        "approved": Label("已核准", "Approved", "info"),
        "issued": Label("有效", "Valid", "success"),
        "suspended": Label("暂停使用", "Suspended", "warning"),
        "revoked": Label("已撤销", "Revoked", "danger"),
        "replaced": Label("已补发换新", "Replaced"),
    },
    "training_enrolment": {
        "enrolled": Label("已报名", "Enrolled", "info"),
        "withdrawn": Label("已取消", "Withdrawn"),
        "completed": Label("已结业", "Completed", "success"),
    },
    "special_arrangement": {
        "requested": Label("待审批", "Requested", "warning"),
        "approved": _APPROVED,
        "rejected": _REJECTED,
        "withdrawn": _WITHDRAWN,
    },
    "support_request": {
        "open": Label("待答复", "Open", "warning"),
        "answered": Label("已答复", "Answered", "success"),
        "closed": _CLOSED,
    },
}

# Events: the same word wherever the event has the same name, unless the machine says otherwise below.
_EVENTS: dict[str, Label] = {
    "publish": Label("发布", "Publish"),
    "amend": Label("变更", "Amend"),
    "withdraw": Label("撤回", "Withdraw"),
    "submit": Label("提交", "Submit"),
    "submit_to_province": Label("提交省级审核", "Submit to province"),
    "discard": Label("放弃", "Discard"),
    "city_approve": Label("地市通过", "Approve (city)"),
    "return": Label("退回修改", "Return for changes"),
    "reject": Label("不予通过", "Reject"),
    "approve": Label("通过", "Approve"),
    "revoke": Label("撤销", "Revoke"),
    "file_agreements": Label("归档协议并启用", "File agreements and go live"),
    "suspend": Label("暂停", "Suspend"),
    "resume": Label("恢复", "Resume"),
    "close": Label("关闭", "Close"),
    "terminate": Label("终止", "Terminate"),
    "cancel": Label("取消", "Cancel"),
    "archive": Label("归档", "Archive"),
    "freeze_arrangement": Label("锁定编排", "Freeze arrangement"),
    "reopen_arrangement": Label("重开编排", "Reopen arrangement"),
    "seal": Label("密封试卷", "Seal papers"),
    "unseal": Label("撤销密封", "Undo sealing"),
    "open": Label("开始", "Open"),
    "release_results": Label("发布成绩", "Release results"),
    "confirm_fee": Label("确认缴费", "Confirm fee"),
    "seat": Label("编排座位", "Seat"),
    "unseat": Label("取消座位", "Unseat"),
    "accept": Label("受理", "Accept"),
    "retire": Label("停用", "Retire"),
    "revise": Label("修订", "Revise"),
    "first_release": Label("第一人授权解封", "First release"),
    "second_release": Label("第二人授权解封", "Second release"),
    "reopen": Label("重新打开", "Reopen"),
    "start": Label("开始作答", "Start"),
    "mark_absent": Label("登记缺考", "Mark absent"),
    "correct_absence": Label("更正缺考", "Correct absence"),
    "hand_in": Label("交卷", "Hand in"),
    "auto_hand_in": Label("到时自动交卷", "Automatic hand-in"),
    "force_hand_in": Label("强制交卷", "Force hand-in"),
    "take_in_rescue": Label("收取应急作答文件", "Take in rescue file"),
    "void": Label("作废", "Void"),
    "lease": Label("领取", "Lease"),
    "expire": Label("租约到期", "Lease expired"),
    "fail": Label("判题失败重试", "Fail and retry"),
    "finish": Label("完成", "Finish"),
    "bury": Label("转人工处理", "Set aside for a person"),
    "requeue": Label("重新排队", "Requeue"),
    "allocate": Label("分配", "Allocate"),
    "release": Label("发布", "Release"),
    "dispute": Label("标记分差超限", "Mark as disputed"),
    "settle": Label("定分", "Settle"),
    "adjudicate": Label("仲裁定分", "Adjudicate"),
    "supersede": Label("以新版取代", "Supersede"),
    "first_approve": Label("第一人批准", "First approval"),
    "second_approve": Label("第二人批准", "Second approval"),
    "apply": Label("执行", "Apply"),
    "dismiss": Label("维持原分", "Dismiss"),
    "uphold": Label("复核成立", "Uphold"),
    "notify_candidate": Label("告知考生", "Notify candidate"),
    "drop": Label("不予处理", "Drop"),
    "record_statement": Label("登记陈述申辩", "Record statement"),
    "decide": Label("作出决定", "Decide"),
    "appeal": Label("提出申诉", "Appeal"),
    "confirm": Label("维持决定", "Confirm"),
    "overturn": Label("撤销决定", "Overturn"),
    "issue": Label("发证", "Issue"),
    "reinstate": Label("恢复有效", "Reinstate"),
    "replace": Label("补发换新", "Replace"),
    "complete": Label("结业", "Complete"),
    "answer": Label("答复", "Answer"),
}
_PARTICULAR: dict[tuple[str, str], Label] = {
    ("item", "accept"): Label("通过入库", "Accept"),
    ("registration", "withdraw"): Label("退考", "Withdraw"),
    ("marking", "release"): Label("退回待分配", "Put back"),
    ("sealed_paper_set", "seal"): Label("密封", "Seal"),
    ("sealed_paper_set", "discard"): Label("作废", "Discard"),
    ("room_session", "open"): Label("开场", "Open room"),
    ("room_session", "close"): Label("收场", "Close room"),
    ("sitting", "open"): Label("开考", "Open"),
    ("sitting", "close"): Label("结束考试", "Close"),
    ("training_enrolment", "withdraw"): Label("取消报名", "Withdraw"),
    ("regrade", "reject"): Label("不予批准", "Reject"),
}

# Events that undo, refuse or destroy: drawn apart from the rest, and always confirmed.
GRAVE_EVENTS = frozenset({
    "withdraw", "discard", "reject", "revoke", "suspend", "close", "terminate", "cancel", "reopen_arrangement",
    "unseal", "retire", "force_hand_in", "void", "bury", "supersede", "drop",
})  # fmt: skip


def machine_label(machine: str) -> Label:
    """The name of ``machine`` for people."""
    return MACHINE_LABELS[machine]


def state_label(machine: str, state: str) -> Label:
    """The word for ``state`` of ``machine``. Raises ``KeyError`` for an unknown one."""
    return STATE_LABELS[machine][state]


def event_label(machine: str, event: str) -> Label:
    """The word for ``event`` of ``machine``. Raises ``KeyError`` for an unknown one."""
    return _PARTICULAR.get((machine, event)) or _EVENTS[event]


def action_label(action: str) -> str:
    """The words for an audit row's action: ``machine.event`` or a label added with :func:`name_actions`."""
    machine, _dot, event = action.partition(".")
    if machine in MACHINE_LABELS and ((machine, event) in _PARTICULAR or event in _EVENTS):
        label = event_label(machine, event)
        return f"{machine_label(machine)} · {label}"
    return str(_ACTIONS.get(action, action))


_ACTIONS: dict[str, Label] = {}


def name_actions(labels: dict[str, tuple[str, str]]) -> None:
    """Give words (Chinese, English) to audit actions that are not moves; called from ``register`` modules."""
    _ACTIONS.update({action: Label(*words) for action, words in labels.items()})
