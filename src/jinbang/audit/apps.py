from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "jinbang.audit"
    label = "audit"
