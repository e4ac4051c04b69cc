"""The real settings, with what a test run needs filled in."""

import os

os.environ.setdefault("SECRET_KEY", "only-for-tests-" * 4)
os.environ.setdefault("ALLOWED_HOSTS", "testserver,localhost,127.0.0.1")
os.environ.setdefault("PLAIN_HTTP", "1")
os.environ.setdefault("SITE_ADDRESS", "http://testserver")
os.environ["HEADS_FILE"] = ""  # of tests, only those write one that ask for it

from config.settings import *  # noqa: F403 - after the environment is ready

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
WHITENOISE_AUTOREFRESH = True  # nothing is collected for a test run, and nothing has to be
