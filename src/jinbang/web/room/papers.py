"""Sealed papers before a sitting: prepare, seal under two key holders, verify, release by both."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from jinbang.accounts.models import Organisation, Person, Role
from jinbang.accounts.permissions import holders, scoped_get
from jinbang.accreditation.domain.wording import said
from jinbang.content.models import Form
from jinbang.delivery.domain.discarding import UNOPENED
from jinbang.delivery.domain.prepare import Prepared, choose_form, prepare_sitting, suitable_forms
from jinbang.delivery.domain.room.common import name_of
from jinbang.delivery.domain.sealing import KeyHolder, release_share, verify_papers
from jinbang.delivery.domain.sittings import seal_set
from jinbang.delivery.models import PaperSet
from jinbang.exams.domain.coverage import lacking
from jinbang.exams.models import Sitting
from jinbang.web.shell.access import requires
from jinbang.web.shell.details import Fact, timeline
from jinbang.web.shell.forms import form_page
from jinbang.web.shell.list_pages import render_list
from jinbang.web.shell.lists import Column, Empty, Filter, ListSpec, PageAction
from jinbang.web.shell.requests import OfficeRequest


def _actions(request: OfficeRequest) -> list[PageAction]:
    if not request.access.can("sealed_paper_set.seal"):
        return []
    return [PageAction(_("考前准备"), reverse("paper_prepare"), "plus", primary=True)]


PAPERS = ListSpec(
    key="paper_sets",
    title=_("密封试卷"),
    intro=_("每个科目和级别一套。封存后下发到考场；到时间由两位保管人各自开启，考生机才能打开试卷。"),
    queryset=lambda request: PaperSet.objects.select_related("sitting_subject__sitting", "level", "form"),
    columns=[
        Column("sitting", _("场次"), "sitting_subject.sitting", sort="sitting_subject__sitting__date"),
        Column("subject", _("科目"), "sitting_subject.get_subject_display", sort="sitting_subject__subject"),
        Column("level", _("级别"), "level.name", sort="level__rank"),
        Column("form", _("试卷"), "form.code", sort="form__code", kind="mono"),
        Column("papers", _("份数"), sort="papers", kind="number"),
        Column("not_before", _("最早开启时间"), sort="not_before", kind="datetime"),
        Column("state", _("状态"), kind="state", machine="sealed_paper_set", sort="state"),
    ],
    search=["sitting_subject__sitting__name", "form__code"],
    filters=[
        Filter(
            "sitting", _("场次"), lambda request: [(str(s.pk), s.name) for s in Sitting.objects.all()],
            "sitting_subject__sitting",
        )
    ],
    default_order=["-sitting_subject__sitting__date", "sitting_subject__starts_at", "level__rank"],
    row_url=lambda row: reverse("paper_set", args=[row.pk]),
    empty=Empty(_("还没有密封试卷"), _("编排定稿并且试卷审定后，先做考前准备。")),
    actions=_actions,
)  # fmt: skip


@requires("sealed_paper_set.view")
def paper_list(request: OfficeRequest) -> HttpResponseBase:
    """Every paper set."""
    return render_list(request, PAPERS)


def _found(pk: int) -> PaperSet:
    return scoped_get(PaperSet.objects.select_related("sitting_subject__sitting", "level", "form"), pk)


@requires("sealed_paper_set.view")
def paper_set(request: OfficeRequest, pk: int) -> HttpResponse:
    """One paper set: what is sealed, who holds the keys, what happened."""
    found = _found(pk)
    names = dict(Person.objects.filter(pk__in=[s["person"] for s in found.shares]).values_list("pk", "name"))
    kept = [
        f"{names[s['person']]}（{gettext('已开启') if 'opened' in s else gettext('未开启')}）" for s in found.shares
    ]
    facts = [
        Fact(_("试卷"), found.form.code, "mono"),
        Fact(_("份数"), found.papers, "number"),
        Fact(_("最早开启时间"), found.not_before, "datetime"),
        Fact(_("保管人"), "、".join(kept) or "—"),
        Fact(_("密封摘要"), found.manifest_sha256 or "—", "mono"),
    ]
    page = {
        "title": found, "state": found.state, "machine": "sealed_paper_set",
        "page_actions": _set_actions(request, found), "facts": facts,
        "happenings": timeline(found), "paper_set": found, "replaced_by": found.replacement,
        "asked_by": name_of(found.discard_asked_by), "may_keep": request.access.can("sealed_paper_set.discard"),
    }  # fmt: skip
    return render(request, "room/paper_set.html", page)


def _set_actions(request: OfficeRequest, found: PaperSet) -> list[PageAction]:
    """What the person may do with the set in its state; grave things last."""
    can, actions = request.access.can, []
    if found.state == "preparing" and can("sealed_paper_set.seal"):
        actions += [
            PageAction(_("封存"), reverse("paper_seal", args=[found.pk]), "lock", primary=True),
            PageAction(_("换一份试卷"), reverse("paper_form", args=[found.pk]), "edit"),
        ]
    if found.state not in UNOPENED:
        return actions
    if can("sealed_paper_set.first_release"):
        actions.append(PageAction(_("开启"), reverse("paper_release", args=[found.pk]), "key", primary=True))
    if found.discard_asked_by and can("sealed_paper_set.confirm_discard"):
        actions.append(PageAction(_("确认作废"), reverse("paper_discard", args=[found.pk]), "trash"))
    elif not found.discard_asked_by and can("sealed_paper_set.discard"):
        actions.append(PageAction(_("申请作废"), reverse("paper_ask_discard", args=[found.pk]), "trash"))
    return actions


class ChooseForm(forms.Form):
    """Which approved form to seal."""

    form = forms.ModelChoiceField(label=_("试卷"), queryset=Form.objects.none())

    def __init__(self, *args: Any, suitable: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["form"]
        field.queryset = suitable
        field.label_from_instance = lambda form: form.code


@requires("sealed_paper_set.seal")
def paper_form(request: OfficeRequest, pk: int) -> HttpResponse:
    """Put another approved form into a set that is not sealed yet."""
    found = _found(pk)
    back = reverse("paper_set", args=[pk])
    return form_page(
        request, ChooseForm, lambda data: choose_form(paper_set=found, actor=request.actor, now=request.now, **data),
        title=gettext("换一份试卷：{}").format(found), done=lambda _made: back, cancel=back,
        suitable=suitable_forms(found), initial={"form": found.form_id},
    )  # fmt: skip


class PrepareForm(forms.Form):
    """Which sitting to prepare."""

    sitting = forms.ModelChoiceField(
        label=_("场次"),
        queryset=Sitting.objects.none(),
        help_text=_("按定稿的编排生成考场、密封试卷和每位考生的作答记录；可以重复执行，只补缺少的。"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["sitting"]
        field.queryset = Sitting.objects.exclude(state__in=["closed", "released", "cancelled"])


@requires("sealed_paper_set.seal")
def paper_prepare(request: OfficeRequest) -> HttpResponse:
    """Make room sessions, paper sets and attempts of a sitting."""

    def prepare(data: dict[str, Any]) -> Prepared:
        return prepare_sitting(sitting=data["sitting"], actor=request.actor, now=request.now)

    back = reverse("paper_list")
    return form_page(request, PrepareForm, prepare, title=_("考前准备"), done=lambda _made: back, cancel=back)


class SealForm(forms.Form):
    """The two key holders, each typing a passphrase that nobody else sees."""

    first = forms.ModelChoiceField(label=_("第一位保管人"), queryset=Person.objects.none())
    first_words = forms.CharField(
        label=_("第一位的口令"),
        min_length=8,
        widget=forms.PasswordInput,
        help_text=_("由本人输入，系统不保存，忘记无法找回"),
    )
    second = forms.ModelChoiceField(label=_("第二位保管人"), queryset=Person.objects.none())
    second_words = forms.CharField(label=_("第二位的口令"), min_length=8, widget=forms.PasswordInput)

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("first", "second"):
            field: Any = self.fields[name]
            field.queryset = people


def _lacking(found: PaperSet) -> list[dict[str, str]]:
    """Rooms of the set's sitting whose invigilators are not as the plan wants, in words."""
    return [
        {
            "place": f"{one.room.site.name} {one.room.name}",
            "words": "；".join(said(problem) for problem in (*one.grave, *one.notes)),
        }
        for one in lacking(found.sitting_subject.sitting)
    ]


