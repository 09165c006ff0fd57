"""The shipped bank is sound and correct; banks go in and come out unchanged."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from importlib.resources import files

import pytest

from jinbang.accounts.models import Organisation, Person
from jinbang.accreditation.models import CertificateLevel, CertificateType
from jinbang.audit.actor import SYSTEM
from jinbang.content.domain.items import current_version, review_item, revise_item, submit_item
from jinbang.content.domain.transfer import export_bank, import_bank, parse_bank
from jinbang.content.domain.wording import Wording
from jinbang.content.models import Item, ItemVersion
from jinbang.core.errors import Refusal, RowErrors

NOW = datetime(2022, 3, 1, tzinfo=UTC)
TEXT = (files("jinbang.content") / "bank/elementary.toml").read_text(encoding="utf-8")
BANK = parse_bank(TEXT)
PRACTICE = parse_bank((files("jinbang.content") / "bank/elementary-practice.toml").read_text(encoding="utf-8"))
RUNNABLE = [item for item in (*BANK.items, *PRACTICE.items) if item.runs]


@pytest.fixture
def level(db: None) -> CertificateLevel:
    awarding = Organisation.objects.create(kind="awarding", name="评价组织", code="A")
    certificate = CertificateType.objects.create(code="python", name="Python程序开发", awarding=awarding)
    return CertificateLevel.objects.create(certificate_type=certificate, code="elementary", name="初级", rank=1)


@pytest.fixture
def people(db: None) -> tuple[Person, Person]:
    author = Person.objects.create(username="author", name="命题员甲", created_at=NOW)
    return author, Person.objects.create(username="reviewer", name="审题员乙", created_at=NOW)


def test_the_shipped_bank_has_48_items_over_15_skill_points() -> None:
    assert (len(BANK.items), len(BANK.skills)) == (48, 15)


def test_what_is_practised_and_what_is_examined_never_meet() -> None:
    assert (len(PRACTICE.items), {item.practice for item in PRACTICE.items}) == (20, {True})
    assert {item.practice for item in BANK.items} == {False}
    assert not {item.code for item in BANK.items} & {item.code for item in PRACTICE.items}


@pytest.mark.parametrize("item", RUNNABLE, ids=lambda item: item.code)
def test_code_items_print_exactly_their_right_option(item: object) -> None:
    wording = item.wording  # type: ignore[attr-defined]
    done = subprocess.run(
        [sys.executable, "-I", "-X", "utf8", "-c", wording.code_block], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == dict(wording.options)[wording.answer[0]]


def test_import_is_idempotent_and_export_reads_back_equal(
    level: CertificateLevel, people: tuple[Person, Person]
) -> None:
    author, reviewer = people
    first = import_bank(bank=BANK, level=level, author=author, reviewer=reviewer, actor=SYSTEM, now=NOW)
    again = import_bank(bank=BANK, level=level, author=author, reviewer=reviewer, actor=SYSTEM, now=NOW)
    assert (first.created, first.revised, first.unchanged) == (48, 0, 0)
    assert (again.created, again.revised, again.unchanged) == (0, 0, 48)
    assert Item.objects.filter(state="accepted").count() == 48
    back = parse_bank(export_bank(level))
    assert {item.code: item.wording for item in back.items} == {item.code: item.wording for item in BANK.items}


def test_a_revision_keeps_the_old_version_and_needs_review_again(
    level: CertificateLevel, people: tuple[Person, Person]
) -> None:
    author, reviewer = people
    import_bank(bank=BANK, level=level, author=author, reviewer=reviewer, actor=SYSTEM, now=NOW)
    item = Item.objects.get(code="J1-0004")
    old = current_version(item)
    wording = Wording("true_false", "0.1 + 0.2 等于 0.3。", (), ("F",), old.difficulty)
    revise_item(item=item, wording=wording, actor=SYSTEM, now=NOW)
    item.refresh_from_db()
    assert item.state == "draft"
    assert list(ItemVersion.objects.filter(item=item).values_list("number", "stem")) == [
        (2, "0.1 + 0.2 等于 0.3。"),
        (1, old.stem),
    ]


def test_nobody_reviews_their_own_item(level: CertificateLevel, people: tuple[Person, Person]) -> None:
    author, _reviewer = people
    import_bank(bank=BANK, level=level, author=author, reviewer=None, actor=SYSTEM, now=NOW)
    item = Item.objects.get(code="J1-0001")
    submit_item(item=item, actor=SYSTEM, now=NOW)
    with pytest.raises(Refusal) as refused:
        review_item(item=item, reviewer=author, accepted=True, comment="", actor=SYSTEM, now=NOW)
    assert refused.value.code == "own_item"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (('answer = ["A"]', 'answer = ["Z"]'), "wording"),
        (('code = "J1-0002"', 'code = "J1-0001"'), "code"),
        (('skill = "J1.1"', 'skill = "J9.9"'), "skill"),
        (("difficulty = 0.85", "difficulty = 1.5"), "wording"),
        (('kind = "single"', 'kind = "essay"'), "item"),
    ],
)
def test_a_faulty_bank_names_the_item_and_the_field(change: tuple[str, str], field: str) -> None:
    with pytest.raises(RowErrors) as refused:
        parse_bank(TEXT.replace(*change, 1))
    assert refused.value.errors[0].field == field
