"""Lists of the item bank."""

from __future__ import annotations

from django.urls import reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from jinbang.accreditation.models import CertificateLevel
from jinbang.content.models import Form, Item, ItemVersion, PracticalTask, SkillPoint
from jinbang.content.models.form import Subject
from jinbang.web.shell.lists import Column, Empty, Filter, ListSpec, PageAction, model_choices, state_choices
from jinbang.web.shell.requests import OfficeRequest
from jinbang.web.templatetags.grading import points


def _item_actions(request: OfficeRequest) -> list[PageAction]:
    levels = CertificateLevel.objects.filter(items__isnull=False).distinct().order_by("rank")
    exports = [
        PageAction(format_lazy(_("导出{level}题库"), level=name), reverse("item_export", args=[pk]), "download")
        for pk, name in levels.values_list("pk", "name")
    ]
    if not request.access.can("item.edit"):
        return exports
    return [
        *exports,
        PageAction(_("新建试题"), reverse("item_new"), "plus", primary=True),
        PageAction(_("导入题库"), reverse("item_import"), "upload"),
    ]


ITEMS = ListSpec(
    key="items",
    title=_("试题"),
    queryset=lambda request: (
        Item.objects.select_related("level", "skill_point", "author").prefetch_related("versions").distinct()
    ),
    columns=[
        Column("code", _("题号"), sort="code", kind="mono"),
        Column("stem", _("题干"), lambda item: gist(newest(item))),
        Column("kind", _("题型"), "get_kind_display", sort="kind"),
        Column("level", _("级别"), "level.name", sort="level__rank", default=False),
        Column("skill", _("技能点"), lambda item: str(item.skill_point), sort="skill_point__code"),
        Column("difficulty", _("难度"), lambda item: newest(item).difficulty, kind="number"),
        Column("version", _("版本"), lambda item: newest(item).number, kind="number", default=False),
        Column("for_practice", _("公开练习"), kind="flag", default=False),
        Column("author", _("命题员"), "author.name", sort="author__name", default=False),
        Column("state", _("状态"), kind="state", machine="item", sort="state"),
    ],
    search=["code", "versions__stem", "skill_point__name"],
    search_hint=_("题号、题干、技能点"),
    filters=[
        Filter("state", _("状态"), state_choices("item")),
        Filter("kind", _("题型"), Item.Kind.choices),
        Filter("for_practice", _("用途"), [("False", _("考试")), ("True", _("公开练习"))]),
        Filter("level", _("级别"), model_choices(lambda request: CertificateLevel.objects.all())),
        Filter("skill_point", _("技能点"), model_choices(lambda request: SkillPoint.objects.all())),
    ],
    default_order=["code"],
    row_url=lambda item: reverse("item", args=[item.pk]),
    empty=Empty(_("还没有试题"), _("可以逐题新建，也可以用题库文件一次导入。")),
    actions=_item_actions,
)


def gist(version: ItemVersion) -> str:
    """The stem, and the first lines of its code: many items share the same question."""
    code = " ⏎ ".join(line.strip() for line in version.code_block.splitlines()[:3])
    return f"{version.stem[:60]} {code[:60]}".strip()


def newest(item: Item) -> ItemVersion:
    """The newest version of an item whose versions were prefetched."""
    return max(item.versions.all(), key=lambda version: version.number)


FORMS = ListSpec(
    key="forms",
    title=_("试卷管理"),
    queryset=lambda request: Form.objects.select_related("level"),
    columns=[
        Column("code", _("试卷编号"), sort="code", kind="mono"),
        Column("level", _("级别"), "level.name", sort="level__rank"),
        Column("subject", _("科目"), "get_subject_display", sort="subject"),
        Column("created", _("组卷时间"), "created_at", kind="datetime", sort="created_at"),
        Column("state", _("状态"), kind="state", machine="form", sort="state"),
    ],
    search=["code"],
    filters=[
        Filter("state", _("状态"), state_choices("form")),
        Filter("subject", _("科目"), Subject.choices),
    ],
    default_order=["-created_at"],
    row_url=lambda form: reverse("form", args=[form.pk]),
    empty=Empty(_("还没有试卷"), _("试题审核通过后，由命题员组卷。")),
    actions=lambda request: (
        [
            PageAction(_("组理论卷"), reverse("form_compose"), "plus", primary=True),
            PageAction(_("组实操卷"), reverse("form_compose_practical"), "plus"),
        ]
        if request.access.can("form.assemble")
        else []
    ),
)

TASKS = ListSpec(
    key="tasks",
    title=_("实操任务"),
    queryset=lambda request: PracticalTask.objects.select_related("level"),
    columns=[
        Column("title", _("任务"), sort="title"),
        Column("slug", _("代号"), sort="slug", kind="mono"),
        Column("level", _("级别"), "level.name", sort="level__rank"),
        Column("toolchain", _("运行环境"), sort="toolchain", kind="mono"),
        Column("points", _("总分"), lambda task: points(task.total_points), sort="total_points", kind="number"),
        Column("digest", _("内容摘要"), lambda task: task.digest[:12], kind="mono"),
        Column("added", _("入库时间"), "added_at", kind="datetime", sort="added_at"),
    ],
    search=["title", "slug", "digest__startswith"],
    filters=[Filter("level", _("级别"), model_choices(lambda request: CertificateLevel.objects.all()))],
    default_order=["slug", "-added_at"],
    row_url=lambda task: reverse("task", args=[task.pk]),
    empty=Empty(_("还没有实操任务"), _("上传任务包（zip），系统会检查清单、测试点与参考答案。")),
    actions=lambda request: (
        [PageAction(_("上传任务包"), reverse("task_new"), "upload", primary=True)]
        if request.access.can("form.assemble")
        else []
    ),
)
