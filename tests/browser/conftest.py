"""A real browser against a real server process, each test run with a database of its own."""

from collections.abc import Iterator

import pytest

from tests.server import Server, serving

pytest.importorskip("playwright", reason="browser tests need requirements-dev.txt")

from tests.browser import launch


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args, request):
    if lack := launch.driver_lacks():
        pytest.skip(f"this machine lacks {lack}")
    if not launch.is_there(request.getfixturevalue("playwright")):
        pytest.skip("this machine lacks a Chromium browser")
    return browser_type_launch_args | launch.options()


@pytest.fixture(scope="session")
def server(tmp_path_factory) -> Iterator[Server]:
    """The site as gunicorn serves it, on a database that only this test process uses."""
    with serving(tmp_path_factory.mktemp("site"), "tests.browser.seed") as found:
        yield found


@pytest.fixture(scope="session")
def base_url(server) -> str:
    return server.url


@pytest.fixture
def sign_in(page, base_url):
    """Sign in to the admin as somebody that the seed made."""

    def as_(username: str) -> None:
        page.context.clear_cookies()
        page.goto("/admin/login/")
        page.get_by_label("Username").fill(username)
        page.get_by_label("Password").fill("correct horse")
        page.get_by_role("button", name="Sign in").click()

    return as_
