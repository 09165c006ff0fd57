"""Addresses of public announcements."""

from django.urls import path

from jinbang.web.public.announcements import views

urlpatterns = [
    path("announcements/", views.announcements, name="public_announcements"),
    path("announcements/<int:pk>/", views.announcement, name="public_announcement"),
]
