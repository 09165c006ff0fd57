from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "jinbang.documents"
    label = "documents"
