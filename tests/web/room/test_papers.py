"""Sealed papers: two people, each with their own passphrase, not before the set time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from jinbang.accounts.models import Organisation, Person, RoleGrant
from jinbang.audit.models import AuditRow
from jinbang.config import clock
from jinbang.delivery.drill.site import _PASSPHRASES, build
from jinbang.delivery.models import PaperSet, RoomSession, SealedPaper
from jinbang.exams.models import InvigilatorAssignment, Sitting

pytestmark = pytest.mark.django_db


@pytest.fixture
def paper_set(db: None) -> PaperSet:
    build(candidates=2, starts_at=clock.now() + timedelta(minutes=10), minutes=90, released=False)
    return PaperSet.objects.get()


def signed_in(person: Person, role: str) -> Client:
    awarding = Organisation.objects.get(kind="awarding")
    since = clock.now() - timedelta(days=1)
    RoleGrant.objects.create(person=person, role=role, organisation=awarding, valid_from=since, granted_by="test")
    client = Client()
    client.force_login(person)
    return client


def release(client: Client, paper_set: PaperSet, words: str) -> int:
    return client.post(f"/room/papers/{paper_set.pk}/release/", {"passphrase": words}).status_code


def test_both_holders_release_and_nobody_else(paper_set: PaperSet) -> None:
    first, second = (signed_in(Person.objects.get(username=f"drill-{n}"), "key_holder") for n in (1, 2))
    other = signed_in(Person.objects.create(username="other", name="别人", created_at=clock.now()), "key_holder")
    PaperSet.objects.update(not_before=clock.now() + timedelta(minutes=5))
    assert release(first, paper_set, _PASSPHRASES[0]) == 422
    PaperSet.objects.update(not_before=clock.now() - timedelta(minutes=5))
    assert release(first, paper_set, "wrong passphrase") == 422
    assert release(other, paper_set, _PASSPHRASES[0]) == 422
    assert release(first, paper_set, _PASSPHRASES[0]) == 302
    assert release(first, paper_set, _PASSPHRASES[0]) == 422
    assert PaperSet.objects.get().state == "half_released"
    assert release(second, paper_set, _PASSPHRASES[1]) == 302
    assert PaperSet.objects.get().state == "released"
    assert "已开启" in second.get(f"/room/papers/{paper_set.pk}/").content.decode()


def test_officer_prepares_again_seals_and_verifies(paper_set: PaperSet) -> None:
    officer = signed_in(Person.objects.create(username="officer", name="考务", created_at=clock.now()), "exam_officer")
    people = list(Person.objects.filter(username__startswith="drill-"))
    for person in people:
        signed_in(person, "key_holder")
    again = {"sitting": paper_set.sitting_subject.sitting_id}
    assert officer.post("/room/papers/prepare/", again).status_code == 302
    assert PaperSet.objects.count() == 1
    fields = {
        "first": people[0].pk, "first_words": "first words 1", "second": people[1].pk, "second_words": "second words 2",
    }  # fmt: skip
    assert officer.post(f"/room/papers/{paper_set.pk}/seal/", fields).status_code == 422  # sealed already
    PaperSet.objects.update(state="preparing")
    assert officer.post(f"/room/papers/{paper_set.pk}/seal/", {**fields, "second": people[0].pk}).status_code == 422
    assert officer.post(f"/room/papers/{paper_set.pk}/seal/", fields).status_code == 302
    page = officer.post(f"/room/papers/{paper_set.pk}/verify/", follow=True).content.decode()
    assert "全部试卷与封存时一致" in page
    SealedPaper.objects.filter(pk=SealedPaper.objects.first().pk).update(ciphertext=b"changed")  # type: ignore[union-attr]
    page = officer.post(f"/room/papers/{paper_set.pk}/verify/", follow=True).content.decode()
    assert "有 1 份试卷与封存时不一致" in page


def test_others_do_not_see_papers(paper_set: PaperSet) -> None:
    client = signed_in(Person.objects.create(username="m", name="阅卷", created_at=clock.now()), "marker")
    for path in ("papers/", f"papers/{paper_set.pk}/", f"papers/{paper_set.pk}/seal/"):
        assert client.get(f"/room/{path}").status_code == 403


def test_second_person_confirms_discarding_at_the_first_ones_screen(paper_set: PaperSet) -> None:
    officer = signed_in(Person.objects.create(username="officer", name="考务", created_at=clock.now()), "exam_officer")
    keeper, marker = (
        Person.objects.get(username="drill-1"),
        Person.objects.create(username="m", name="阅卷", created_at=clock.now()),
    )
    for person in (keeper, marker):
        person.set_password("jinbang-test-2022")
        person.save()
    signed_in(keeper, "key_holder")
    signed_in(marker, "marker")
    address = f"/room/papers/{paper_set.pk}/"
    assert officer.post(address + "ask-discard/", {"reason": "疑似泄露"}).status_code == 302
    assert "申请作废，须由另一人确认" in officer.get(address).content.decode()
    assert officer.post(address + "discard/", {}).status_code == 422
    by = {"by_username": "drill-1", "by_password": "wrong"}
    assert officer.post(address + "discard/", by).status_code == 422
    assert (
        officer.post(address + "discard/", {"by_username": "m", "by_password": "jinbang-test-2022"}).status_code == 422
    )
    assert officer.post(address + "discard/", {**by, "by_password": "jinbang-test-2022"}).status_code == 302
    made = PaperSet.objects.get(state="preparing")
    assert "前一套已作废" in officer.get(f"/room/papers/{made.pk}/").content.decode()
    assert "这套试卷已作废" in officer.get(address).content.decode()
    row = AuditRow.objects.get(action="sealed_paper_set.discard")
    assert row.actor_key == str(keeper.pk)
    assert AuditRow.objects.filter(action="person.signed_on_the_spot").count() == 2


def test_second_officer_confirms_at_an_own_screen(paper_set: PaperSet) -> None:
    people = [Person.objects.create(username=f"o{n}", name=f"考务{n}", created_at=clock.now()) for n in (1, 2)]
    first, second = (signed_in(person, "exam_officer") for person in people)
    address = f"/room/papers/{paper_set.pk}/"
    first.post(address + "ask-discard/", {"reason": "疑似泄露"})
    assert second.post(address + "keep/").status_code == 302
    first.post(address + "ask-discard/", {"reason": "确实泄露"})
    assert second.post(address + "discard/").status_code == 302
    assert PaperSet.objects.get(pk=paper_set.pk).state == "discarded"


def test_sitting_is_sealed_with_its_last_set_then_opened_and_closed(paper_set: PaperSet) -> None:
    officer = signed_in(Person.objects.create(username="officer", name="考务", created_at=clock.now()), "exam_officer")
    people = list(Person.objects.filter(username__startswith="drill-"))
    for person in people:
        signed_in(person, "key_holder")
    PaperSet.objects.update(state="preparing")
    Sitting.objects.update(state="arranged")
    InvigilatorAssignment.objects.filter(person__username="watch-1-1").delete()
    page = officer.get(f"/room/papers/{paper_set.pk}/seal/").content.decode()
    assert "1 个考场的监考安排还不完整" in page
    assert "演练机房 1已安排 1 名监考员，须不少于 2 名" in page
    fields = {
        "first": people[0].pk, "first_words": "first words 1", "second": people[1].pk, "second_words": "second words 2",
    }  # fmt: skip
    officer.post(f"/room/papers/{paper_set.pk}/seal/", fields)
    sitting = Sitting.objects.get()
    assert sitting.state == "sealed"
    assert officer.post(reverse("sitting_event", args=[sitting.pk, "open"]), {"yes": "1"}).status_code == 302
    assert (
        officer.post(reverse("sitting_event", args=[sitting.pk, "close"]), {"yes": "1"}).status_code == 422
    )  # a room is not closed
    RoomSession.objects.update(state="closed")
    assert officer.post(reverse("sitting_event", args=[sitting.pk, "close"]), {"yes": "1"}).status_code == 302
    assert Sitting.objects.get().state == "closed"
