"""Files kept by content."""

from __future__ import annotations

import pytest
from tests.accreditation.factories import ACTOR, NOW, refused

from jinbang.documents.domain import files

pytestmark = pytest.mark.django_db


def keep(data: bytes, name: str = "a.pdf"):
    return files.store(data=data, name=name, content_type="application/pdf", actor=ACTOR, now=NOW)


def test_equal_bytes_share_one_file_and_come_back():
    one, two = keep(b"same"), keep(b"same", "b.pdf")
    assert one.sha256 == two.sha256
    assert files.read(two) == b"same"
    with files.open(one) as file:
        assert file.read() == b"same"


def test_a_name_cannot_point_elsewhere():
    assert keep(b"x", "../../etc/passwd").name == "passwd"
    assert keep(b"x", "C:\\tmp\\a.pdf").name == "a.pdf"


def test_empty_large_damaged_and_lost():
    with refused("file_empty"):
        keep(b"")
    with refused("file_too_large"):
        keep(b"x" * (files.MAX_UPLOAD_BYTES + 1))
    stored = keep(b"content to damage")
    path = files.path_of(stored.sha256)
    path.write_bytes(b"other")
    with refused("file_damaged"):
        files.read(stored)
    path.unlink()
    with refused("file_missing"):
        files.read(stored)
