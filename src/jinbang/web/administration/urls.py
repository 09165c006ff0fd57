"""People, organisations, the log."""

from django.urls import path

from jinbang.web.administration import audit_log, grants, organisations, people

urlpatterns = [
    path("people/", people.person_list, name="person_list"),
    path("people/new/", people.person_new, name="person_new"),
    path("people/upload/", people.person_upload, name="person_upload"),
    path("people/<int:pk>/", people.person, name="person"),
    path("people/<int:pk>/edit/", people.person_edit, name="person_edit"),
    path("people/<int:pk>/password/", people.person_password, name="person_password"),
    path("people/<int:pk>/second-factor/", people.person_second_factor, name="person_second_factor"),
    path("people/<int:pk>/active/", people.person_active, name="person_active"),
    path("people/<int:pk>/grants/new/", grants.grant_new, name="grant_new"),
    path("grants/<int:pk>/revoke/", grants.grant_revoke, name="grant_revoke"),
    path("organisations/", organisations.organisation_tree, name="organisation_tree"),
    path("organisations/list/", organisations.organisation_list, name="organisation_list"),
    path("organisations/new/", organisations.organisation_new, name="organisation_new"),
    path("organisations/<int:pk>/", organisations.organisation, name="organisation"),
    path("organisations/<int:pk>/edit/", organisations.organisation_edit, name="organisation_edit"),
    path("audit/", audit_log.audit_log, name="audit_log"),
    path("audit/<int:pk>/", audit_log.audit_row, name="audit_row"),
    path("audit/check/", audit_log.audit_check, name="audit_check"),
]
