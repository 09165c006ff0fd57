"""Photos on the pages: for those who may see the person, and nobody else; on the ticket, until they are erased."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from tests.accreditation import factories as base
from tests.exams import factories as exams
from tests.exams.test_photos import packed, picture

from jinbang.accounts.models import Role
from jinbang.core.errors import Refusal
from jinbang.documents.domain.issue import print_again
from jinbang.exams.domain import arrangements, papers, photos
from jinbang.exams.models import Arrangement, Candidate

pytestmark = pytest.mark.django_db


def text(response) -> str:
    return response.content.decode()


@pytest.fixture
def school(people):
    return people.school


def test_a_zip_is_taken_in_with_a_report_and_a_photo_is_seen_by_few(people, school, sign_in, at_time):
    one, two = exams.candidates(school, 2)
    manager = sign_in(people.manager)
    upload = reverse("photo_import")
    assert "必填" in text(manager.post(upload, {"school": school.pk}))
    sent = packed({f"{one.student_number}.jpg": picture(), "张三.jpg": picture()}).getvalue()
    page = text(manager.post(upload, {"school": school.pk, "file": SimpleUploadedFile("a.zip", sent)}))
    assert "已保存 1 名考生的照片" in page
    assert "张三.jpg" in page
    assert "还有 1 名考生没有照片" in page
    one.refresh_from_db()
    address = reverse("candidate_photo", args=[one.pk])
    shown = manager.get(address)
    assert (shown.status_code, shown["Content-Type"]) == (200, "image/jpeg")
    assert b"".join(shown.streaming_content)[:2] == b"\xff\xd8"
    assert address in text(manager.get(reverse("candidate", args=[one.pk])))
    assert manager.get(reverse("candidate_photo", args=[two.pk])).status_code == 404
    listed = text(manager.get(reverse("candidate_list") + "?photo=no")).partition("<main")[2]
    assert two.name in listed
    assert one.name not in listed
    away = base.person("away", Role.SCHOOL_MANAGER, base.school("另一学院"))
    student = base.person("student", Role.STUDENT, school)
    assert sign_in(away).get(address).status_code == 404
    assert sign_in(student).get(address).status_code == 403
    for person in (away, student, people.finance):
        assert sign_in(person).get(reverse("stored_file", args=[one.photo_id])).status_code == 404
    assert sign_in(people.exams).get(reverse("stored_file", args=[one.photo_id])).status_code == 200


def test_one_photo_is_put_and_erased_by_the_school_only(people, school, sign_in, at_time):
    one = exams.candidates(school, 1)[0]
    manager, teacher = sign_in(people.manager), sign_in(base.person("teacher", Role.TEACHER, school))
    upload, remove = (reverse(f"candidate_photo_{what}", args=[one.pk]) for what in ("upload", "remove"))
    assert teacher.get(upload).status_code == 403
    wide = SimpleUploadedFile("a.jpg", picture(420, 300))
    assert "宽高比" in text(manager.post(upload, {"file": wide}))
    assert manager.post(upload, {"file": SimpleUploadedFile("a.jpg", picture())}).status_code == 302
    assert Candidate.objects.get().photo is not None
    assert manager.post(remove, {"reason": "考生要求"}).status_code == 302
    assert Candidate.objects.get().photo is None


def test_the_sheet_with_full_numbers_is_for_those_who_import(people, school, sign_in, at_time):
    manager = sign_in(people.manager)
    data = exams.sheet(exams.people_rows(1))
    given = {"school": school.pk, "file": SimpleUploadedFile("考生.xlsx", data)}
    sheet = manager.post(reverse("candidate_import"), given)["Location"].rstrip("/").rpartition("/")[2]
    address = reverse("stored_file", args=[sheet])
    assert manager.get(address).status_code == 200
    for role in (Role.STUDENT, Role.INVIGILATOR, Role.TEACHER):
        assert sign_in(base.person(role.value, role, school)).get(address).status_code == 404
    assert sign_in(people.accreditation).get(address).status_code == 404


def test_the_ticket_shows_the_photo_and_its_record_does_not_keep_it(django_capture_on_commit_callbacks):
    w = exams.world()
    row = exams.confirmed(w, 1)[0]
    photos.set_photo(candidate=row.candidate, data=picture(), actor=base.ACTOR, now=exams.REGISTERING)
    drawn = arrangements.draw(sitting=w.sitting, site=w.site, seed=1, actor=base.ACTOR, now=exams.ARRANGING)
    arrangements.freeze(arrangement=drawn, actor=base.ACTOR, now=exams.ARRANGING)
    document = papers.issue_papers(
        arrangement=Arrangement.objects.get(pk=drawn.pk), kind="ticket", actor=base.ACTOR, now=exams.PRINTING
    )[0]
    assert document.input["tickets"][0]["photo"].startswith("sha256:")
    assert b"/Image" in print_again(document)
    with django_capture_on_commit_callbacks(execute=True):
        photos.remove_photo(candidate=row.candidate, reason="期满", actor=base.ACTOR, now=exams.PRINTING)
    with pytest.raises(Refusal) as refused:
        print_again(document)
    assert refused.value.code == "photo_erased"
