"""A school's sheet of candidates: what is understood, what is refused, and that nothing half-written stays."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from tests.accreditation.factories import ACTOR, refused, school
from tests.exams.factories import HEADINGS, REGISTERING, number, people_rows, sheet, stored

from jinbang.accounts.domain.personal_data import decrypt, id_number_context
from jinbang.core.errors import RowErrors
from jinbang.exams.domain.candidate_imports import import_candidates, preview_import
from jinbang.exams.domain.candidate_sheet import read_sheet, sort_text
from jinbang.exams.domain.candidate_template import candidate_template
from jinbang.exams.domain.sheet_columns import plain
from jinbang.exams.domain.sheet_values import date_of, text_of
from jinbang.exams.models import Candidate, CandidateImport

TODAY = date(2022, 4, 20)


def errors_of(rows, headings=HEADINGS):
    return [(error.row, error.field, error.code) for error in read_sheet(sheet(rows, headings), today=TODAY).errors]


def test_good_rows_are_read_whole():
    read = read_sheet(sheet(people_rows(2), title="某校考生名单"), today=TODAY)
    row = read.rows[0]
    assert (read.errors, read.warnings, len(read.rows)) == ((), (), 2)
    assert (row.row, row.id_number, row.sex, row.student_number, row.class_name) == (
        3,
        number(1),
        "M",
        "20200001",
        "软件1班",
    )


def test_headings_are_understood_in_many_spellings():
    headings = ("序号", "考生 姓名*", "证件号码（必填）", "系部", "联系电话：")
    read = read_sheet(sheet([[1, "张三丰", number(3), "信息系", 13800001234.0]], headings), today=TODAY)
    assert (read.rows[0].department, read.rows[0].phone) == ("信息系", "13800001234")
    assert [(w.field, w.code) for w in read.warnings] == [("序号", "column_ignored")]


def test_full_width_digits_spaces_and_lower_case_x_are_taken():
    value = next(number(seed) for seed in range(1, 200) if number(seed).endswith("X"))
    wide = "".join(chr(ord(c) + 0xFEE0) for c in value[:17])
    read = read_sheet(sheet([["李　四", f" {wide} x "]], ("姓名", "身份证号")), today=TODAY)
    assert (read.rows[0].id_number, read.rows[0].name) == (value, "李四")


def test_a_number_stored_as_a_number_says_what_happened():
    rows = [["张三", 1.1010120020101123e17]]
    assert errors_of(rows, ("姓名", "身份证号")) == [(2, "身份证号", "id_spreadsheet")]


def test_every_fault_is_named_with_row_and_field():
    rows = people_rows(6)
    rows[0][0] = ""
    rows[1][1] = rows[1][1][:17] + ("0" if rows[1][1][17] != "0" else "1")
    rows[2][2] = "女"
    rows[3][5] = "不知道"
    rows[5][1] = rows[4][1]
    rows[5][2] = rows[4][2]
    assert errors_of(rows) == [
        (2, "姓名", "name_empty"),
        (3, "身份证号", "id_checksum"),
        (4, "性别", "sex_differs"),
        (5, "手机号", "phone"),
        (7, "身份证号", "double"),
    ]


def test_unknown_area_is_a_warning_only():
    from jinbang.core.identity import check_character

    value = "99010120020101001"
    read = read_sheet(sheet([["张三", value + check_character(value)]], ("姓名", "身份证号")), today=TODAY)
    assert (len(read.rows), [w.code for w in read.warnings]) == (1, ["id_area_unknown"])


@pytest.mark.parametrize("born", ["2001-03-04", "2001/3/4", "2001年3月4日", "20010304", date(2001, 3, 4)])
def test_passports_need_sex_and_birth(born):
    headings = ("姓名", "证件号码", "证件类型", "性别", "出生日期")
    read = read_sheet(sheet([["Example Person", "E12345678", "护照", "女", born]], headings), today=TODAY)
    assert (read.rows[0].born, read.rows[0].sex, read.rows[0].document_kind) == (date(2001, 3, 4), "F", "passport")
    assert errors_of([["Example Person", "E12345678", "护照", "", ""]], headings) == [
        (2, "性别", "sex"),
        (2, "出生日期", "born"),
    ]


def test_sheets_that_are_none():
    with refused("sheet_unreadable"):
        read_sheet(b"no sheet at all", today=TODAY)
    with refused("sheet_header"):
        read_sheet(sheet([["a", "b"]], ("名称", "号码")), today=TODAY)
    with refused("sheet_empty"):
        read_sheet(sheet([]), today=TODAY)


def test_the_template_is_read_by_the_reader():
    with refused("sheet_empty"):
        read_sheet(candidate_template(), today=TODAY)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (20220101.0, "20220101"),
        (True, ""),
        (None, ""),
        (datetime(2022, 1, 2, tzinfo=UTC), "2022-01-02"),
        (1.5, "1.5"),
        ("１２ ", "12"),
    ],
)
def test_cells_as_text(cell, text):
    assert text_of(cell) == text


def test_small_readers():
    assert plain("姓　名*（必填）") == "姓名"
    assert date_of("2022-02-30") is None
    assert sorted(["单三", "陈一", "仇二", "曾四"], key=sort_text) == ["陈一", "仇二", "单三", "曾四"]


@pytest.mark.django_db
def test_import_stores_sealed_numbers_and_twice_changes_nothing():
    owner = school()
    file = stored(sheet(people_rows(3)), owner)
    first = import_candidates(school=owner, file=file, actor=ACTOR, now=REGISTERING)
    again = import_candidates(school=owner, file=file, actor=ACTOR, now=REGISTERING)
    assert (first.rows, first.created, first.updated) == (3, 3, 0)
    assert (again.rows, again.created, again.updated) == (3, 0, 0)
    person = Candidate.objects.order_by("pk").first()
    assert number(1).encode() not in bytes(person.id_cipher)
    assert decrypt(person.id_cipher, context=id_number_context(person.id_hash)) == number(1)
    assert person.id_mask == number(1)[:3] + "*" * 11 + number(1)[-4:]


@pytest.mark.django_db
def test_reimport_updates_what_changed_and_warns_of_a_new_name():
    owner = school()
    import_candidates(school=owner, file=stored(sheet(people_rows(3)), owner), actor=ACTOR, now=REGISTERING)
    rows = people_rows(4)
    rows[1][0] = "改名"
    preview = preview_import(school=owner, file=stored(sheet(rows), owner), now=REGISTERING)
    assert (len(preview.create), len(preview.update), preview.unchanged) == (1, 1, 2)
    assert [warning.code for warning in preview.warnings] == ["renamed"]
    assert Candidate.objects.count() == 3
    done = import_candidates(school=owner, file=stored(sheet(rows), owner), actor=ACTOR, now=REGISTERING)
    assert (done.created, done.updated) == (1, 1)
    assert Candidate.objects.filter(name="改名").count() == 1


@pytest.mark.django_db
def test_one_bad_row_stores_nothing_and_another_schools_candidate_is_an_error():
    import_candidates(
        school=school("甲校"), file=stored(sheet(people_rows(1)), school("丙校")), actor=ACTOR, now=REGISTERING
    )
    other = school("乙校")
    with pytest.raises(RowErrors) as caught:
        import_candidates(school=other, file=stored(sheet(people_rows(3)), other), actor=ACTOR, now=REGISTERING)
    assert [(error.row, error.code) for error in caught.value.errors] == [(2, "registered_elsewhere")]
    assert (Candidate.objects.count(), CandidateImport.objects.count()) == (1, 1)
