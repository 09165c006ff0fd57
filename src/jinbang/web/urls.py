"""The root of every address: the shell's own pages, then whatever the parts bring."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from jinbang.web.parts import PREFIXES, modules
from jinbang.web.shell import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("operations/<uuid:key>/", views.operation, name="operation"),
    path("preferences/theme/", views.set_theme, name="set_theme"),
    path("preferences/language/", views.set_language, name="set_language"),
    path("health/", views.health, name="health"),
    *(path(getattr(module, "PREFIX", PREFIXES[part]), include(module)) for part, module in modules("urls")),
]

handler404 = "jinbang.web.shell.errors.not_found"
handler403 = "jinbang.web.shell.errors.forbidden"
handler500 = "jinbang.web.shell.errors.broken"
