"""How fast a sheet of candidates is taken in, next to the bare reading of the same file in the same run.

The database is a throw-away one that Django makes for tests; the installation's own is not touched.
"""

from __future__ import annotations

import io
import random
import resource
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import python_calamine
import xlsxwriter

ROWS = 10_000
_NOW = datetime(2022, 4, 20, 1, tzinfo=UTC)


def run(rows: int = ROWS) -> dict[str, object]:
    """Figures of ``rows`` candidates: rates a second, CPU per row in ms, and ratios to the bare read.

    Keys: ``bare_rows_per_s``, ``bare_cpu_ms``; ``read_…`` (judged, nothing stored); ``import_…`` (stored, empty
    database); ``again_…`` (same sheet once more); ``read_ratio`` and ``import_ratio`` to the bare read's CPU;
    ``ok`` if every row was stored once.
    """
    from django.db import connection

    from jinbang.exams.domain.candidate_sheet import read_sheet

    data = _sheet(rows)
    bare = _measure(rows, lambda: _bare(data))
    read = _measure(rows, lambda: read_sheet(data, today=date(2022, 4, 20)))
    name = connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        stored, again, ok = _imports(data, rows)
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)
    return {
        "rows": rows,
        "file_kilobytes": len(data) // 1024,
        **_named("bare", bare),
        **_named("read", read),
        **_named("import", stored),
        **_named("again", again),
        "read_ratio": round(read[1] / bare[1], 1),
        "import_ratio": round(stored[1] / bare[1], 1),
        "ok": ok,
    }


def _sheet(rows: int) -> bytes:
    from jinbang.core.identity import Sex, generate

    rng = random.Random(20220521)  # noqa: S311 - fictional people
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ["姓名", "身份证号", "性别", "学号", "院系", "专业", "班级", "手机号"])
        seen: set[str] = set()
        while len(seen) < rows:
            sex = rng.choice(list(Sex))
            born = date.fromordinal(rng.randrange(date(1998, 1, 1).toordinal(), date(2006, 1, 1).toordinal()))
            number = str(generate(rng, born, sex, f"{rng.choice((11, 32, 44, 51))}0{rng.randrange(101, 130)}"))
            if number in seen:
                continue
            seen.add(number)
            row = len(seen)
            name = "示例" + chr(rng.randrange(0x4E00, 0x9FA0))
            word = "男" if sex is Sex.MALE else "女"
            page.write_row(
                row,
                0,
                [name, number, word, f"2020{row:06d}", "信息学院", "软件技术", f"软件{row % 40}班", "13800000001"],
            )
    return buffer.getvalue()


def _bare(data: bytes) -> int:
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    return len(book.get_sheet_by_index(0).to_python(skip_empty_area=False))


def _measure(rows: int, action: Callable[[], Any]) -> tuple[float, float]:
    """(rows a second by the wall clock, CPU ms per row)."""
    wall, cpu = time.perf_counter(), _cpu()
    action()
    return rows / (time.perf_counter() - wall), (_cpu() - cpu) / rows * 1000


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _imports(data: bytes, rows: int) -> tuple[tuple[float, float], tuple[float, float], bool]:
    from jinbang.accounts.domain.organisations import create_organisation
    from jinbang.audit.actor import SYSTEM
    from jinbang.documents.domain import files
    from jinbang.exams.domain.candidate_imports import import_candidates
    from jinbang.exams.models import Candidate

    province = create_organisation(kind="province", name="示例省", code="P", region="32", actor=SYSTEM, now=_NOW)
    school = create_organisation(kind="school", name="示例校", code="S", parent=province, actor=SYSTEM, now=_NOW)
    file = files.store(data=data, name="考生.xlsx", content_type="", actor=SYSTEM, now=_NOW)
    made = []

    def take_in() -> None:
        made.append(import_candidates(school=school, file=file, actor=SYSTEM, now=_NOW))

    first, again = _measure(rows, take_in), _measure(rows, take_in)
    counts = [(row.created, row.updated) for row in made]
    return first, again, counts == [(rows, 0), (0, 0)] and Candidate.objects.count() == rows


def _named(name: str, figures: tuple[float, float]) -> dict[str, float]:
    return {f"{name}_rows_per_s": round(figures[0]), f"{name}_cpu_ms": round(figures[1], 4)}
