"""What Prometheus gets: one count over all processes, on a port of its own."""

import os
import re
import time
import urllib.error
import urllib.request

import pytest

from tests.server import free_port, serving


def asked(url: str, **options) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, **options) as response:  # noqa: S310 - our own
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def values(text: str, name: str) -> dict[str, float]:
    return {labels: float(value) for labels, value in re.findall(rf"^{name}(\{{.*\}})? (\S+)$", text, re.MULTILINE)}


def scraped(url: str, deadline: float = 30) -> str:
    end = time.monotonic() + deadline
    while time.monotonic() < end:
        try:
            return asked(url)[1]
        except OSError:
            time.sleep(0.1)
    raise AssertionError("no metrics are served")


def test_answers_are_counted_over_all_processes_and_the_site_is_asked(tmp_path):
    port = free_port()
    (tmp_path / "backups").mkdir()
    newest = tmp_path / "backups/guidance-20260302T030000Z.sqlite3"
    newest.touch()
    os.utime(newest, (time.time() - 3600,) * 2)
    (tmp_path / "backups/.unfinished-1").touch()
    settings = {"METRICS_PORT": str(port), "BACKUP_DIR": str(tmp_path / "backups"), "WEB_CONCURRENCY": "2"}
    with serving(tmp_path, "tests.scheduled", **settings) as site:
        for _ in range(10):
            assert asked(f"{site.url}/accessibility-statement/")[0] == 200
        assert asked(f"{site.url}/none/")[0] == 404
        assert asked(f"{site.url}/metrics")[0] == 404
        assert asked(f"{site.url}/admin/login/", data=b"username=a&password=b")[0] == 403
        text = scraped(f"http://127.0.0.1:{port}/metrics")
    answers = values(text, "guidance_answers_total")
    assert answers['{kind="page",status="200"}'] == 10
    assert answers['{kind="staff",status="403"}'] == 1
    assert values(text, "guidance_answer_seconds_count")['{kind="page"}'] == 12
    assert values(text, "guidance_failed_sign_ins_total")[""] == 1
    asked_of_the_door = values(text, "guidance_page_cache_total")
    assert asked_of_the_door['{outcome="miss"}'] >= 1
    assert asked_of_the_door['{outcome="hit"}'] >= 1
    assert sum(asked_of_the_door.values()) <= 12  # no form; and no page before a process has heard of the record
    assert values(text, "guidance_page_cache_answers")[""] >= 1
    assert values(text, "guidance_page_cache_bytes")[""] > 1_000
    assert values(text, "guidance_record_away")[""] == 0
    assert time.time() - 600 < values(text, "guidance_record_since_seconds")[""] <= time.time()
    assert time.time() - 600 < values(text, "guidance_record_heard_seconds")[""] <= time.time()
    for name in ("submissions_waiting", "messages_waiting", "messages_unsent", "clock_ahead_seconds"):
        assert values(text, f"guidance_{name}"), name
    assert values(text, "guidance_database_up")[""] == 1
    assert values(text, "guidance_backup_age_seconds")[""] == pytest.approx(3600, abs=60)
