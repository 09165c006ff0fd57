"""What the exam server says when it says no: a code, both languages, and whether trying again helps."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import msgspec

_TABLE: dict[str, tuple[int, str, str]] = {
    "bad_request": (400, "请求的格式不对，请更新客户端", "The request is not in the format of the protocol."),
    "token_unknown": (401, "登录已失效，请重新签到", "This session is not known; sign in again."),
    "session_replaced": (
        401, "该考生已在别处签到，本页面不能继续作答", "The candidate signed in elsewhere; this page must stop."),
    "ticket_or_id_wrong": (
        403, "准考证号或证件号码不对，请核对后重试", "Ticket or ID number is wrong; check both and try again."),
    "sign_in_early": (403, "签到尚未开始", "Sign-in is not open yet."),
    "sign_in_late": (
        403, "迟到超过规定时间，不能入场，按缺考处理", "Too late: the entry time is over and absence is recorded."),
    "absent": (403, "已按缺考处理，如有误请联系监考员", "Recorded as absent; speak to the invigilator if wrong."),
    "other_device": (
        403, "本场考试已绑定另一台机器，换机请监考员操作",
        "Bound to another machine; ask the invigilator to move the seat."),
    "device_in_use": (
        403, "这台机器正由另一名考生使用，请举手", "Another candidate is signed in at this machine; raise a hand."),
    "time_up": (403, "考试已结束", "The exam is over."),
    "not_started": (403, "考试尚未开始", "The exam has not started."),
    "key_not_released": (
        403, "试卷密钥尚未由两位负责人开启，请稍候",
        "The key of the paper has not been released by its two holders yet."),
    "paused": (
        403, "考试已暂停，请听监考员安排；暂停的时间会补足", "The exam is paused; the lost time will be made up."),
    "grace_over": (
        403, "到达太晚，请监考员导出救援文件", "Too late to take in; have the invigilator export the rescue file."),
    "hand_in_early": (403, "开考后一段时间内不得交卷", "It is too early to hand in."),
    "handed_in": (403, "已经交卷", "Already handed in."),
    "room_closed": (403, "本考场已结束", "The room is closed."),
    "voided": (403, "本场作答已作废，请联系监考员", "This attempt was voided; speak to the invigilator."),
    "not_found": (404, "没有这个内容", "No such thing."),
    "answers_differ": (
        409, "两边的作答不一致，正在重新同步", "Answers here and there differ; synchronise and try again."),
    "offset_differs": (409, "续传位置不一致，请从所给位置继续", "Wrong offset; go on from the one given."),
    "digest_differs": (
        409, "文件内容与校验值不符，请重新上传", "The content does not match its hash; upload it again."),
    "code_wrong": (
        403, "快照码不对，请照考试页面上显示的重新输入", "The snapshot code is wrong; type the one on the exam page."),
    "snapshots_off": (403, "本场考试不保存工作区快照", "This exam keeps no workspace snapshots."),
    "too_large": (413, "内容过大", "Too large."),
    "too_many_tries": (429, "尝试次数过多，请稍候再试", "Too many tries; wait a moment."),
    "busy": (503, "服务器繁忙，稍后会自动重试，作答已保存在本机", "Busy; the client will try again by itself."),
    "storage_unavailable": (
        503, "暂时无法写入，稍后会自动重试，作答已保存在本机",
        "Cannot store right now; the client will try again by itself."),
}  # fmt: skip
CODES = MappingProxyType(_TABLE)


class Refused(Exception):  # noqa: N818 - the project speaks of refusals
    """The request is refused with a code of :data:`CODES`; ``more`` goes into the body."""

    def __init__(self, code: str, **more: Any) -> None:
        super().__init__(code)
        self.code = code
        self.more = more

    @property
    def status(self) -> int:
        """The HTTP status."""
        return CODES[self.code][0]

    def body(self) -> bytes:
        """The JSON that the client reads."""
        _, chinese, english = CODES[self.code]
        return msgspec.json.encode({"code": self.code, "message_zh": chinese, "message_en": english, **self.more})
