"""A specimen of every document: plainly fictional people, used for previews, the benchmark and tests."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from jinbang.pdf import data as docs

_EXAM = "2022 年 Python 程序开发第一次统考"
_SITE = "样例职业技术学院考核站点"
_SLOTS = (docs.Slot("理论", "2022-05-21", "08:30–10:00"), docs.Slot("实操", "2022-05-21", "10:10–12:40"))
_RULES = (
    "考生须持本准考证和有效身份证件，于开考前 30 分钟起到考场签到，核对后对号入座。",
    "开考 30 分钟后仍未签到者不得入场，按缺考处理；缺考不计为 0 分。",
    "手机、智能手表等通信和存储设备关机后放在指定位置，不得带到座位。",
    "作答由系统随时保存；遇断电、断网请举手，不要自行重启，耽误的时间会补足。",
    "违纪取消该科目成绩，作弊取消本场各科目成绩。",
)
_NAMES = ("张样例", "欧阳示范", "古丽·样本", "李㛃", "单测试", "王试卷", "仇范例", "曾模拟")


def _ticket_number(seat: int) -> str:
    return f"0100010001{seat // 100 + 1:04d}{seat % 100:02d}"


def ticket(number: int = 1) -> docs.Ticket:
    """The ticket of specimen candidate ``number``."""
    return docs.Ticket(
        exam=_EXAM,
        level="初级",
        name=_NAMES[number % len(_NAMES)],
        sex="女" if number % 2 else "男",
        id_number="110***********002X",
        ticket_number=_ticket_number(number),
        school="样例职业技术学院",
        site=_SITE,
        address="样例省样例市学院路 1 号实训楼",
        room="第 1 考场",
        seat=f"{number % 100:02d}",
        slots=_SLOTS,
        qr=f"JB1:T:{_ticket_number(number)}",
    )


def tickets(count: int, per_page: int = 1, *, first: int = 0) -> docs.TicketSheet:
    """``count`` tickets from specimen candidate ``first`` + 1 on."""
    people = tuple(ticket(first + n + 1) for n in range(count))
    return docs.TicketSheet(people, _RULES, "中慧云启科技集团有限公司", per_page)


def certificate(number: int = 1) -> docs.Certificate:
    """The certificate of specimen candidate ``number``."""
    name = _NAMES[number % len(_NAMES)]
    return docs.Certificate(
        title="职业技能等级证书",
        title_en="Certificate of Vocational Skill Level",
        number=f"ZH20221{number:06d}K",
        name=name,
        sex="女",
        id_number="110***********002X",
        programme="Python 程序开发",
        level="初级",
        statement="该同志经考核，理论与实操综合成绩合格，达到《Python 程序开发职业技能等级标准》初级要求，特发此证。",
        statement_en="This is to certify that the holder has passed the theory and practical examinations and meets "
        "the elementary level of the Python Programming vocational skill standard.",
        issuer="中慧云启科技集团有限公司",
        issuer_en="Zhonghui Yunqi Technology Group Co., Ltd.",
        day="2022 年 6 月 30 日",
        qr=f"https://jinbang.example/v/ZH20221{number:06d}K",
        school="样例职业技术学院",
    )


def _sign_in() -> docs.SignInSheet:
    rows = tuple(
        docs.SignInRow(f"{n:02d}", _ticket_number(n), _NAMES[n % 8], "110***********002X", "样例职业技术学院")
        for n in range(1, 39)
    )
    return docs.SignInSheet(_EXAM, _SITE, "第 1 考场", "初级", "2022-05-21", ("理论", "实操"), rows)


def _seat_map() -> docs.SeatMap:
    cells = []
    for column in range(1, 6):
        for row in range(1, 9):
            n = (column - 1) * 8 + (row if column % 2 else 9 - row)
            state = "broken" if n == 12 else "spare" if n > 38 else "taken"
            named = state == "taken"
            cells.append(
                docs.SeatCell(
                    row, column, f"{n:02d}", state, _NAMES[n % 8] if named else "", _ticket_number(n) if named else ""
                )
            )
    return docs.SeatMap(_EXAM, _SITE, "第 1 考场", "2022-05-21", tuple(cells))


def _minutes() -> docs.RoomMinutes:
    return docs.RoomMinutes(
        exam=_EXAM,
        site=_SITE,
        room="第 1 考场",
        subject="理论",
        planned="2022-05-21 08:30–10:00",
        actual="08:30:00–10:06:10",
        expected=38,
        present=37,
        absent=1,
        handed_in=37,
        absentees=(f"07 座 {_ticket_number(7)} 张样例",),
        incidents=(
            docs.Incident("08:52:10", "15", "死机", "机器蓝屏，移至 39 号备用机继续作答，答案完整。", "监考甲"),
            docs.Incident("09:20:41", "22", "提示", "东张西望，口头提醒。", "监考乙"),
        ),
        grants=(docs.TimeGrant("08:58:30", "15 座", "6", "更换机器", "监考甲", "主考丙"),),
        invigilators=("监考甲", "监考乙"),
        log_digest="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        printed_at="2022-05-21 10:12",
    )


def _slip() -> docs.ResultSlip:
    return docs.ResultSlip(
        exam=_EXAM,
        level="初级",
        name="李㛃",
        id_number="110***********002X",
        ticket_number=_ticket_number(3),
        school="样例职业技术学院",
        subjects=(docs.SubjectResult("理论", "78.0", "40%"), docs.SubjectResult("实操", "65.5", "60%")),
        composite="70.5",
        status="合格",
        passed=True,
        explanation=(
            "理论：得 78/100 分，折合 78.0，× 40% = 31.20",
            "实操：得 65.5/100 分，折合 65.5，× 60% = 39.30",
            "综合成绩 70.5，合格线 60",
        ),
        issuer="中慧云启科技集团有限公司",
        day="2022 年 6 月 10 日",
        qr="https://jinbang.example/r/0100010001000103",
    )


def _fees() -> docs.FeeStatement:
    return docs.FeeStatement(
        title="考务费用结算单",
        number="FS-2022-0001",
        period="2022-04-10 至 2022-05-31",
        payer="样例职业技术学院",
        lines=(
            docs.FeeLine("第一次统考", _SITE, 38, 1, "11,100.00", "2,220.00", "8,880.00"),
            docs.FeeLine("第二次统考", _SITE, 20, 0, "6,000.00", "1,200.00", "4,800.00"),
        ),
        total=docs.FeeLine("合计", "", 58, 1, "17,100.00", "3,420.00", "13,680.00"),
        notes=("每人次 300.00 元，其中考核站点 60.00 元，培训评价组织 240.00 元。", "退费按原分成比例冲回。"),
        issuer="中慧云启科技集团有限公司",
        day="2022 年 6 月 1 日",
    )


def _application() -> docs.PilotApplication:
    return docs.PilotApplication(
        year="2022",
        batch="第一次",
        authority="江苏省教育厅",
        school="样例职业技术学院",
        certificate="Python 程序开发职业技能等级证书",
        level="初级",
        applied="160 人",
        approved="160 人",
        majors=(
            docs.Major("软件技术（专科）", "610205", "2015 版", "80"),
            docs.Major("计算机应用技术（专科）", "610201", "2015 版", "80"),
        ),
        staff="专兼职教师 12 人，其中行业企业兼职教师 4 人（33%），“双师型”教师占 58%。",
        place="计算机实训室 3 间，标准考位 120 个，可同时满足 120 人理论及实践考核。",
        attachments=("1+X 证书制度试点申报书.pdf",),
        approvals=(
            docs.Approval("市级审核", "通过", "样例市教育局", "2022-03-20 10:00"),
            docs.Approval("省级审批", "通过", "江苏省教育厅", "2022-03-28 15:30", "苏样试〔2022〕1 号"),
        ),
        number="苏样试〔2022〕1 号",
    )


def samples() -> Mapping[str, object]:
    """One specimen per kind."""
    sign = docs.DoorSign(
        _EXAM, _SITE, "第 1 考场", "实训楼 301", "初级", _SLOTS, _ticket_number(1), _ticket_number(38), 38,
        "请保持安静，手机关机后放在考场外指定位置",
    )  # fmt: skip
    labels = tuple(
        docs.DeskLabel("第 1 考场", f"{n:02d}", _NAMES[n % 8], _ticket_number(n), "初级") for n in range(1, 13)
    )
    return MappingProxyType(
        {
            "ticket": tickets(1),
            "door_sign": docs.DoorSigns((sign,)),
            "sign_in_sheet": _sign_in(),
            "seat_map": _seat_map(),
            "desk_label": docs.DeskLabels(_EXAM, labels),
            "banner": docs.Banner("热烈欢迎参加 2022 年 1+X Python 程序开发职业技能等级考试的考生"),
            "room_minutes": _minutes(),
            "result_slip": _slip(),
            "certificate": certificate(3),
            "fee_statement": _fees(),
            "pilot_application": _application(),
        }
    )
