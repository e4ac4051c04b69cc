"""The shipped nginx and Varnish in front of the site, against nginx that serves the same bytes as a file."""

from collections.abc import Iterator
from pathlib import Path

from tests import proxies
from tests.bench import load
from tests.bench.clockwork import Row, of_rounds
from tests.bench.hot import ROUNDS, SECONDS, G, ask, per_second
from tests.server import serving

FRONTS = (("nginx", proxies.nginx, 0.9), ("varnishd", proxies.varnish, 0.8))


OF_A_FILE = {"content-length", "content-type", "etag"}  # nginx gives those itself


def rows(folder: Path) -> Iterator[Row]:
    if not proxies.find("nginx"):
        print("nginx is not installed: nothing in front of the site is measured")
        return
    with serving(folder, "tests.browser.seed", WEB_CONCURRENCY="1", BEHIND_PROXY="1") as site:
        files = folder / "files"
        files.mkdir()
        said = ask(site, G)
        (files / "page").write_bytes(said.body)
        same = [header for header in said.headers if header[0].lower() not in OF_A_FILE]
        with proxies.nginx_file(folder / "file", files, same) as file:
            for program, front, bound in FRONTS:
                if not proxies.find(program):
                    print(f"{program} is not installed: it is not measured")
                    continue
                with front(folder / program, site.port) as address:
                    found, base = [], []
                    for _ in range(ROUNDS):
                        found.append(load.burst(address + G, [], SECONDS, Accept_Encoding="br"))
                        base.append(load.burst(f"{file}/page", [], SECONDS))
                    assert not sum(burst.failed for burst in found)
                    rates = [one.per_second / other.per_second for one, other in zip(found, base, strict=True)]
                    what = f"through the shipped {program.removesuffix('d')}: rate"
                    yield of_rounds(what, per_second(found), per_second(base), rates, bound, floor=True)
