"""Resources that schools download."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from jinbang.accounts.models import Person, Role, RoleGrant
from jinbang.accreditation.models import CertificateLevel
from jinbang.audit.actor import Actor
from jinbang.audit.domain import record
from jinbang.core.errors import Refusal
from jinbang.documents.domain import files
from jinbang.learning.models import Resource, ResourceDownload


@transaction.atomic
def publish_resource(
    *,
    kind: str,
    title: str,
    summary: str,
    level: CertificateLevel | None,
    data: bytes,
    file_name: str,
    content_type: str,
    teachers_only: bool,
    actor: Actor,
    now: datetime,
) -> Resource:
    """Put a file on the shelf. Effects: stored file, resource, audit row."""
    if not title.strip():
        raise Refusal("title_missing", _("请填写资源标题"))
    stored = files.store(data=data, name=file_name, content_type=content_type, actor=actor, now=now)
    resource = Resource.objects.create(
        kind=kind,
        title=title.strip(),
        summary=summary,
        level=level,
        file=stored,
        teachers_only=teachers_only,
        published_at=now,
    )
    record("resource.publish", resource, actor=actor, now=now)
    return resource


def is_student_only(person: Person, now: datetime) -> bool:
    """Whether the person holds no valid role but that of a student."""
    grants = RoleGrant.objects.filter(person=person, valid_from__lte=now).exclude(valid_until__lte=now)
    return not grants.exclude(role=Role.STUDENT).exists()


@transaction.atomic
def download(*, resource: Resource, person: Person, actor: Actor, now: datetime) -> bytes:
    """The file's bytes, with the download noted. Refusal ``teachers_only`` for answer keys asked by students."""
    if resource.teachers_only and is_student_only(person, now):
        raise Refusal("teachers_only", _("该资源仅供教师下载"))
    ResourceDownload.objects.create(resource=resource, person=person, at=now)
    record("resource.download", resource, actor=actor, now=now)
    return files.read(resource.file)
