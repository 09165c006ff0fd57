"""Backup and restore: everything comes back, and a damaged archive or an occupied place is refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from tests import migrated

from jinbang.cli.archive import ArchiveError, Writer, unpack

ROOT = Path(__file__).parents[2]
FILL = """
import django; django.setup()
from datetime import UTC, datetime
from django.conf import settings
from jinbang.accounts.domain.organisations import create_organisation
from jinbang.audit.actor import SYSTEM
for n in range(5):
    create_organisation(kind="province", name=f"省{n}", code=f"P{n}", actor=SYSTEM, now=datetime(2022,3,1,tzinfo=UTC))
folder = settings.FILES_DIR / "ab"; folder.mkdir(parents=True); (folder / "scan").write_bytes(b"signed" * 1000)
"""
COUNT = """
import django; django.setup()
from django.conf import settings
from jinbang.accounts.models import Organisation
from jinbang.audit.domain import verify_chain
size = (settings.FILES_DIR / "ab/scan").stat().st_size
print(Organisation.objects.count(), len(verify_chain()), size, settings.SECRET_KEY)
"""


def run(data: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "src"),
        "JINBANG_DATA": str(data),
        "JINBANG_DATABASE": "",
        "DJANGO_SETTINGS_MODULE": "jinbang.config.settings",
    }
    arguments = [sys.executable, "-W", "ignore", *command]
    return subprocess.run(arguments, env=environment, capture_output=True, text=True, timeout=180, check=False)


def jinbang(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run(data, "-m", "jinbang.cli.main", *arguments)


def test_what_was_backed_up_comes_back_and_nothing_is_overwritten_unasked(tmp_path: Path) -> None:
    old, new, archive = tmp_path / "old", tmp_path / "new", tmp_path / "out" / "b.tar"
    migrated.place_sqlite(old)
    assert run(old, "-c", FILL).returncode == 0
    made = jinbang(old, "backup", str(archive), "--json")
    assert json.loads(made.stdout.splitlines()[-1])["ok"] is True
    assert archive.stat().st_mode & 0o077 == 0
    assert jinbang(old, "backup", str(archive)).returncode == 1

    assert jinbang(new, "restore", str(archive)).returncode == 0
    assert run(new, "-c", COUNT).stdout == run(old, "-c", COUNT).stdout
    assert run(new, "-c", COUNT).stdout.startswith("5 0 6000 ")

    refused = jinbang(new, "restore", str(archive))
    assert refused.returncode == 1
    assert "--replace" in refused.stdout
    assert jinbang(new, "restore", str(archive), "--replace").returncode == 0
    assert (new / "replaced-1" / "jinbang.sqlite3").exists()


def archive_of(tmp_path: Path) -> Path:
    source, target = tmp_path / "a.txt", tmp_path / "a.tar"
    source.write_text("content")
    writer = Writer(target)
    writer.add("files/a.txt", source)
    writer.finish({"backend": "sqlite"})
    return target


def test_a_whole_archive_unpacks(tmp_path: Path) -> None:
    archive = archive_of(tmp_path)
    manifest = unpack(archive, tmp_path / "out")
    assert (tmp_path / "out/files/a.txt").read_text() == "content"
    assert manifest["backend"] == "sqlite"


@pytest.mark.parametrize("keep", [0, 700, 1024, 1600])
def test_an_archive_cut_short_is_refused(tmp_path: Path, keep: int) -> None:
    archive = archive_of(tmp_path)
    data = archive.read_bytes()
    archive.write_bytes(data[:keep])
    with pytest.raises(ArchiveError):
        unpack(archive, tmp_path / "out")


def test_an_altered_file_is_named(tmp_path: Path) -> None:
    archive = archive_of(tmp_path)
    archive.write_bytes(archive.read_bytes().replace(b"content", b"CONTENT", 1))
    with pytest.raises(ArchiveError, match=r"files/a\.txt"):
        unpack(archive, tmp_path / "out")


def test_a_member_that_would_land_elsewhere_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "evil.tar"
    with tarfile.open(archive, "w") as tar:
        tar.addfile(tarfile.TarInfo("../evil"))
    with pytest.raises(ArchiveError, match="inside the archive"):
        unpack(archive, tmp_path / "out")
    assert not (tmp_path / "evil").exists()
