"""Make the tables of a site, and nothing in them: a seed for `tests.server.serving`."""

import django
from django.core.management import call_command

if __name__ == "__main__":
    django.setup()
    call_command("migrate", verbosity=0)
