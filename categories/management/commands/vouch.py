from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ... import publishing
from ...models import User


class Command(BaseCommand):
    help = "Vouch for an account that can approve: for a site's first people, or where no Editor is left who could."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, username: str, **options: Any) -> None:
        account = User.objects.filter(username=username.encode(errors="replace").decode()).first()
        if account is None:
            raise CommandError(f"There is no user “{username}”.")
        try:
            publishing.vouch_from_the_shell(account)
        except publishing.Refused as refused:
            raise CommandError("\n".join(map(str, refused.reasons))) from refused
        self.stdout.write(f"{account} is vouched for. The account log keeps that it was done from the shell.")
