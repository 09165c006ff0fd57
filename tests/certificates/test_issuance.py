"""Certificates: two per pass, numbered without gaps, never twice, and only while the pass stands."""

from __future__ import annotations

import io
import threading
from datetime import UTC, datetime

import pypdf
import pytest
from django.db import IntegrityError, OperationalError, connection
from django.db.models import QuerySet
from django.utils.translation import override
from tests.accreditation.factories import ACTOR, refused
from tests.certificates.factories import certified_world
from tests.grading.world import AFTER, Graded, graded_world

from jinbang.audit.domain import verify_chain
from jinbang.audit.models import AuditRow
from jinbang.certificates.domain import issuance
from jinbang.certificates.domain.papers import print_certificate
from jinbang.certificates.models import Certificate, NumberSequence
from jinbang.core.numbering import check_holds
from jinbang.documents.domain.issue import print_again
from jinbang.grading.domain import misconduct
from jinbang.grading.domain.results import compute_results

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> Graded:
    return certified_world()


def approve(world: Graded) -> tuple[int, int]:
    done = issuance.approve_certificates(sitting=world.sitting, actor=ACTOR, now=AFTER)
    return done.created, done.existing


def issue(world: Graded) -> int:
    return issuance.issue_all(sitting=world.sitting, actor=ACTOR, now=AFTER)


def issued(world: Graded) -> Certificate:
    """The first certificate of candidate 0."""
    approve(world)
    issue(world)
    return Certificate.objects.filter(registration=world.registrations[0]).order_by("issuer__position")[0]


def numbers() -> list[str]:
    return list(Certificate.objects.order_by("number").values_list("number", flat=True))


def test_two_for_every_pass_and_none_for_anybody_else(world: Graded) -> None:
    assert approve(world) == (4, 0)
    passed = {world.registrations[0].pk, world.registrations[1].pk}
    assert set(Certificate.objects.values_list("registration", flat=True)) == passed
    assert [number[:-1] for number in numbers()] == ["RJ20221000001", "RJ20221000002", "ZY20221000001", "ZY20221000002"]
    assert all(check_holds(number) for number in numbers())
    assert set(NumberSequence.objects.values_list("year", "last")) == {(2022, 2)}
    assert verify_chain() == []


def test_numbers_follow_the_tickets(world: Graded) -> None:
    approve(world)
    rows = Certificate.objects.filter(issuer__code="ZY").order_by("registration__ticket_number")
    assert [row.number for row in rows] == sorted(row.number for row in rows)


def test_doing_it_again_makes_none_twice(world: Graded) -> None:
    assert (approve(world), approve(world)) == ((4, 0), (0, 4))
    assert (issue(world), issue(world)) == (4, 0)
    assert Certificate.objects.filter(state="issued").count() == 4
    assert AuditRow.objects.filter(action="certificate.issue").count() == 4


