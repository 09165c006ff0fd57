"""Candidates' photos: one by one or by the hundred, replaced, erased when their time is over."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from typing import BinaryIO

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from jinbang.accounts.domain.personal_data import id_number_hash
from jinbang.accounts.models import Organisation
from jinbang.accreditation.domain.zone import ZONE
from jinbang.audit.actor import Actor
from jinbang.audit.domain import record
from jinbang.core.errors import Refusal, RowError
from jinbang.core.identity import mask
from jinbang.documents.domain import files
from jinbang.exams.domain.photo_rules import PhotoRules, clean_photo, photo_rules
from jinbang.exams.models import Candidate, Registration

PHOTO_ABILITY = "candidate.view"
_LITTER = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")
_ID_LENGTH = 18


@dataclass(frozen=True)
class PhotoReport:
    """What became of a zip: how many candidates have a photo of it now, and what was wrong with the other files."""

    taken: int
    faults: tuple[RowError, ...]


def set_photo(*, candidate: Candidate, data: bytes, actor: Actor, now: datetime) -> Candidate:
    """Give a candidate a photo; an earlier one is erased.

    Effects: a ``StoredFile`` of the picture made anew, audit rows. Refusals: those of ``clean_photo``.
    """
    rules = photo_rules()
    picture = clean_photo(data, rules)
    with transaction.atomic():
        held = Candidate.objects.select_for_update(of=("self",)).select_related("photo", "school").get(pk=candidate.pk)
        old = held.photo
        held.photo = files.store(
            data=picture, name=f"{held.pk}.jpg", content_type="image/jpeg", organisation=held.school,
            ability=PHOTO_ABILITY, keep_until=now.astimezone(ZONE).date() + timedelta(days=rules.keep_days),
            actor=actor, now=now,
        )  # fmt: skip
        held.save(update_fields=["photo"])
        if old is not None:
            files.discard(stored=old, actor=actor, now=now)
        record("candidate.set_photo", held, actor=actor, now=now)
    return held


def remove_photo(*, candidate: Candidate, reason: str, actor: Actor, now: datetime) -> Candidate:
    """Erase a candidate's photo. Effects: row and bytes gone, audit rows.

    Refusals: ``no_photo``, ``reason_required``.
    """
    if not reason.strip():
        raise Refusal("reason_required", _("请写明删除照片的理由"), field="reason")
    with transaction.atomic():
        held = Candidate.objects.select_for_update(of=("self",)).select_related("photo").get(pk=candidate.pk)
        if held.photo is None:
            raise Refusal("no_photo", _("该考生没有照片"))
        old, held.photo = held.photo, None
        held.save(update_fields=["photo"])
        record("candidate.remove_photo", held, actor=actor, now=now, reason=reason)
        files.discard(stored=old, actor=actor, now=now)
    return held


def import_photos(*, school: Organisation, archive: BinaryIO, actor: Actor, now: datetime) -> PhotoReport:
    """Take in a zip of photos, each named by identity number or by student number; folders do not matter.

    Good files count although others are faulty: the report names those, identity numbers masked. Doing it
    again replaces what was there. Effects: as ``set_photo``, each in a transaction of its own. Refusals of the
    whole: ``zip_unreadable``, ``zip_empty``, ``zip_too_long``.
    """
    rules = photo_rules()
    taken: set[int] = set()
    faults: list[RowError] = []
    with _opened(archive) as zipped:
        entries = _entries(zipped, rules)
        for number, entry in enumerate(entries, 1):
            stem = PurePosixPath(entry.filename).stem.strip()
            try:
                candidate = _named(school, stem)
                if candidate.pk in taken:
                    raise Refusal("double", _("同一名考生有两张照片，只采用了第一张"))
                set_photo(candidate=candidate, data=_content(zipped, entry, rules), actor=actor, now=now)
                taken.add(candidate.pk)
            except Refusal as refusal:
                faults.append(RowError(number, _shown(entry.filename), str(refusal), code=refusal.code))
    return PhotoReport(len(taken), tuple(faults))


def erase_old_photos(*, actor: Actor, now: datetime) -> int:
    """Erase photos whose time is over, but for candidates who are registered for a sitting yet to come.

    Effects: as ``remove_photo``. Returns how many.
    """
    today = now.astimezone(ZONE).date()
    to_come = Registration.objects.filter(candidate=OuterRef("pk"), sitting__date__gte=today).exclude(state="withdrawn")
    over = Candidate.objects.filter(~Exists(to_come), photo__keep_until__lt=today)
    rows = list(over.order_by("pk"))
    for row in rows:
        remove_photo(candidate=row, reason=_("保存期满"), actor=actor, now=now)
    return len(rows)


def _opened(archive: BinaryIO) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(archive)
    except (zipfile.BadZipFile, OSError, ValueError) as fault:
        raise Refusal("zip_unreadable", _("无法读取压缩包：请上传 .zip 文件"), field="file") from fault


def _entries(zipped: zipfile.ZipFile, rules: PhotoRules) -> Sequence[zipfile.ZipInfo]:
    found = list(_worth_reading(zipped.infolist()))
    if not found:
        raise Refusal("zip_empty", _("压缩包里没有文件"), field="file")
    if len(found) > rules.max_files:
        raise Refusal("zip_too_long", _("压缩包里超过 {most} 个文件，请分批上传"), most=rules.max_files, field="file")
    return found


def _worth_reading(entries: Sequence[zipfile.ZipInfo]) -> Iterator[zipfile.ZipInfo]:
    return (entry for entry in entries if not entry.is_dir() and not any(word in entry.filename for word in _LITTER))


def _content(zipped: zipfile.ZipFile, entry: zipfile.ZipInfo, rules: PhotoRules) -> bytes:
    """A file of the zip; what it says of its size is not believed."""
    try:
        with zipped.open(entry) as file:
            return file.read(rules.max_bytes + 1)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, EOFError) as fault:
        raise Refusal("photo_unreadable", _("文件已损坏或加了密码")) from fault


def _named(school: Organisation, stem: str) -> Candidate:
    mine = Candidate.objects.filter(school=school)
    found = list(mine.filter(id_hash=id_number_hash(stem)))
    if not found and stem:
        found = list(mine.filter(student_number=stem)[:2])
    if not found:
        raise Refusal("candidate_unknown", _("文件名不是本校考生的证件号或学号"))
    if len(found) > 1:
        raise Refusal("candidate_unclear", _("有多名考生使用这个学号，请改用证件号命名"))
    return found[0]


def _shown(name: str) -> str:
    """The file's name for the report; a long one could be an identity number and is masked."""
    path = PurePosixPath(name)
    return f"{mask(path.stem)}{path.suffix}" if len(path.stem) >= _ID_LENGTH else path.name
