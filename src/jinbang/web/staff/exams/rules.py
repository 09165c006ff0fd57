"""Rule sets and prices: data that plans are made of."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from jinbang.accounts.models import Region
from jinbang.accreditation.domain.zone import ZONE
from jinbang.exams.domain import prices
from jinbang.exams.domain.rules import create_rule_set
from jinbang.exams.models import FeePrice, RuleSet
from jinbang.web.shell.access import requires
from jinbang.web.shell.forms import form_page
from jinbang.web.shell.list_pages import render_list
from jinbang.web.shell.lists import Column, Empty, Filter, ListSpec, PageAction
from jinbang.web.shell.requests import OfficeRequest
from jinbang.web.staff.exams.forms import PriceForm, RuleSetForm, rules_from


def _weights(row: RuleSet) -> str:
    weights = row.rules.get("weights", {"theory": 40, "practical": 60})
    return f"{weights['theory']}/{weights['practical']}"


RULE_SETS = ListSpec(
    key="rule_sets",
    title=_("考试规则"),
    intro=_("规则不修改，只出新版本；已发布的计划一直按它发布时的版本执行。"),
    queryset=lambda request: RuleSet.objects.all(),
    columns=[
        Column("name", _("规则名称"), sort="name"),
        Column("version", _("版本"), sort="version", kind="number"),
        Column("weights", _("理论/实操"), _weights),
        Column("pass_mark", _("合格线"), lambda row: row.rules.get("pass_mark", 60)),
        Column("marking", _("阅卷方式"), lambda row: row.rules.get("marking_mode", "1+1"), kind="mono"),
        Column("created", _("创建时间"), "created_at", kind="datetime", sort="created_at"),
    ],
    search=["name"],
    default_order=["name", "-version"],
    empty=Empty(_("还没有考试规则")),
    actions=lambda request: [PageAction(_("新建规则"), reverse("rule_set_new"), "plus", primary=True)],
)

PRICES = ListSpec(
    key="prices",
    title=_("收费标准"),
    intro=_("各省批准的价格；同一天先看本省，再看通用。"),
    queryset=lambda request: FeePrice.objects.select_related("level__certificate_type"),
    columns=[
        Column("level", _("证书与级别"), sort=("level__certificate_type__name", "level__rank")),
        Column("region", _("省份"), lambda row: row.get_region_display() or _("各省通用"), sort="region"),
        Column("form", _("考核形式"), "get_exam_form_display", sort="exam_form"),
        Column("from", _("生效日期"), "valid_from", kind="date", sort="valid_from"),
        Column("amount", _("收费"), "amount_fen", kind="money", sort="amount_fen"),
        Column("site", _("考核站点"), "site_fen", kind="money"),
        Column("awarding", _("培训评价组织"), "awarding_fen", kind="money"),
    ],
    filters=[Filter("region", _("省份"), Region.choices)],
    default_order=["level__rank", "region", "-valid_from"],
    empty=Empty(_("还没有收费标准"), _("没有收费标准的级别不能报名。")),
    actions=lambda request: [PageAction(_("录入收费标准"), reverse("price_new"), "plus", primary=True)],
)


@requires("plan.manage")
def rule_set_list(request: OfficeRequest) -> HttpResponseBase:
    """All versions of all rule sets."""
    return render_list(request, RULE_SETS)


@requires("plan.manage")
def rule_set_new(request: OfficeRequest) -> HttpResponse:
    """A new rule set, or the next version of one."""
    return form_page(
        request,
        RuleSetForm,
        lambda data: create_rule_set(name=data["name"], rules=rules_from(data), actor=request.actor, now=request.now),
        title=_("新建考试规则"),
        done=lambda _made: reverse("rule_set_list"),
        cancel=reverse("rule_set_list"),
    )


@requires("plan.manage")
def price_list(request: OfficeRequest) -> HttpResponseBase:
    """All prices."""
    return render_list(request, PRICES)


@requires("plan.manage")
def price_new(request: OfficeRequest) -> HttpResponse:
    """Record an approved price."""

    def save(data: dict[str, Any]) -> FeePrice:
        amount, site = int(data.pop("amount") * 100), int(data.pop("site") * 100)
        return prices.set_price(amount_fen=amount, site_fen=site, actor=request.actor, now=request.now, **data)

    return form_page(
        request,
        PriceForm,
        save,
        title=_("录入收费标准"),
        done=lambda _made: reverse("price_list"),
        cancel=reverse("price_list"),
        initial={"valid_from": request.now.astimezone(ZONE).date()},
    )