def test_a_failure_leaves_no_gap(world: Graded, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(issuance, "certified_fields", lambda *_arguments: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            approve(world)
    approve(world)
    assert [number[-7:-1] for number in numbers()] == ["000001", "000002"] * 2


def test_the_year_turns_at_midnight_in_shanghai(world: Graded) -> None:
    late = datetime(2022, 12, 31, 16, 30, tzinfo=UTC)
    issuance.approve_certificates(sitting=world.sitting, actor=ACTOR, now=late)
    assert {number[2:6] for number in numbers()} == {"2023"}


def test_what_is_certified_does_not_depend_on_the_officers_language(world: Graded) -> None:
    with override("en"):
        certified = issued(world).certified
    assert (certified["statement"], certified["sex"]) == ("考核合格，特发此证。", certified["sex"])
    assert certified["sex"] in ("男", "女")
    assert (certified["theory"], certified["practical"], certified["composite"]) == ("100", "100", "100")
    assert (certified["issued_on"], certified["exam_date"]) == ("2022-05-23", "2022-05-21")


def test_refusals() -> None:
    world = graded_world()
    with refused("results_unreleased"):
        approve(world)


def test_without_an_issuer_nothing_is_approved(db: None) -> None:
    from tests.grading.world import released_world

    with refused("no_issuer"):
        approve(released_world())


def test_a_format_that_cannot_number_is_refused(world: Graded) -> None:
    with refused("number_format"):
        issuance.ensure_issuer(
            certificate_type=world.task.level.certificate_type, organisation=world.awarding, code="XX",
            certificate_name="证书", number_format="=XX year4", position=3,
        )  # fmt: skip


def test_suspended_reinstated_revoked_for_good(world: Graded) -> None:
    row = issued(world)
    with refused("reason_required"):
        issuance.revoke(certificate=row, reason="", actor=ACTOR, now=AFTER)
    issuance.suspend(certificate=row, reason="核查", actor=ACTOR, now=AFTER)
    issuance.reinstate(certificate=row, reason="属实", actor=ACTOR, now=AFTER)
    issuance.revoke(certificate=row, reason="替考", actor=ACTOR, now=AFTER)
    for verb in (issuance.reinstate, issuance.replace, issuance.suspend):
        with refused("illegal_move"):
            verb(certificate=row, reason="改", actor=ACTOR, now=AFTER)
    assert approve(world) == (0, 4)


def test_a_replacement_has_a_number_of_its_own_and_the_name_of_today(world: Graded) -> None:
    row = issued(world)
    candidate = world.registrations[0].candidate
    candidate.name = "示例·更名"
    candidate.save()
    fresh = issuance.replace(certificate=row, reason="姓名更正", actor=ACTOR, now=AFTER)
    row.refresh_from_db()
    assert (row.state, row.certified["holder"]) == ("replaced", world.attempt(0, "theory").candidate_name)
    assert (fresh.state, fresh.certified["holder"], fresh.replaces) == ("issued", "示例·更名", row)
    assert fresh.number[:-1] == "ZY20221000003"


def take_away(world: Graded) -> None:
    case = misconduct.report(
        registration=world.registrations[0], attempt=None, kind="cheating", facts="替考", actor=ACTOR, now=AFTER
    )
    misconduct.notify_candidate(case=case, actor=ACTOR, now=AFTER)
    misconduct.decide(case=case, decision="作废", actor=ACTOR, now=AFTER)
    compute_results(sitting=world.sitting, actor=ACTOR, now=AFTER, cause="作弊")


def test_a_pass_that_was_taken_away_issues_nothing_and_is_pointed_out(world: Graded) -> None:
    approve(world)
    take_away(world)
    assert issuance.unfounded().count() == 2
    assert issue(world) == 2
    row = issuance.unfounded()[0]
    with refused("no_longer_passed"):
        issuance.issue_certificate(certificate=row, actor=ACTOR, now=AFTER)
    assert set(Certificate.objects.filter(state="issued").values_list("registration", flat=True)) == {
        world.registrations[1].pk
    }


def test_a_certificate_without_a_pass_is_not_replaced(world: Graded) -> None:
    row = issued(world)
    take_away(world)
    with refused("no_longer_passed"):
        issuance.replace(certificate=row, reason="遗失", actor=ACTOR, now=AFTER)
    issuance.revoke(certificate=row, reason="作弊", actor=ACTOR, now=AFTER)
    assert issuance.unfounded().count() == 1


def test_the_paper_reads_back_and_prints_again_to_the_byte(world: Graded) -> None:
    row = issued(world)
    document = print_certificate(certificate=row, actor=ACTOR, now=AFTER)
    pdf = print_again(document)
    text = pypdf.PdfReader(io.BytesIO(pdf)).pages[0].extract_text().replace(" ", "").replace("\n", "")
    assert row.number in text
    assert row.certified["holder"] in text
    assert print_certificate(certificate=row, actor=ACTOR, now=AFTER) == document
    assert print_again(document) == pdf


def test_nothing_is_printed_before_it_is_issued_or_once_it_is_void(world: Graded) -> None:
    approve(world)
    row = Certificate.objects.order_by("pk")[0]
    with refused("not_issued"):
        print_certificate(certificate=row, actor=ACTOR, now=AFTER)
    issuance.issue_certificate(certificate=row, actor=ACTOR, now=AFTER)
    issuance.revoke(certificate=row, reason="误发", actor=ACTOR, now=AFTER)
    with refused("not_issued"):
        print_certificate(certificate=row, actor=ACTOR, now=AFTER)


# -- two officers at once --------------------------------------------------------------------------

one_writer = pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one writer in at a time")


def at_once(world: Graded) -> tuple[list[tuple[int, int]], list[Exception]]:
    """Two threads approve the same sitting; what each reports."""
    done: list[tuple[int, int]] = []
    failed: list[Exception] = []
    gate = threading.Barrier(2)

    def work() -> None:
        gate.wait()
        try:
            done.append(approve(world))
        except (IntegrityError, OperationalError) as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return done, failed


@one_writer
@pytest.mark.django_db(transaction=True)
def test_two_officers_at_once_make_exactly_one_for_each_issuer_and_pass() -> None:
    world = certified_world()
    done, failed = at_once(world)
    assert (sorted(done), failed) == ([(0, 4), (4, 0)], [])
    assert [number[-7:-1] for number in numbers()] == ["000001", "000002"] * 2
    assert set(NumberSequence.objects.values_list("last", flat=True)) == {2}


@one_writer
@pytest.mark.django_db(transaction=True)
def test_without_the_locks_the_same_race_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    world = certified_world()
    together = threading.Barrier(2, timeout=10)
    number = issuance.next_number

    def slow(*arguments):  # type: ignore[no-untyped-def]
        if not together.broken and NumberSequence.objects.filter(last__gt=0).count() == 0:
            together.wait()
        return number(*arguments)

    monkeypatch.setattr(issuance, "next_number", slow)
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **_options: self)
    _done, failed = at_once(world)
    assert failed
