"""A small world: awarding organisation, two provinces, a city, three schools, and people with roles. All fictional."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from jinbang.accounts.domain.organisations import create_organisation
from jinbang.accounts.domain.people import create_person, grant_role
from jinbang.accounts.models import Organisation, Person, RoleGrant
from jinbang.accounts.permissions import Access
from jinbang.audit.actor import SYSTEM

NOW = datetime(2022, 3, 1, 1, 0, tzinfo=UTC)
PASSWORD = "moss-kettle-41"


@dataclass
class World:
    """The organisations of the world by short name, and a way to add people."""

    awarding: Organisation
    north: Organisation
    south: Organisation
    port: Organisation
    north_school: Organisation
    port_school: Organisation
    south_school: Organisation
    now: datetime = NOW

    def person(self, username: str, organisation: Organisation, *roles: str, email: str = "") -> Person:
        """Someone at ``organisation`` who holds ``roles`` there."""
        made = create_person(
            username=username,
            name=f"测试{username}",
            organisation=organisation,
            actor=SYSTEM,
            now=self.now,
            email=email,
            password=PASSWORD,
            must_change_password=False,
        )
        for role in roles:
            self.grant(made, role, organisation)
        return made

    def grant(self, person: Person, role: str, organisation: Organisation, **window: datetime) -> RoleGrant:
        """One more grant."""
        return grant_role(person=person, role=role, organisation=organisation, actor=SYSTEM, now=self.now, **window)

    def access(self, person: Person, now: datetime | None = None) -> Access:
        """What the person may do at ``now`` (default: the world's)."""
        return Access(person, now or self.now)


def build_world(now: datetime = NOW) -> World:
    """Create the organisations."""

    def make(kind: str, name: str, code: str, parent: Organisation | None = None) -> Organisation:
        return create_organisation(kind=kind, name=name, code=code, parent=parent, actor=SYSTEM, now=now)

    north, south = make("province", "北境省教育厅", "NP"), make("province", "南境省教育厅", "SP")
    port = make("city", "海港市教育局", "SC", south)
    return World(
        awarding=make("awarding", "试行评价组织", "AW"),
        north=north,
        south=south,
        port=port,
        north_school=make("school", "北境学院", "N1", north),
        port_school=make("school", "海港学院", "S1", port),
        south_school=make("school", "南境学院", "S2", south),
        now=now,
    )
