from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "jinbang.web"
    label = "web"

    def ready(self) -> None:
        """Import every part's ``register`` module (menu, waiting items) and the checks made at start."""
        import jinbang.config.checks  # noqa: F401 - registers itself
        from jinbang.web.parts import modules

        for _ in modules("register"):
            pass
