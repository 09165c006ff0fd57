"""Sealed papers are discarded by two people while nobody has opened them, and nothing opens them afterwards."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.delivery.room.conftest import STARTS, running

from jinbang.accounts.models import Person
from jinbang.audit.actor import Actor
from jinbang.audit.models import AuditRow
from jinbang.content.models import Form
from jinbang.core.errors import Refusal
from jinbang.delivery.domain.discarding import ask_discard, discard_papers, keep_papers
from jinbang.delivery.domain.prepare import choose_form, prepare_sitting
from jinbang.delivery.domain.sealing import KeyHolder, release_share
from jinbang.delivery.domain.sittings import seal_set
from jinbang.delivery.drill.site import _PASSPHRASES, build
from jinbang.delivery.models import Attempt, AttemptEvent, PaperSet, SealedPaper
from jinbang.exams.models import Sitting

pytestmark = pytest.mark.django_db
NOW = STARTS - timedelta(minutes=30)
ANN, BOB = Actor("person", "101", "考务甲"), Actor("person", "102", "考务乙")


@pytest.fixture
def sealed(db: None) -> PaperSet:
    build(candidates=3, starts_at=STARTS, minutes=90, released=False)
    Sitting.objects.update(state="sealed")
    return PaperSet.objects.get()


def refused(code: str, verb: object, **fields: object) -> None:
    with pytest.raises(Refusal) as caught:
        verb(now=NOW, **fields)  # type: ignore[operator]
    assert caught.value.code == code


def holders() -> list[KeyHolder]:
    people = Person.objects.filter(username__startswith="drill-").order_by("username")
    return [KeyHolder(person, words) for person, words in zip(people, _PASSPHRASES, strict=True)]


def test_two_people_discard_and_a_new_set_takes_its_place(sealed: PaperSet) -> None:
    Attempt.objects.filter(seat__number=1).update(token_sha256="a" * 64, device_key="d" * 20, generation=1)
    handed_out = set(SealedPaper.objects.values_list("sha256", flat=True))
    refused("nothing_asked", discard_papers, paper_set=sealed, actor=BOB)
    refused("reason_required", ask_discard, paper_set=sealed, actor=ANN, reason=" ")
    ask_discard(paper_set=sealed, reason="疑似泄露", actor=ANN, now=NOW)
    refused("discard_asked", ask_discard, paper_set=sealed, actor=BOB, reason="再来")
    refused("second_person_needed", discard_papers, paper_set=sealed, actor=ANN)
    made = discard_papers(paper_set=sealed, actor=BOB, now=NOW)
    sealed.refresh_from_db()
    assert (sealed.state, sealed.shares, sealed.scoring_cipher, sealed.released_key) == ("discarded", [], None, None)
    assert sealed.manifest_sha256
    assert SealedPaper.objects.count() == 0
    assert (made.state, made.replaces, sealed.replacement) == ("preparing", sealed, made)
    assert Attempt.objects.filter(paper_set=made).count() == 3
    moved = Attempt.objects.get(seat__number=1)
    assert (moved.token_sha256, moved.device_key, moved.generation) == ("", "", 2)
    assert Attempt.objects.get(seat__number=2).generation == 0
    assert AttemptEvent.objects.filter(kind="paper_discarded").count() == 3
    assert Sitting.objects.get().state == "arranged"
    row = AuditRow.objects.get(action="sealed_paper_set.discard")
    assert (row.reason, row.data["asked_by"]) == ("疑似泄露", "考务甲 #101")
    seal_set(paper_set=made, holders=holders(), actor=ANN, now=NOW)
    assert Sitting.objects.get().state == "sealed"
    assert handed_out.isdisjoint(SealedPaper.objects.values_list("sha256", flat=True))


def test_request_can_be_taken_back(sealed: PaperSet) -> None:
    refused("nothing_asked", keep_papers, paper_set=sealed, actor=ANN)
    ask_discard(paper_set=sealed, reason="误会", actor=ANN, now=NOW)
    keep_papers(paper_set=sealed, actor=BOB, now=NOW)
    refused("nothing_asked", discard_papers, paper_set=sealed, actor=BOB)
    assert PaperSet.objects.get().discard_reason == ""


def test_a_forgotten_passphrase_after_the_first_release(sealed: PaperSet) -> None:
    first = holders()[0]
    release_share(paper_set=sealed, person=first.person, passphrase=first.passphrase, actor=ANN, now=NOW)
    ask_discard(paper_set=sealed, reason="第二位忘记口令", actor=ANN, now=NOW)
    made = discard_papers(paper_set=sealed, actor=BOB, now=NOW)
    assert "opened" not in str(PaperSet.objects.get(pk=sealed.pk).shares)
    seal_set(paper_set=made, holders=holders(), actor=ANN, now=NOW)


def test_nothing_is_discarded_once_opened_or_begun(sealed: PaperSet) -> None:
    ask_discard(paper_set=sealed, reason="x", actor=ANN, now=NOW)
    running(2)
    refused("exam_begun", discard_papers, paper_set=sealed, actor=BOB)
    Attempt.objects.update(state="prepared")
    for holder in holders():
        release_share(paper_set=sealed, person=holder.person, passphrase=holder.passphrase, actor=ANN, now=NOW)
    refused("papers_open", discard_papers, paper_set=sealed, actor=BOB)
    assert SealedPaper.objects.count() == 3


def test_another_form_goes_into_a_set_in_preparation_only(sealed: PaperSet) -> None:
    other = Form.objects.create(
        code="OTHER", level=sealed.level, subject="theory", created_at=NOW, state="approved"
    )  # fmt: skip
    draft = Form.objects.create(code="DRAFT", level=sealed.level, subject="theory", created_at=NOW)
    refused("sealed_already", choose_form, paper_set=sealed, form=other, actor=ANN)
    ask_discard(paper_set=sealed, reason="换卷", actor=ANN, now=NOW)
    made = discard_papers(paper_set=sealed, actor=BOB, now=NOW)
    refused("form_unfit", choose_form, paper_set=made, form=draft, actor=ANN)
    assert choose_form(paper_set=made, form=other, actor=ANN, now=NOW).form == other
    prepare_sitting(sitting=Sitting.objects.get(), actor=ANN, now=NOW)
    assert list(PaperSet.objects.exclude(state="discarded").values_list("pk", "form__code")) == [(made.pk, "OTHER")]
