"""Menu, words and pages of people, organisations and the log."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from jinbang.accounts.models import InboxMessage
from jinbang.accounts.permissions import Access
from jinbang.web.shell.labels import name_actions
from jinbang.web.shell.links import object_pages
from jinbang.web.shell.navigation import Entry, add_entry
from jinbang.web.shell.waiting import WaitingItem, waiting_source

add_entry(Entry("work", _("消息"), "inbox", "bell", order=5))
add_entry(Entry("administration", _("人员与角色"), "person_list", "people", "people.view", order=10))
add_entry(Entry("administration", _("单位管理"), "organisation_tree", "tree", "organisation.view", order=20))
add_entry(Entry("administration", _("操作记录"), "audit_log", "history", "audit.view", order=90))

object_pages({"accounts.person": "person", "accounts.organisation": "organisation"})

name_actions({
    "person.create": ("建立账号", "Account created"),
    "person.update": ("更正人员资料", "Person corrected"),
    "person.close": ("停用账号", "Account closed"),
    "person.reopen": ("恢复账号", "Account reopened"),
    "person.sign_in": ("登录", "Signed in"),
    "person.sessions_ended": ("退出其他登录", "Sessions ended"),
    "person.password_reset": ("重置密码", "Password reset"),
    "person.password_change": ("修改密码", "Password changed"),
    "person.second_factor_set": ("启用动态口令", "Second factor set up"),
    "person.second_factor_removed": ("停用动态口令", "Second factor removed"),
    "person.recovery_code_used": ("使用恢复码", "Recovery code used"),
    "person.impersonation_begun": ("开始代操作", "Impersonation begun"),
    "person.impersonation_ended": ("结束代操作", "Impersonation ended"),
    "grant.give": ("授予角色", "Role granted"),
    "grant.revoke": ("收回角色", "Role revoked"),
    "organisation.create": ("增加单位", "Organisation added"),
    "organisation.update": ("更正单位", "Organisation corrected"),
    "personal_data.open": ("查看完整证件号码", "ID number opened"),
})  # fmt: skip


@waiting_source
def unread_messages(access: Access) -> list[WaitingItem]:
    """Messages not read yet."""
    unread = InboxMessage.objects.filter(person=access.person, read_at__isnull=True).count()
    return [WaitingItem(_("未读消息"), unread, reverse("inbox") + "?reading=unread")]
