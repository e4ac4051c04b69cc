"""nginx and Varnish in front of a running site, by the configurations that operators copy."""

import re
import shutil
import subprocess
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

from tests.server import ROOT, STARTS_WITHIN, free_port

SHIPPED = ROOT / "docs" / "operating"
NGINX = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.log; {user}
events {{ worker_connections 1024; }}
http {{
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi; access_log off; tcp_nopush on; sendfile on;
    {rest}
}}
"""


def find(program: str) -> str | None:
    return shutil.which(program) or shutil.which(f"/usr/sbin/{program}")


def altered(text: str, changes: dict[str, str]) -> str:
    """Put what is of one machine in place of what stands there for another; all of it has to be there."""
    for old, new in changes.items():
        assert old in text, f"the shipped configuration has no “{old}”"
        text = text.replace(old, new)
    return text


@contextmanager
def nginx(folder: Path, site: int, other: int | None = None, mirror: Path | None = None) -> Iterator[str]:
    """Serve the site at a port, or at two, through the shipped configuration, but for HTTPS; yield the address."""
    port = free_port()
    changes = {
        "/srv/guidance/mirror": str(mirror or folder / "no-mirror"),
        "127.0.0.1:8001": f"127.0.0.1:{site}",
        "127.0.0.1:8002": f"127.0.0.1:{other or site}",
        "/var/cache/nginx/guidance": f"{folder}/kept",
        "listen 443 ssl http2;": f"listen 127.0.0.1:{port};",
        "    listen [::]:443 ssl http2;\n": "",
        "    ssl_certificate /etc/letsencrypt/live/guidance.example.org/fullchain.pem;\n": "",
        "    ssl_certificate_key /etc/letsencrypt/live/guidance.example.org/privkey.pem;\n": "",
        "listen 80;": f"listen 127.0.0.1:{free_port()};",
        "    listen [::]:80;\n": "",
    }
    with _nginx(folder, altered((SHIPPED / "nginx.conf").read_text(), changes), port) as address:
        yield address


@contextmanager
def nginx_cache(folder: Path, site: int) -> Iterator[str]:
    """Serve the site at a port through a cache of nginx, with the switches that we ship; yield the address."""
    port = free_port()
    kept = f"proxy_cache_path {folder}/kept levels=1:2 keys_zone=kept:10m use_temp_path=off;"
    cheap = "open_file_cache max=100; sendfile off; tcp_nopush off;"
    asked = f"proxy_pass http://127.0.0.1:{site}; proxy_set_header Host $http_host;"
    rest = f"proxy_cache kept; proxy_cache_key $request_uri; {asked}"
    with _nginx(
        folder, f"{kept} server {{ listen 127.0.0.1:{port}; {cheap} location / {{ {rest} }} }}", port
    ) as address:
        yield address


@contextmanager
def nginx_file(folder: Path, files: Path, headers: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Serve files, with some headers, as Debian sets nginx up: `sendfile` and `tcp_nopush`; yield the address."""
    port = free_port()
    added = " ".join(f'add_header {name} "{value}";' for name, value in headers)
    rest = f"server {{ listen 127.0.0.1:{port}; root {files}; open_file_cache max=100; {added} }}"
    with _nginx(folder, rest, port) as address:
        yield address


@contextmanager
def _nginx(folder: Path, rest: str, port: int) -> Iterator[str]:
    folder.mkdir()
    user = "user root;" if Path("/root").is_dir() and Path.home() == Path("/root") else ""
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, user=user, rest=rest))
    with _running([str(find("nginx")), "-c", str(folder / "nginx.conf"), "-p", str(folder)], port) as address:
        yield address


@contextmanager
def varnish(folder: Path, site: int, other: int | None = None) -> Iterator[str]:
    """Serve the site at a port, or at two, through the shipped configuration; yield the address."""
    folder.mkdir()
    changes = {
        '.port = "8001"': f'.port = "{site}"',
        '.port = "8002"': f'.port = "{other or site}"',
        "guidance.example.org": "127.0.0.1",
    }
    shipped = (SHIPPED / "default.vcl").read_text()
    (folder / "default.vcl").write_text(altered(shipped, changes))
    with varnish_of(folder) as address:
        yield address


@contextmanager
def varnish_of(folder: Path) -> Iterator[str]:
    """Run Varnish by the default.vcl of a folder, with the parameters of the shipped unit; yield the address."""
    port = free_port()
    options = re.findall(r"-p \S+", (SHIPPED / "varnish.conf").read_text())
    assert len(options) == 2, options
    command = [str(find("varnishd")), "-F", "-f", str(folder / "default.vcl"), "-a", f"127.0.0.1:{port}"]
    command += ["-n", str(folder / "work"), "-s", "malloc,100m", "-j", "none", *" ".join(options).split()]
    with _running(command, port) as address:
        yield address


@contextmanager
def _running(command: Sequence[str], port: int) -> Iterator[str]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - as named
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + STARTS_WITHIN
        while not _answers(address):
            assert process.poll() is None, f"{command[0]} ended at once"
            assert time.monotonic() < deadline, f"{command[0]} did not start"
            time.sleep(0.05)
        yield address
    finally:
        process.terminate()
        process.wait()


def _answers(address: str) -> bool:
    try:
        urlopen(address).close()  # noqa: S310 - our own
    except HTTPError:
        return True
    except OSError:
        return False
    return True
