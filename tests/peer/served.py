"""Wagtail as a WSGI application, on the database that PEER_DATABASE names. Runs in an environment of its own.

PEER_DATABASE=<a database that measure.py made> gunicorn --chdir tests/peer served
"""

import os

from django.core.wsgi import get_wsgi_application
from measure import set_up

set_up(os.environ["PEER_DATABASE"])
application = get_wsgi_application()
