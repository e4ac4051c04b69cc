"""What the site says at its addresses: sentences, rows, entries and values, never markup.

An answer is `[status, location or None, kind, statements]`. Statements are, by kind: `html` the title and the texts of
the blocks of <main>; `csv` rows; `atom` `[id, updated, title]` of the feed and of each entry; `json` the one body;
`digest` the SHA-256 of the bytes, for content.json; `text` lines.

    python -m tests.upgrade.said OUT [STEP]     migrate the dump of release 1 to here, on DATABASE_URL; write what it
                                                says at every address, or at each STEP-th
"""

import csv
import hashlib
import json
import logging
import lzma
import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from functools import cache as once
from html.parser import HTMLParser
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5
from xml.etree import ElementTree

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

import time_machine  # noqa: E402 - Django is set up first
from django.core.cache import cache  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402

Answer = list[Any]
Said = dict[str, Any]

HERE = Path(__file__).parent
READER = "erin"  # whose pages of staff are read: an Editor
INLINE = {
    "a",
    "abbr",
    "b",
    "cite",
    "code",
    "del",
    "em",
    "i",
    "input",
    "ins",
    "kbd",
    "mark",
    "small",
    "span",
    "strong",
    "time",
}
UNSEEN = {"script", "style"}
ITEM = "app-words"  # the class of an item of a list that is compared: all of these are one text
ATOM = "{http://www.w3.org/2005/Atom}"


