from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand
from django.db import transaction

SECRETS = {"secret", "seed"}  # in the data of apps and of recovery codes


class Command(BaseCommand):
    help = "Encrypt the secrets of second steps by the present SECRET_KEY, before an earlier one is forgotten."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        adapter, again = get_adapter(), 0
        for step in Authenticator.objects.select_for_update():
            for name in SECRETS & step.data.keys():
                step.data[name] = adapter.encrypt_again(step.data[name])
                step.save(update_fields=["data"])
                again += 1
        self.stdout.write(f"{again} secrets are encrypted by the present SECRET_KEY.")
