"""Minutes that were granted beforehand are in the time ledger when the exam is prepared, once and no more."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.accreditation.factories import ACTOR
from tests.exams.factories import ARRANGING, REGISTERING, confirmed
from tests.exams.factories import world as exam_world
from tests.grading.world import practical_form, practical_task, theory_form

from jinbang.delivery.domain.prepare import prepare_sitting
from jinbang.delivery.models import Attempt, TimeEntry
from jinbang.exams.domain import arrangements
from jinbang.exams.domain import special_arrangements as special
from jinbang.exams.models import Arrangement, Sitting

pytestmark = pytest.mark.django_db


def freeze(w):
    drawn = arrangements.draw(sitting=w.sitting, site=w.site, seed=7, actor=ACTOR, now=ARRANGING)
    arrangements.freeze(arrangement=drawn, actor=ACTOR, now=ARRANGING)


def prepare(w, forms):
    sitting = Sitting.objects.select_related("plan__rule_set", "plan__certificate_type").get(pk=w.sitting.pk)
    prepare_sitting(sitting=sitting, actor=ACTOR, now=ARRANGING, forms=forms)


def given(row) -> dict[str, int]:
    found = {"theory": 0, "practical": 0}
    for entry in TimeEntry.objects.filter(attempt__registration=row, effective=True):
        assert entry.cause == "planned"
        found[entry.sitting_subject.subject] += entry.seconds
    return found


def test_granted_minutes_reach_both_subjects_once_and_follow_a_new_arrangement():
    w = exam_world()
    rows = confirmed(w, 3)
    asked = special.request_special(
        registration=rows[1], extra_minutes=30, accessible=False, separate=False, grounds="医院证明", actor=ACTOR,
        now=REGISTERING,
    )  # fmt: skip
    granted = special.approve_special(special=asked, actor=ACTOR, now=REGISTERING)
    made = [theory_form(w.level), practical_form(practical_task(w.level))]
    forms = {(form.subject, form.level_id): form for form in made}
    freeze(w)
    prepare(w, forms)
    prepare(w, forms)
    assert [given(row) for row in rows] == [
        {"theory": 0, "practical": 0}, {"theory": 1800, "practical": 1800}, {"theory": 0, "practical": 0}
    ]  # fmt: skip
    assert TimeEntry.objects.count() == 2
    arrangement = Arrangement.objects.get(discarded_at__isnull=True)
    arrangements.reopen(arrangement=arrangement, reason="撤回便利", actor=ACTOR, now=ARRANGING + timedelta(hours=1))
    special.withdraw_special(special=granted, actor=ACTOR, now=ARRANGING)
    freeze(w)
    prepare(w, forms)
    assert given(rows[1]) == {"theory": 0, "practical": 0}
    assert Attempt.objects.count() == 6
