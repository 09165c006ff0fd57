from django.apps import AppConfig


class ExamsConfig(AppConfig):
    name = "jinbang.exams"
    label = "exams"
