from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from ... import publishing
from ...models import Edition, EditionChange, Guidance


class Command(BaseCommand):
    help = "Make the index of what each edition changed again from the editions."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        EditionChange.objects.all().delete()
        count = 0
        for guidance in Guidance.objects.all():
            previous: Edition | None = None
            for edition in guidance.editions.order_by("number").iterator(chunk_size=50):
                count += len(EditionChange.objects.bulk_create(publishing.index_of(previous, edition)))
                previous = edition
        self.stdout.write(f"{count} changes are indexed.")
