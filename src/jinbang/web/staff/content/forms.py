"""Forms of the item bank."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jinbang.accreditation.models import CertificateLevel, CertificateType
from jinbang.content.domain.wording import Wording
from jinbang.content.models import Item, ItemVersion, SkillPoint

OPTION_KEYS = "ABCDEFGH"


class WordingForm(forms.Form):
    """The text of an item. Options are written one a line, so that a whole item can be pasted."""

    stem = forms.CharField(label=_("题干"), widget=forms.Textarea(attrs={"rows": 3}))
    code_block = forms.CharField(
        label=_("代码"),
        required=False,
        help_text=_("可留空；按原样显示，保留缩进。"),
        strip=False,
        widget=forms.Textarea(attrs={"rows": 5, "class": "font-monospace", "spellcheck": "false"}),
    )
    options = forms.CharField(
        label=_("选项"),
        required=False,
        help_text=_("单选、多选：每行一个选项，依次为 A、B、C……；判断题、填空题留空。"),
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    answer = forms.CharField(
        label=_("答案"),
        help_text=_("选择题写字母，如 A 或 ACD；判断题写 T 或 F；填空题每行一个可接受的答案。"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    difficulty = forms.DecimalField(
        label=_("难度"), min_value=0, max_value=1, decimal_places=2, help_text=_("预计答对比例，如 0.65。")
    )
    explanation = forms.CharField(label=_("解析"), required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def wording(self, kind: str) -> Wording:
        """What was typed, as a wording of ``kind``."""
        data = self.cleaned_data
        lines = [line.strip() for line in data["options"].splitlines() if line.strip()]
        options = tuple(zip(OPTION_KEYS, lines, strict=False))
        typed = data["answer"].strip()
        if kind == Item.Kind.FILL:
            answer = tuple(line.strip() for line in typed.splitlines() if line.strip())
        else:
            answer = tuple(letter for letter in typed.upper() if letter.isalpha())
        return Wording(
            kind, data["stem"].strip(), options, answer, data["difficulty"], data["code_block"], data["explanation"]
        )


class NewItemForm(WordingForm):
    """A new item: its place in the bank, then its text."""

    code = forms.CharField(label=_("题号"), max_length=32, help_text=_("全库唯一，如 J1-0051。"))
    skill_point = forms.ModelChoiceField(label=_("技能点"), queryset=SkillPoint.objects.select_related("level"))
    kind = forms.ChoiceField(label=_("题型"), choices=Item.Kind.choices)
    for_practice = forms.BooleanField(
        label=_("公开练习题"), required=False, help_text=_("答案对学生公开，不能再用于考试。")
    )
    field_order = ("code", "skill_point", "kind")


class ReviewForm(forms.Form):
    """A reviewer's words."""

    reason = forms.CharField(
        label=_("审题意见"),
        max_length=500,
        help_text=_("退回时必填：写明哪里需要修改。"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class BankForm(forms.Form):
    """A whole bank in one file."""

    file = forms.FileField(label=_("题库文件"), help_text=_("TOML 文本，格式与“导出题库”得到的文件相同。"))
    level = forms.ModelChoiceField(
        label=_("级别"), queryset=CertificateLevel.objects.select_related("certificate_type")
    )


class TaskForm(forms.Form):
    """A task package."""

    package = forms.FileField(label=_("任务包"), help_text=_("zip 文件，最外层有 task.toml。"))
    certificate_type = forms.ModelChoiceField(label=_("证书"), queryset=CertificateType.objects.all())
    for_practice = forms.BooleanField(label=_("可用于模拟练习"), required=False)


def initial_of(version: ItemVersion) -> dict[str, Any]:
    """A version's text as the form shows it."""
    separator = "\n" if version.item.kind == Item.Kind.FILL else ""
    return {
        "stem": version.stem,
        "code_block": version.code_block,
        "options": "\n".join(option["text"] for option in version.options),
        "answer": separator.join(version.answer),
        "difficulty": version.difficulty,
        "explanation": version.explanation,
    }
