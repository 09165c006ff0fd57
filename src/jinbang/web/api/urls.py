"""Addresses of the interfaces for machines."""

from django.urls import path

from jinbang.web.api import judge

PREFIX = ""  # the judge protocol names its own path

urlpatterns = [
    path("judge/v1/lease", judge.lease),
    path("judge/v1/withdraw", judge.withdraw),
    path("judge/v1/blob/<str:sha256>", judge.blob),
    path("judge/v1/jobs/<str:job>/heartbeat", judge.heartbeat),
    path("judge/v1/jobs/<str:job>/verdict", judge.verdict),
    path("judge/v1/jobs/<str:job>/failure", judge.failure),
]
