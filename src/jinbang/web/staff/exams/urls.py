"""Addresses of plans, sittings, rules and prices."""

from __future__ import annotations

from django.urls import path

from jinbang.web.staff.exams import plans, rules

urlpatterns = [
    path("plans/", plans.plan_list, name="plan_list"),
    path("plans/new/", plans.plan_new, name="plan_new"),
    path("plans/<int:pk>/", plans.plan, name="plan"),
    path("plans/<int:plan>/sittings/new/", plans.sitting_new, name="sitting_new"),
    path("plans/<int:pk>/<str:event>/", plans.plan_event, name="plan_event"),
    path("sittings/<int:pk>/", plans.sitting, name="sitting"),
    path("sittings/<int:pk>/edit/", plans.sitting_edit, name="sitting_edit"),
    path("sittings/<int:pk>/<str:event>/", plans.sitting_event, name="sitting_event"),
    path("rules/", rules.rule_set_list, name="rule_set_list"),
    path("rules/new/", rules.rule_set_new, name="rule_set_new"),
    path("prices/", rules.price_list, name="price_list"),
    path("prices/new/", rules.price_new, name="price_new"),
]
