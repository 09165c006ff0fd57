"""Notices: resolved once, e-mailed once, given up after eight tries."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from tests.accounts.world import NOW, World

from jinbang.accounts.domain import notices
from jinbang.accounts.models import InboxMessage
from jinbang.audit.models import OutboxNotice


def notice(*audience: dict[str, Any]) -> OutboxNotice:
    return OutboxNotice.objects.create(
        created_at=NOW,
        kind="site.approve",
        object_type="accreditation.site",
        object_key="1",
        object_label="海港考点",
        audience=list(audience),
    )


def test_an_audience_is_those_whose_grant_reaches(world: World) -> None:
    school = world.person("school", world.port_school, "school_manager")
    world.person("other", world.south_school, "school_manager")
    officer = world.person("officer", world.awarding, "exam_officer")
    province = world.person("province", world.south, "province_officer")
    place = world.port_school.pk
    cases = [
        ({"role": "school_manager", "organisation": place}, {school.pk}),
        ({"role": "exam_officer", "organisation": place}, {officer.pk}),
        ({"role": "province_officer", "organisation": place}, {province.pk}),
        ({"role": "exam_officer"}, {officer.pk}),
        ({"person": school.pk}, {school.pk}),
    ]
    for entry, expected in cases:
        assert notices.recipients([entry], NOW) == expected


def test_dispatching_twice_tells_nobody_twice(world: World) -> None:
    person = world.person("lin", world.port_school, "school_manager")
    made = notice({"person": person.pk}, {"role": "school_manager", "organisation": world.port_school.pk})
    assert notices.dispatch_outbox(NOW) == 1
    assert notices.dispatch_outbox(NOW) == 0
    OutboxNotice.objects.filter(pk=made.pk).update(dispatched_at=None)  # as after a crash between the two writes
    notices.dispatch_outbox(NOW)
    assert InboxMessage.objects.count() == 1


def test_an_audience_that_makes_no_sense_is_given_up_and_named(world: World) -> None:
    made = notice({"role": "cook"})
    for _ in range(notices.MAX_TRIES + 2):
        notices.dispatch_outbox(NOW)
    made.refresh_from_db()
    assert (made.tries, made.dispatched_at) == (notices.MAX_TRIES, None)
    assert "cook" in made.last_error


def test_email_is_sent_once_in_the_readers_language(world: World) -> None:
    person = world.person("lin", world.port_school, "school_manager", email="lin@example.cn")
    person.language = "en"
    person.save()
    world.person("nomail", world.port_school, "school_manager")
    notice({"role": "school_manager", "organisation": world.port_school.pk})
    notices.dispatch_outbox(NOW)
    assert [notices.send_emails(NOW), notices.send_emails(NOW)] == [1, 0]
    (message,) = mail.outbox
    assert (message.to, message.subject) == (["lin@example.cn"], "Exam site · Approve：海港考点")
    assert f"/account/inbox/{InboxMessage.objects.get(person=person).pk}/" in message.body


def test_email_that_fails_is_tried_eight_times(world: World) -> None:
    world.person("lin", world.port_school, "school_manager", email="lin@example.cn")
    notice({"role": "school_manager", "organisation": world.port_school.pk})
    notices.dispatch_outbox(NOW)
    tries = []

    def refuse(message: object) -> None:
        tries.append(message)
        raise ConnectionRefusedError("no mail server")

    for _ in range(notices.MAX_TRIES + 3):
        assert notices.send_emails(NOW, refuse) == 0
    assert len(tries) == notices.MAX_TRIES


@pytest.mark.parametrize(("after", "sent"), [(timedelta(days=2), 1), (notices.EMAIL_WITHIN, 0)])
def test_old_news_is_not_mailed(world: World, after: timedelta, sent: int) -> None:
    world.person("lin", world.port_school, "school_manager", email="lin@example.cn")
    notice({"role": "school_manager", "organisation": world.port_school.pk})
    notices.dispatch_outbox(NOW)
    assert notices.send_emails(NOW + after) == sent
