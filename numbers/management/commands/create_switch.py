"""A credential for a switch or an SMS gateway; its secret is printed once."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from numbers.carrier import credentials
from numbers.carrier.models import SwitchCredential


class Command(BaseCommand):
    help = "Creates a credential of the carrier API and prints its secret, which cannot be read again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("switch_id", help="name of the switch: letters, digits, - and _")
        parser.add_argument("--scope", action="append", required=True, choices=SwitchCredential.Scope.values)
        parser.add_argument(
            "--network",
            action="append",
            default=[],
            metavar="CIDR",
            help="it may call from here only; may be repeated; any address when not given",
        )

    def handle(self, *, switch_id: str, scope: list[str], network: list[str], **options: Any) -> None:
        try:
            _, secret = credentials.create(switch_id=switch_id, scopes=sorted(set(scope)), networks=network)
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from None
        self.stdout.write(secret)
