"""The access table: for every ability, the roles that have it. Where they have it, the grant's organisation says.

An ability is ``<machine>.<event>`` for a move of ``core.lifecycle`` (with ``@state`` where the state decides
who may) or ``<thing>.<verb>`` for anything else. One table, so that a review reads it once.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from jinbang.accounts.models.grants import Role

R = Role
_OFFICE = (R.PROGRAMME_MANAGER, R.SYSTEM_ADMIN)
_AUTHORITY = (R.PROVINCE_OFFICER, R.CITY_OFFICER)
_SCHOOL = (R.SCHOOL_MANAGER, R.SITE_MANAGER)
_ROOM = (R.CHIEF_INVIGILATOR, R.INVIGILATOR)
_AWARDING = (
    R.PROGRAMME_MANAGER, R.ACCREDITATION_OFFICER, R.EXAM_OFFICER, R.CERTIFICATE_OFFICER, R.FINANCE_OFFICER,
    R.SUPPORT_AGENT, R.INSPECTOR, R.SYSTEM_ADMIN,
)  # fmt: skip

_TABLE: dict[str, tuple[Role, ...]] = {
    # people and organisations
    "people.view": (*_OFFICE, *_AUTHORITY, R.SCHOOL_MANAGER),
    "people.manage": (*_OFFICE, *_AUTHORITY, R.SCHOOL_MANAGER),
    "people.impersonate": (R.SYSTEM_ADMIN,),
    "organisation.view": (*_AWARDING, *_AUTHORITY, R.SCHOOL_MANAGER),
    "organisation.manage": (*_OFFICE, R.PROVINCE_OFFICER),
    "audit.view": (*_OFFICE,),
    "personal_data.open": (R.EXAM_OFFICER, R.CERTIFICATE_OFFICER, R.SCHOOL_MANAGER, R.PROGRAMME_MANAGER),
    # declaration plans, pilot applications, majors
    "declaration.view": (*_AWARDING, *_AUTHORITY, R.SCHOOL_MANAGER),
    "declaration.manage": (R.PROVINCE_OFFICER, R.PROGRAMME_MANAGER),
    "declaration.publish": (R.PROVINCE_OFFICER, R.PROGRAMME_MANAGER),
    "declaration.amend": (R.PROVINCE_OFFICER, R.PROGRAMME_MANAGER),
    "declaration.withdraw": (R.PROVINCE_OFFICER, R.PROGRAMME_MANAGER),
    "pilot_application.view": (*_AWARDING, *_AUTHORITY, R.SCHOOL_MANAGER),
    "pilot_application.edit": (R.SCHOOL_MANAGER,),
    "pilot_application.submit": (R.SCHOOL_MANAGER,),
    "pilot_application.submit_to_province": (R.SCHOOL_MANAGER,),
    "pilot_application.discard": (R.SCHOOL_MANAGER,),
    "pilot_application.withdraw": (R.SCHOOL_MANAGER,),
    "pilot_application.city_approve": (R.CITY_OFFICER,),
    "pilot_application.approve": (R.PROVINCE_OFFICER,),
    "pilot_application.return@city_review": (R.CITY_OFFICER,),
    "pilot_application.return@province_review": (R.PROVINCE_OFFICER,),
    "pilot_application.reject@city_review": (R.CITY_OFFICER,),
    "pilot_application.reject@province_review": (R.PROVINCE_OFFICER,),
    "pilot_application.revoke": (R.PROVINCE_OFFICER,),
    "major_addition.view": (*_AWARDING, *_AUTHORITY, R.SCHOOL_MANAGER),
    "major_addition.request": (R.SCHOOL_MANAGER,),
    "major_addition.approve": (R.ACCREDITATION_OFFICER, R.PROGRAMME_MANAGER),
    "major_addition.reject": (R.ACCREDITATION_OFFICER, R.PROGRAMME_MANAGER),
    "major_addition.withdraw": (R.SCHOOL_MANAGER,),
    # sites
    "site.view": (*_AWARDING, *_AUTHORITY, *_SCHOOL),
    "site.edit": _SCHOOL,
    "site.submit": _SCHOOL,
    "site.withdraw": _SCHOOL,
    "site.return": (R.ACCREDITATION_OFFICER, R.PROGRAMME_MANAGER),
    "site.reject": (R.ACCREDITATION_OFFICER, R.PROGRAMME_MANAGER),
    "site.approve": (R.ACCREDITATION_OFFICER, R.PROGRAMME_MANAGER),
    "site.file_agreements": (R.ACCREDITATION_OFFICER, R.PROGRAMME_MANAGER),
    "site.suspend": (R.ACCREDITATION_OFFICER, R.PROGRAMME_MANAGER),
    "site.resume": (R.ACCREDITATION_OFFICER, R.PROGRAMME_MANAGER),
    "site.close": (R.ACCREDITATION_OFFICER, R.PROGRAMME_MANAGER),
    "agreement.terminate": (R.ACCREDITATION_OFFICER, R.PROGRAMME_MANAGER),
    # plans, sittings, registration, money
    "plan.view": (*_AWARDING, *_AUTHORITY, *_SCHOOL, *_ROOM),
    "plan.manage": (R.EXAM_OFFICER, R.PROGRAMME_MANAGER),
    "plan.publish": (R.EXAM_OFFICER, R.PROGRAMME_MANAGER),
    "plan.amend": (R.EXAM_OFFICER, R.PROGRAMME_MANAGER),
    "plan.cancel": (R.PROGRAMME_MANAGER,),
    "plan.archive": (R.EXAM_OFFICER, R.PROGRAMME_MANAGER),
    "sitting.view": (*_AWARDING, *_AUTHORITY, *_SCHOOL, *_ROOM),
    "sitting.freeze_arrangement": (R.EXAM_OFFICER, R.SITE_MANAGER, R.SCHOOL_MANAGER),
    "sitting.reopen_arrangement": (R.EXAM_OFFICER,),
    "sitting.seal": (R.EXAM_OFFICER,),
    "sitting.unseal": (R.EXAM_OFFICER,),
    "sitting.open": (R.EXAM_OFFICER, R.CHIEF_INVIGILATOR),
    "sitting.close": (R.EXAM_OFFICER, R.CHIEF_INVIGILATOR),
    "sitting.cancel": (R.PROGRAMME_MANAGER,),
    "sitting.release_results": (R.PROGRAMME_MANAGER, R.EXAM_OFFICER),
    "candidate.view": (R.EXAM_OFFICER, R.PROGRAMME_MANAGER, *_SCHOOL, R.TEACHER, R.CHIEF_INVIGILATOR),
    "candidate.import": (R.SCHOOL_MANAGER, R.EXAM_OFFICER),
    "registration.view": (R.EXAM_OFFICER, R.PROGRAMME_MANAGER, R.FINANCE_OFFICER, *_SCHOOL, R.TEACHER),
    "registration.create": (R.SCHOOL_MANAGER, R.EXAM_OFFICER),
    "registration.confirm_fee": (R.SCHOOL_MANAGER, R.FINANCE_OFFICER, R.EXAM_OFFICER),
    "registration.withdraw": (R.SCHOOL_MANAGER, R.EXAM_OFFICER),
    "registration.seat": (R.SCHOOL_MANAGER, R.SITE_MANAGER, R.EXAM_OFFICER),
    "registration.unseat": (R.SCHOOL_MANAGER, R.SITE_MANAGER, R.EXAM_OFFICER),
    "special_arrangement.view": (R.EXAM_OFFICER, R.PROGRAMME_MANAGER, R.SCHOOL_MANAGER),
    "special_arrangement.request": (R.SCHOOL_MANAGER, R.EXAM_OFFICER),
    "special_arrangement.approve": (R.EXAM_OFFICER,),
    "special_arrangement.reject": (R.EXAM_OFFICER,),
    "special_arrangement.withdraw": (R.SCHOOL_MANAGER, R.EXAM_OFFICER),
    "arrangement.view": (*_AWARDING, *_SCHOOL, *_ROOM),
    "arrangement.draw": (R.SITE_MANAGER, R.SCHOOL_MANAGER, R.EXAM_OFFICER),
    "document.print": (*_SCHOOL, R.EXAM_OFFICER, R.CHIEF_INVIGILATOR),
    "ledger.view": (R.FINANCE_OFFICER, R.PROGRAMME_MANAGER, R.EXAM_OFFICER, *_SCHOOL),
    "ledger.book": (R.FINANCE_OFFICER,),
    # item bank
    "item.view": (R.ITEM_AUTHOR, R.ITEM_REVIEWER, R.PROGRAMME_MANAGER),
    "item.edit": (R.ITEM_AUTHOR,),
    "item.submit": (R.ITEM_AUTHOR,),
    "item.return": (R.ITEM_REVIEWER,),
    "item.accept": (R.ITEM_REVIEWER,),
    "item.retire": (R.ITEM_REVIEWER, R.PROGRAMME_MANAGER),
    "item.revise": (R.ITEM_AUTHOR,),
    "form.view": (R.ITEM_AUTHOR, R.ITEM_REVIEWER, R.EXAM_OFFICER, R.PROGRAMME_MANAGER),
    "form.assemble": (R.ITEM_AUTHOR,),
    "form.submit": (R.ITEM_AUTHOR,),
    "form.return": (R.ITEM_REVIEWER,),
    "form.approve": (R.ITEM_REVIEWER,),
    "form.retire": (R.ITEM_REVIEWER, R.PROGRAMME_MANAGER),
    # exam time
    "sealed_paper_set.view": (R.EXAM_OFFICER, R.KEY_HOLDER, R.PROGRAMME_MANAGER),
    "sealed_paper_set.seal": (R.EXAM_OFFICER,),
    "sealed_paper_set.first_release": (R.KEY_HOLDER,),
    "sealed_paper_set.second_release": (R.KEY_HOLDER,),
    "sealed_paper_set.discard": (R.EXAM_OFFICER,),
    "sealed_paper_set.confirm_discard": (R.EXAM_OFFICER, R.KEY_HOLDER, R.PROGRAMME_MANAGER),
    "room_session.view": (R.EXAM_OFFICER, R.PROGRAMME_MANAGER, R.INSPECTOR, R.SITE_MANAGER, *_ROOM),
    "room_session.open": (R.CHIEF_INVIGILATOR, R.INVIGILATOR),
    "room_session.close": (R.CHIEF_INVIGILATOR, R.INVIGILATOR),
    "room_session.reopen": (R.CHIEF_INVIGILATOR, R.EXAM_OFFICER),
    "room_session.pause": (*_ROOM, R.EXAM_OFFICER),
    "room_session.broadcast": (*_ROOM, R.EXAM_OFFICER),
    "room_session.set_start": (R.CHIEF_INVIGILATOR, R.EXAM_OFFICER),
    "attempt.view": (R.EXAM_OFFICER, R.PROGRAMME_MANAGER, R.INSPECTOR, *_ROOM),
    "attempt.check_in": _ROOM,
    "attempt.move_seat": _ROOM,
    "attempt.mark_absent": _ROOM,
    "attempt.correct_absence": (R.CHIEF_INVIGILATOR, R.EXAM_OFFICER),
    "attempt.force_hand_in": (R.CHIEF_INVIGILATOR,),
    "attempt.take_in_rescue": (R.EXAM_OFFICER,),
    "attempt.void": (R.EXAM_OFFICER, R.PROGRAMME_MANAGER),
    "attempt.waive": (*_ROOM, R.EXAM_OFFICER),
    "extra_time.ask": _ROOM,
    "extra_time.decline": (*_ROOM, R.INSPECTOR, R.EXAM_OFFICER),
    "extra_time.everyone": (R.EXAM_OFFICER,),
    "extra_time.authorise": (R.CHIEF_INVIGILATOR, R.INSPECTOR, R.EXAM_OFFICER),
    "incident.record": (*_ROOM, R.INSPECTOR),
    # marking, results, appeals, misconduct
    "judge_job.view": (R.EXAM_OFFICER, R.CHIEF_MARKER, R.PROGRAMME_MANAGER, R.SYSTEM_ADMIN),
    "judge_job.bury": (R.CHIEF_MARKER, R.SYSTEM_ADMIN),
    "judge_job.requeue": (R.CHIEF_MARKER, R.SYSTEM_ADMIN),
    "judge_job.cancel": (R.CHIEF_MARKER, R.SYSTEM_ADMIN),
    "similarity.view": (R.CHIEF_MARKER, R.EXAM_OFFICER),
    "marking.view": (R.MARKER, R.CHIEF_MARKER, R.PROGRAMME_MANAGER),
    "marking.allocate": (R.CHIEF_MARKER,),
    "marking.release": (R.MARKER, R.CHIEF_MARKER),
    "marking.submit": (R.MARKER, R.CHIEF_MARKER),
    "marking.dispute": (R.CHIEF_MARKER,),
    "marking.settle": (R.CHIEF_MARKER,),
    "marking.adjudicate": (R.CHIEF_MARKER,),
    "marking.reopen": (R.CHIEF_MARKER,),
    "result.view": (R.EXAM_OFFICER, R.CHIEF_MARKER, R.PROGRAMME_MANAGER, R.CERTIFICATE_OFFICER, *_SCHOOL),
    "result.release": (R.PROGRAMME_MANAGER, R.EXAM_OFFICER),
    "result.supersede": (R.PROGRAMME_MANAGER, R.CHIEF_MARKER),
    "regrade.view": (R.CHIEF_MARKER, R.EXAM_OFFICER, R.PROGRAMME_MANAGER),
    "regrade.propose": (R.CHIEF_MARKER,),
    "regrade.first_approve": (R.PROGRAMME_MANAGER, R.EXAM_OFFICER, R.CHIEF_MARKER),
    "regrade.second_approve": (R.PROGRAMME_MANAGER, R.EXAM_OFFICER, R.CHIEF_MARKER),
    "regrade.reject": (R.PROGRAMME_MANAGER, R.EXAM_OFFICER, R.CHIEF_MARKER),
    "regrade.apply": (R.PROGRAMME_MANAGER, R.CHIEF_MARKER),
    "appeal.view": (R.EXAM_OFFICER, R.CHIEF_MARKER, R.PROGRAMME_MANAGER, R.SCHOOL_MANAGER),
    "appeal.lodge": (R.SCHOOL_MANAGER, R.STUDENT),
    "appeal.accept": (R.EXAM_OFFICER,),
    "appeal.dismiss": (R.EXAM_OFFICER, R.CHIEF_MARKER),
    "appeal.withdraw": (R.SCHOOL_MANAGER, R.STUDENT),
    "appeal.uphold": (R.CHIEF_MARKER, R.PROGRAMME_MANAGER),
    "misconduct.view": (R.EXAM_OFFICER, R.PROGRAMME_MANAGER, R.INSPECTOR, R.CHIEF_INVIGILATOR),
    "misconduct.report": (*_ROOM, R.INSPECTOR, R.EXAM_OFFICER, R.CHIEF_MARKER),
    "misconduct.notify_candidate": (R.EXAM_OFFICER,),
    "misconduct.drop": (R.EXAM_OFFICER,),
    "misconduct.record_statement": (R.EXAM_OFFICER,),
    "misconduct.decide": (R.PROGRAMME_MANAGER, R.EXAM_OFFICER),
    "misconduct.appeal": (R.EXAM_OFFICER, R.SCHOOL_MANAGER),
    "misconduct.confirm": (R.PROGRAMME_MANAGER,),
    "misconduct.overturn": (R.PROGRAMME_MANAGER,),
    # certificates
    "certificate.view": (R.CERTIFICATE_OFFICER, R.PROGRAMME_MANAGER, R.SCHOOL_MANAGER, *_AUTHORITY),
    "certificate.approve": (R.CERTIFICATE_OFFICER,),
    "certificate.issue": (R.CERTIFICATE_OFFICER,),
    "certificate.suspend": (R.CERTIFICATE_OFFICER,),
    "certificate.reinstate": (R.CERTIFICATE_OFFICER,),
    "certificate.revoke": (R.CERTIFICATE_OFFICER,),
    "certificate.replace": (R.CERTIFICATE_OFFICER,),
    # learning
    "training.view": (*_AWARDING, *_AUTHORITY, R.SCHOOL_MANAGER, R.TEACHER),
    "training.manage": (R.PROGRAMME_MANAGER,),
    "training_enrolment.enrol": (R.TEACHER, R.SCHOOL_MANAGER),
    "training_enrolment.withdraw": (R.TEACHER, R.SCHOOL_MANAGER, R.PROGRAMME_MANAGER),
    "training_enrolment.complete": (R.PROGRAMME_MANAGER,),
    "practice.sit": (R.STUDENT, R.TEACHER),
    "practice.oversee": (R.TEACHER, R.SCHOOL_MANAGER),
    "resource.view": (*_AWARDING, *_AUTHORITY, *_SCHOOL, R.TEACHER, R.STUDENT),
    "resource.manage": (R.PROGRAMME_MANAGER,),
    "notice.publish": (R.PROGRAMME_MANAGER, R.EXAM_OFFICER),
    "support_request.view": (R.SUPPORT_AGENT, R.PROGRAMME_MANAGER, *_SCHOOL, R.TEACHER),
    "support_request.ask": (*_SCHOOL, R.TEACHER, *_AUTHORITY),
    "support_request.answer": (R.SUPPORT_AGENT, R.PROGRAMME_MANAGER),
    "support_request.reopen": (*_SCHOOL, R.TEACHER, *_AUTHORITY),
    "support_request.close": (R.SUPPORT_AGENT, R.PROGRAMME_MANAGER, *_SCHOOL, R.TEACHER),
}

ACCESS: Mapping[str, frozenset[str]] = MappingProxyType(
    {ability: frozenset(role.value for role in roles) for ability, roles in _TABLE.items()}
)

# Moves that no person asks for: the candidate's own device, a judge worker or a sweep makes them.
SYSTEM_MOVES = frozenset({
    "attempt.start", "attempt.hand_in", "attempt.auto_hand_in",
    "judge_job.lease", "judge_job.expire", "judge_job.fail", "judge_job.finish",
})  # fmt: skip


def roles_for(ability: str, state: str = "") -> frozenset[str]:
    """Roles that have ``ability`` (in ``state``, where the state decides). Raises ``KeyError`` for an unknown one."""
    return ACCESS[f"{ability}@{state}"] if f"{ability}@{state}" in ACCESS else ACCESS[ability]
