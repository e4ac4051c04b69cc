"""Every kind of public address that somebody asked for before, against a bare WSGI application with the same bytes."""

import json
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from itertools import product
from pathlib import Path

from tests.bench import load
from tests.bench.clockwork import QUICK, Row, of_rounds
from tests.bench.peer import serving_peer
from tests.server import Server, free_port, gunicorn, running, serving

G = "/guidance/technical-qualification-categories/"
CATEGORY = f"{G}categories/level-3-t-level/"
COHORTS, WORDS = ("16-to-19", "adults", "not-stated"), ("work", "first+aid", "t", "x")
FILTERS = [f"{G}?level={level}&cohort={cohort}&q={word}" for level, cohort, word in product((2, 3, 4), COHORTS, WORDS)]
FILTERS += [f"{G}?availability=in-scope&q={word}" for word in (*WORDS, *"abcdefghij")]
KINDS = {
    "guidance page": [G],
    "category": [CATEGORY],
    f"{len(FILTERS)} filters": FILTERS,
    "dated page": [f"{G}on/2025-09-01/"],
    "API, guidance": [f"/api/v1{G}"],
    "API, category": [f"/api/v1{CATEGORY}"],
    "CSV": [f"{G}categories.csv"],
    "Atom": [f"{G}updates.atom"],
    "update": [f"{G}updates/1/"],
    "find": [f"{G}find/?level=3"],
    "former address, 301": [f"{G}updates/01/"],
}
IN_BRIEF = ("guidance page", f"{len(FILTERS)} filters", "API, guidance")
UNCHANGED = "not modified, 304"
ROUNDS, SECONDS = (3, 1) if QUICK else (5, 1)
AT_LEAST, AT_MOST = 0.9, 1.15  # of the floor's rate, and of its processor time
TIMES_THE_PEER = 25


@dataclass(frozen=True)
class Said:
    """What the server said at a path, headers of its own server left out."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes


def rows(folder: Path) -> Iterator[Row]:
    with serving(folder, "tests.browser.seed", WEB_CONCURRENCY="1") as site:
        kinds = {kind: paths for kind, paths in KINDS.items() if not QUICK or kind in IN_BRIEF}
        etag = dict(ask(site, G).headers)["ETag"]
        said = {f"/floor/{kind}/{place}".replace(" ", "-"): ask(site, path)
                for kind, paths in kinds.items() for place, path in enumerate(paths)}  # fmt: skip
        said["/floor/304"] = ask(site, G, {"If-None-Match": etag})
        write(folder / "floor", said)
        port = free_port()
        environ = site.environ | {"PORT": str(port), "FLOOR": str(folder / "floor")}
        floor = Server(f"http://127.0.0.1:{port}", environ)
        with running(gunicorn("tests.bench.floor"), floor, folder / "floor-log"):
            for kind, paths in kinds.items():
                bare = [path for path in said if path.startswith(f"/floor/{kind}/".replace(" ", "-"))]
                yield from compared(kind, site, paths, floor, bare, folder)
            yield from compared(UNCHANGED, site, [G], floor, ["/floor/304"], folder, If_None_Match=etag)
        with serving_peer(folder) as wagtail:
            yield against(site, wagtail)


def against(site: Server, wagtail: Server) -> Row:
    """The guidance page that somebody asked for before, against Wagtail's, which it makes each time."""
    pairs = [
        (load.burst(site.url + G, [], SECONDS, Accept_Encoding="br"), load.burst(wagtail.url + "/", [], SECONDS))
        for _ in range(ROUNDS)
    ]
    assert not sum(burst.failed for pair in pairs for burst in pair)
    ours, theirs = map(list, zip(*pairs, strict=True))
    ratios = [one.per_second / other.per_second for one, other in pairs]
    what = "hot guidance page against Wagtail's: rate"
    return of_rounds(what, per_second(ours), per_second(theirs), ratios, TIMES_THE_PEER, floor=True)


def compared(
    kind: str, site: Server, paths: list[str], floor: Server, bare: list[str], folder: Path, **headers: str
) -> Iterator[Row]:
    rates, costs, ours, theirs = [], [], [], []
    for _ in range(ROUNDS):
        found, base = (
            load.burst(server.url + asked[0], server.workers(), SECONDS,
                       load.script(folder, asked) if len(asked) > 1 else None, Accept_Encoding="br", **headers)
            for server, asked in ((site, paths), (floor, bare))
        )  # fmt: skip
        assert not found.failed, (kind, found)
        rates.append(found.per_second / base.per_second)
        costs.append(found.microseconds / base.microseconds)
        ours.append(found)
        theirs.append(base)
    what = f"hot {kind}"
    yield of_rounds(f"{what}: rate", per_second(ours), per_second(theirs), rates, AT_LEAST, floor=True)
    yield of_rounds(f"{what}: processor time", microseconds(ours), microseconds(theirs), costs, AT_MOST)


def per_second(bursts: list[load.Burst]) -> str:
    return f"{sorted(burst.per_second for burst in bursts)[len(bursts) // 2]:,.0f}/s"


def microseconds(bursts: list[load.Burst]) -> str:
    return f"{sorted(burst.microseconds for burst in bursts)[len(bursts) // 2]:,.0f} µs"


def ask(site: Server, path: str, headers: dict[str, str] | None = None) -> Said:
    http = HTTPConnection("127.0.0.1", site.port)
    for _ in range(2):  # the first has it made
        http.request("GET", path, headers={"Accept-Encoding": "br"} | (headers or {}))
        response = http.getresponse()
        body = response.read()
    http.close()
    of_the_server = {"server", "date", "connection"}
    kept = [(name, value) for name, value in response.getheaders() if name.lower() not in of_the_server]
    return Said(f"{response.status} {response.reason}", kept, body)


def write(floor: Path, said: dict[str, Said]) -> None:
    lines = [json.dumps([path, one.status, one.headers, b64encode(one.body).decode()]) for path, one in said.items()]
    floor.write_text("\n".join(lines))
