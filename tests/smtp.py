"""A mail server on loopback that keeps what it gets, and does what a test says to whom."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email import message_from_bytes
from email.message import Message


class Talk(socketserver.StreamRequestHandler):
    """One connection. A reply of None drops it; SILENT lets it hang until the test ends."""

    server: "Server"

    def handle(self) -> None:
        self.server.talks += 1
        with suppress(ConnectionError):  # whoever talked was killed
            self.reply("220 ready")
            while line := self.rfile.readline():
                verb, _, rest = line.decode().strip().partition(" ")
                if not self.answer(verb.upper(), rest):
                    return

    def reply(self, line: str | None) -> bool:
        if line == SILENT:
            self.server.over.wait()
        if line in (None, SILENT):
            return False
        self.wfile.write(f"{line}\r\n".encode())
        return True

    def answer(self, verb: str, rest: str) -> bool:
        if verb == "RCPT":
            self.to = rest.partition("<")[2].rstrip(">")
            return self.reply(self.server.to_rcpt.get(self.to.partition("@")[0], "250 ok"))
        if verb == "DATA":
            self.reply("354 go on")
            letter = b"".join(iter(self.rfile.readline, b".\r\n"))
            if self.rfile.closed or not letter:
                return False
            said = self.server.to_data.get(self.to.partition("@")[0], "250 ok")
            if said == "250 ok":  # taken before it is said, as a real one does
                self.server.letters.append(message_from_bytes(letter))
            return self.reply(said)
        self.reply("221 bye" if verb == "QUIT" else "250 ok")
        return verb != "QUIT"


SILENT = "silent"


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Talk)
        self.letters: list[Message] = []
        self.talks = 0
        self.over = threading.Event()
        self.to_rcpt: dict[str, str | None] = {}
        self.to_data: dict[str, str | None] = {}

    @property
    def reached(self) -> list[str]:
        return [letter["To"].partition("@")[0] for letter in self.letters]


@contextmanager
def serving() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.over.set()
            server.shutdown()
            thread.join()
