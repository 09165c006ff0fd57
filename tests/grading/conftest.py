"""A certificate with one practical task, and a judge worker."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from jinbang.accounts.models import Organisation
from jinbang.accreditation.models import CertificateLevel, CertificateType
from jinbang.audit.actor import SYSTEM
from jinbang.content.models import PracticalTask
from jinbang.documents.domain import files
from jinbang.grading.domain.workers import register_worker
from jinbang.grading.models import JudgeWorker

NOW = datetime(2022, 5, 21, 6, tzinfo=UTC)


@pytest.fixture
def level(db: None) -> CertificateLevel:
    awarding = Organisation.objects.create(kind="awarding", name="评价组织", code="A")
    certificate = CertificateType.objects.create(code="python", name="Python程序开发", awarding=awarding)
    return CertificateLevel.objects.create(certificate_type=certificate, code="elementary", name="初级", rank=1)


@pytest.fixture
def task(level: CertificateLevel) -> PracticalTask:
    package = files.store(data=b"task zip", name="t.zip", content_type="application/zip", actor=SYSTEM, now=NOW)
    return PracticalTask.objects.create(
        slug="t",
        digest="d" * 64,
        title="实操题",
        level=level,
        toolchain="basic",
        package=package,
        statement="",
        total_points=10,
        added_at=NOW,
    )


@pytest.fixture
def worker(db: None) -> tuple[JudgeWorker, str]:
    return register_worker(name="hall-1", actor=SYSTEM, now=NOW)
