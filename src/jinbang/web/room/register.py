"""The room's lines in the menu and its words in the log."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from jinbang.web.shell.labels import name_actions
from jinbang.web.shell.navigation import Entry, add_entry

add_entry(Entry("delivery", _("监考台"), "room_list", icon="seat", ability="room_session.view", order=10))
add_entry(Entry("delivery", _("密封试卷"), "paper_list", icon="lock", ability="sealed_paper_set.view", order=30))
add_entry(Entry("delivery", _("接收救援文件"), "room_rescue", icon="upload", ability="attempt.take_in_rescue"))

name_actions({
    "room_session.set_start": ("调整开考时间", "Move the start"),
    "room_session.broadcast": ("发布考场通知", "Message to the room"),
    "room_session.pause": ("暂停", "Pause"),
    "room_session.resume": ("恢复", "Resume"),
    "room_session.anchor": ("考场记录入链", "Anchor the room's log"),
    "sealed_paper_set.ask_discard": ("申请作废密封试卷", "Ask to discard sealed papers"),
    "sealed_paper_set.keep": ("撤销作废申请", "Keep the sealed papers"),
    "sealed_paper_set.choose_form": ("换试卷", "Choose another form"),
    "person.signed_on_the_spot": ("当场签名", "Signed on the spot"),
    "sitting.prepare": ("考前准备", "Prepare the sitting"),
    "attempt.id_checked": ("核验身份", "Identity checked"),
    "attempt.move_seat": ("换座位", "Move to another seat"),
    "attempt.release_machine": ("更换机器", "Replace the machine"),
    "extra_time.ask": ("延时", "Extra time"),
    "extra_time.authorise": ("批准延时", "Authorise extra time"),
    "extra_time.correct": ("收回延时", "Take extra time back"),
    "extra_time.decline": ("撤销延时申请", "Decline extra time"),
    "attempt.id_unchecked": ("撤销核验", "Identity check taken back"),
    "incident.record": ("记录事件", "Record an incident"),
})  # fmt: skip
