"""Checkers that need no sandbox, against exact findings. What candidates made is hostile input throughout."""

import io
import json
from fractions import Fraction
from typing import Any

import pytest
import xlsxwriter
from tests.judge.helpers import small_task

from jinbang.judge.checkers import options_of, registry
from jinbang.judge.checkers.base import Access, Evidence, Finding, SetupError, WrongInputError
from jinbang.judge.package import TaskPackage
from jinbang.judge.sandbox.spec import RunResult


def printed(data: bytes) -> RunResult:
    return RunResult(0, None, None, 0.0, 0.0, 0, data, b"")


def find(name: str, options: dict[str, Any], task: TaskPackage | None = None, **evidence: Any) -> Finding:
    checker = registry()[name]
    task = task or small_task()
    return checker.check(Evidence(task=task, test=task.manifest.tests[0], **evidence), options_of(checker, options))


def share(name: str, options: dict[str, Any], task: TaskPackage | None = None, **evidence: Any) -> Fraction:
    return find(name, options, task, **evidence).share


def refused(name: str, options: dict[str, Any], **evidence: Any) -> str:
    with pytest.raises(WrongInputError) as caught:
        find(name, options, **evidence)
    return str(caught.value)


TASK = small_task(
    expected__lines_dot_txt="甲 1\n乙 2.50\n\n".encode(),
    expected__rows_dot_csv="编号,名称,价格\n1,甲,1.50\n2,乙,2.00\n3,丙,3.25\n4,丁,4.00\n".encode(),
    expected__data_dot_json=json.dumps([{"id": 1, "v": [1, 2]}, {"id": 2, "v": []}]).encode(),
    expected__truth_dot_csv=b"id,y\n1,a\n2,a\n3,b\n4,b\n",
    expected__numbers_dot_csv=b"id,y\n1,1\n2,2\n3,3\n",
)


@pytest.mark.parametrize(
    ("options", "output", "expected"),
    [
        ({}, "甲 1\n乙 2.50\n", 1),
        ({}, "甲 1  \r\n乙 2.50\n\n\n", 1),
        ({}, "甲 1\n乙 2.5\n", 0),
        ({"lines": True}, "甲 1\n乙 2.5\n", Fraction(1, 2)),
        ({"lines": True}, "甲 1\n乙 2.50\n丙\n丁\n", Fraction(1, 2)),
        ({"mode": "tokens"}, " 甲  1 乙\n2.50", 1),
        ({"mode": "tokens"}, "甲 1 乙", 0),
        ({"mode": "numbers"}, "共 1 个，均价 2.5", 1),
        ({"mode": "numbers", "tolerance": 0.01}, "1 2.51", 1),
        ({"mode": "numbers", "tolerance": 0.01}, "1 2.53", 0),
        ({"mode": "numbers"}, "1 nan", 0),
        ({"mode": "numbers"}, "1", 0),
        ({}, "", 0),
    ],
)
def test_stdout(options: dict[str, Any], output: str, expected: Fraction) -> None:
    options = {"expected": "expected/lines.txt", **options}
    assert share("stdout", options, TASK, result=printed(output.encode())) == expected


def test_stdout_that_is_no_text() -> None:
    assert "编码" in refused("stdout", {"expected": "tests/1.out"}, result=printed(b"\xff\xfe"))


ROWS = "编号,名称,价格\n"


@pytest.mark.parametrize(
    ("options", "text", "expected"),
    [
        ({"key": ["编号"]}, ROWS + "4,丁,4\n3,丙,3.25\n2,乙,2.00\n1,甲,1.50\n", 1),
        ({"ordered": True}, ROWS + "4,丁,4\n3,丙,3.25\n2,乙,2.00\n1,甲,1.50\n", 0),
        ({"ordered": True}, ROWS + "1,甲,1.50\n2,乙,2.001\n3,丙,3.25\n4,丁,4\n", Fraction(3, 4)),
        ({}, ROWS + "1,甲,1.50\n2,乙,2.00\n", Fraction(1, 2)),
        ({}, ROWS + "1,甲,1.50\n" * 4, Fraction(1, 4)),
        ({}, ROWS + "1,甲,1.5\n2,乙,2\n3,丙,3.25\n4,丁,4\n" + "9,x,1\n" * 4, Fraction(1, 2)),
        ({}, "名称,编号,价格,备注\n甲,1,￥,x\n乙,2,2.00,\n丙,3,3.25,\n丁,4,4.00,\n", Fraction(3, 4)),
        ({"strict_columns": True}, "名称,编号,价格\n甲,1,1.50\n", 0),
        ({"all_or_nothing": True}, ROWS + "1,甲,1.50\n", 0),
        ({}, "编号,名称\n1,甲\n", 0),
        ({"columns": ["编号"]}, "编号,名称\n1,\n2,\n3,\n4,\n", 1),
    ],
)
def test_csv(options: dict[str, Any], text: str, expected: Fraction) -> None:
    options = {"file": "o.csv", "expected": "expected/rows.csv", "numeric": {"价格": 0.0001}, **options}
    assert share("csv", options, TASK, files={"o.csv": b"\xef\xbb\xbf" + text.encode()}) == expected


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\xff\xff", b'"a' + b"x" * 200_000])
def test_csv_that_cannot_be_read(data: bytes) -> None:
    assert "o.csv" in refused("csv", {"file": "o.csv", "expected": "tests/1.out"}, files={"o.csv": data})


