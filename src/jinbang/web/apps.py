from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "jinbang.web"
    label = "web"

    def ready(self) -> None:
        """Import every part's ``register`` module: navigation entries and waiting items."""
        from jinbang.web.parts import modules

        for _ in modules("register"):
            pass
