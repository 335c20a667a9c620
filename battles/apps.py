from django.apps import AppConfig


class BattlesConfig(AppConfig):
    name = "battles"
    verbose_name = "Battles: what the archive asserts"

    def ready(self) -> None:
        import reversion

        from battles.history import BattleTeller, StatementTeller
        from battles.models import Battle, Citation, Side, Statement

        reversion.register(Side)
        reversion.register(Battle, follow=BattleTeller.parts)
        reversion.register(Citation)
        reversion.register(Statement, follow=StatementTeller.parts)
