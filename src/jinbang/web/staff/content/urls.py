"""Addresses of the item bank."""

from django.urls import path

from jinbang.web.staff.content import compose, views

urlpatterns = [
    path("items/", views.item_list, name="item_list"),
    path("items/new/", views.item_new, name="item_new"),
    path("items/import/", views.item_import, name="item_import"),
    path("items/export/<int:level>/", views.item_export, name="item_export"),
    path("items/<int:pk>/", views.item, name="item"),
    path("items/<int:pk>/edit/", views.item_edit, name="item_edit"),
    path("items/<int:pk>/<str:event>/", views.item_event, name="item_event"),
    path("forms/", views.form_list, name="form_list"),
    path("forms/compose/", compose.form_compose, name="form_compose"),
    path("forms/compose/practical/", compose.form_compose_practical, name="form_compose_practical"),
    path("forms/<int:pk>/", views.form, name="form"),
    path("forms/<int:pk>/<str:event>/", views.form_event, name="form_event"),
    path("tasks/", views.task_list, name="task_list"),
    path("tasks/new/", views.task_new, name="task_new"),
    path("tasks/<int:pk>/", views.task, name="task"),
]
