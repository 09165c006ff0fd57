"""Addresses of candidates, registrations, arrangements, papers and statements."""

from __future__ import annotations

from django.urls import path

from jinbang.web.centre.exams import arrangements, candidates, papers, photos, registrations, specials, statements

_AT = "arrangements/<int:sitting>/<int:site>/"
_MONEY = "statements/<int:sitting>/<int:site>/"

urlpatterns = [
    path("candidates/", candidates.candidate_list, name="candidate_list"),
    path("candidates/import/", candidates.candidate_import, name="candidate_import"),
    path("candidates/import/template/", candidates.template_file, name="candidate_template"),
    path("candidates/import/<int:pk>/", candidates.import_preview, name="candidate_import_preview"),
    path("candidates/import/<int:pk>/confirm/", candidates.import_confirm, name="candidate_import_confirm"),
    path("candidates/imports/", candidates.import_list, name="candidate_import_list"),
    path("candidates/photos/", photos.photo_import, name="photo_import"),
    path("candidates/<int:pk>/photo/", photos.candidate_photo, name="candidate_photo"),
    path("candidates/<int:pk>/photo/upload/", photos.candidate_photo_upload, name="candidate_photo_upload"),
    path("candidates/<int:pk>/photo/remove/", photos.candidate_photo_remove, name="candidate_photo_remove"),
    path("candidates/<int:pk>/", candidates.candidate, name="candidate"),
    path("candidates/<int:pk>/id-number/", candidates.candidate_id_number, name="candidate_id_number"),
    path("registrations/", registrations.registration_list, name="registration_list"),
    path("registrations/new/", registrations.registration_new, name="registration_new"),
    path("registrations/confirm/", registrations.confirm, name="registration_confirm"),
    path("registrations/withdraw/", registrations.withdraw, name="registration_withdraw"),
    path("registrations/<int:pk>/", registrations.registration, name="registration"),
    path("registrations/<int:pk>/<str:event>/", registrations.registration_event, name="registration_event"),
    path("special/", specials.special_list, name="special_list"),
    path("special/<int:pk>/", specials.special, name="special_arrangement"),
    path("special/<int:pk>/<str:event>/", specials.special_event, name="special_event"),
    path("registrations/<int:registration>/special/new/", specials.special_new, name="special_new"),
    path("arrangements/", arrangements.arrangement_list, name="arrangement_list"),
    path(_AT, arrangements.arrangement, name="arrangement"),
    path(_AT + "draw/", arrangements.draw, name="arrangement_draw"),
    path(_AT + "freeze/", arrangements.freeze, name="arrangement_freeze"),
    path(_AT + "reopen/", arrangements.reopen, name="arrangement_reopen"),
    path(_AT + "invigilators/new/", arrangements.invigilator_new, name="invigilator_new"),
    path("invigilators/<int:pk>/remove/", arrangements.invigilator_remove, name="invigilator_remove"),
    path("arrangements/<int:pk>/papers/<str:kind>/", papers.issue_kind, name="paper_issue"),
    path("documents/<int:pk>/", papers.issued_document, name="issued_document"),
    path("statements/", statements.statement_list, name="statement_list"),
    path(_MONEY + "payout/", statements.pay_out, name="statement_payout"),
    path(_MONEY + "print/", statements.statement_pdf, name="statement_print"),
]
