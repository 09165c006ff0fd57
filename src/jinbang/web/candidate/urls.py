from __future__ import annotations

from django.urls import path

from jinbang.web.candidate import views

PREFIX = "sit/"

urlpatterns = [
    path("", views.sit, name="sit"),
    path("sw.js", views.offline_pages, name="sit_offline_pages"),
]
