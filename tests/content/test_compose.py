"""Forms composed by the machine: repeatable, within their blueprint, refused with reasons."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from importlib.resources import files

import pytest

from jinbang.accounts.models import Organisation, Person
from jinbang.accreditation.models import CertificateLevel, CertificateType
from jinbang.audit.actor import SYSTEM
from jinbang.content.domain.compose import SectionWish, compose_practical, compose_theory
from jinbang.content.domain.transfer import import_bank, parse_bank
from jinbang.content.models import Form
from jinbang.core.errors import Refusal

NOW = datetime(2022, 3, 1, tzinfo=UTC)
SECTIONS = (
    SectionWish("single", 26, Decimal(2)),
    SectionWish("multiple", 5, Decimal(4)),
    SectionWish("true_false", 8, Decimal(2)),
    SectionWish("fill", 4, Decimal(3)),
)


@pytest.fixture
def level(db: None) -> CertificateLevel:
    awarding = Organisation.objects.create(kind="awarding", name="评价组织", code="A")
    certificate = CertificateType.objects.create(code="python", name="Python程序开发", awarding=awarding)
    level = CertificateLevel.objects.create(certificate_type=certificate, code="elementary", name="初级", rank=1)
    author = Person.objects.create(username="author", name="命题员甲", created_at=NOW)
    reviewer = Person.objects.create(username="reviewer", name="审题员乙", created_at=NOW)
    bank = parse_bank((files("jinbang.content") / "bank/elementary.toml").read_text(encoding="utf-8"))
    import_bank(bank=bank, level=level, author=author, reviewer=reviewer, actor=SYSTEM, now=NOW)
    return level


def compose(level: CertificateLevel, code: str, seed: str = "s", **wishes: object) -> Form:
    given: dict[str, object] = {"sections": SECTIONS, **wishes}
    return compose_theory(code=code, level=level, seed=seed, actor=SYSTEM, now=NOW, **given)  # type: ignore[arg-type]


def codes(form: Form) -> list[str]:
    return [entry.item_version.item.code for entry in form.entries.select_related("item_version__item")]  # type: ignore[union-attr]


def test_a_form_has_its_sections_and_a_hundred_points(level: CertificateLevel) -> None:
    form = compose(level, "A")
    entries = list(form.entries.select_related("item_version__item"))
    kinds = Counter(entry.item_version.item.kind for entry in entries if entry.item_version)
    assert (form.state, sum(entry.points for entry in entries)) == ("draft", Decimal(100))
    assert kinds == {"single": 26, "multiple": 5, "true_false": 8, "fill": 4}
    assert [entry.section for entry in entries[:26]] == ["单选题"] * 26


def test_the_same_seed_draws_the_same_form(level: CertificateLevel) -> None:
    first = codes(compose(level, "B", "x"))
    Form.objects.all().delete()
    assert codes(compose(level, "C", "x")) == first


def test_what_the_bank_lacks_is_named(level: CertificateLevel) -> None:
    wish = (SectionWish("fill", 50, Decimal(2)),)
    with pytest.raises(Refusal) as refused:
        compose(level, "A", sections=wish)
    assert refused.value.code == "blueprint_unmet"
    assert "需要 50 题，题库可用 5 题，缺 45 题" in str(refused.value)
    assert not Form.objects.exists()


def test_points_must_add_up(level: CertificateLevel) -> None:
    with pytest.raises(Refusal) as refused:
        compose(level, "A", sections=(SectionWish("single", 10, Decimal(2)),))
    assert refused.value.code == "form_points"


def test_a_skill_point_can_be_bounded(level: CertificateLevel) -> None:
    few = (SectionWish("single", 10, Decimal(10)),)
    form = compose(level, "A", sections=few, skill_most=1)
    skills = Counter(
        entry.item_version.item.skill_point.code
        for entry in form.entries.select_related("item_version__item__skill_point")
        if entry.item_version
    )
    assert max(skills.values()) == 1


def test_a_practical_form_needs_a_task(level: CertificateLevel) -> None:
    with pytest.raises(Refusal) as refused:
        compose_practical(code="P", level=level, tasks=[], actor=SYSTEM, now=NOW)
    assert refused.value.code == "no_tasks"
