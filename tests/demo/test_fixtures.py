"""The data of 2022 as loaded: counts that anyone can check against the published papers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from jinbang.accounts.models import Region
from jinbang.accreditation.domain.declarations import status_of
from jinbang.accreditation.models import DeclarationPlan, WhitelistEntry
from jinbang.audit.actor import SYSTEM
from jinbang.audit.models import AuditRow
from jinbang.demo.fixtures.load import Loaded, load_seed
from jinbang.exams.domain.findings import planner_findings
from jinbang.learning.models import SupportRegion

NOW = datetime(2022, 3, 28, 1, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def loaded() -> Loaded:
    return load_seed(NOW, SYSTEM)


def test_counts(loaded):
    assert len(loaded.declarations) == 13
    assert [level.software.count() for level in loaded.levels.values()] == [6, 15, 16]
    assert [sitting.code for sitting in loaded.sittings] == ["2201", "2202", "2203", "2204"]
    assert (loaded.training_terms, dict(loaded.training_hours)) == (10, {"1X-2022": 48, "RT-2022": 112})


def test_whitelist_kinds(loaded):
    kinds = list(loaded.certificate_type.whitelist.values_list("kind", flat=True))
    assert (len(kinds), kinds.count("domain"), kinds.count("host"), kinds.count("path")) == (14, 3, 7, 4)
    assert WhitelistEntry.objects.get(name="cifar10数据集").host == "www.cs.toronto.edu"


def test_every_region_has_a_contact_and_guangdong_is_split(loaded):
    assert loaded.support_regions == len(Region)
    tiers = dict(SupportRegion.objects.filter(region="44").values_list("tier", "contact__username"))
    assert tiers == {"secondary": "support10", "higher": "support11", "": "support11"}


def test_switches_as_published(loaded):
    city = DeclarationPlan.objects.filter(city_approval_required=True).values_list("authority__region", flat=True)
    majors = DeclarationPlan.objects.filter(by_major_required=True).values_list("authority__region", flat=True)
    assert set(city) == {"14", "37", "32", "42", "35"}
    assert set(majors) == {"32", "42", "51", "35", "62", "12", "61", "BT"}


def test_status_at_the_end_of_march(loaded):
    """Ningxia's window ended at 00:00 of the very day."""
    closed = [region for region, plan in loaded.declarations.items() if status_of(plan, NOW) == "closed"]
    assert closed == ["64"]


def test_loading_twice_changes_nothing(loaded):
    rows = AuditRow.objects.count()
    again = load_seed(NOW, SYSTEM)
    assert again.plan == loaded.plan
    assert AuditRow.objects.count() == rows


def test_the_calendars_traps_are_found(loaded):
    found = [(finding.code, str(finding.problem)) for finding in planner_findings(loaded.plan)]
    codes = [code for code, _text in found]
    assert codes.count("stages_share_day") == 1
    assert any("2022-12-08" in text for code, text in found if code == "stages_share_day")
    assert any("2022-05-10" in text for code, text in found if code == "registrations_share_day")
    assert any("2022-11-01 至 2022-11-10" in text for code, text in found if code == "registrations_overlap")
    late = [text for code, text in found if code == "declaration_outlives_registration"]
    assert any("山东省教育厅" in text for text in late)
    assert sum("国家开放大学" in text for text in late) == 4
    assert not any(code in {"stages_overlap", "stages_order"} for code in codes)
