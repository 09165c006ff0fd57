"""Uploads: what is taken arrives exact, what is hostile is refused with its own code."""

import contextlib
import io
import stat
import struct
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jinbang.judge.package import to_zip
from jinbang.judge.uploads import Bounds, UploadError, accept_files, safe_name, unpack


def archive(*members: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as handle:
        for name, data in members:
            handle.writestr(name, data)
    return out.getvalue()


def refused(data: bytes, bounds: Bounds | None = None) -> str:
    with pytest.raises(UploadError) as caught:
        unpack(data, bounds=bounds or Bounds())
    return caught.value.code


def gbk_archive() -> bytes:
    """As Windows Explorer in China writes it: GBK bytes, no UTF-8 flag."""
    placeholder = b"xxxxxx.py"
    data = archive((placeholder.decode(), b"print(1)\n"))
    return data.replace(placeholder, "主程序".encode("gbk") + b".py")


def test_plain_archive_arrives_exact() -> None:
    data = archive(("main.py", b"a"), ("pkg/", b""), ("pkg/util.py", b"b"), ("__MACOSX/._main.py", b"x"))
    assert unpack(data) == {"main.py": b"a", "pkg/util.py": b"b"}


def test_gbk_names_are_read() -> None:
    assert unpack(gbk_archive()) == {"主程序.py": b"print(1)\n"}


def test_utf8_names_without_the_flag_are_read() -> None:
    data = archive(("xxxxxx.py", b"")).replace(b"xxxxxx", "考生".encode())
    assert unpack(data) == {"考生.py": b""}


def test_decomposed_names_are_composed() -> None:
    assert list(unpack(archive(("cafe\u0301.py", b"")))) == ["caf\u00e9.py"]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("/etc/passwd", "absolute_path"),
        ("C:\\x.py", "absolute_path"),
        ("../main.py", "path_escape"),
        ("a/../../b.py", "path_escape"),
        ("a\\..\\b.py", "path_escape"),
        ("a//b.py", "path_escape"),
        ("./main.py", "path_escape"),
        ("nul.py", "bad_name"),
        ("main.py.", "bad_name"),
        ("ma\u202ein.py", "bad_name"),
        ("x" * 300 + ".py", "bad_name"),
        ("/".join("abcdefghij"), "bad_name"),
    ],
)
def test_names_that_escape_or_mislead(name: str, code: str) -> None:
    assert refused(archive((name, b"x"))) == code


def test_links_are_refused() -> None:
    link = zipfile.ZipInfo("main.py")
    link.create_system = 3
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert refused(archive((link, b"/etc/passwd"))) == "not_a_file"


def test_double_names_are_refused() -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        data = archive(("main.py", b"1"), ("main.py", b"2"))
    assert refused(data) == "duplicate"
    assert refused(archive(("main.py", b"1"), ("Main.PY", b"2"))) == "duplicate"
    assert refused(archive(("a", b"1"), ("a/b.py", b"2"))) == "duplicate"


def test_bombs_are_refused() -> None:
    zeros = archive(("big.txt", bytes(6 << 20)))
    assert len(zeros) < 10_000
    assert refused(zeros) == "bomb"
    assert refused(zeros, Bounds(file_bytes=1 << 20)) == "too_large"


def test_a_lying_header_gains_nothing() -> None:
    data = bytearray(archive(("big.txt", bytes(4 << 20))))
    start = data.rindex(b"PK\x01\x02")
    data[start + 24 : start + 28] = struct.pack("<L", 10)
    assert refused(bytes(data), Bounds(file_bytes=1 << 20)) in {"damaged", "too_large"}


def test_overlapping_members_are_refused() -> None:
    data = archive(("a.txt", bytes(1000)), ("b.txt", bytes(1000)), method=zipfile.ZIP_STORED)
    second = data.rindex(b"PK\x01\x02")
    forged = bytearray(data)
    forged[second + 42 : second + 46] = struct.pack("<L", 0)
    assert refused(bytes(forged)) in {"bomb", "damaged"}


def test_counts_and_totals() -> None:
    many = archive(*((f"f{i}.py", b"x") for i in range(201)))
    assert refused(many) == "too_many"
    assert refused(archive(("a", b"x" * 600), ("b", b"y" * 600)), Bounds(total_bytes=1000)) == "too_large"
    assert refused(b"x" * 20, Bounds(archive_bytes=10)) == "too_large"


@pytest.mark.parametrize(
    "data",
    [b"", b"PK\x03\x04", b"not a zip", archive(("a", b"x" * 99))[:-8]],
    ids=["nothing", "four bytes", "text", "end cut off"],  # a zip holds the time: it may not name a test
)
def test_damage_is_told(data: bytes) -> None:
    assert refused(data) == "damaged"


def test_loose_files_follow_the_same_rules() -> None:
    assert accept_files([("main.py", b"1"), ("sub\\b.py", b"2")]) == {"main.py": b"1", "sub/b.py": b"2"}
    with pytest.raises(UploadError, match=r"重复"):
        accept_files([("main.py", b"1"), ("main.py", b"2")])


@given(st.text(max_size=40))
def test_a_name_is_safe_or_refused(name: str) -> None:
    try:
        safe = safe_name(name)
    except UploadError:
        return
    assert not safe.startswith("/")
    assert ".." not in safe.split("/")
    assert "\\" not in safe
    assert safe_name(safe) == safe


@given(st.binary(max_size=200))
def test_noise_never_crashes(data: bytes) -> None:
    with contextlib.suppress(UploadError):
        unpack(data)


def test_the_transport_zip_round_trips() -> None:
    files = {"task.toml": b"x", "数据/表.csv": b"1,2\n"}
    assert unpack(to_zip(files)) == files
    assert to_zip(files) == to_zip(dict(reversed(files.items())))
