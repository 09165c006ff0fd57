"""Addresses of training, practice, resources, announcements and support."""

from django.urls import path

from jinbang.web.centre.learning import announcements, programs, views

urlpatterns = [
    path("training/", views.term_list, name="training_list"),
    path("training/<int:pk>/", views.term, name="training_term"),
    path("training/<int:pk>/enrol/", views.training_enrol, name="training_enrol"),
    path("training/enrolments/", views.enrolment_list, name="enrolment_list"),
    path("training/enrolments/<int:pk>/attendance/", views.attendance, name="attendance"),
    path("training/enrolments/<int:pk>/<str:event>/", views.enrolment_event, name="enrolment_event"),
    path("practice/", views.practice_list, name="practice_list"),
    path("practice/new/", views.practice_choose, name="practice_choose"),
    path("practice/new/<int:level>/", views.practice_start, name="practice_start"),
    path("practice/<int:pk>/", views.practice_run, name="practice"),
    path("programs/", programs.program_list, name="program_list"),
    path("programs/<int:pk>/", programs.program, name="program"),
    path("programs/<int:pk>/material/", programs.program_material, name="program_material"),
    path("programs/runs/<int:pk>/", programs.program_run, name="program_run"),
    path("programs/runs/<int:pk>/state/", programs.program_run_state, name="program_run_state"),
    path("students/programs/", programs.student_runs, name="student_runs"),
    path("students/", views.student_list, name="student_list"),
    path("students/link/", views.student_link, name="student_link"),
    path("resources/", views.resource_list, name="resource_list"),
    path("resources/new/", views.resource_new, name="resource_new"),
    path("resources/<int:pk>/file/", views.resource_download, name="resource_download"),
    path("announcements/", announcements.announcement_list, name="announcement_list"),
    path("announcements/new/", announcements.announcement_new, name="announcement_new"),
    path("announcements/<int:pk>/", announcements.announcement, name="announcement"),
    path("announcements/<int:pk>/withdraw/", announcements.announcement_withdraw, name="announcement_withdraw"),
    path("support/", views.request_list, name="support_list"),
    path("support/new/", views.support_new, name="support_new"),
    path("support/<int:pk>/", views.support_request, name="support_request"),
    path("support/<int:pk>/<str:event>/", views.support_event, name="support_event"),
]
