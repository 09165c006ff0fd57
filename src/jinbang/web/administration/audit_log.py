"""The log: who did what, searchable, exportable, and whether it is whole."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from jinbang.audit.domain import verify_chain
from jinbang.audit.domain.chain import row_hash
from jinbang.audit.models import AuditRow
from jinbang.web.shell.access import requires
from jinbang.web.shell.labels import MACHINE_LABELS, action_label, state_label
from jinbang.web.shell.links import object_url
from jinbang.web.shell.list_pages import render_list
from jinbang.web.shell.lists import Choices, Column, Empty, Filter, ListSpec
from jinbang.web.shell.requests import OfficeRequest


def _states(row: AuditRow) -> str:
    machine = row.action.partition(".")[0]
    if machine not in MACHINE_LABELS or not row.to_state:
        return ""
    target = str(state_label(machine, row.to_state))
    return f"{state_label(machine, row.from_state)} → {target}" if row.from_state else target


def _kinds(request: OfficeRequest) -> Choices:
    machines = [(name, str(label)) for name, label in MACHINE_LABELS.items()]
    others = [
        ("person", _("账号")),
        ("grant", _("角色")),
        ("organisation", _("单位")),
        ("personal_data", _("个人信息")),
    ]
    return machines + others


LOG = ListSpec(
    key="audit",
    title=gettext_lazy("操作记录"),
    intro=gettext_lazy("每一步操作都按顺序写入，并与前一条的哈希相连；改动任何一条都会被查出。"),
    queryset=lambda request: AuditRow.objects.all(),
    columns=[
        Column("seq", gettext_lazy("序号"), sort="seq", kind="number"),
        Column("at", gettext_lazy("时间"), sort="at", kind="datetime"),
        Column("actor", gettext_lazy("操作人"), "actor_label", sort="actor_label"),
        Column("impersonator", gettext_lazy("代操作"), default=False),
        Column("action", gettext_lazy("操作"), lambda row: action_label(row.action)),
        Column(
            "object", gettext_lazy("对象"), "object_label", link=lambda row: object_url(row.object_type, row.object_key)
        ),
        Column("states", gettext_lazy("状态变化"), _states),
        Column("reason", gettext_lazy("理由")),
        Column("hash", gettext_lazy("哈希"), kind="mono", default=False),
    ],
    search=["actor_label", "object_label", "reason", "object_key__exact"],
    search_hint=gettext_lazy("操作人、对象、理由"),
    filters=[
        Filter("kind", gettext_lazy("类别"), _kinds, lambda rows, kind: rows.filter(action__startswith=f"{kind}."))
    ],
    default_order=["-seq"],
    row_url=lambda row: reverse("audit_row", args=[row.pk]),
    empty=Empty(gettext_lazy("还没有操作记录")),
)


@requires("audit.view")
def audit_log(request: HttpRequest) -> HttpResponseBase:
    """The newest rows first."""
    return render_list(cast(OfficeRequest, request), LOG, template="administration/audit_log.html")


@requires("audit.view")
def audit_row(request: HttpRequest, pk: int) -> HttpResponse:
    """One row with everything it holds, and whether it is as it was written."""
    row = get_object_or_404(AuditRow, pk=pk)
    context = {
        "row": row,
        "title": f"#{row.seq} {action_label(row.action)}",
        "states": _states(row),
        "url": object_url(row.object_type, row.object_key),
        "intact": row_hash(row) == row.hash,
    }
    return render(request, "administration/audit_row.html", context)


@requires("audit.view")
@require_POST
def audit_check(request: HttpRequest) -> HttpResponse:
    """Walk the whole chain and name the first rows that do not fit."""
    broken = verify_chain()
    if not broken:
        messages.success(request, _("已核对全部 {} 条：记录完整，没有被改动。").format(AuditRow.objects.count()))
    for fault in broken[:5]:
        messages.error(request, _("第 {} 条有问题：{}").format(fault.seq, fault.fault))
    if len(broken) > 5:
        messages.error(request, _("另有 {} 处问题，详见 jinbang doctor。").format(len(broken) - 5))
    return HttpResponseRedirect(reverse("audit_log"))