class Blocks(HTMLParser):
    """The title of a page, and the block-level texts of its <main>, in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.words: list[str] = []
        self.within: set[str] = set()
        self.is_item = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag == "li":
            self.is_item = ("class", ITEM) in attrs
        if tag == "li" and self.is_item:
            self.words.append(" • ")
        elif tag not in INLINE:
            self.end()
        if tag in {"title", "main", *UNSEEN}:
            self.within.add(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in INLINE and not (tag == "li" and self.is_item):
            self.end()
        self.within.discard(tag)

    def handle_data(self, text: str) -> None:
        if self.within & {"title", "main"} and not self.within & UNSEEN:
            self.words.append(text)

    def end(self) -> None:
        if text := " ".join("".join(self.words).split()):
            self.found.append(text)
        self.words = []


def statements(kind: str, body: bytes, is_content: bool) -> tuple[str, list[Any]]:
    """Return the kind of an answer, and what it states."""
    if is_content:
        return "digest", [hashlib.sha256(body).hexdigest()]
    text = body.decode()
    match kind:
        case "text/html":
            return "html", Blocks(text).found
        case "text/csv":
            return "csv", list(csv.reader(StringIO(text.removeprefix("\ufeff"))))
        case "application/atom+xml":
            feed = ElementTree.fromstring(text)  # noqa: S314 - our own
            every = [feed, *feed.iter(f"{ATOM}entry")]
            return "atom", [[one.findtext(f"{ATOM}{name}") for name in ("id", "updated", "title")] for one in every]
        case "application/json" | "application/problem+json":
            return "json", [json.loads(text)]
    return "text", text.splitlines()


def say(client: Client, address: str) -> Answer:
    """Ask for an address; return the answer."""
    response = client.get(address)
    body = b"".join(response.streaming_content) if response.streaming else response.content
    is_content = response.status_code == 200 and address.endswith("/content.json")
    kind, found = statements(response.get("Content-Type", "").split(";")[0], body, is_content)
    return [response.status_code, response.get("Location"), kind, found]


def staff_address(page: str) -> str:
    """Return where a page of staff stands: 'history level 3', one row of it 'history level 3 12', 'submission 4'.

    What is none of these is an address.
    """
    # Models of today: only what is named here may have moved since the release
    from categories.models import Cohort, Level

    match page.split():
        case ["history", "level", number, *row]:
            key, row = _of_last(Level.history.filter(number=number), row)
        case ["history", "cohort", slug, *row]:
            key, row = _of_last(Cohort.history.filter(slug=slug), row)
        case ["history", "exampleslist", old, *row]:
            key = examples_lists()[old]
        case ["history", _, key, *row]:
            pass
        case ["submission", key]:
            return f"/admin/categories/submission/{key}/change/"
        case _:
            return page
    return f"/admin/categories/{page.split()[1]}/{key}/history/" + "".join(f"{one}/" for one in row)


@once
def examples_lists() -> dict[str, UUID]:
    """The ids of examples lists, by those that they had in release 1."""
    table = read("release_1.json.xz")["categories_historicalexampleslist"]
    rows = [dict(zip(table["columns"], row, strict=True)) for row in table["rows"]]
    return {row["id"]: uuid5(UUID(row["guidance_id"]), f"examples-list:{row['slug']}") for row in rows}


def _of_last(history: Any, row: list[str]) -> tuple[Any, list[str]]:
    """Each guidance has the history that all shared: return the record of the last one, and its row for an old one."""
    guidance = history.order_by().values("guidance").distinct().count()
    return history.latest().id, [str(int(one) * guidance + guidance - 1) for one in row]


def collect(public: dict[str, Iterable[str]], staff: dict[str, Iterable[str]]) -> Said:
    """Ask for every public address and every page of staff, by the moment at which to ask (ISO 8601)."""
    from categories.models.edition import Edition
    from categories.models.user import User

    said: Said = {"public": {}, "staff": {}}
    for moment, addresses in public.items():
        cache.clear()
        with time_machine.travel(datetime.fromisoformat(moment), tick=False):
            client = Client(raise_request_exception=False)
            said["public"][moment] = {address: say(client, address) for address in addresses}
    for moment, pages in staff.items():
        cache.clear()
        with time_machine.travel(datetime.fromisoformat(moment), tick=False):
            client = Client(raise_request_exception=False)
            client.force_login(User.objects.get(username=READER))
            said["staff"][moment] = {page: say(client, staff_address(page)) for page in pages}
    editions = Edition.objects.order_by("guidance_id", "number")
    said["record"] = [
        [str(one.guidance_id), one.number, one.live_at.isoformat(), one.content_digest, one.record_digest]
        for one in editions
    ]
    output = StringIO()
    with suppress(SystemExit):  # it found faults, which it said
        call_command("check_editions", verbosity=0, stdout=output, stderr=output)
    said["check_editions"] = output.getvalue().splitlines()
    return said


def sampled(said: Said, step: int) -> Said:
    """Return what is said at each `step`-th address, which is some of everything: like addresses stand together."""
    parts = {
        part: {moment: dict(islice(answers.items(), 0, None, step)) for moment, answers in said[part].items()}
        for part in ("public", "staff")
    }
    return said | parts


def packed(said: Said) -> Said:
    """Write each statement once, in a list; answers name it by its place there."""
    places: dict[str, int] = {}

    def place(statement: Any) -> int:
        return places.setdefault(json.dumps(statement, sort_keys=True, ensure_ascii=False), len(places))

    said = said | {
        part: {
            moment: {
                address: [*answer[:3], [place(one) for one in answer[3]]] for address, answer in answers.items()
            }
            for moment, answers in said[part].items()
        }
        for part in ("public", "staff")
    }  # fmt: skip
    return said | {"statements": [json.loads(statement) for statement in places]}


def unpacked(said: Said) -> Said:
    """Undo `packed`."""
    every = said.pop("statements")
    for part in ("public", "staff"):
        for answers in said[part].values():
            for answer in answers.values():
                answer[3] = [every[place] for place in answer[3]]
    return said


def read(name: str) -> Any:
    """Read an archive of this folder."""
    return json.loads(lzma.decompress((HERE / name).read_bytes()))


def write(path: Path, value: Any) -> None:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    path.write_bytes(lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME))


def main() -> None:
    from tests.sign_in import with_second_step
    from tests.upgrade.restore import restore

    Client._login = with_second_step
    logging.disable(logging.WARNING)  # that much is not found
    restore(read("release_1.json.xz"))
    call_command("migrate", verbosity=0, interactive=False)
    before = sampled(read("release_1_said.json.xz"), int((sys.argv[2:] or ["1"])[0]))
    Path(sys.argv[1]).write_text(json.dumps(collect(before["public"], before["staff"])), encoding="utf-8")


if __name__ == "__main__":
    main()
