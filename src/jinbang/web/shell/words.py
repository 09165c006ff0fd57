"""Words for codes: what a program says in one word, people read in a sentence."""

from __future__ import annotations

import re
from datetime import datetime
from functools import cache

from django.utils.functional import Promise
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from jinbang.accreditation.domain.zone import ZONE
from jinbang.core.timing import Window, WindowStatus

Text = str | Promise

#: Outcome of a judgement or a test → its word and the tone of its badge.
JUDGED: dict[str, tuple[Text, str]] = {
    "accepted": (_("通过"), "success"),
    "partial": (_("部分通过"), "warning"),
    "wrong": (_("结果不符"), "danger"),
    "runtime_error": (_("运行出错"), "danger"),
    "time": (_("超出时限"), "danger"),
    "memory": (_("超出内存"), "danger"),
    "output": (_("输出过多"), "danger"),
    "forbidden": (_("违反限制"), "danger"),
    "pending": (_("待人工评分"), "info"),
    "service_unavailable": (_("服务不可用"), "warning"),
    "internal": (_("判题机故障"), "warning"),
}
#: How an item came out.
MARKED: dict[str, tuple[Text, str]] = {
    "right": (_("答对"), "success"),
    "partial": (_("部分得分"), "warning"),
    "wrong": (_("未得分"), "danger"),
    "unanswered": (_("未作答"), "neutral"),
    "credited": (_("送分"), "info"),
    "marked": (_("人工评分"), "info"),
}
#: A subject's or a result's state.
STATUS: dict[str, tuple[Text, str]] = {
    "scored": (_("已评分"), "success"),
    "passed": (_("合格"), "success"),
    "failed": (_("不合格"), "neutral"),
    "absent": (_("缺考"), "neutral"),
    "voided": (_("成绩作废"), "danger"),
    "pending": (_("待阅卷"), "info"),
    "breach": (_("违纪，本科目作废"), "danger"),
    "cheating": (_("作弊，各科作废"), "danger"),
}
_PHASES: dict[str, Text] = {"fetching": _("取任务和作答"), "judging": _("运行与核对"), "reporting": _("回报判定")}
_MODES: dict[str, Text] = {
    "1": _("一人评"),
    "1+1": _("双评"),
    "1+1+1": _("双评，三评就近"),
    "2+1": _("双评，三评定分"),
}
#: A window, as the clock stands.
_WINDOWS: dict[WindowStatus, Text] = {
    WindowStatus.UPCOMING: _("未开始"),
    WindowStatus.OPEN: _("进行中"),
    WindowStatus.CLOSED: _("已截止"),
}


def judged(outcome: str) -> str:
    """The word for a judgement's outcome."""
    return str(JUDGED[outcome][0]) if outcome in JUDGED else outcome


def phase(name: str) -> str:
    """What a worker does at the moment."""
    return str(_PHASES.get(name, name))


def mode(name: str) -> str:
    """How many people mark, in words."""
    return str(_MODES.get(name, name))


def cause(text: str) -> str:
    """Why a version of a result came to be: first computation, a regrade (by number), or the words given."""
    if text == "first":
        return gettext("首次合成")
    kind, _space, number = text.partition(" ")
    return gettext("重判 {number}").format(number=number) if kind == "regrade" else text


def source(text: str) -> str:
    """Where a mark comes from."""
    if text == "key":
        return gettext("标准答案")
    if text == "no file was handed in":
        return gettext("没有提交文件")
    if text == "void item":
        return gettext("试题作废，人人得分")
    kind, _space, digest = text.partition(" ")
    return gettext("判定 {digest}").format(digest=digest) if kind == "verdict" else text


#: Lines of ``core.scoring``'s explanation. They are frozen in Chinese; readers of other languages get them translated.
_EXPLAINED = (
    _("{subject}：得 {raw}/{possible} 分，折合 {score}，× {weight}% = {part}"),
    _("综合成绩 {composite}，合格线 {pass_mark}"),
    _("{subject} 低于单科线 {floor}"),
    _("结论：{status}（规则 {rules}）"),
    _("{subject}：{state}"),
)
#: The words that stand in them.
_EXPLAINING = (
    _("阅卷未完成"), _("缺考（不计为 0 分）"), _("违纪，本科目成绩无效"), _("作弊，本场各科目成绩无效"), _("合格"),
    _("不合格"), _("缺考"), _("成绩无效"), _("待定"), _("理论"), _("实操"),
)  # fmt: skip


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    with override("zh-hans"):
        sources = [str(source) for source in _EXPLAINED]
    return tuple((source, re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+?)", re.escape(source)))) for source in sources)


@cache
def _words_of_explanation() -> dict[str, Text]:
    with override("zh-hans"):
        return {str(word): word for word in _EXPLAINING}


def _word(text: str) -> str:
    return str(_words_of_explanation().get(text, text))


def explained(line: str) -> str:
    """A line of a result's explanation in the reader's language."""
    for source, pattern in _patterns():
        if found := pattern.fullmatch(line):
            values = {name: _word(value) for name, value in found.groupdict().items()}
            return gettext(source).format(**values)
    return line


def window_text(window: Window, now: datetime) -> tuple[str, Text]:
    """(the days it spans, its status now)."""
    first, last = window.days(ZONE)
    return f"{first} ~ {last}", _WINDOWS[window.status(now)]
