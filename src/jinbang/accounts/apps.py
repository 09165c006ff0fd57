from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "jinbang.accounts"
    label = "accounts"
