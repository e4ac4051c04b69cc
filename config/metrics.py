"""What gunicorn counts for Prometheus: answers by kind and status, and how long they took. All processes count as one.

Imported only where METRICS_PORT is set, after PROMETHEUS_MULTIPROC_DIR: the library looks for it at once.
"""

import time
from functools import cache
from threading import Lock
from typing import Any

from prometheus_client import Counter, Gauge, Histogram
from prometheus_client.multiprocess import mark_process_dead

ANSWERS = Counter("guidance_answers", "Answers, by kind of address and status.", ["kind", "status"])
SECONDS = Histogram(
    "guidance_answer_seconds",
    "Seconds from reading a request to the end of its answer, by kind of address.",
    ["kind"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
FAILED_SIGN_INS = Counter("guidance_failed_sign_ins", "Attempts to sign in that were refused.")
ASKED_OF_THE_DOOR = Counter("guidance_page_cache", "What was asked of finished pages, by what came of it.", ["outcome"])
PREFIXES = {
    "/static/": "static",
    "/admin/": "staff",
    "/preview/": "preview",
    "/api/": "api",
    "/healthz": "health",
    "/readyz": "health",
}
SUFFIXES = {".csv": "csv", ".atom": "feed"}
SIGN_IN = "/admin/login/"


def kind_of(path: str) -> str:
    """Return the kind of an address: few of them, whatever readers type."""
    found = (kind for prefix, kind in PREFIXES.items() if path.startswith(prefix))
    suffixed = (kind for suffix, kind in SUFFIXES.items() if path.endswith(suffix))
    return next(found, None) or next(suffixed, "page")


def pre_request(worker: Any, req: Any) -> None:
    req.began = time.perf_counter()


def post_request(worker: Any, req: Any, environ: dict[str, Any], resp: Any) -> None:
    kind, status = kind_of(req.path), int(resp.status_code or 0)
    ANSWERS.labels(kind, str(status)).inc()
    SECONDS.labels(kind).observe(time.perf_counter() - req.began)
    if req.method == "POST" and req.path == SIGN_IN and status != 302:
        FAILED_SIGN_INS.inc()
    if state := environ.get("door.state"):
        _tell_of_the_door(state())


_told = {"hit": 0, "miss": 0}
_telling = Lock()


def _tell_of_the_door(state: Any) -> None:
    with _telling:
        for outcome, count in (("hit", state.hits), ("miss", state.misses)):
            ASKED_OF_THE_DOOR.labels(outcome).inc(max(0, count - _told[outcome]))
            _told[outcome] = max(count, _told[outcome])
    gauges = _gauges()
    gauges["answers"].set(state.answers)
    gauges["bytes"].set(state.size)
    gauges["away"].set(state.is_away)
    if state.heard_at:
        gauges["heard"].set(state.heard_at.timestamp())
        gauges["since"].set(state.since.timestamp())


@cache
def _gauges() -> dict[str, Gauge]:
    """Make what each process says of itself, in it alone: a gauge is 0 from when it is made, in gunicorn’s own too."""
    return {
        "answers": Gauge("guidance_page_cache_answers", "Finished pages that are kept.", multiprocess_mode="livesum"),
        "bytes": Gauge("guidance_page_cache_bytes", "What they take.", multiprocess_mode="livesum"),
        "away": Gauge(
            "guidance_record_away",
            "1 where the database does not say how the record stands, and finished pages go on.",
            multiprocess_mode="livemax",
        ),
        "heard": Gauge(
            "guidance_record_heard_seconds",
            "Second, since 1970, as of which the process that heard of the record longest ago serves it.",
            multiprocess_mode="livemin",
        ),
        "since": Gauge(
            "guidance_record_since_seconds",
            "Second, since 1970, since which a process has known the record so: the earliest.",
            multiprocess_mode="livemin",
        ),
    }


def child_exit(server: Any, worker: Any) -> None:
    mark_process_dead(worker.pid)
