from django.apps import AppConfig


class CertificatesConfig(AppConfig):
    name = "jinbang.certificates"
    label = "certificates"