@requires("sealed_paper_set.seal")
def paper_seal(request: OfficeRequest, pk: int) -> HttpResponse:
    """Seal a paper set under two holders."""
    found = _found(pk)
    awarding = Organisation.objects.get(pk=found.level.certificate_type.awarding_id)
    people = holders([Role.KEY_HOLDER], awarding, request.now)

    def seal(data: dict[str, Any]) -> PaperSet:
        pair = [KeyHolder(data["first"], data["first_words"]), KeyHolder(data["second"], data["second_words"])]
        return seal_set(paper_set=found, holders=pair, actor=request.actor, now=request.now)

    back = reverse("paper_set", args=[pk])
    return form_page(
        request, SealForm, seal, title=gettext("封存：{}").format(found), done=lambda _made: back, cancel=back,
        submit=_("封存"), people=people, template="room/seal.html",
        context={"lacking": _lacking(found)}, intro=_("两位保管人依次在本机输入自己的口令。开启时需要两人各自的口令。"),
    )  # fmt: skip


class ReleaseForm(forms.Form):
    """A key holder's own passphrase."""

    passphrase = forms.CharField(label=_("您的口令"), widget=forms.PasswordInput)


@requires("sealed_paper_set.first_release")
def paper_release(request: OfficeRequest, pk: int) -> HttpResponse:
    """A key holder releases their half; the second release opens the papers."""
    found = _found(pk)

    def release(data: dict[str, Any]) -> PaperSet:
        return release_share(
            paper_set=found, person=request.user, passphrase=data["passphrase"], actor=request.actor, now=request.now
        )

    back = reverse("paper_set", args=[pk])
    return form_page(
        request, ReleaseForm, release, title=gettext("开启：{}").format(found), done=lambda _made: back, cancel=back,
        submit=_("开启"),
    )  # fmt: skip


@requires("sealed_paper_set.view")
@require_POST
def paper_verify(request: OfficeRequest, pk: int) -> HttpResponse:
    """Compare every stored paper with what was sealed, and say what was found."""
    broken = verify_papers(_found(pk))
    if broken:
        count = len(broken)
        messages.error(request, gettext("有 {} 份试卷与封存时不一致，请勿开考，立即联系技术人员").format(count))
    else:
        messages.success(request, gettext("全部试卷与封存时一致"))
    return HttpResponseRedirect(reverse("paper_set", args=[pk]))