def test_a_file_that_was_not_made() -> None:
    for name in ("csv", "json", "xlsx", "text"):
        assert refused(name, {"file": "x", "expected": "tests/1.out"}) == "没有生成文件 x"


@pytest.mark.parametrize(
    ("options", "value", "expected"),
    [
        ({}, [{"id": 1, "v": [1, 2.0000001]}, {"id": 2, "v": []}], 1),
        ({}, [{"id": 1, "v": [1, True]}, {"id": 2, "v": []}], 0),
        ({"key": "id"}, [{"id": 2, "v": []}, {"id": 1, "v": [1, 2]}], 1),
        ({"key": "id"}, [{"id": 2, "v": []}, {"id": 1, "v": []}, {"id": 9}, {"id": 8}], Fraction(1, 4)),
        ({"key": "id"}, {"id": 1}, 0),
        ({"at": "0.v"}, [{"id": 7, "v": [1, 2]}], 1),
    ],
)
def test_json(options: dict[str, Any], value: object, expected: Fraction) -> None:
    options = {"file": "o.json", "expected": "expected/data.json", **options}
    assert share("json", options, TASK, files={"o.json": json.dumps(value).encode()}) == expected


def test_json_that_is_a_trap() -> None:
    deep = b"[" * 100_000
    assert "JSON" in refused("json", {"file": "o", "expected": "tests/1.out"}, files={"o": deep})
    assert share("json", {"file": "o", "expected": "expected/data.json"}, TASK, files={"o": b"[" * 90 + b"]" * 90}) == 0


def workbook(rows: list[list[object]]) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet("表")
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    book.close()
    return out.getvalue()


def test_xlsx() -> None:
    options = {"file": "o.xlsx", "expected": "expected/rows.csv", "sheet": "表", "numeric": {"价格": 0.001}}
    data = workbook([["编号", "名称", "价格"], [1, "甲", 1.5], [2, "乙", 2], [3, "丙", 3.25], [4, "丁", 5]])
    assert share("xlsx", options, TASK, files={"o.xlsx": data}) == Fraction(3, 4)
    assert "工作表" in refused("xlsx", {**options, "sheet": "无"}, files={"o.xlsx": data})
    assert "xlsx" in refused("xlsx", options, files={"o.xlsx": b"PK\x03\x04"})


def test_xlsx_bombs_are_refused() -> None:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet()
    sheet.write(0, 0, "编号")
    sheet.write(1_048_575, 16_383, "远")
    book.close()
    options = {"file": "o", "expected": "tests/1.out"}
    assert refused("xlsx", options, files={"o": out.getvalue()}) == "o 过大"


def test_hostile_pages_are_read_in_no_time() -> None:
    options = {"file": "c.html", "title": "x"}
    assert share("echarts", options, files={"c.html": b"option_" * 500_000}) == 0


def test_padding_costs_points_and_no_time() -> None:
    rows = ROWS + "1,甲,1.50\n" + "1,甲,9\n" * 90_000
    options = {"file": "o.csv", "expected": "expected/rows.csv", "key": ["编号"], "numeric": {"价格": 0.1}}
    assert share("csv", options, TASK, files={"o.csv": rows.encode()}) == Fraction(1, 90_001)


def test_text() -> None:
    options = {"file": "o", "expected": "expected/lines.txt"}
    assert share("text", options, TASK, files={"o": "甲 1 \n乙 2.50".encode()}) == 1
    assert share("text", options, TASK, files={"o": "甲 1\n丙".encode()}) == Fraction(1, 2)
    assert share("text", {"file": "o", "contains": ["甲", "丁"]}, files={"o": "甲".encode()}) == Fraction(1, 2)


