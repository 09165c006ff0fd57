// What can be done to a room and to a seat: when a button shows, and which fields its form asks for.

import { timeOfDay } from "../../candidate/js/clock.js";
import { t } from "./i18n.js";

const reason = () => ({ name: "reason", label: t("原因"), kind: "text", required: true });
const isOpen = (board) => board.state === "open";
const present = (seat, board) => isOpen(board) && (seat.state === "signed_in" || seat.state === "running" || seat.state === "expected");

const time = {
  name: "time", label: () => t("延时"),
  fields: () => [{ name: "minutes", label: t("分钟"), kind: "number", value: "5", required: true }, { name: "cause", label: t("原因"), kind: "cause" },
    { name: "note", label: t("说明"), kind: "text" }],
  explain: () => t("立即生效，写入时间台账；超过单人限额的，等第二人批准后生效。"),
};
const incident = {
  name: "incident", label: () => t("记录事件"),
  fields: () => [{ name: "code", label: t("类型"), kind: "code" }, { name: "note", label: t("经过"), kind: "textarea" }],
};

export const ROOM_ACTIONS = [
  { name: "open", label: () => t("开启考场"), primary: true, when: (board) => board.state === "planned",
    fields: (board) => (board.gaps.length ? [reason()] : []),
    warn: (board) => board.gaps.length > 0 && t("监考安排不完整：{gaps}。确需开启请写明原因，会记入考场记录。", { gaps: board.gaps.join("；") }),
    explain: () => t("开启后可以核验身份、发通知、记录事件。") },
  Object.assign({ when: isOpen }, incident),
  { name: "broadcast", label: () => t("发通知"), when: isOpen, fields: (board) => [{ name: "text", label: t("通知内容（留空则撤下）"), kind: "textarea", value: board.message }],
    explain: () => t("几秒内显示在本考场每位考生的屏幕上。") },
  { name: "pause", label: () => t("全场暂停"), when: (board) => isOpen(board) && !board.paused, fields: () => [reason()],
    explain: () => t("所有考生立即停止作答，计时停止；恢复后自动补足。") },
  { name: "resume", label: () => t("全场恢复"), primary: true, when: (board) => isOpen(board) && board.paused, fields: () => [] },
  Object.assign({ when: isOpen }, time),
  { name: "all_absent", label: () => t("未到者记缺考"), when: (board) => board.seats.some((seat) => seat.reasons.includes("absent_due")), fields: () => [],
    explain: () => t("所有未签到且已过迟到时限的考生记为缺考，之后不能再签到。") },
  { name: "start", label: () => t("调整开考"), when: (board) => board.state !== "closed" && board.now < board.starts_at,
    fields: () => [{ name: "go_at", label: t("新的开考时间"), kind: "time", required: true }, reason()], explain: () => t("结束时间随之顺延，考试时长不变。") },
  { name: "close", label: () => t("结束考场"), when: isOpen, fields: () => [], grave: true,
    explain: () => t("全部考生交卷或记缺考、没有未同步的作答，才能结束。结束后记录存档。") },
  { name: "reopen", label: () => t("重新开启"), when: (board) => board.state === "closed", fields: () => [reason()], grave: true },
];

export const SEAT_ACTIONS = [
  { name: "identity", label: () => t("身份已核验"), primary: true, when: (seat, board) => present(seat, board) && !seat.id_checked, fields: () => [], direct: true },
  { name: "uncheck", label: () => t("撤销核验"), when: (seat, board) => present(seat, board) && seat.id_checked, fields: () => [reason()],
    explain: () => t("核验记错了座位时用；之后须重新核验。") },
  { name: "absent", label: () => t("记缺考"), when: (seat) => seat.state === "expected", fields: () => [], explain: () => t("过了迟到时限才能记；记缺考后不能再签到。") },
  { name: "correct_absence", label: () => t("更正缺考"), when: (seat) => seat.state === "absent", fields: () => [reason()] },
  Object.assign({ when: (seat, board) => isOpen(board) && (seat.state === "running" || seat.state === "signed_in") }, time),
  { name: "pause", label: () => t("暂停此座位"), when: (seat, board) => isOpen(board) && seat.state === "running" && !seat.paused, fields: () => [reason()] },
  { name: "resume", label: () => t("恢复此座位"), when: (seat, board) => seat.paused && !board.paused, fields: () => [], direct: true },
  { name: "move", label: () => t("换座位"), when: present, fields: () => [{ name: "seat", label: t("换到"), kind: "seat" }, reason()],
    explain: () => t("原机器立即失效；考生在新座位签到后从最近一次保存处继续。") },
  { name: "machine", label: () => t("更换机器"), when: present, fields: () => [reason()], explain: () => t("座位不变，允许在新机器上签到；原机器立即失效。") },
  Object.assign({ when: (seat, board) => board.state !== "planned" }, incident),
  { name: "force", label: () => t("强制交卷"), when: (seat) => seat.state === "running", fields: () => [reason()], grave: true,
    explain: () => t("按服务器已收到的作答交卷，不能撤销。") },
  { name: "waive", label: () => t("放弃未同步作答"), when: (seat, board) => isOpen(board) && seat.reasons.includes("unsettled"), grave: true,
    fields: () => [{ name: "note", label: t("经过"), kind: "textarea", required: true }], explain: () => t("确认这台机器上再取不回作答。须由两人各确认一次。") },
];

/** The new closing time if `entry` is taken back, and whether that is over already. */
const closing = (entry, closes, now) => {
  const at = closes - entry.seconds * 1000;
  return at <= now ? t("收回后已过截止时间，会立即自动交卷！") : t("收回后 {time} 截止。", { time: timeOfDay(at) });
};

/** What can be done with an entry of the time ledger. */
export const ENTRY_ACTIONS = {
  authorise: () => ({ name: "authorise", label: () => t("批准"), fields: () => [], explain: () => t("批准后立即生效。申请人不能批准自己的申请。") }),
  decline: () => ({ name: "decline", label: () => t("撤销申请"), fields: () => [reason()], explain: () => t("不再等待批准，写入时间台账。") }),
  correct: (entry, closes, now) => ({ name: "correct_time", label: () => t("收回延时"), grave: true, fields: () => [reason()],
    explain: () => t("以一笔相反的记录收回，两笔都留在时间台账里。"), warn: () => closing(entry, closes, now) }),
};
