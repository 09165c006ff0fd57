from django.apps import AppConfig


class LearningConfig(AppConfig):
    name = "jinbang.learning"
    label = "learning"
