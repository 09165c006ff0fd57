"""Addresses of the read interface."""

from django.urls import path

from jinbang.web.api.v1.api import api

urlpatterns = [path("", api.urls)]
