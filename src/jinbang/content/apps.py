from django.apps import AppConfig


class ContentConfig(AppConfig):
    name = "jinbang.content"
    label = "content"
