from django.apps import AppConfig


class DeliveryConfig(AppConfig):
    name = "jinbang.delivery"
    label = "delivery"
