"""How sittings, forms and items did: results for schools and the awarding organisation, items for the bank."""

from __future__ import annotations

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import NullIf
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jinbang.accreditation.models import CertificateLevel
from jinbang.content.models import FormEntry
from jinbang.core.statistics import Distractor, histogram
from jinbang.exams.models import Sitting
from jinbang.grading.domain.results import scoring_rules
from jinbang.grading.models import Result
from jinbang.grading.permissions import visible_results
from jinbang.grading.queries import statistics
from jinbang.web.shell.access import requires
from jinbang.web.shell.list_pages import render_list
from jinbang.web.shell.lists import Column, Empty, ListSpec, PageAction
from jinbang.web.shell.requests import OfficeRequest
from jinbang.web.staff.analysis.sheets import send_table

COMPARED = {
    "level": gettext_lazy("级别"),
    "site": gettext_lazy("考核站点"),
    "school": gettext_lazy("院校"),
    "region": gettext_lazy("省份"),
}
FLAGS = {
    "too_hard": gettext_lazy("过难"),
    "too_easy": gettext_lazy("过易"),
    "negative_discrimination": gettext_lazy("区分度为负，请核对答案"),
    "weak_discrimination": gettext_lazy("区分度低"),
}


def _sittings(request: OfficeRequest) -> QuerySet[Sitting]:
    """Sittings with results that the person may see, with their counts."""
    mine = Q(registrations__results__in=visible_results(request.access))
    came = mine & ~Q(registrations__results__outcome=Result.Outcome.ABSENT)
    passed = mine & Q(registrations__results__outcome=Result.Outcome.PASSED)
    counted = Sitting.objects.annotate(
        seated=Count("registrations__results", filter=mine),
        attended=Count("registrations__results", filter=came),
        passed=Count("registrations__results", filter=passed),
    )
    rate = F("passed") * 100.0 / NullIf(F("attended"), 0)
    return counted.filter(seated__gt=0).annotate(rate=rate).select_related("plan")


SITTINGS = ListSpec(
    key="statistics",
    title=gettext_lazy("统计分析"),
    intro=gettext_lazy("每次考试的参考、合格情况与成绩分布；有题库权限的人还可以看每道题的难度与区分度。"),
    queryset=_sittings,
    columns=[
        Column("name", gettext_lazy("考试"), sort="name"),
        Column("date", gettext_lazy("考试日期"), sort="date", kind="date"),
        Column("seated", gettext_lazy("应考人数"), sort="seated", kind="number"),
        Column("attended", gettext_lazy("实考人数"), sort="attended", kind="number"),
        Column("passed", gettext_lazy("合格人数"), sort="passed", kind="number"),
        Column(
            "rate",
            gettext_lazy("合格率 %"),
            lambda row: None if row.rate is None else round(row.rate, 1),
            kind="number",
        ),
    ],
    search=["name"],
    default_order=["-date"],
    row_url=lambda sitting: reverse("sitting_statistics", args=[sitting.pk]),
    empty=Empty(gettext_lazy("还没有可以统计的成绩"), gettext_lazy("成绩合成后，这里会出现各次考试的统计。")),
)


@requires("result.view")
def statistics_list(request: OfficeRequest) -> HttpResponseBase:
    """Sittings with their pass rates."""
    return render_list(request, SITTINGS)


@requires("result.view")
def sitting_statistics(request: OfficeRequest, pk: int) -> HttpResponseBase:
    """One sitting: distribution of marks, and a comparison by level, site, school or region."""
    sitting = get_object_or_404(_sittings(request), pk=pk)
    results = visible_results(request.access).filter(registration__sitting=sitting)
    levels = CertificateLevel.objects.filter(registrations__results__in=results).distinct().order_by("rank")
    level = next((one for one in levels if str(one.pk) == request.GET.get("level")), None)
    if level is not None:
        results = results.filter(registration__level=level)
    by = request.GET.get("by", "level")
    if by not in COMPARED:
        raise Http404
    compared = statistics.groups(results, by)
    if request.GET.get("export") == "xlsx":
        return send_table(request, _("%(sitting)s统计") % {"sitting": sitting}, _heads(by), map(_cells, compared))
    scores = statistics.composites(results)
    return render(
        request,
        "staff/analysis/sitting.html",
        {
            "title": sitting,
            "subtitle": f"{sitting.date:%Y-%m-%d}",
            "sitting": sitting,
            "levels": levels,
            "level": level,
            "by": by,
            "compared_by": COMPARED,
            "groups": compared,
            "overall": statistics.overall(results),
            "bins": histogram(scores),
            "pass_mark": scoring_rules(sitting).pass_mark,
            "forms": statistics.sat_forms(sitting) if request.access.can("item.view") else (),
            "page_actions": [
                PageAction(_("导出 Excel"), f"?by={by}&level={level.pk if level else ''}&export=xlsx", "download")
            ],
        },
    )


