from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ...models import Session, User
from ...models.sign_in import Verb, log_sign_in


class Command(BaseCommand):
    help = "Sign everybody out, or the accounts named, at once and for good. They can sign in again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("usernames", nargs="*", metavar="username")

    def handle(self, *args: Any, usernames: list[str], **options: Any) -> None:
        names = [name.encode(errors="replace").decode() for name in usernames]
        accounts = User.objects.filter(username__in=names) if names else User.objects.all()
        if unknown := set(names) - {account.username for account in accounts}:
            raise CommandError(f"There is no user “{min(unknown)}”.")
        ended = 0
        for account in accounts.filter(sessions__isnull=False).distinct():
            number, _ = Session.objects.filter(account=account).delete()
            log_sign_in(account, Verb.ENDED, what=f"From the shell: {number}")
            ended += number
        self.stdout.write(f"Sessions ended: {ended}.")
