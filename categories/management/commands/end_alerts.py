from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from ...models.subscription import Follower


class Command(BaseCommand):
    help = "End every alert to addresses that mail came back from, or whose owners ask for it, and erase them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("addresses", nargs="+", metavar="ADDRESS")

    def handle(self, *args: Any, addresses: list[str], **options: Any) -> None:
        for address in addresses:
            found = Follower.objects.filter(address__iexact=address.strip())
            ended = found.count()
            found.delete()
            self.stdout.write(f"{address}: {'ended and erased' if ended else 'has no alert'}")