def _heads(by: str) -> list[str]:
    return [str(COMPARED[by]), _("应考人数"), _("实考人数"), _("合格人数"), _("合格率 %"), _("平均分")]


def _cells(group: statistics.Group) -> list[str | int | float | None]:
    rate = None if group.rate is None else 100 * group.rate
    return [group.name, group.seated, group.attended, group.passed, _rounded(rate, 1), _rounded(group.mean, 1)]


def _rounded(figure: float | None, places: int) -> float | None:
    return None if figure is None else round(figure, places)


def _sat_form(request: OfficeRequest, pk: int, form: int) -> tuple[Sitting, statistics.SatForm]:
    sitting = get_object_or_404(_sittings(request), pk=pk)
    found = get_object_or_404(statistics.sat_forms(sitting), pk=form)
    return sitting, statistics.form_statistics(sitting, found)


@requires("result.view")
def form_statistics(request: OfficeRequest, pk: int, form: int) -> HttpResponseBase:
    """A theory form as sat: reliability, and each item's facility and discrimination."""
    request.access.require("item.view")
    sitting, sat = _sat_form(request, pk, form)
    title = _("%(form)s项目分析") % {"form": sat.form}
    if request.GET.get("export") == "xlsx":
        return send_table(
            request, _("%(form)s项目分析") % {"form": sat.form}, _item_heads(), map(_item_cells, sat.lines)
        )
    lines = [(line, [FLAGS[flag] for flag in line.report.flags]) for line in sat.lines]
    return render(
        request,
        "staff/analysis/form.html",
        {
            "title": title,
            "subtitle": _("按交卷时的判分计算。人数少时各项数字不稳定，只作参考。"),
            "sitting": sitting,
            "sat": sat,
            "lines": lines,
            "page_actions": [PageAction(_("导出 Excel"), "?export=xlsx", "download")],
        },
    )


def _item_heads() -> list[str]:
    figures = [_("得分率"), _("与其余各题的相关"), _("高低分组差"), _("预计得分率")]
    return [_("序号"), _("题号"), _("题干"), _("技能点"), *figures, _("提示")]


def _item_cells(line: statistics.Line) -> list[str | int | float | None]:
    version = line.entry.item_version
    assert version is not None
    figures = (line.report.facility, line.report.point_biserial, line.report.discrimination, float(version.difficulty))
    rounded = [_rounded(figure, 3) for figure in figures]
    flags = "、".join(str(FLAGS[flag]) for flag in line.report.flags)
    return [line.entry.position, version.item.code, version.stem, str(version.item.skill_point), *rounded, flags]


@requires("result.view")
def entry_statistics(request: OfficeRequest, pk: int, form: int, entry: int) -> HttpResponseBase:
    """One item of a form as sat: its figures, and who chose which option."""
    request.access.require("item.view")
    sitting, sat = _sat_form(request, pk, form)
    line = next((one for one in sat.lines if one.entry.pk == entry), None)
    if line is None:
        raise Http404
    return render(
        request,
        "staff/analysis/entry.html",
        {
            "title": _("%(form)s 第 %(position)s 题") % {"form": sat.form, "position": line.entry.position},
            "sitting": sitting,
            "sat": sat,
            "line": line,
            "flags": [FLAGS[flag] for flag in line.report.flags],
            "options": _options(line.entry, statistics.option_statistics(sitting, sat.form, line.entry)),
        },
    )


def _options(entry: FormEntry, found: tuple[Distractor, ...]) -> list[tuple[str, Distractor]]:
    version = entry.item_version
    texts = {option["key"]: option["text"] for option in version.options} if version else {}
    return [(texts[one.option], one) for one in found]
