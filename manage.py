#!/usr/bin/env python3
import os
import sys
from pathlib import Path

from django.core.management import execute_from_command_line

NAMES_A_SITE = {"ALLOWED_HOSTS", "DATABASE_URL", "DEBUG", "LOCAL", "SECRET_KEY"}

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    # After `make run`, commands are about its site, unless the environment is about another
    if not NAMES_A_SITE & os.environ.keys() and Path(__file__).with_name("var").joinpath("local").exists():
        os.environ["LOCAL"] = "1"
        print("This is the site of “make run”. The environment names no other.", file=sys.stderr)
    if sys.argv[1:2] != ["runserver"]:
        os.environ.setdefault("STATEMENT_TIMEOUT", "0")  # pages must be quick; a migration or a check may take long
    execute_from_command_line(sys.argv)
