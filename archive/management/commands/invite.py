"""Invite a curator or a publisher."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from archive.accounts import invite
from archive.roles import CURATOR, PUBLISHER


class Command(BaseCommand):
    help = "Make an account for an address and send the link at which its password is chosen."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="Whom to invite.")
        parser.add_argument(
            "--group", choices=(CURATOR, PUBLISHER), default=CURATOR, help="What they may do."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            link = invite(options["email"], options["group"])
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(f"{options['email']} is invited as {options['group']}. The link, once:")
        self.stdout.write(link)
