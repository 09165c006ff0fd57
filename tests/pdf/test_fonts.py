"""Coverage is read from the fonts themselves."""

import pytest

from jinbang.pdf import bench, fonts


def test_known_characters():
    assert fonts.missing("张三 Abc 123 ·，。《》龘䶮㛃𫍲\u3007") == ()
    assert fonts.missing("葛\U000e0100") == ()


def test_gaps_are_listed_once_in_order():
    assert fonts.missing("𪚥李𠀀𪚥") == ("𠀀", "𪚥")
    assert fonts.spell_out("李𪚥", ["𪚥"]) == "李[U+2A6A5]"


def test_all_common_characters_of_gb2312_are_there():
    common = "".join(
        bytes([a, b]).decode("gb2312")
        for a in range(0xB0, 0xF8)
        for b in range(0xA1, 0xFF)
        if a < 0xD7 or b < 0xFA or a > 0xD7
    )
    assert len(common) > 6700
    assert fonts.missing(common) == ()


def test_not_a_font():
    with pytest.raises(ValueError, match="no cmap"):
        fonts.code_points(b"OTTO\0\0" + b"\0" * 20)


def test_operator_fonts_are_used(monkeypatch, tmp_path):
    (tmp_path / "a.otf").write_bytes(fonts.serif_path().read_bytes())
    (tmp_path / "note.txt").write_text("not a font")
    monkeypatch.setenv("JINBANG_FONT_DIR", str(tmp_path))
    assert fonts.font_files()[-1] == tmp_path / "a.otf"
    assert fonts.font_dirs()[-1] == tmp_path


def test_bench_reports_its_figures():
    found = bench.run(5)
    assert found["ticket"]["documents_per_s"] > 0
    assert found["ticket_ratio"] > 1
    assert set(found) >= {"empty", "ticket", "ticket_book", "certificate", "sign_in_sheet", "memory_mb"}
