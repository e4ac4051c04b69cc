from argparse import ArgumentParser
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from ...content.note import Signer


class Command(BaseCommand):
    help = "Make a key that signs the head of the record, and print it: the private half is kept nowhere else."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", nargs="?", default=urlsplit(settings.SITE_ADDRESS).netloc, help="the site’s name")

    def handle(self, *args: Any, name: str, **options: Any) -> None:
        try:
            signer = Signer.made(name)
        except ValueError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"SIGNING_KEY={signer}\n\nPublic, for everybody:\n{signer.public}")
