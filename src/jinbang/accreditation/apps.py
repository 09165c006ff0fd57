from django.apps import AppConfig


class AccreditationConfig(AppConfig):
    name = "jinbang.accreditation"
    label = "accreditation"
