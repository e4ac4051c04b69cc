"""The shipped nginx and Varnish in front of the site, against nginx that serves the same bytes as a file.

Whatever stands in front has one core, and the load another. All is without HTTPS. No cache gets to the rate of a file,
so each is held against itself, too, with the same switches (docs/decisions/0029).
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

from tests import proxies
from tests.bench import load
from tests.bench.clockwork import QUICK, Row, of_rounds
from tests.bench.hot import ROUNDS, SECONDS, G, ask, microseconds, per_second
from tests.server import serving

OF_A_FILE = {"content-length", "content-type", "etag"}  # nginx gives those itself
BARE = """vcl 4.1;
backend site {{ .host = "127.0.0.1"; .port = "{port}"; }}
sub vcl_backend_response {{ set beresp.ttl = 1h; }}
"""
BROWSER = "gzip, deflate, br, zstd"


def rows(folder: Path) -> Iterator[Row]:
    if not proxies.find("nginx"):
        print("nginx is not installed: nothing in front of the site is measured")
        return
    with (
        serving(folder, "tests.browser.seed", WEB_CONCURRENCY="1", BEHIND_PROXY="1") as site,
        ExitStack() as stack,
    ):
        files = folder / "files"
        files.mkdir()
        said = ask(site, G)
        (files / "page").write_bytes(said.body)
        same = [header for header in said.headers if header[0].lower() not in OF_A_FILE]

        def start(front: AbstractContextManager[str], path: str = G) -> str:
            return stack.enter_context(front) + path

        file = start(proxies.nginx_file(folder / "file", files, same), "/page")
        nginx = start(proxies.nginx(folder / "nginx", site.port))
        yield row("through the shipped nginx: rate", nginx, file, 0.8)
        if not QUICK:
            bare = start(proxies.nginx_cache(folder / "nginx-cache", site.port))
            yield row("the same, against nginx with only a cache configured", nginx, bare, 0.9)
        if not proxies.find("varnishd"):
            print("varnishd is not installed: it is not measured")
            return
        varnish = start(proxies.varnish(folder / "varnish", site.port))
        yield row("through the shipped Varnish: rate", varnish, file, 0.6)
        if not QUICK:
            bare = start(bare_varnish(folder / "bare", site.port))
            yield row("the same, against Varnish with only a cache configured", varnish, bare, 0.9)


def bare_varnish(folder: Path, site: int) -> AbstractContextManager[str]:
    folder.mkdir()
    (folder / "default.vcl").write_text(BARE.format(port=site))
    return proxies.varnish_of(folder)


def row(what: str, one: str, other: str, bound: float) -> Row:
    """Ask both in turn; return their rates, and how much processor time all takes that is not the load."""
    pids = load.descendants()
    for warm in (one, other) if not QUICK else ():
        load.burst(warm, pids, 1, Accept_Encoding=BROWSER)
    found, base = [], []
    for _ in range(ROUNDS):
        found.append(load.burst(one, pids, SECONDS, Accept_Encoding=BROWSER))
        base.append(load.burst(other, pids, SECONDS, Accept_Encoding=BROWSER))
    assert not sum(burst.failed for burst in (*found, *base))
    rates = [mine.per_second / theirs.per_second for mine, theirs in zip(found, base, strict=True)]
    said = [f"{per_second(side)}, {microseconds(side)}" for side in (found, base)]
    return of_rounds(what, *said, rates, bound, floor=True)
