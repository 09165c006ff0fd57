"""Forms: sound before they exist, approved by another person, never changed afterwards."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.accreditation.factories import ACTOR, NOW, level, refused
from tests.grading.world import OTHER, practical_task, theory_form

from jinbang.content.domain import forms, items
from jinbang.content.domain.items import current_version
from jinbang.content.domain.wording import Wording
from jinbang.content.models import Form, Item

pytestmark = pytest.mark.django_db


@pytest.fixture
def approved() -> Form:
    return theory_form(level())


def compose(of: Form, entries: list[forms.Entry], code: str = "F-2") -> Form:
    return forms.compose_form(code=code, level=of.level, subject="theory", entries=entries, actor=ACTOR, now=NOW)


def entries_of(form: Form) -> list[forms.Entry]:
    rows = form.entries.select_related("item_version__item")
    return [forms.Entry(row.section, row.points, version=row.item_version) for row in rows]


def test_a_form_holds_its_entries_in_order_and_makes_a_hundred(approved: Form) -> None:
    entries = approved.entries.filter(item_version__isnull=False)
    rows = list(entries.values_list("position", "item_version__item__code", "points"))
    assert rows == [(n, f"T-{n:04d}", Decimal(20)) for n in range(1, 6)]
    assert approved.state == "approved"


def test_who_composed_a_form_does_not_approve_it(approved: Form) -> None:
    form = forms.submit_form(form=compose(approved, entries_of(approved)), actor=ACTOR, now=NOW)
    with refused("own_form"):
        forms.approve_form(form=form, actor=ACTOR, now=NOW)
    forms.return_form(form=form, reason="难度偏低", actor=OTHER, now=NOW)
    forms.submit_form(form=form, actor=ACTOR, now=NOW)
    forms.approve_form(form=form, actor=OTHER, now=NOW)
    with refused("reason_required"):
        forms.retire_form(form=form, reason="", actor=OTHER, now=NOW)
    assert forms.retire_form(form=form, reason="题目泄露", actor=OTHER, now=NOW).state == "retired"


def test_forms_that_are_refused(approved: Form) -> None:
    good = entries_of(approved)
    task = practical_task(level("intermediate"), "f")
    for code, entries, name in (
        ("form_code_taken", good, approved.code),
        ("form_points", good[:4], "F-2"),
        ("form_entries", [*good[:4], good[0]], "F-2"),
        ("form_entries", [*good[:4], forms.Entry("空", Decimal(20))], "F-2"),
        ("form_entries", [*good[:4], forms.Entry("实操", Decimal(20), task=task)], "F-2"),
    ):
        with refused(code):
            compose(approved, entries, name)
    assert Form.objects.count() == 1


def test_neither_a_draft_nor_a_practice_item_goes_onto_a_form(approved: Form) -> None:
    good = entries_of(approved)
    item = Item.objects.get(code="T-0005")
    Item.objects.filter(pk=item.pk).update(for_practice=True)
    with refused("form_practice"):
        compose(approved, entries_of(approved))
    Item.objects.filter(pk=item.pk).update(for_practice=False)
    wording = Wording("single", "改过的题？", (("A", "对"), ("B", "错")), ("A",), Decimal("0.6"))
    items.revise_item(item=item, wording=wording, actor=ACTOR, now=NOW)
    with refused("form_entries"):
        compose(approved, [*good[:4], forms.Entry("单选题", Decimal(20), version=current_version(item))])


@pytest.mark.parametrize(
    ("wording", "fault"),
    [
        (Wording("single", " ", (("A", "x"), ("B", "y")), ("A",), Decimal("0.5")), "题干为空"),
        (Wording("single", "问", (("A", "x"), ("B", "x")), ("A",), Decimal("0.5")), "不能重复"),
        (Wording("single", "问", (("A", "x"), ("B", "y")), ("A", "B"), Decimal("0.5")), "只能有一个"),
        (Wording("multiple", "问", (("A", "x"), ("B", "y")), ("A",), Decimal("0.5")), "至少有两个"),
        (Wording("true_false", "问", (), ("X",), Decimal("0.5")), "T 或 F"),
        (Wording("fill", "问", (("A", "x"),), ("x",), Decimal("0.5")), "不带选项"),
        (Wording("fill", "问", (), (), Decimal("0.5")), "没有答案"),
        (Wording("fill", "问", (), ("x",), Decimal(1)), "难度"),
    ],
)
def test_every_fault_of_a_wording_is_told_in_words(approved: Form, wording: Wording, fault: str) -> None:
    point = Item.objects.all()[0].skill_point
    with refused("wording") as caught:
        items.add_item(
            code="N", level=approved.level, skill_point=point, wording=wording, author=None, actor=ACTOR, now=NOW
        )
    assert fault in str(caught.value)
    assert not Item.objects.filter(code="N").exists()


def test_a_code_is_unique_and_a_kind_is_for_good(approved: Form) -> None:
    item = Item.objects.get(code="T-0001")
    wording = Wording("fill", "问", (), ("x",), Decimal("0.5"))
    with refused("item_code_taken"):
        items.add_item(
            code="T-0001", level=approved.level, skill_point=item.skill_point, wording=wording, author=None,
            actor=ACTOR, now=NOW,
        )  # fmt: skip
    with refused("item_kind"):
        items.revise_item(item=item, wording=wording, actor=ACTOR, now=NOW)
    with refused("skill_level"):
        items.add_item(
            code="N", level=level("advanced"), skill_point=item.skill_point, wording=wording, author=None,
            actor=ACTOR, now=NOW,
        )  # fmt: skip
    assert items.retire_item(item=item, reason="过时", actor=ACTOR, now=NOW).state == "retired"
