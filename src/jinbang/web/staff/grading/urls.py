"""Addresses of marking and results."""

from django.urls import path

from jinbang.web.staff.grading import appeals, marking, misconduct, regrades, similarity, views

urlpatterns = [
    path("judge/", views.job_list, name="judge_job_list"),
    path("judge/workers/", views.worker_list, name="judge_worker_list"),
    path("judge/workers/new/", views.worker_new, name="judge_worker_new"),
    path("judge/<int:pk>/", views.job, name="judge_job"),
    path("judge/<int:pk>/<str:event>/", views.job_event, name="judge_job_event"),
    path("results/", views.result_list, name="result_list"),
    path("results/sittings/", views.results_of_sittings, name="results_of_sittings"),
    path("results/sittings/<int:pk>/<str:step>/", views.results_action, name="results_action"),
    path("results/<int:pk>/", views.result, name="result"),
    path("results/<int:pk>/appeal/", appeals.appeal_new, name="appeal_new"),
    path("marking/", marking.marking_list, name="marking_list"),
    path("marking/<int:pk>/", marking.marking_task, name="marking_task"),
    path("marking/<int:pk>/allocate/", marking.marking_allocate, name="marking_allocate"),
    path("marking/<int:pk>/<str:event>/", marking.marking_event, name="marking_event"),
    path("markings/<int:pk>/", marking.marking_mark, name="marking_mark"),
    path("regrades/", regrades.regrade_list, name="regrade_list"),
    path("regrades/new/", regrades.regrade_new, name="regrade_new"),
    path("regrades/<int:pk>/", regrades.regrade_detail, name="regrade"),
    path("regrades/<int:pk>/assess/", regrades.regrade_assess, name="regrade_assess"),
    path("regrades/<int:pk>/<str:event>/", regrades.regrade_event, name="regrade_event"),
    path("appeals/", appeals.appeal_list, name="appeal_list"),
    path("appeals/<int:pk>/", appeals.appeal, name="appeal"),
    path("appeals/<int:pk>/<str:event>/", appeals.appeal_event, name="appeal_event"),
    path("similarity/", similarity.check_list, name="similarity_list"),
    path("similarity/new/", similarity.check_new, name="similarity_new"),
    path("similarity/<int:pk>/", similarity.pair_list, name="similarity_pairs"),
    path("similarity/pairs/<int:pk>/", similarity.pair_page, name="similar_pair"),
    path("similarity/pairs/<int:pk>/report/<str:side>/", similarity.pair_report, name="similar_pair_report"),
    path("misconduct/", misconduct.case_list, name="misconduct_list"),
    path("misconduct/new/", misconduct.case_new, name="misconduct_new"),
    path("misconduct/<int:pk>/", misconduct.case, name="misconduct"),
    path("misconduct/<int:pk>/<str:event>/", misconduct.case_event, name="misconduct_event"),
]
