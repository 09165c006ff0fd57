"""Menu, waiting items and words for the log."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from jinbang.accounts.permissions import Access
from jinbang.exams.models import Registration, Sitting, SpecialArrangement
from jinbang.web.shell.labels import name_actions
from jinbang.web.shell.links import object_pages
from jinbang.web.shell.navigation import Entry, add_entry
from jinbang.web.shell.waiting import WaitingItem, waiting_source

add_entry(Entry("exams", _("考生管理"), "candidate_list", "people", "candidate.view", 20))
add_entry(Entry("exams", _("报考管理"), "registration_list", "pen", "registration.view", 30))
add_entry(Entry("exams", _("考场编排"), "arrangement_list", "seat", "arrangement.view", 40))
add_entry(Entry("exams", _("特殊安排"), "special_list", "star", "special_arrangement.view", 35))
add_entry(Entry("exams", _("费用结算"), "statement_list", "money", "ledger.view", 60))

object_pages({"exams.specialarrangement": "special_arrangement"})
name_actions(
    {
        "candidate.import": ("导入考生", "Candidates imported"),
        "candidate.set_photo": ("上传照片", "Photo uploaded"),
        "candidate.remove_photo": ("删除照片", "Photo erased"),
        "file.discard": ("删除文件", "File erased"),
        "personal_data.open": ("查看完整证件号", "Identity number opened"),
        "registration.create": ("批量报名", "Batch registered"),
        "special_arrangement.request": ("申请特殊安排", "Accommodation requested"),
        "arrangement.draw": ("编排座位", "Seats drawn"),
        "arrangement.freeze": ("冻结编排", "Arrangement frozen"),
        "arrangement.reopen": ("撤销编排", "Arrangement undone"),
        "invigilation.assign": ("安排监考", "Invigilator assigned"),
        "invigilation.relieve": ("撤销监考安排", "Invigilator relieved"),
        "document.issue": ("打印文档", "Document issued"),
        "ledger.pay_out": ("返款", "Site paid out"),
    }
)


@waiting_source
def fees_to_confirm(access: Access) -> list[WaitingItem]:
    """Registrations whose fee nobody confirmed."""
    if not access.can("registration.confirm_fee"):
        return []
    scope = access.scope("registration.confirm_fee").q("school")
    count = Registration.objects.filter(scope, state="registered").count()
    return [WaitingItem(_("待确认缴费的报名"), count, f"{reverse('registration_list')}?state=registered", "warning")]


@waiting_source
def specials_to_decide(access: Access) -> list[WaitingItem]:
    """Special arrangements that somebody asked for and nobody decided."""
    if not access.can("special_arrangement.approve"):
        return []
    scope = access.scope("special_arrangement.approve").q("registration__school")
    count = SpecialArrangement.objects.filter(scope, state="requested").count()
    return [WaitingItem(_("待审批的特殊安排"), count, f"{reverse('special_list')}?state=requested", "warning")]


@waiting_source
def seats_to_draw(access: Access) -> list[WaitingItem]:
    """Confirmed candidates without a seat, in sittings whose arrangement window is open."""
    if not access.can("arrangement.draw"):
        return []
    scope = access.scope("arrangement.draw").q("site__organisation")
    now = access.now
    rows = Registration.objects.filter(
        scope, state="confirmed", sitting__arrangement_opens__lte=now, sitting__arrangement_closes__gte=now
    )
    return [WaitingItem(_("待编排座位的考生"), rows.count(), reverse("arrangement_list"), "danger")]


@waiting_source
def tickets_to_print(access: Access) -> list[WaitingItem]:
    """Sittings whose tickets may be printed now, where the person's sites have candidates."""
    if not access.can("document.print"):
        return []
    scope = access.scope("document.print").q("registrations__site__organisation")
    rows = Sitting.objects.filter(
        scope, registrations__state="seated", tickets_open__lte=access.now, tickets_close__gte=access.now
    )
    return [WaitingItem(_("可以打印准考证的场次"), rows.distinct().count(), reverse("arrangement_list"))]
