"""Somebody of staff who works on a site that runs.

python -m tests.staff      prints the cookie of a writer who is signed in, on the database of DATABASE_URL
"""

import http.client
import os
import re
import secrets
from types import SimpleNamespace
from typing import Self
from urllib.parse import urlencode, urlsplit

from tests.forms import TOKEN, filled

LISTED = "/admin/categories/category/"
LONG = 19_000  # characters: nearly as long as a text may be, so that a database has to take room for them


class Writer:
    """Opens the form of the first category, and sends it."""

    def __init__(self, url: str, cookie: str, host: str = "") -> None:
        self.place, self.cookie = urlsplit(url).netloc, cookie
        self.headers = {"Host": host} if host else {}

    def open(self) -> Self:
        """Open the form, as it stands."""
        if not hasattr(self, "form"):
            status, listed = self._ask("GET", LISTED)
            assert status == 200, f"the list was answered with {status}"
            self.form = re.search(rf'href="({LISTED}[0-9a-f-]+/change/)[^"]*"', listed)[1]
        _, page = self._ask("GET", self.form)
        self.token = re.search(rf'name="{TOKEN}" value="([^"]+)"', page)[1]
        self.fields = filled(SimpleNamespace(content=page.encode()))
        return self

    @property
    def example(self) -> str:
        return self.fields.get("example", [""])[0]

    def send(self, example: str) -> tuple[int, str]:
        """Send the form as it was opened, with another example and a note; return status and page."""
        changed = self.fields | {"example": [example], "internal_note": ["An example"], TOKEN: [self.token]}
        return self._ask("POST", self.form, urlencode(changed, doseq=True))

    def _ask(self, method: str, path: str, body: str | None = None) -> tuple[int, str]:
        line = http.client.HTTPConnection(self.place, timeout=60)
        headers = self.headers | {"Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded"}
        try:
            line.request(method, path, body, headers)
            response = line.getresponse()
            text = response.read().decode()
            for name, value in response.getheaders():
                if name == "Set-Cookie" and value.startswith("csrftoken="):
                    self.cookie += "; " + value.partition(";")[0]
            return response.status, text
        finally:
            line.close()


def long_words() -> str:
    """Words that no database can make much shorter."""
    return secrets.token_hex(LONG // 2)


def signed_in() -> str:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.conf import settings
    from django.test import Client

    from tests.factories import make_user
    from tests.sign_in import with_second_step

    client = Client()
    with_second_step(client, make_user("wilma", "Writer"))
    return f"{settings.SESSION_COOKIE_NAME}={client.session.session_key}"


if __name__ == "__main__":
    print(signed_in())
