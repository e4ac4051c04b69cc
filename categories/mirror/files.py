"""A mirror: all that the public reads as files, which nginx serves while nothing else is up.

A file takes its place whole, by a rename, so wherever a run ends there is a mirror.
"""

import fcntl
import json
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote, unquote, urljoin

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.handlers.wsgi import WSGIRequest

from ..public import failures, mirrored
from ..public.mirrored import Part
from .asking import Failed, Site, answers, environ_of
from .held import MAPS, PAGES, STATIC, Held, maps

NOTICES, PARTS, UNFINISHED, LOCK = "notices", "parts", "unfinished", "lock"
MADE = (PAGES, MAPS, NOTICES)  # what all of it is made again from what the site says
# What the mirror says where it has no answer, in each form, and an address that is answered in it
FORMS = {"html": "/", "json": "/api/", "csv": "/.csv"}
# What answers are made with, beside the record. An answer of before another of these is asked for again
PROGRAM = ("categories", "config", "templates", "requirements.txt")
SAID = ("SITE_ADDRESS", "SITE_NAME", "CONTACT_EMAIL", "SECURITY_CONTACT", "CONTENT_SECURITY_POLICY")
WITHIN_CSS = re.compile(rb"""url\(["']?([^"'():]+)["']?\)""")


class Mirror:
    """The mirror in a folder, or one to be made there, as of a second."""

    def __init__(self, folder: Path, at: datetime) -> None:
        self.folder, self.site = folder, Site(at)
        self.written = self.removed = 0

    def make(self, anew: bool = False) -> None:
        """Ask for each part that may have changed since the last time, or for all, and write what differs."""
        code = made_with()
        with self._alone():
            held = {self._place(part): self._brought_up_to_date(part, code, anew) for part in self._parts()}
            beside = dict(self._beside([*held.values()]))
            for file, body in beside.items():
                self._write(file, body)
            self._keep_alone({*held, *beside, *(file for one in held.values() for file in one.files)})

    def differences(self) -> Iterator[str]:
        """Yield each file that is not, byte for byte, what the site says now, and each that should not be there."""
        if not self.folder.joinpath(LOCK).exists():
            raise Failed(f"There is no mirror in {self.folder}.")
        held, expected = [], set()
        for part in self._parts():
            held.append(Held(""))
            for address, answer in answers(self.site, part):
                if file := held[-1].take(address, answer):
                    expected.add(file)
                    yield from self._difference(file, answer.body)
        for file, body in self._beside(held):
            expected.add(file)
            yield from self._difference(file, body)
        yield from (f"{file} is in the mirror alone" for file in self._files(MADE) if file not in expected)

    def _difference(self, file: str, body: bytes) -> Iterator[str]:
        found = self._read(file)
        if found is None:
            yield f"{file} is missing"
        elif found != body:
            yield f"{file} says something else than the site"

    def _parts(self) -> Iterator[Part]:
        return mirrored.parts(self.site.at)

    def _place(self, part: Part) -> str:
        return f"{PARTS}/{quote(part.name, safe=' ')}.json"

    def _brought_up_to_date(self, part: Part, code: str, anew: bool) -> Held:
        place, state = self._place(part), f"{code} {part.state}"
        kept = self._kept(place)
        if kept and kept.state == state and not anew and all((self.folder / file).exists() for file in kept.files):
            return kept
        made = Held(state)
        for address, answer in answers(self.site, part):
            if file := made.take(address, answer):
                self._write(file, answer.body)
        self._write(place, json.dumps(asdict(made), indent=1).encode())
        return made

    def _kept(self, place: str) -> Held | None:
        try:
            return Held(**json.loads(self._read(place) or b""))
        except (ValueError, TypeError):  # of none, or of another version
            return None

    # Beside the answers: static files that they name, what nginx is told, and what is said where there is no answer

    def _beside(self, held: Iterable[Held]) -> Iterator[tuple[str, bytes]]:
        held = list(held)
        yield from maps(held, self.site.at)
        static = {address for one in held for address in one.static}
        for form, address in FORMS.items():
            notice = failures.not_in_mirror(WSGIRequest(environ_of(address))).content
            static |= {*map(bytes.decode, STATIC.findall(notice))}
            yield f"{NOTICES}/mirror-has-none.{form}", notice
        yield from _static(static)

    # Files

    def _read(self, file: str) -> bytes | None:
        try:
            return (self.folder / file).read_bytes()
        except FileNotFoundError:
            return None

    def _write(self, file: str, body: bytes) -> None:
        """Put a file in its place whole, unless it says that already."""
        if self._read(file) == body:
            return
        place, aside = self.folder / file, self.folder / UNFINISHED
        place.parent.mkdir(parents=True, exist_ok=True)
        with aside.open("wb") as unfinished:
            unfinished.write(body)
            unfinished.flush()
            os.fsync(unfinished.fileno())
        aside.replace(place)
        self.written += 1

    def _keep_alone(self, files: set[str]) -> None:
        """Remove every other file, and folders that are empty then."""
        for file in [*self._files((*MADE, PARTS))]:
            if file not in files:
                (self.folder / file).unlink()
                self.removed += 1
        for folder, _, _ in os.walk(self.folder, topdown=False):
            if Path(folder) != self.folder and not os.listdir(folder):
                Path(folder).rmdir()

    def _files(self, within: Iterable[str]) -> Iterator[str]:
        for folder, _, names in os.walk(self.folder):
            below = Path(folder).relative_to(self.folder)
            if below.parts and below.parts[0].partition("@")[0] in within:
                yield from (str(below / name) for name in names)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Let one run at a time write here, in a folder of a mirror's own, and everybody read."""
        before = os.umask(0o022)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if not (self.folder / LOCK).exists() and any(self.folder.iterdir()):
                raise Failed(f"{self.folder} holds other things: a mirror needs a folder of its own.")
            with (self.folder / LOCK).open("a") as lock:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    raise Failed("Another run is writing this mirror.") from None
                yield
        finally:
            os.umask(before)


def _static(addresses: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """Yield static files by their addresses, and those that their styles name."""
    waiting, seen = sorted(addresses), set(addresses)
    while waiting:
        address = waiting.pop()
        name = unquote(address).removeprefix(settings.STATIC_URL)
        collected = Path(settings.STATIC_ROOT) / name
        found = collected if collected.is_file() else finders.find(name)
        if not found:
            raise Failed(f"{address} is not there: run “manage.py collectstatic”.")
        body = Path(found).read_bytes()
        yield f"{PAGES}{unquote(address)}", body
        if name.endswith(".css"):
            named = {urljoin(address, within.decode()) for within in WITHIN_CSS.findall(body)} - seen
            waiting += sorted(named)
            seen |= named


def made_with() -> str:
    """Return a digest of all that answers are made with, beside the record."""
    names = [*SAID, *sorted(name for name in dir(settings) if name.startswith("SECURE_"))]
    keys = [*(signer.public for signer in settings.SIGNERS), *settings.FORMER_KEYS]
    found = sha256(repr([*(getattr(settings, name) for name in names), *map(str, keys)]).encode())
    for path in [*_program(), Path(settings.STATIC_ROOT) / "staticfiles.json"]:
        if path.is_file():
            found.update(f"\0{path.name}\0".encode() + path.read_bytes())
    return found.hexdigest()


def _program() -> Iterator[Path]:
    for name in PROGRAM:
        place = settings.BASE_DIR / name
        yield from [place] if place.is_file() else sorted(path for path in place.rglob("*") if path.suffix != ".pyc")
