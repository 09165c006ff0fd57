"""Training hours and clashes, practice, resources, support routing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from importlib.resources import files as package_files

import pytest
from tests.accounts.world import World, build_world
from tests.accreditation.factories import ACTOR, refused
from tests.grading.world import theory_form

from jinbang.accounts.models import Person
from jinbang.accreditation.domain.catalogue import ensure_certificate_type, ensure_level
from jinbang.accreditation.models import CertificateLevel
from jinbang.audit.actor import SYSTEM
from jinbang.content.domain.transfer import import_bank, parse_bank
from jinbang.demo.fixtures.load import Loaded, load_seed
from jinbang.learning.domain import practice, resources, support, training
from jinbang.learning.models import Attendance, ResourceDownload, SupportRegion, TrainingTerm

pytestmark = pytest.mark.django_db
NOW = datetime(2022, 3, 1, 1, tzinfo=UTC)
LATER = datetime(2022, 12, 30, 1, tzinfo=UTC)


@pytest.fixture
def loaded(db: None) -> Loaded:
    return load_seed(NOW, SYSTEM)


@pytest.fixture
def world(db: None) -> World:
    return build_world(NOW)


def term(programme: str, ordinal: int) -> TrainingTerm:
    return TrainingTerm.objects.get(programme__code=programme, ordinal=ordinal)


def enrol(of: TrainingTerm, person: Person, now: datetime = NOW):  # type: ignore[no-untyped-def]
    return training.enrol(term=of, person=person, actor=ACTOR, now=now)


def attend(place, day, hours: int, now: datetime = LATER) -> Attendance:  # type: ignore[no-untyped-def]
    return training.record_attendance(enrolment=place, session=day, hours=hours, actor=ACTOR, now=now)


def test_hours_of_the_two_programmes_and_a_term_completed(loaded: Loaded, world: World) -> None:
    totals = {
        code: sum(training.hours_of(row) for row in TrainingTerm.objects.filter(programme__code=code))
        for code in ("1X-2022", "RT-2022")
    }
    assert totals == {"1X-2022": 48, "RT-2022": 112}
    place = enrol(term("1X-2022", 1), world.person("t", world.north_school, "teacher"))
    first, second = place.term.sessions.order_by("date")
    attend(place, first, 4)
    attend(place, first, 8)
    assert training.hours_earned(place) == 8
    attend(place, second, 8)
    place.refresh_from_db()
    assert (place.state, training.hours_earned(place)) == ("completed", 16)
    with refused("not_enrolled"):
        attend(place, second, 0)


def test_terms_that_meet_on_the_same_weekend_clash_until_one_is_given_back(loaded: Loaded, world: World) -> None:
    teacher = world.person("t", world.north_school, "teacher")
    place = enrol(term("1X-2022", 1), teacher)
    with refused("training_clash") as caught:
        enrol(term("RT-2022", 2), teacher)
    assert "2022-04-16、2022-04-17" in str(caught.value)
    training.withdraw(enrolment=place, actor=ACTOR, now=NOW)
    assert enrol(term("RT-2022", 2), teacher).state == "enrolled"
    with refused("not_enrolled"):
        attend(place, place.term.sessions.all()[0], 1)


def test_enrolment_that_is_refused(loaded: Loaded, world: World) -> None:
    of, (a, b) = term("1X-2022", 1), (world.person(name, world.north_school, "teacher") for name in ("a", "b"))
    TrainingTerm.objects.filter(pk=of.pk).update(capacity=1)
    enrol(of, a, of.enrolment_closes)
    for person, now, code in (
        (a, NOW, "enrolled_already"),
        (b, NOW, "term_full"),
        (b, of.enrolment_closes + timedelta(seconds=1), "enrolment_closed"),
    ):
        with refused(code):
            enrol(of, person, now)


def test_hours_that_are_refused(loaded: Loaded, world: World) -> None:
    place = enrol(term("1X-2022", 1), world.person("t", world.north_school, "teacher"))
    day = place.term.sessions.order_by("date")[0]
    with refused("hours_range"):
        attend(place, day, 9)
    with refused("other_term"):
        attend(place, term("1X-2022", 2).sessions.all()[0], 1)
    eve = datetime(day.date.year, day.date.month, day.date.day, tzinfo=UTC) - timedelta(hours=8, seconds=1)
    with refused("not_begun"):
        attend(place, day, 8, eve)


# -- practice --------------------------------------------------------------------------------------


@pytest.fixture
def level(world: World) -> CertificateLevel:
    kind = ensure_certificate_type(code="python", name="Python程序开发", awarding=world.awarding)
    made = ensure_level(certificate_type=kind, code="elementary", name="初级", rank=1)
    bank = parse_bank((package_files("jinbang.content") / "bank/elementary-practice.toml").read_text(encoding="utf-8"))
    author, reviewer = world.person("au", world.awarding), world.person("re", world.awarding)
    import_bank(bank=bank, level=made, author=author, reviewer=reviewer, actor=ACTOR, now=NOW)
    return made


def start(student: Person, level: CertificateLevel, seed: int = 1):  # type: ignore[no-untyped-def]
    return practice.start_practice(student=student, level=level, seed=seed, actor=ACTOR, now=NOW)


def test_practice_never_draws_an_examination_item(level: CertificateLevel, world: World) -> None:
    theory_form(level)
    run = start(world.person("s", world.north_school, "student"), level)
    assert len(run.items) == 20
    assert all(version.item.for_practice for version, _mark in practice.marked(run))


def test_the_same_seed_draws_the_same_items(level: CertificateLevel, world: World) -> None:
    student = world.person("s", world.north_school, "student")
    assert start(student, level, 7).items == start(student, level, 7).items != start(student, level, 8).items


def test_a_practice_is_scored_to_the_point_and_handed_in_once(level: CertificateLevel, world: World) -> None:
    run = start(world.person("s", world.north_school, "student"), level)
    versions = [version for version, _mark in practice.marked(run)]
    half = next(version for version in versions if version.item.kind == "multiple")
    answers = {str(version.pk): list(version.answer) for version in versions if version.pk != half.pk}
    answers |= {str(half.pk): half.answer[:1], "999999": ["A"], "not a number": ["A"]}
    done = practice.finish_practice(run=run, answers=answers, actor=ACTOR, now=NOW)
    assert done.score == Decimal("97.5")
    assert set(done.answers) == {str(version.pk) for version in versions}
    with refused("practice_finished"):
        practice.finish_practice(run=run, answers={}, actor=ACTOR, now=NOW)


def test_a_level_without_practice_items_says_so(level: CertificateLevel, world: World) -> None:
    other = ensure_level(certificate_type=level.certificate_type, code="advanced", name="高级", rank=3)
    with refused("practice_empty"):
        start(world.person("s", world.north_school, "student"), other)


def test_a_teacher_sees_counts_and_scores_of_linked_students_only(level: CertificateLevel, world: World) -> None:
    teacher = world.person("t", world.north_school, "teacher")
    one, two = (world.person(name, world.north_school, "student") for name in ("s1", "s2"))
    away = world.person("s3", world.south_school, "student")
    with refused("other_school"):
        practice.link_student(teacher=teacher, student=away, actor=ACTOR, now=NOW)
    for student in (one, one, two):
        practice.link_student(teacher=teacher, student=student, actor=ACTOR, now=NOW)
    for share in (20, 10):
        run = start(one, level)
        right = {str(version.pk): list(version.answer) for version, _mark in practice.marked(run)[:share]}
        practice.finish_practice(run=run, answers=right, actor=ACTOR, now=NOW)
    start(one, level)
    seen = [(row.username, row.practices, row.best, row.mean) for row in practice.students_of(teacher)]
    assert seen == [("s1", 2, Decimal(100), Decimal(75)), ("s2", 0, None, None)]


# -- resources and support -------------------------------------------------------------------------


def test_answer_keys_are_for_teachers_and_downloads_are_noted(world: World) -> None:
    made = resources.publish_resource(
        kind="answers", title=" 习题答案 ", summary="", level=None, data=b"A", file_name="a.txt",
        content_type="text/plain", teachers_only=True, actor=ACTOR, now=NOW,
    )  # fmt: skip
    teacher, student = (world.person(role, world.north_school, role) for role in ("teacher", "student"))
    assert resources.download(resource=made, person=teacher, actor=ACTOR, now=NOW) == b"A"
    with refused("teachers_only"):
        resources.download(resource=made, person=student, actor=ACTOR, now=NOW)
    assert list(ResourceDownload.objects.values_list("person", flat=True)) == [teacher.pk]


@pytest.mark.parametrize(
    ("region", "tier", "contact"),
    [
        ("44", "secondary", "support10"),
        ("44", "higher", "support11"),
        ("44", "", "support11"),
        ("BT", "higher", None),
        ("OU", "higher", None),
        ("14", "secondary", None),
    ],
)
def test_a_question_reaches_the_contact_of_its_region_and_tier(
    loaded: Loaded, world: World, region: str, tier: str, contact: str | None
) -> None:
    school = world.north_school
    school.region, school.tier = region, tier
    found = support.contact_of(school)
    assert found.username == (contact or SupportRegion.objects.get(region=region, tier="").contact.username)


def test_a_question_from_asking_to_closing(loaded: Loaded, world: World) -> None:
    school = world.north_school
    school.region = "32"
    school.save()
    ask = {"school": school, "asked_by": world.person("t", school, "teacher"), "actor": ACTOR, "now": NOW}
    with refused("question_empty"):
        support.ask(subject=" ", question="?", **ask)  # type: ignore[arg-type]
    made = support.ask(subject="白名单", question="怎么填？", **ask)  # type: ignore[arg-type]
    with refused("answer_empty"):
        support.answer(request=made, text=" ", actor=ACTOR, now=NOW)
    support.answer(request=made, text="按主机名", actor=ACTOR, now=NOW)
    support.reopen(request=made, actor=ACTOR, now=NOW)
    support.close(request=made, actor=ACTOR, now=NOW)
    made.refresh_from_db()
    assert (made.state, made.answer) == ("closed", "按主机名")
    with refused("illegal_move"):
        support.answer(request=made, text="再答", actor=ACTOR, now=NOW)


def test_a_region_without_a_contact_says_so(world: World) -> None:
    with refused("no_contact"):
        support.contact_of(world.north_school)
