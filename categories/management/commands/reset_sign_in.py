from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ... import publishing
from ...models import User


class Command(BaseCommand):
    help = (
        "Remove the second steps and the password of an account, end its sessions, and show a link to start anew: "
        "for a site’s first account, or where nobody is left who could send a link."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, username: str, **options: Any) -> None:
        account = User.objects.filter(username=username.encode(errors="replace").decode()).first()
        if account is None:
            raise CommandError(f"There is no user “{username}”.")
        try:
            link = publishing.end_factors_from_the_shell(account)
        except publishing.Refused as refused:
            raise CommandError("\n".join(map(str, refused.reasons))) from refused
        self.stdout.write(f"Open this within three days. It works once; whoever opens it is {account}:\n{link}")
