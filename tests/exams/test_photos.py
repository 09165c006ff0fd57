"""Photos: made anew, taken from a zip, shown to few, erased in time."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta

import pytest
from PIL import Image
from tests.accreditation.factories import ACTOR, refused, school
from tests.exams.factories import REGISTERING, candidates, number, registered, world

from jinbang.audit.models import AuditRow
from jinbang.core.identity import mask
from jinbang.documents.domain import files
from jinbang.documents.models import StoredFile
from jinbang.exams.domain import photos
from jinbang.exams.domain.photo_rules import clean_photo, photo_rules
from jinbang.exams.models import Candidate

pytestmark = pytest.mark.django_db
RULES = photo_rules()


def picture(width: int = 300, height: int = 420, kind: str = "JPEG", colour: str = "navy", **saved: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGBA" if kind == "PNG" else "RGB", (width, height), colour).save(out, kind, **saved)
    return out.getvalue()


def packed(entries: dict[str, bytes]) -> io.BytesIO:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    out.seek(0)
    return out


def take(of: object, entries: dict[str, bytes]) -> photos.PhotoReport:
    return photos.import_photos(school=of, archive=packed(entries), actor=ACTOR, now=REGISTERING)  # type: ignore[arg-type]


def test_the_picture_is_made_anew_without_metadata_upright_and_small():
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010E] = "秘密"
    kept = clean_photo(picture(1000, 720, exif=exif), RULES)
    with Image.open(io.BytesIO(kept)) as found:
        assert (found.format, found.size, dict(found.getexif())) == ("JPEG", (360, 500), {})
    assert "秘密".encode() not in kept
    with Image.open(io.BytesIO(clean_photo(picture(kind="PNG", colour="#00000000"), RULES))) as found:
        assert found.getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"no picture", "photo_unreadable"),
        (picture()[:400], "photo_unreadable"),
        (picture(kind="BMP"), "photo_format"),
        (picture(179, 250), "photo_small"),
        (picture(420, 300), "photo_shape"),
        (picture(250, 420), "photo_shape"),
        (picture(8001, 10, "PNG"), "photo_too_large"),
        (b"x" * (RULES.max_bytes + 1), "photo_too_large"),
    ],
)
def test_what_is_no_photo_is_refused(data: bytes, code: str):
    with refused(code):
        clean_photo(data, RULES)


def test_a_new_photo_erases_the_old_one(django_capture_on_commit_callbacks):
    person = candidates(school(), 1)[0]
    old = photos.set_photo(candidate=person, data=picture(), actor=ACTOR, now=REGISTERING).photo
    path = files.path_of(old.sha256)
    assert path.exists()
    with django_capture_on_commit_callbacks(execute=True):
        new = photos.set_photo(candidate=person, data=picture(colour="red"), actor=ACTOR, now=REGISTERING).photo
    assert not path.exists()
    assert list(StoredFile.objects.filter(content_type="image/jpeg")) == [new]
    assert (new.ability, new.organisation_id) == ("candidate.view", person.school_id)
    with refused("reason_required"):
        photos.remove_photo(candidate=person, reason="", actor=ACTOR, now=REGISTERING)
    photos.remove_photo(candidate=person, reason="考生要求", actor=ACTOR, now=REGISTERING)
    with refused("no_photo"):
        photos.remove_photo(candidate=person, reason="考生要求", actor=ACTOR, now=REGISTERING)
    assert AuditRow.objects.filter(action="candidate.remove_photo", reason="考生要求").count() == 1


def test_a_zip_takes_the_good_ones_and_names_the_others():
    home = school()
    people = candidates(home, 4)
    elsewhere = number(77)
    report = take(
        home,
        {
            "照片/": b"",
            f"照片/{number(1)}.JPG": picture(),
            f"{number(2).lower()}.png": picture(kind="PNG"),
            f"{people[2].student_number}.jpg": picture(),
            f"x/{people[2].student_number}.jpg": picture(colour="red"),
            f"{elsewhere}.jpg": picture(),
            f"{people[3].student_number}.jpg": b"broken",
            "__MACOSX/._a.jpg": b"",
            "Thumbs.db": b"",
        },
    )
    assert report.taken == 3
    assert [(fault.row, fault.field, fault.code) for fault in report.faults] == [
        (4, f"{people[2].student_number}.jpg", "double"),
        (5, f"{mask(elsewhere)}.jpg", "candidate_unknown"),
        (6, f"{people[3].student_number}.jpg", "photo_unreadable"),
    ]
    assert list(Candidate.objects.filter(photo__isnull=True)) == [people[3]]
    again = take(home, {f"{number(1)}.jpg": picture(colour="red")})
    assert (again.taken, again.faults) == (1, ())


def test_what_is_no_zip_and_an_empty_or_endless_one():
    home = school()
    with refused("zip_unreadable"):
        photos.import_photos(school=home, archive=io.BytesIO(b"PK no"), actor=ACTOR, now=REGISTERING)
    with refused("zip_empty"):
        take(home, {"Thumbs.db": b""})
    with refused("zip_too_long"):
        take(home, {f"{n}.jpg": b"" for n in range(RULES.max_files + 1)})


def test_photos_are_erased_when_their_time_is_over_unless_a_sitting_is_to_come():
    w = world()
    waiting = registered(w, 1)[0].candidate
    done = candidates(w.school, 1, 50)[0]
    for person in (waiting, done):
        photos.set_photo(
            candidate=person, data=picture(), actor=ACTOR, now=REGISTERING - timedelta(days=RULES.keep_days)
        )
    assert photos.erase_old_photos(actor=ACTOR, now=REGISTERING) == 0
    assert photos.erase_old_photos(actor=ACTOR, now=REGISTERING + timedelta(days=1)) == 1
    assert list(Candidate.objects.filter(photo__isnull=False)) == [waiting]
    assert photos.erase_old_photos(actor=ACTOR, now=REGISTERING + timedelta(days=60)) == 1
