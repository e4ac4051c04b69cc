"""What a mirror holds of each part: which files, and what nginx is told beside them."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath
from urllib.parse import unquote

from django.utils import timezone

from ..public import mirrored
from .asking import Answer, Failed

TYPES = {
    "html": "text/html; charset=utf-8",
    "json": "application/json; charset=utf-8",
    "link": "application/link-format",
    "csv": "text/csv; charset=utf-8; header=present",
    "atom": "application/atom+xml; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
    "xml": "application/xml; charset=utf-8",
    "zip": "application/zip",
}
ENDINGS = {media_type: ending for ending, media_type in TYPES.items()} | {"application/json": "json"}
PAGES, MAPS = "pages", "nginx"
POLICY = ("Content-Security-Policy", "Strict-Transport-Security")  # headers that settings decide, the same everywhere
STATIC = re.compile(rb"""["'(](/static/[^"'()?#\s]+)""")
# What nginx would read as something else, or refuse for its length
NOT_IN_A_MAP = re.compile(r"[$\\\x00-\x1f\x7f]|.{700}")


@dataclass
class Held:
    """What a mirror holds of one part: its files, and what nginx has to be told of them."""

    state: str
    files: list[str] = field(default_factory=list)
    static: list[str] = field(default_factory=list)  # addresses that its pages name
    moved: dict[str, tuple[int, str]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)  # Content-Disposition
    policy: dict[str, str] = field(default_factory=dict)

    def take(self, address: str, answer: Answer) -> str | None:
        """Note an answer, and return the file that its body goes to, if it has one."""
        if answer.status != 200:
            self.moved[unquote(address).replace("?", "@")] = answer.status, answer.headers["Location"]
            return None
        file = file_of(address, answer.headers["Content-Type"])
        self.files.append(file)
        self.static += sorted({*map(bytes.decode, STATIC.findall(answer.body))} - {*self.static})
        if name := answer.headers.get("Content-Disposition"):
            self.names[address] = name
        self.policy = {name: answer.headers[name] for name in POLICY if name in answer.headers}
        return file


def file_of(address: str, media_type: str) -> str:
    """Return the file of a mirror that an answer goes to.

    >>> file_of("/guidance/x/", TYPES["html"]), file_of("/guidance/x/updates.atom?before=9", TYPES["atom"])
    ('pages/guidance/x/index.html', 'pages@before=9/guidance/x/updates.atom')
    >>> file_of("/guidance/x/timemap/updates.atom", TYPES["link"])
    'pages/guidance/x/timemap/updates.atom.link'
    """
    path, _, query = address.partition("?")
    name = unquote(path).removeprefix("/") + ("index" if path.endswith("/") else "")
    ending = ENDINGS.get(media_type)
    if ending is None or {"..", ".", ""} & {*name.split("/")} or "/" in unquote(query):
        raise Failed(f"{address} ({media_type}) has no place in a mirror.")
    if PurePosixPath(name).suffix != f".{ending}":
        name += f".{ending}"
    return f"{PAGES}{f'@{unquote(query)}' if query else ''}/{name}"


def maps(held: Iterable[Held], at: datetime) -> Iterator[tuple[str, bytes]]:
    """Yield what nginx is told, each as the lines of a map."""
    held, leads = list(held), mirrored.leads(at)
    moved = {address: led for one in held for address, led in one.moved.items()}
    policy = next((one.policy for one in held if one.policy), {})
    found: dict[str, dict[str, str]] = {
        f"moved-{status}": {address: where for address, (code, where) in moved.items() if code == status}
        for status in (301, 302, 303)
    }
    found |= {
        "moved-bases": leads.moved,
        "nearest-days": leads.nearest,
        "nearest-since": leads.since,
        "mementos": leads.mementos,
        "names": {address: name for one in held for address, name in one.names.items()},
        "policy": {"default": policy.get(POLICY[0], "")},
        "transport": {"default": policy.get(POLICY[1], "")},
        "day": {"default": timezone.localdate(at).isoformat()},
    }
    for name, lines in found.items():
        written = "".join(
            f"{_word(key)} {_word(value)};\n" for key, value in sorted(lines.items()) if _fits(key + value)
        )
        yield f"{MAPS}/{name}.map", written.encode()


def _fits(line: str) -> bool:
    return not NOT_IN_A_MAP.search(line)


def _word(text: str) -> str:
    return text if text == "default" else '"' + text.replace('"', r"\"") + '"'
