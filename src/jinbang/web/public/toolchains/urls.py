"""Addresses of what programs run on."""

from django.urls import path

from jinbang.web.public.toolchains import views

urlpatterns = [
    path("toolchains/", views.toolchain_list, name="toolchain_list"),
    path("toolchains/<str:name>/", views.toolchain, name="toolchain"),
    path("toolchains/<str:name>/packages.csv", views.toolchain_sheet, name="toolchain_sheet"),
]
