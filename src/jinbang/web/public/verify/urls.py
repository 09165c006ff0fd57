"""Addresses of the public pages."""

from django.urls import path

from jinbang.web.public.verify import views

urlpatterns = [
    path("verify/", views.lookup, name="verify_lookup"),
    path("c/<str:key>/", views.verify, name="verify"),
    path("c/<str:key>/status.json", views.status, name="verify_status"),
    path(".well-known/jwks.json", views.issuer_key, name="issuer_key"),
]
