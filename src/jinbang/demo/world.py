"""The organisations and accounts of the demonstration: one of each role, all plainly fictional."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.hashers import make_password

from jinbang.accounts.domain.organisations import create_organisation
from jinbang.accounts.domain.people import create_person, grant_role
from jinbang.accounts.models import Organisation, Person, Role
from jinbang.audit.actor import SYSTEM, Actor
from jinbang.demo.fixtures.load import Loaded

PASSWORD = "jinbang-demo-2022"  # noqa: S105 — printed on the demonstration's own front page
PASSPHRASES = ("第一位保管人的口令", "第二位保管人的口令")


Tell = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Account:
    """An account of the demonstration: user name, name, role, and the code of the organisation it acts for."""

    username: str
    name: str
    role: Role
    organisation: str


@dataclass(frozen=True)
class SchoolPlan:
    """A school that takes part; ``city`` names the city authority it belongs to, if its province asks for one."""

    code: str
    name: str
    region: str
    city: str = ""


SCHOOLS = (
    SchoolPlan("SX-DEMO", "示例一职业技术学院（山西）", "14", "示例市教育局"),
    SchoolPlan("JS-DEMO", "示例二职业技术学院（江苏）", "32", "示范市教育局"),
)

AWARDING_ACCOUNTS = (
    ("admin", "演示·系统管理员", Role.SYSTEM_ADMIN),
    ("manager", "演示·项目负责人", Role.PROGRAMME_MANAGER),
    ("accreditation", "演示·站点审批员", Role.ACCREDITATION_OFFICER),
    ("officer", "演示·考务管理员", Role.EXAM_OFFICER),
    ("author", "演示·命题员", Role.ITEM_AUTHOR),
    ("reviewer", "演示·审题员", Role.ITEM_REVIEWER),
    ("keyholder1", "演示·密钥保管员甲", Role.KEY_HOLDER),
    ("keyholder2", "演示·密钥保管员乙", Role.KEY_HOLDER),
    ("marker", "演示·阅卷员", Role.MARKER),
    ("chief-marker", "演示·阅卷组长", Role.CHIEF_MARKER),
    ("certificates", "演示·证书管理员", Role.CERTIFICATE_OFFICER),
    ("finance", "演示·财务", Role.FINANCE_OFFICER),
    ("inspector", "演示·巡考", Role.INSPECTOR),
)
SCHOOL_ACCOUNTS = (
    ("school", "演示·院校管理员", Role.SCHOOL_MANAGER),
    ("site", "演示·站点负责人", Role.SITE_MANAGER),
    ("teacher", "演示·教师", Role.TEACHER),
    ("chief", "演示·主考", Role.CHIEF_INVIGILATOR),
    ("invigilator", "演示·监考员甲", Role.INVIGILATOR),
    ("invigilator-b", "演示·监考员乙", Role.INVIGILATOR),
    ("student", "演示·考生", Role.STUDENT),
)


def accounts() -> list[Account]:
    """Every account, the ones of the second school with ``2`` after the name."""
    found = [Account(username, name, role, "AWARDING") for username, name, role in AWARDING_ACCOUNTS]
    for number, school in enumerate(SCHOOLS, start=1):
        suffix = "" if number == 1 else str(number)
        found.append(Account(f"province{suffix}", "演示·省厅管理员", Role.PROVINCE_OFFICER, f"PROV-{school.region}"))
        found.append(Account(f"city{suffix}", "演示·地市管理员", Role.CITY_OFFICER, f"CITY-{school.code}"))
        found += [Account(f"{name}{suffix}", label, role, school.code) for name, label, role in SCHOOL_ACCOUNTS]
    return found


def schools() -> list[Organisation]:
    """The schools of the demonstration, in order."""
    return list(Organisation.objects.filter(code__in=[school.code for school in SCHOOLS]).order_by("-code"))


def ensure_world(loaded: Loaded, now: datetime, tell: Tell) -> dict[str, Person]:
    """Organisations, people and grants; what is there already stays. Returns people by user name.

    The one password of all is printed for everybody to read, so it is hashed once, not forty times.
    """
    for school in SCHOOLS:
        _ensure_school(loaded, school, now)
    found: dict[str, Person] = {}
    password = make_password(PASSWORD)
    everybody = accounts()
    for number, account in enumerate(everybody, 1):
        tell("accounts", number, len(everybody))
        code = loaded.awarding.code if account.organisation == "AWARDING" else account.organisation
        organisation = Organisation.objects.get(code=code)
        found[account.username] = _ensure_account(account, organisation, password, now)
    return found


def _ensure_school(loaded: Loaded, school: SchoolPlan, now: datetime) -> None:
    if Organisation.objects.filter(code=school.code).exists():
        return
    province = loaded.authorities[school.region]
    city = create_organisation(
        kind=Organisation.Kind.CITY,
        name=school.city,
        code=f"CITY-{school.code}",
        parent=province,
        actor=SYSTEM,
        now=now,
    )
    create_organisation(
        kind=Organisation.Kind.SCHOOL,
        name=school.name,
        code=school.code,
        parent=city,
        tier=Organisation.Tier.HIGHER,
        licence_number=f"示例办学许可-{school.code}",
        actor=SYSTEM,
        now=now,
    )


def _ensure_account(account: Account, organisation: Organisation, password: str, now: datetime) -> Person:
    there = Person.objects.filter(username=account.username).first()
    if there is not None:
        return there
    person = create_person(
        username=account.username,
        name=account.name,
        organisation=organisation,
        email=f"{account.username}@example.invalid",
        password_hash=password,
        must_change_password=False,
        actor=SYSTEM,
        now=now,
    )
    grant_role(person=person, role=account.role.value, organisation=organisation, actor=SYSTEM, now=now)
    return person


def actor_of(person: Person) -> Actor:
    """The person as the actor of a verb."""
    return Actor(kind="person", key=str(person.pk), label=person.name, organisation_id=person.home_organisation_id)
