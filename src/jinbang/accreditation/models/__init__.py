"""Certificates and majors; declaration plans and pilot applications; exam sites, rooms, seats."""

from jinbang.accreditation.models.catalogue import (
    CertificateLevel,
    CertificateType,
    Major,
    SoftwareRequirement,
    WhitelistEntry,
)
from jinbang.accreditation.models.pilot import (
    ApplicationMajor,
    DeclarationPlan,
    MajorAddition,
    PilotApplication,
    PilotAttachment,
)
from jinbang.accreditation.models.site import Agreement, Camera, Room, Seat, Site

__all__ = [
    "Agreement",
    "ApplicationMajor",
    "Camera",
    "CertificateLevel",
    "CertificateType",
    "DeclarationPlan",
    "Major",
    "MajorAddition",
    "PilotApplication",
    "PilotAttachment",
    "Room",
    "Seat",
    "Site",
    "SoftwareRequirement",
    "WhitelistEntry",
]
