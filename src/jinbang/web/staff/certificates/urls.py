"""Addresses of certificates."""

from django.urls import path

from jinbang.web.staff.certificates import views

urlpatterns = [
    path("certificates/", views.certificate_list, name="certificate_list"),
    path("certificates/sittings/", views.certificate_sittings, name="certificate_sittings"),
    path("certificates/sittings/<int:pk>/<str:step>/", views.certificate_step, name="certificate_step"),
    path("certificates/<int:pk>/", views.certificate, name="certificate"),
    path("certificates/<int:pk>/certificate.pdf", views.certificate_pdf, name="certificate_pdf"),
    path("certificates/<int:pk>/credential", views.certificate_credential, name="certificate_credential"),
    path("certificates/<int:pk>/<str:event>/", views.certificate_event, name="certificate_event"),
]
