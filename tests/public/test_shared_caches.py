"""The configurations of nginx and Varnish that operators copy, in the real programs."""

import json
import re
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError

import pytest

from tests import proxies
from tests.server import Server, free_port, serving

GUIDANCE = "/guidance/technical-qualification-categories/"
CATEGORY = f"{GUIDANCE}categories/level-3-t-level/"
DEADLINE = 60  # seconds


@pytest.fixture
def site(tmp_path) -> Iterator[Server]:
    settings = {"BEHIND_PROXY": "1", "PLAIN_HTTP": "1", "WEB_CONCURRENCY": "1"}
    with serving(tmp_path, "tests.scheduled", **settings) as found:
        yield found


def ask(address: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    request = urllib.request.Request(address, headers={"X-Forwarded-Proto": "http", **headers})  # noqa: S310 - our own
    try:
        response = urllib.request.urlopen(request)  # noqa: S310 - our own
    except HTTPError as error:
        response = error
    with response:
        return response.status, {name.lower(): value for name, value in response.headers.items()}, response.read()


@pytest.mark.parametrize(("program", "front"), [("nginx", proxies.nginx), ("varnishd", proxies.varnish)])
def test_what_is_in_front_keeps_pages_for_a_second_and_for_a_day_while_the_site_is_down(
    program, front, site, tmp_path: Path
):
    if not proxies.find(program):
        pytest.skip(f"{program} is not installed")
    with front(tmp_path / program, site.port) as address:
        forms = {}
        for form in ("identity", "gzip", "br"):
            status, headers, forms[form] = ask(address + CATEGORY, **{"Accept-Encoding": form})
            assert (status, headers.get("content-encoding", "identity")) == (200, form)
            assert ask(address + CATEGORY, **{"Accept-Encoding": f"{form}, x"})[2] == forms[form]
            again = ask(address + CATEGORY, **{"Accept-Encoding": form, "If-None-Match": headers["etag"]})
            assert (again[0], again[2]) == (304, b"")
        assert json.loads(ask(f"{address}/api/v1{GUIDANCE}")[2])["edition"]
        assert ask(f"{address}/admin/login/")[1].get("age") in (None, "0")

        published = site.run("-m", "tests.scheduled", "publish", "2", DJANGO_SETTINGS_MODULE="tests.settings")
        live_at = [float(line.split()[2]) for line in published.splitlines()]
        seen, end = 0, time.time() + DEADLINE
        while seen < 3:
            asked = time.time()
            assert asked < end
            said = re.search(rb"Said in edition (\d+)", ask(address + CATEGORY)[2])
            now = int(said[1]) if said else 1
            assert now >= seen
            seen = now
            for number, second in enumerate(live_at, 2):
                assert seen >= number or asked < second + 1

        for path in (CATEGORY, GUIDANCE):
            ask(address + path, **{"Accept-Encoding": "br"})
        before = ask(address + CATEGORY)[2]
        site.stop()
        until = time.time() + 3  # well past what each answer allows
        while time.time() < until:
            assert ask(address + CATEGORY)[::2] == (200, before)
        assert ask(f"{address}{GUIDANCE}updates/")[0] in (502, 503)
        assert ask(f"{address}/admin/")[0] in (502, 503)


@pytest.mark.skipif(not proxies.find("nginx"), reason="nginx is not installed")
def test_no_line_of_nginx_tells_a_secret(tmp_path):
    secrets = ["/preview/SECRET/", "/preview/%20SECRET/x/", "/%70review/SECRET/", "/PREVIEW/SECRET", "//preview/SECRET"]
    with proxies.nginx(tmp_path / "nginx", free_port()) as address:  # where no site is
        for path in [*secrets, "/admin/set-password/MQ/SECRET/", "/admin/login/"]:
            assert ask(address + path)[0] == 502, path
    log = (tmp_path / "nginx/nginx.log").read_text()
    assert "SECRET" not in log
    assert "/admin/login/" in log, "other failures are told"


@pytest.mark.skipif(not proxies.find("varnishd"), reason="varnishd is not installed")
def test_nor_does_the_log_of_varnish(tmp_path, site):
    with proxies.varnish(tmp_path / "varnish", site.port) as address:
        ask(f"{address}/preview/SECRET/", Referer=f"{address}/alerts/SECRET/")
        ask(f"{address}/alerts/confirm/SECRET")
        command = [proxies.find("varnishlog"), "-n", tmp_path / "varnish" / "work", "-d", "-g", "raw"]
        log = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603 - as named
    assert "BereqMethod" in log
    assert "SECRET" not in log
