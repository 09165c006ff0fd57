"""Announcements: whom they reach, how long, who has read them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.accounts.world import NOW, World, build_world
from tests.accreditation.factories import ACTOR, refused

from jinbang.learning.domain.announcements import announce, mark_announcement_read, withdraw_announcement
from jinbang.learning.models import Announcement
from jinbang.learning.queries.announcements import announcements_now, public_announcements, visible_announcements

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def world(db: None) -> World:
    return build_world(NOW)


def tell(title: str, **values: object) -> Announcement:
    return announce(**({"title": title, "body": "考前两周召开。", "actor": ACTOR, "now": NOW} | values))  # type: ignore[arg-type]


def titles(world: World, person: object, days: int = 0) -> list[str]:
    access = world.access(person, NOW + days * DAY)  # type: ignore[arg-type]
    return [row.title for row in announcements_now(access)]


def test_roles_and_places_must_both_fit_one_grant(world: World) -> None:
    tell("所有人")
    tell("教师", roles=["teacher"])
    tell("南方省", organisations=[world.south])
    tell("南方省教师", roles=["teacher"], organisations=[world.south])
    tell("海港学校", organisations=[world.port_school])
    teacher = world.person("t", world.port_school, "teacher")
    other = world.person("o", world.north_school, "teacher")
    city = world.person("c", world.port, "city_officer")
    nobody = world.person("n", world.port_school)
    assert set(titles(world, teacher)) == {"所有人", "教师", "南方省", "南方省教师", "海港学校"}
    assert set(titles(world, other)) == {"所有人", "教师"}
    assert set(titles(world, city)) == {"所有人", "南方省"}
    assert titles(world, nobody) == ["所有人"]
    world.grant(other, "school_manager", world.south_school)
    assert set(titles(world, other)) == {"所有人", "教师", "南方省"}


def test_shown_from_its_day_until_before_its_end(world: World) -> None:
    tell("会议", published_at=NOW + DAY, expires_at=NOW + 3 * DAY)
    who = world.person("t", world.port_school, "teacher")
    publisher = world.person("p", world.awarding, "programme_manager")
    assert [titles(world, who, days) for days in range(4)] == [[], ["会议"], ["会议"], []]
    assert not visible_announcements(world.access(who)).exists()
    assert visible_announcements(world.access(who, NOW + 5 * DAY)).count() == 1
    assert visible_announcements(world.access(publisher)).count() == 1


def test_withdrawn_it_is_gone_for_all_but_those_who_publish(world: World) -> None:
    made = tell("写错了", is_public=True)
    who = world.person("t", world.port_school, "teacher")
    publisher = world.person("p", world.awarding, "exam_officer")
    assert public_announcements(NOW).count() == 1
    with refused("reason_required"):
        withdraw_announcement(announcement=made, reason=" ", actor=ACTOR, now=NOW)
    withdraw_announcement(announcement=made, reason="日期有误", actor=ACTOR, now=NOW)
    with refused("announcement_withdrawn"):
        withdraw_announcement(announcement=made, reason="日期有误", actor=ACTOR, now=NOW)
    assert not public_announcements(NOW).exists()
    assert not visible_announcements(world.access(who)).exists()
    assert titles(world, publisher) == []
    assert visible_announcements(world.access(publisher)).count() == 1


def test_unread_ones_come_first_and_the_first_reading_counts(world: World) -> None:
    first, second = tell("一"), tell("二", published_at=NOW + timedelta(hours=1))
    who = world.person("t", world.port_school, "teacher")
    assert titles(world, who, 1) == ["二", "一"]
    for hours in (2, 5):
        mark_announcement_read(announcement=second, person=who, now=NOW + timedelta(hours=hours))
    assert titles(world, who, 1) == ["一", "二"]
    assert [reading.at for reading in second.readings.all()] == [NOW + timedelta(hours=2)]
    assert not first.readings.exists()


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"body": " "}, "announcement_empty"),
        ({"roles": ["cook"]}, "role_unknown"),
        ({"expires_at": NOW}, "announcement_over"),
        ({"published_at": NOW + DAY, "expires_at": NOW + DAY}, "announcement_over"),
    ],
)
def test_what_cannot_be_published(values: dict[str, object], code: str) -> None:
    with refused(code):
        tell("公告", **values)
    assert not Announcement.objects.exists()


def test_only_public_ones_are_for_strangers(world: World) -> None:
    tell("内部")
    tell("公开", is_public=True, roles=["teacher"])
    assert [row.title for row in public_announcements(NOW)] == ["公开"]
