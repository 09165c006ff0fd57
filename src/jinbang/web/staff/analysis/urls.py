"""Addresses of the analysis of results."""

from django.urls import path

from jinbang.web.staff.analysis import views

urlpatterns = [
    path("statistics/", views.statistics_list, name="statistics_list"),
    path("statistics/<int:pk>/", views.sitting_statistics, name="sitting_statistics"),
    path("statistics/<int:pk>/forms/<int:form>/", views.form_statistics, name="form_statistics"),
    path("statistics/<int:pk>/forms/<int:form>/<int:entry>/", views.entry_statistics, name="entry_statistics"),
]
