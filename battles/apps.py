from django.apps import AppConfig


class BattlesConfig(AppConfig):
    name = "battles"
    verbose_name = "Battles: what the archive asserts"

    def ready(self) -> None:
        import reversion

        from battles.models import Citation, Statement

        reversion.register(Citation)
        reversion.register(Statement, follow=("citations",))
