"""What gunicorn counts for Prometheus: answers by kind and status, and how long they took. All processes count as one.

Imported only where METRICS_PORT is set, after PROMETHEUS_MULTIPROC_DIR: the library looks for it at once.
"""

import time
from typing import Any

from prometheus_client import Counter, Histogram
from prometheus_client.multiprocess import mark_process_dead

ANSWERS = Counter("guidance_answers", "Answers, by kind of address and status.", ["kind", "status"])
SECONDS = Histogram(
    "guidance_answer_seconds",
    "Seconds from reading a request to the end of its answer, by kind of address.",
    ["kind"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
FAILED_SIGN_INS = Counter("guidance_failed_sign_ins", "Attempts to sign in that were refused.")
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


def child_exit(server: Any, worker: Any) -> None:
    mark_process_dead(worker.pid)
