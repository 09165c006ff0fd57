"""Two issuers for the released world."""

from __future__ import annotations

from tests.accreditation.factories import organisation
from tests.grading.world import Graded, released_world

from jinbang.certificates.domain.issuance import ensure_issuer
from jinbang.certificates.models import Issuer


def issuers(world: Graded) -> list[Issuer]:
    """The dual award: ZY by the awarding organisation, RJ by another body."""
    other = organisation("issuer", "CO", "示例行业协会")
    return [
        ensure_issuer(
            certificate_type=world.task.level.certificate_type, organisation=body, code=code, certificate_name=name,
            number_format=f"={code} year4 level1 serial6 check", position=position,
        )
        for position, (body, code, name) in enumerate(
            ((world.awarding, "ZY", "职业技能等级证书"), (other, "RJ", "专业技术证书")), start=1
        )
    ]  # fmt: skip


def certified_world() -> Graded:
    """Released, two issuers, nothing approved yet; candidates 0 and 1 passed."""
    world = released_world()
    issuers(world)
    return world
