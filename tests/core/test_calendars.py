"""The calendar of 2022 as printed, with its traps."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from jinbang.core.calendars import (
    Severity,
    SittingCalendar,
    TrainingDay,
    calendar_findings,
    days_of,
    sitting_findings,
    slots_of_one_person,
)
from jinbang.core.timing import Window

ZONE = ZoneInfo("Asia/Shanghai")


def days(a, b):
    return Window.of_days(date(2022, *a), date(2022, *b), ZONE)


def exam(month, day):
    return Window(datetime(2022, month, day, 8, 30, tzinfo=ZONE), datetime(2022, month, day, 12, 40, tzinfo=ZONE))


YEAR = tuple(
    SittingCalendar(name, days(*registration), days(*arrangement), days(*tickets), exam(*day))
    for name, registration, arrangement, tickets, day in (
        ("第一次统考", ((4, 10), (5, 10)), ((5, 11), (5, 18)), ((5, 19), (5, 20)), (5, 21)),
        ("第二次统考", ((5, 10), (6, 8)), ((6, 9), (6, 15)), ((6, 16), (6, 17)), (6, 18)),
        ("第三次统考", ((10, 1), (11, 10)), ((11, 11), (11, 16)), ((11, 17), (11, 18)), (11, 19)),
        ("第四次统考", ((11, 1), (12, 8)), ((12, 8), (12, 14)), ((12, 15), (12, 16)), (12, 17)),
    )
)
INTEGRATED = [(3, 19), (3, 20), (4, 16), (4, 17), (5, 14), (5, 15), (6, 18), (6, 19)]
PLAIN = [(4, 16), (4, 17), (4, 23), (4, 24), (5, 14), (5, 15)]
SHANDONG = (
    "山东省教育厅",
    Window.as_printed(datetime(2022, 3, 14, tzinfo=ZONE), datetime(2022, 6, 10, 23, 59, tzinfo=ZONE)),
)


def test_the_traps_of_2022_are_found():
    trainings = [TrainingDay("1+X", "", date(2022, *d)) for d in PLAIN]
    trainings += [TrainingDay("岗课赛证", "", date(2022, *d)) for d in INTEGRATED]
    found = calendar_findings(YEAR, ZONE, trainings=trainings, declarations=[SHANDONG])
    assert [f.code for f in found] == [
        "stages_share_day",
        "registrations_overlap",
        "trainings_clash",
        "trainings_clash",
        "trainings_clash",
        "trainings_clash",
        "training_on_exam_day",
        "registrations_share_day",
        "declaration_outlives_registration",
        "declaration_outlives_registration",
    ]
    assert "2022-12-08" in str(found[0].problem)
    assert "2022-11-01 至 2022-11-10" in str(found[1].problem)
    assert "2022-05-10" in str(found[7].problem)


def test_clean_sitting_has_no_findings():
    assert sitting_findings(YEAR[0], ZONE) == []


def test_long_overlap_and_wrong_order_are_errors():
    bad = SittingCalendar("x", days((4, 10), (5, 13)), days((5, 11), (5, 18)), days((5, 1), (5, 2)), exam(5, 21))
    assert [(f.code, f.severity) for f in sitting_findings(bad, ZONE)] == [
        ("stages_overlap", Severity.ERROR),
        ("stages_order", Severity.ERROR),
    ]


def test_levels_in_one_slot_clash():
    slot = exam(5, 21)
    found = slots_of_one_person([("初级", slot), ("中级", slot), ("补考", exam(5, 22))])
    assert [dict(f.problem.params) for f in found] == [{"a": "初级", "b": "中级"}]


def test_days_of():
    assert days_of(date(2022, 2, 27), date(2022, 3, 1)) == (
        date(2022, 2, 27),
        date(2022, 2, 28),
        date(2022, 3, 1),
    )
