import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

_site = get_wsgi_application()  # first: it sets Django up

from django.conf import settings  # noqa: E402

from categories.public.generations import Generations  # noqa: E402
from config.door import Door  # noqa: E402

application = _site if settings.DEBUG else Door(_site, Generations(), settings.SECURE_PROXY_SSL_HEADER)
