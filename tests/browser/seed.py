"""Fill the database of DATABASE_URL for the browser tests: the guidance, and one account for each role."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from django.core.management import call_command  # noqa: E402 - Django is set up first

from tests.factories import make_user  # noqa: E402


def main() -> None:
    call_command("migrate", verbosity=0, interactive=False)
    call_command("load_guidance", "fixtures/technical-qualification-categories.json", live_at="2025-06-02", verbosity=0)
    make_user("wendy", "Writer", first_name="Wendy", last_name="Writer")
    make_user("erin", "Editor", first_name="Erin", last_name="Editor")
    make_user("ed", "Editor", first_name="Ed", last_name="Editor")


if __name__ == "__main__":
    main()
