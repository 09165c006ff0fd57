"""Taking a sheet of candidates in: all of it or nothing, and the same sheet twice changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from jinbang.accounts.domain.personal_data import id_number_hash, seal_id_number
from jinbang.accounts.models import Organisation
from jinbang.accreditation.domain.zone import ZONE
from jinbang.audit.actor import Actor
from jinbang.audit.domain import record
from jinbang.core.errors import RowError, RowErrors
from jinbang.core.identity import mask
from jinbang.documents.domain import files
from jinbang.documents.models import StoredFile
from jinbang.exams.domain.candidate_sheet import CandidateRow, ReadSheet, read_sheet
from jinbang.exams.domain.sheet_columns import COLUMNS
from jinbang.exams.models import Candidate, CandidateImport

_FIELDS = (
    "name", "name_sort", "document_kind", "sex", "born", "student_number", "department", "major_name", "class_name",
    "phone", "email", "special_needs",
)  # fmt: skip
_BATCH = 500


@dataclass(frozen=True)
class Preview:
    """What an import would do: rows to create, to update, left as they are; faults; things worth a look."""

    create: tuple[CandidateRow, ...]
    update: tuple[CandidateRow, ...]
    unchanged: int
    errors: tuple[RowError, ...]
    warnings: tuple[RowError, ...]

    @property
    def rows(self) -> int:
        """Good rows in all."""
        return len(self.create) + len(self.update) + self.unchanged


def preview_import(*, school: Organisation, file: StoredFile, now: datetime) -> Preview:
    """Judge a stored sheet against the candidates on record; changes nothing."""
    sheet = read_sheet(files.read(file), today=now.astimezone(ZONE).date())
    return _Plan(school, sheet).preview()


def import_candidates(*, school: Organisation, file: StoredFile, actor: Actor, now: datetime) -> CandidateImport:
    """Take a stored sheet in.

    Effects, in one transaction: new ``Candidate`` rows, changed ones updated, a ``CandidateImport`` with the
    warnings, an audit row. Refusals: those of ``read_sheet``; ``RowErrors`` naming every bad row, when nothing
    is stored. Importing the same sheet again creates and updates nothing.
    """
    sheet = read_sheet(files.read(file), today=now.astimezone(ZONE).date())
    with transaction.atomic():
        Organisation.objects.select_for_update().get(pk=school.pk)
        plan = _Plan(school, sheet)
        preview = plan.preview()
        if preview.errors:
            raise RowErrors(
                preview.errors,
                _("有 {count} 处错误，未导入任何数据；请按提示改正后重新上传").format(count=len(preview.errors)),
            )
        plan.store(now)
        made = CandidateImport.objects.create(
            school=school,
            file=file,
            rows=preview.rows,
            created=len(preview.create),
            updated=len(preview.update),
            warnings=[asdict(warning) for warning in preview.warnings],
            at=now,
            by=actor.label,
        )
        counts = {"rows": made.rows, "created": made.created, "updated": made.updated}
        record("candidate.import", made, actor=actor, now=now, data=counts)
    return made


class _Plan:
    """Rows of a sheet beside the candidates that have the same numbers."""

    def __init__(self, school: Organisation, sheet: ReadSheet) -> None:
        self.school, self.sheet = school, sheet
        self.hashes = {row.row: id_number_hash(row.id_number) for row in sheet.rows}
        self.known = _known(list(self.hashes.values()))

    def preview(self) -> Preview:
        foreign = [row for row in self.sheet.rows if self._is_foreign(row)]
        apart = {row.row for row in foreign}
        mine = [(row, self.known.get(self.hashes[row.row])) for row in self.sheet.rows if row.row not in apart]
        changed = [row for row, old in mine if old is not None and _differs(old, row)]
        return Preview(
            create=tuple(row for row, old in mine if old is None),
            update=tuple(changed),
            unchanged=sum(old is not None and not _differs(old, row) for row, old in mine),
            errors=(*self.sheet.errors, *(_elsewhere(row) for row in foreign)),
            warnings=(*self.sheet.warnings, *(w for row, old in mine if old for w in _renamed(old, row))),
        )

    def _is_foreign(self, row: CandidateRow) -> bool:
        old = self.known.get(self.hashes[row.row])
        return old is not None and old.school_id != self.school.pk

    def store(self, now: datetime) -> None:
        fresh, changed = [], []
        for row in self.sheet.rows:
            old = self.known.get(self.hashes[row.row])
            if old is None:
                fresh.append(self._new(row, now))
            elif _differs(old, row):
                for name in _FIELDS:
                    setattr(old, name, getattr(row, name))
                changed.append(old)
        Candidate.objects.bulk_create(fresh, batch_size=_BATCH)
        Candidate.objects.bulk_update(changed, _FIELDS, batch_size=_BATCH)

    def _new(self, row: CandidateRow, now: datetime) -> Candidate:
        hashed, cipher, masked = seal_id_number(row.id_number)
        values = {name: getattr(row, name) for name in _FIELDS}
        return Candidate(school=self.school, id_hash=hashed, id_cipher=cipher, id_mask=masked, created_at=now, **values)


def _known(hashes: Sequence[str]) -> dict[str, Candidate]:
    found: dict[str, Candidate] = {}
    for start in range(0, len(hashes), _BATCH):
        rows = Candidate.objects.filter(id_hash__in=hashes[start : start + _BATCH])
        found |= {row.id_hash: row for row in rows}
    return found


def _differs(old: Candidate, row: CandidateRow) -> bool:
    return any(getattr(old, name) != getattr(row, name) for name in _FIELDS)


def _elsewhere(row: CandidateRow) -> RowError:
    return RowError(
        row.row, COLUMNS["id_number"][0], _("该证件号已由其他院校登记；如已转学，请联系评价组织变更院校"),
        mask(row.id_number), "registered_elsewhere",
    )  # fmt: skip


def _renamed(old: Candidate, row: CandidateRow) -> list[RowError]:
    if old.name == row.name:
        return []
    text = _("证件号已登记为“{old}”，将改为“{new}”").format(old=old.name, new=row.name)
    return [RowError(row.row, COLUMNS["name"][0], text, row.name, "renamed", warning=True)]
