"""The documentation that the site serves to staff."""

import re

import pytest

from tests.factories import make_user

pytestmark = pytest.mark.django_db


def test_staff_read_how_to_publish_on_the_site_itself(client):
    client.force_login(make_user("wendy", "Writer"))
    assert 'href="/admin/help/"' in client.get("/admin/").content.decode()
    page = client.get("/admin/help/").content.decode()
    assert '<h2 id="see-what-will-change">' in page
    assert page.count("<h1") == 1
    for fragment in re.findall(r'href="#([^"]+)"', page):
        assert f'id="{fragment}"' in page
    assert ".md" not in page


def test_nobody_else_does(client):
    assert client.get("/admin/help/").status_code == 302
