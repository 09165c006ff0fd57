from django.apps import AppConfig


class GradingConfig(AppConfig):
    name = "jinbang.grading"
    label = "grading"
