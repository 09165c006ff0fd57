"""Untrusted text as numbered, coloured lines, and what changed between two texts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jinbang.web.shell.code import SHOWN_COLUMNS, SHOWN_LINES, code_files, lines_of, text_of
from jinbang.web.staff.grading.diff import COMPARED_LINES, compare


def shown(source: str, name: str = "main.py") -> list[str]:
    return [str(line.html) for line in code_files({name: source.encode()})[0].lines]


def test_python_is_coloured_and_everything_else_escaped() -> None:
    assert shown('if x == "<b>":  # 注释\n    y = 12\n') == [
        '<span class="code-keyword">if</span> x == <span class="code-string">&quot;&lt;b&gt;&quot;</span>:  '
        '<span class="code-comment"># 注释</span>',
        '    y = <span class="code-number">12</span>',
    ]
    assert shown("if <x>\n", "notes.txt") == ["if &lt;x&gt;"]


def test_a_string_over_several_lines_is_coloured_on_each() -> None:
    assert shown('"""a\nb""" or iffy') == [
        '<span class="code-string">&quot;&quot;&quot;a</span>',
        '<span class="code-string">b&quot;&quot;&quot;</span> <span class="code-keyword">or</span> iffy',
    ]


def test_characters_that_reorder_text_are_named_and_not_obeyed() -> None:
    (line,) = shown("ok\u202e # \x1b[2J")
    assert "\u202e" not in line
    assert "\x1b" not in line
    assert "U+202E" in line
    assert "U+001B" in line


@given(st.text(max_size=300))
def test_no_text_gets_out_of_its_place(text: str) -> None:
    for html in lines_of("main.py", text):
        assert "\n" not in html
        assert html.count("<") == html.count("<span") + html.count("</span>")
        assert html.count("<span") == html.count("</span>")


def test_what_is_no_text_or_too_large_is_only_named() -> None:
    empty, picture = code_files({"a.txt": b"", "b.png": b"\x89PNG\0"})
    assert (empty.lines, picture.lines, picture.size) == ((), (), 5)
    assert text_of("姓名".encode("gb18030")) == "姓名"
    assert text_of(b"\xff\xff") is None
    (long,) = code_files({"main.py": b"x\n" * (SHOWN_LINES + 7)})
    assert (len(long.lines), long.left) == (SHOWN_LINES, 7)
    assert f"+{5}</span>" in shown("a" * (SHOWN_COLUMNS + 5))[0]


def test_lines_have_addresses_and_marks() -> None:
    first, second = code_files({"a.py": b"1\n2\n3\n", "b.py": b"4\n"}, [("a.py", 2, 3)])
    assert (first.prefix, second.prefix) == ("L", "F2L")
    assert [line.mark for line in first.lines] == [0, 1, 1]


def rows(old: str, new: str) -> list[tuple[str, int | None, int | None]]:
    (found,) = compare({"main.py": old.encode()}, {"main.py": new.encode()})
    return [(row.sign, row.old, row.new) for row in found.rows]


def test_a_change_is_shown_with_its_numbers_and_surroundings() -> None:
    old = "".join(f"line {n}\n" for n in range(1, 11))
    found = rows(old, old.replace("line 8", "line eight"))
    assert found == [
        (" ", 5, 5), (" ", 6, 6), (" ", 7, 7), ("-", 8, None), ("+", None, 8), (" ", 9, 9), (" ", 10, 10),
    ]  # fmt: skip


def test_files_come_and_go() -> None:
    found = compare({"a.py": b"1\n", "b.py": b"2\n"}, {"b.py": b"2\n", "c.py": b"3\n4\n", "d.bin": b"\0"})
    assert [(file.name, file.change, file.added, file.removed) for file in found] == [
        ("a.py", "removed", 0, 1),
        ("b.py", "same", 0, 0),
        ("c.py", "added", 2, 0),
        ("d.bin", "opaque", 0, 0),
    ]


def test_too_much_is_not_compared() -> None:
    old = "".join(f"{n}\n" for n in range(COMPARED_LINES + 1))
    (found,) = compare({"a.py": old.encode()}, {"a.py": old[::-1].encode()})
    assert (found.change, found.rows) == ("opaque", ())
    assert rows(old, old + "end\n")[-1] == ("+", None, COMPARED_LINES + 2)


@given(st.lists(st.sampled_from("abc")), st.lists(st.sampled_from("abc")))
def test_the_rows_hold_every_change(old: list[str], new: list[str]) -> None:
    found = compare({"a": "".join(f"{x}\n" for x in old).encode()}, {"a": "".join(f"{x}\n" for x in new).encode()})
    added = [row.new for file in found for row in file.rows if row.sign == "+"]
    removed = [row.old for file in found for row in file.rows if row.sign == "-"]
    kept_old = [x for at, x in enumerate(old, 1) if at not in removed]
    kept_new = [x for at, x in enumerate(new, 1) if at not in added]
    assert kept_old == kept_new
