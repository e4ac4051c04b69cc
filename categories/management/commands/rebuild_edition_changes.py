from typing import Any

from django.core.management.base import BaseCommand

from ...publishing import index


class Command(BaseCommand):
    help = "Make the index of what each edition changed again from the editions."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{index.rebuild_index()} changes are indexed.")
