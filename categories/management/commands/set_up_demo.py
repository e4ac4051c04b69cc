import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from ... import publishing
from ...models import Guidance, User
from ...models.history import saving

FIXTURE = Path("fixtures") / "technical-qualification-categories.json"
WHY = "A demo account of this site"
ACCOUNTS = {"writer": "Writer", "editor": "Editor"}


class Command(BaseCommand):
    help = "Set up what is missing for “make run”: the tables, the guidance, and two accounts if there is none."

    def handle(self, *args: Any, **options: Any) -> None:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            call_command("migrate", interactive=False, verbosity=0)
        with transaction.atomic():
            if not Guidance.objects.exists():
                call_command(
                    "load_guidance", str(settings.BASE_DIR / FIXTURE), live_at="2025-06-02", stdout=self.stdout
                )
            if not User.objects.exists():
                self.make_accounts()

    def make_accounts(self) -> None:
        self.stdout.write("Two accounts for the admin, at /admin/. Their passwords are shown this once:")
        for username, group in ACCOUNTS.items():
            password = secrets.token_urlsafe(12)
            with saving(why=WHY):
                user = User.objects.create_user(username, password=password, is_staff=True)
                user.groups.add(Group.objects.get(name=group))
                if user.has_perm(publishing.APPROVE):
                    publishing.vouch_from_the_shell(user)
            self.stdout.write(f"  {username} ({group}): {password}")
