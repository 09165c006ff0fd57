"""Addresses of accreditation."""

from __future__ import annotations

from django.urls import path

from jinbang.web.centre.accreditation import applications, declarations, files, majors, rooms, sites

urlpatterns = [
    path("declarations/", declarations.declaration_list, name="declaration_list"),
    path("declarations/new/", declarations.declaration_new, name="declaration_new"),
    path("declarations/<int:pk>/", declarations.declaration, name="declaration"),
    path("declarations/<int:pk>/<str:event>/", declarations.declaration_event, name="declaration_event"),
    path("applications/", applications.application_list, name="pilot_application_list"),
    path("applications/new/", applications.application_new, name="pilot_application_new"),
    path("applications/<int:pk>/", applications.application, name="pilot_application"),
    path("applications/<int:pk>/edit/", applications.application_edit, name="pilot_application_edit"),
    path("applications/<int:pk>/files/new/", applications.attachment_new, name="pilot_attachment_new"),
    path(
        "applications/<int:pk>/files/<int:attachment>/remove/",
        applications.attachment_remove,
        name="pilot_attachment_remove",
    ),
    path("applications/<int:pk>/<str:event>/", applications.application_event, name="pilot_application_event"),
    path("majors/", majors.major_list, name="major_list"),
    path("majors/requests/", majors.addition_list, name="major_addition_list"),
    path("majors/requests/new/", majors.addition_new, name="major_addition_new"),
    path("majors/requests/<int:pk>/", majors.addition, name="major_addition"),
    path("majors/requests/<int:pk>/<str:event>/", majors.addition_event, name="major_addition_event"),
    path("sites/", sites.site_list, name="site_list"),
    path("sites/requirements/", sites.site_requirements, name="site_requirements"),
    path("sites/new/", sites.site_new, name="site_new"),
    path("sites/<int:pk>/", sites.site, name="site"),
    path("sites/<int:pk>/edit/", sites.site_edit, name="site_edit"),
    path("sites/<int:pk>/agreements/new/", sites.agreement_new, name="agreement_new"),
    path("sites/<int:site>/rooms/new/", rooms.room_new, name="site_room_new"),
    path("sites/<int:pk>/<str:event>/", sites.site_event, name="site_event"),
    path("agreements/<int:pk>/<str:event>/", sites.agreement_event, name="agreement_event"),
    path("rooms/<int:pk>/", rooms.room, name="site_room"),
    path("rooms/<int:pk>/edit/", rooms.room_edit, name="site_room_edit"),
    path("rooms/<int:pk>/remove/", rooms.room_remove, name="site_room_remove"),
    path("rooms/<int:pk>/seats/<int:seat>/", rooms.seat_edit, name="seat_edit"),
    path("rooms/<int:pk>/cameras/<str:position>/", rooms.camera_edit, name="camera_edit"),
    path("files/<int:pk>/", files.stored_file, name="stored_file"),
]