@pytest.mark.parametrize(
    ("metric", "full", "zero", "truth", "rows", "expected"),
    [
        ("accuracy", 1.0, 0.0, "truth", "1,a\n2,a\n3,b\n4,b\n", 1),
        ("accuracy", 1.0, 0.0, "truth", "1,a\n2,a\n3,b\n4,a\n", Fraction(7, 10)),
        ("f1_macro", 1.0, 0.0, "truth", "1,a\n2,a\n3,a\n4,a\n", Fraction(3, 10)),
        ("accuracy", 0.9, 0.5, "truth", "1,a\n2,b\n3,b\n4,a\n", 0),
        ("mae", 0.0, 1.0, "numbers", "1,1\n2,2\n3,3\n", 1),
        ("mae", 0.0, 1.0, "numbers", "1,1\n2,2.75\n3,3.75\n", Fraction(5, 10)),
        ("rmse", 0.0, 2.0, "numbers", "1,2\n2,3\n3,4\n", Fraction(5, 10)),
        ("r2", 1.0, 0.0, "numbers", "1,2\n2,2\n3,2\n", 0),
        ("accuracy", 1.0, 0.0, "truth", "1,a\n2,a\n", 0),
    ],
)
def test_model(metric: str, full: float, zero: float, truth: str, rows: str, expected: Fraction) -> None:
    options = {"file": "p", "truth": f"expected/{truth}.csv", "key": "id", "column": "y"}
    options |= {"metric": metric, "full": full, "zero": zero}
    assert share("model", options, TASK, files={"p": b"id,y\n" + rows.encode()}) == expected


@pytest.mark.parametrize("value", ["nan", "inf", "1e999", "many", ""])
def test_a_prediction_that_is_no_number(value: str) -> None:
    options = {"file": "p", "truth": "expected/numbers.csv", "key": "id", "column": "y"}
    options |= {"metric": "mae", "full": 0, "zero": 1}
    rows = f"id,y\n1,{value}\n2,2\n3,3\n".encode()
    with pytest.raises(WrongInputError, match="有效的数"):
        find("model", options, TASK, files={"p": rows})


SOURCE = b"""
import numpy as np
from os import system as run
from a.b import c

class Stock:
    def take(self, n):
        with open("x") as f:
            return np.linalg.norm([x for x in f])

run("ls")
"""


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"must_import": ["numpy", "a.b"], "must_call": ["numpy.linalg.norm", "open"]}, 1),
        ({"must_define": ["Stock.take", "Stock"], "must_use": ["with", "comprehension", "class"]}, 1),
        ({"must_import": ["numpy", "pandas"], "must_use": ["while"]}, Fraction(1, 3)),
        ({"must_not_call": ["os.system"]}, 0),
        ({"must_not_import": ["os"]}, 0),
        ({"must_call": [".norm"], "must_not_import": ["sys"]}, 1),
        ({"files": ["other.py"], "must_use": ["with"]}, 0),
    ],
)
def test_source(options: dict[str, Any], expected: Fraction) -> None:
    assert share("source", options, submission={"main.py": SOURCE}) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"def f(:\n", "语法错误（第 1 行）"),
        (b"x\0y", "语法错误"),
        (b"(" * 5000 + b")" * 5000, "嵌套过深|语法错误"),
        (b"-" * 100_000 + b"1", "嵌套过深"),
    ],
)
def test_source_that_is_a_trap(text: bytes, said: str) -> None:
    import re

    finding = find("source", {"must_use": ["with"]}, submission={"main.py": text})
    assert finding.share == 0
    assert re.search(said, finding.message)


LOG = [
    Access("GET", "a.cn", "/", 200, "X/1"),
    Access("GET", "a.cn", "/p?n=1", 200, "X/1"),
    Access("GET", "a.cn", "/q", 503, "X/1"),
]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"pages": ["a.cn/", "a.cn/p[?]n=1"]}, 1),
        ({"pages": ["a.cn/", "a.cn/q"]}, Fraction(1, 2)),
        ({"forbidden": ["a.cn/q"]}, 0),
        ({"forbidden": ["b.cn/*"], "most": 3, "agent": "X/*"}, 1),
        ({"most": 2}, 0),
        ({"agent": "Y/*"}, 0),
        ({"methods": ["POST"]}, 0),
    ],
)
def test_crawl(options: dict[str, Any], expected: Fraction) -> None:
    assert share("crawl", options, access=LOG) == expected


