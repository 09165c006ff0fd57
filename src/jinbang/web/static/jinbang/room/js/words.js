// Names of states and reasons, as the board shows them.

import { t } from "./i18n.js";

export const STATES = () => ({
  expected: t("未签到"), signed_in: t("待考"), running: t("作答中"), handed_in: t("已交卷"), absent: t("缺考"), voided: t("作废"), empty: t("空"),
});

export const REASONS = () => ({
  absent_due: t("已过迟到时限"), not_signed_in: t("未签到"), not_started: t("未开卷"), lost: t("失联"), silent: t("信号弱"), sign_in_again: t("待重新签到"), wrong_id: t("多次输错证件号"), unsynced: t("有未上传作答"), unsettled: t("可能有未同步作答"),
  unfocused: t("离开页面"), no_answers: t("久未作答"), paused: t("已暂停"), id_unchecked: t("未核验身份"), time_waiting: t("延时待批"),
});

export const TROUBLE = () => ["", t("提示"), t("注意"), t("立即处理")];

export const EVENTS = () => ({
  sign_in: t("签到"), start: t("开始作答"), hand_in: t("交卷"), auto_hand_in: t("自动交卷"), force_hand_in: t("强制交卷"), move_seat: t("换座位"),
  release_machine: t("更换机器"), id_checked: t("核验身份"), id_unchecked: t("撤销核验"), paper_discarded: t("试卷作废重封"), focus_lost: t("离开页面"), focus_back: t("回到页面"), copy: t("复制"), paste: t("粘贴"),
  silence: t("失联"), reload: t("刷新页面"), offline: t("断网"), online: t("恢复联网"), equipment: t("设备信息"), second_tab: t("换标签页"),
  wrong_id: t("多次输错证件号"), clock_jump: t("时钟跳变"), mark_absent: t("记缺考"), correct_absence: t("更正缺考"), take_in_rescue: t("接收救援文件"),
});
