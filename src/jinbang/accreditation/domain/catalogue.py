"""Certificates, levels, majors, and what their exam machines need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

from django.db import transaction

from jinbang.accounts.models import Organisation
from jinbang.accreditation.models import (
    CertificateLevel,
    CertificateType,
    Major,
    SoftwareRequirement,
    WhitelistEntry,
)

CATALOGUE_YEARS = (2004, 2015, 2020, 2021)


@dataclass(frozen=True)
class SoftwareRow:
    """A row of a software list as published."""

    category: str
    name: str
    version: str
    download_url: str = ""
    summary: str = ""
    note: str = ""


@dataclass(frozen=True)
class Address:
    """A whitelist address: what was published, its host, and how a router can enforce it."""

    address: str
    host: str
    kind: str


def ensure_certificate_type(*, code: str, name: str, awarding: Organisation) -> CertificateType:
    """The certificate type with this code, made if missing."""
    return CertificateType.objects.get_or_create(code=code, defaults={"name": name, "awarding": awarding})[0]


def ensure_level(*, certificate_type: CertificateType, code: str, name: str, rank: int) -> CertificateLevel:
    """The level with this code, made if missing."""
    found = CertificateLevel.objects.get_or_create(
        certificate_type=certificate_type, code=code, defaults={"name": name, "rank": rank}
    )
    return found[0]


def add_major(*, catalogue_year: int, code: str, name: str, tier: str) -> Major:
    """The major of one catalogue, made if missing; an existing one keeps its name."""
    return Major.objects.get_or_create(catalogue_year=catalogue_year, code=code, tier=tier, defaults={"name": name})[0]


def set_software(*, level: CertificateLevel, rows: Sequence[SoftwareRow]) -> None:
    """Replace a level's software list. Effects: the level's ``SoftwareRequirement`` rows, positions from 1."""
    with transaction.atomic():
        level.software.all().delete()
        SoftwareRequirement.objects.bulk_create(
            SoftwareRequirement(level=level, position=position, **asdict(row)) for position, row in enumerate(rows, 1)
        )


def read_address(address: str) -> Address:
    """Tell apart a whole domain, a single host and a deep URL.

    A path or an ``https`` address can only be let through by its host: a router sees the name in the TLS
    greeting, never the path. A bare name of two labels stands for the whole domain.
    """
    bare = "://" not in address
    parts = urlsplit(f"//{address}" if bare else address)
    host = (parts.hostname or "").lower()
    if parts.path.strip("/") or parts.query:
        kind = WhitelistEntry.Kind.PATH
    elif bare and host.count(".") == 1:
        kind = WhitelistEntry.Kind.DOMAIN
    else:
        kind = WhitelistEntry.Kind.HOST
    return Address(address, host, kind.value)


def set_whitelist(*, certificate_type: CertificateType, rows: Sequence[tuple[str, str]]) -> None:
    """Replace the whitelist by (name, address) rows. Effects: ``WhitelistEntry`` rows, positions from 1."""
    with transaction.atomic():
        certificate_type.whitelist.all().delete()
        WhitelistEntry.objects.bulk_create(
            WhitelistEntry(
                certificate_type=certificate_type, position=position, name=name, **asdict(read_address(address))
            )
            for position, (name, address) in enumerate(rows, 1)
        )
