"""Another site, on this machine: each address answers as its name says."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class OtherSite:
    """`url` is where it is; `leads` where an address leads, with the status; `asked` every question put to it."""

    def __init__(self, server: ThreadingHTTPServer, scheme: str) -> None:
        self.url = f"{scheme}://127.0.0.1:{server.server_port}"
        self.leads: dict[str, tuple[int, str]] = {}
        self.statuses: dict[tuple[str, str], int] = {}
        self.asked: list[tuple[str, str]] = []
        self.is_slow = self.is_endless = False
        self.ended = threading.Event()


@contextmanager
def other_site(certificate: Path | None = None) -> Iterator[OtherSite]:
    """Serve it until the test is over."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked.append((self.command, self.path))
            if site.is_slow:
                site.ended.wait(10)
                return
            status, location = site.leads.get(self.path, (site.statuses.get((self.command, self.path), 200), ""))
            self.send_response(status)
            if location:
                self.send_header("Location", location)
            while site.is_endless and not site.ended.wait(0.02):
                try:
                    self.wfile.write(b"X-More: and more\r\n")
                except OSError:
                    return
            self.end_headers()

        do_HEAD = do_GET

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.handle_error = lambda *args: None  # type: ignore[method-assign]
    site = OtherSite(server, "https" if certificate else "http")
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    serving.start()
    try:
        yield site
    finally:
        site.ended.set()
        server.shutdown()
        serving.join()
        server.server_close()


def certificate(folder: Path) -> Path:
    """A certificate that nobody vouches for, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    both = made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = folder / "certificate.pem"
    file.write_bytes(both)
    return file


def closed_port() -> int:
    """A port at which nothing listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