PAGE = """<script>var option_a1 = {"title": [{"text": "样本分布"}], "xAxis": [{"data": ["甲", "乙"]}], "series":
[{"type": "bar", "name": "数", "data": [3, {"value": 4}]}]}; chart.setOption(option_a1); option_b = {broken</script>"""


def test_echarts() -> None:
    options = {"file": "c.html", "title": "样本", "ticks": ["甲"], "series": [{"kind": "bar", "y": [3, 4]}]}
    assert share("echarts", options, files={"c.html": PAGE.encode()}) == 1
    options["series"] = [{"kind": "bar", "y": [4, 3]}]
    assert share("echarts", options, files={"c.html": PAGE.encode()}) == Fraction(3, 4)
    assert share("echarts", options, files={"c.html": b"<p>"}) == 0


def test_plot_descriptions_may_be_nonsense() -> None:
    for value in (None, [], {"figures": 3}, {"figures": [{"axes": [{"series": [{"y": "x"}], "legend": 1}]}]}):
        finding = find("plot", {"title": "收盘"}, events=[{"event": "figures", "value": value}])
        assert finding.share == 0


STATE = {
    "mariadb": {
        "tables": {
            "t": {
                "columns": [
                    {"name": "id", "type": "int", "key": "PRI", "nullable": "NO"},
                    {"name": "名", "type": "varchar", "key": "", "nullable": "YES"},
                ],
                "rows": [{"id": 1, "名": "甲"}, {"id": 2, "名": None}],
            }
        }
    },
    "redis": {"0": {"h": {"type": "hash", "value": {"a": "1"}, "expires": False}}},
    "mongodb": {"d": {"c": {"documents": [{"_id": 1, "n": 1}], "indexes": {"n": {"key": [["n", 1]], "unique": True}}}}},
}
STATE_TASK = small_task(e__t_dot_csv="id,名\n1,甲\n2,\n".encode(), e__c_dot_json=b'[{"n": 1}]')


@pytest.mark.parametrize(
    ("name", "options", "expected"),
    [
        ("mariadb", {"table": "t", "expected": "e/t.csv"}, 1),
        ("mariadb", {"table": "t", "expected": "e/t.csv", "where": {"id": "1"}}, Fraction(1, 2)),
        ("mariadb", {"table": "x", "expected": "e/t.csv"}, 0),
        (
            "mariadb",
            {"table": "t", "schema": [{"name": "id", "primary": True}, {"name": "名", "nullable": False}]},
            Fraction(1, 2),
        ),
        ("redis", {"keys": [{"key": "h", "type": "hash", "value": {"a": 1}}], "absent": ["z"]}, 1),
        ("redis", {"keys": [{"key": "h", "type": "set"}], "absent": ["z"]}, Fraction(1, 2)),
        ("redis", {"keys": [{"key": "h", "type": "hash", "expires": True}], "absent": ["h"]}, 0),
        ("mongodb", {"database": "d", "collection": "c", "expected": "e/c.json", "unique": ["n"]}, 1),
        ("mongodb", {"database": "d", "collection": "c", "expected": "e/c.json", "unique": ["m"]}, 0),
        ("mongodb", {"database": "d", "collection": "x", "expected": "e/c.json"}, 0),
    ],
)
def test_states(name: str, options: dict[str, Any], expected: Fraction) -> None:
    assert share(name, options, STATE_TASK, services=STATE) == expected


def test_a_service_that_was_not_declared_is_the_tasks_fault() -> None:
    for name in ("mariadb", "redis", "mongodb"):
        options: dict[str, Any] = {"table": "t", "expected": "e"} if name == "mariadb" else {"keys": []}
        if name == "mongodb":
            options = {"database": "d", "collection": "c", "expected": "e"}
        with pytest.raises(SetupError, match=name):
            find(name, options)


def test_the_rubric_leaves_points_open() -> None:
    options = {"criteria": [{"title": "命名", "points": 40}]}
    assert find("rubric", options, submission={"main.py": b""}).pending
    assert find("rubric", options).share == 0
    assert not find("rubric", options).pending


def test_misspelt_options_are_named() -> None:
    with pytest.raises(SetupError, match=r"stdout.*expcted"):
        find("stdout", {"expcted": "x"})


def test_every_checker_describes_itself() -> None:
    for name, checker in registry().items():
        assert checker.name == name
        assert checker.capability.title
        assert checker.capability.about
        assert checker.capability.needs
