"""Practical tasks: a package is read, checked and kept by the digest of its content."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from jinbang.accreditation.models import CertificateType
from jinbang.audit.actor import Actor
from jinbang.audit.domain import record
from jinbang.content.models import PracticalTask
from jinbang.core.errors import Refusal
from jinbang.documents.domain import files as documents
from jinbang.judge.package.errors import PackageError
from jinbang.judge.package.files import load_zip, to_zip
from jinbang.judge.package.model import STATEMENT, TaskPackage
from jinbang.judge.package.variants import is_template


@transaction.atomic
def add_task(
    *, package: bytes, certificate_type: CertificateType, actor: Actor, now: datetime, for_practice: bool = False
) -> PracticalTask:
    """Take in a task package (a zip). The same content again returns the task that is there.

    Effects: a stored file, a ``PracticalTask``, an audit row. Refusals: ``task_package`` with every fault of the
    package, ``task_template`` for one whose parameters are not drawn yet (nobody could be judged by it),
    ``task_level`` if the type has no such level.
    """
    try:
        task = load_zip(package)
    except PackageError as error:
        raise Refusal("task_package", _("试题包不能使用：{faults}"), faults=str(error)) from error
    if is_template(task):
        raise Refusal("task_template", _("这是带变式参数的模板，请先用 jinbang judge variant 生成变式再上传"))
    known = PracticalTask.objects.filter(digest=task.digest).first()
    if known is not None:
        return known
    level = certificate_type.levels.filter(code=task.manifest.level).first()
    if level is None:
        raise Refusal("task_level", _("证书没有级别 {level}，请改正试题包的 level"), level=task.manifest.level)
    stored = documents.store(
        data=to_zip(task.files),
        name=f"{task.slug}.zip",
        content_type="application/zip",
        actor=actor,
        now=now,
    )
    row = PracticalTask.objects.create(
        slug=task.slug,
        digest=task.digest,
        title=task.manifest.title,
        level=level,
        toolchain=task.manifest.toolchain.profile,
        package=stored,
        statement=task.text(STATEMENT),
        total_points=task.manifest.points,
        file_names=[item.name for item in task.manifest.deliverables],
        for_practice=for_practice,
        added_at=now,
    )
    record("task.add", row, actor=actor, now=now, data={"digest": row.digest})
    return row


def open_task(task: PracticalTask) -> TaskPackage:
    """The package of a stored task, as it was taken in. Refusal ``task_package`` if it cannot be read any more."""
    try:
        return load_zip(documents.read(task.package))
    except PackageError as error:
        raise Refusal("task_package", _("试题包不能使用：{faults}"), faults=str(error)) from error
