"""The whole record as one file that can be checked without the site: every edition, the signed head, and a program."""

import io
from datetime import UTC, datetime
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from django.http import HttpRequest, HttpResponse

from ..content.canonical import canonical
from ..models.edition import Edition
from ..models.signed_head import signed_head
from . import record
from .guidance_views import of_guidance
from .not_found import NotFound
from .readings import Reading
from .responses import from_any_site

PROGRAM = Path(__file__).with_name("check_archive.py")
READ_ME = """The record of “{title}”, from its first edition to edition {number}.

editions/N/record.json   what is said of an edition, as canonical JSON. The SHA-256 of the file is its record digest,
                         which the record of the next edition holds
editions/N/content.json  what the edition says. The SHA-256 of the file is the content digest in its record
head.txt                 the head of the record, signed
check.py                 a program that checks all of this: python3 check.py

Contains public sector information licensed under the Open Government Licence v3.0.
"""


@from_any_site
@of_guidance
def archive(request: HttpRequest, reading: Reading) -> HttpResponse:
    """Answer with the record until the moment of a reading: the same bytes for as long as nothing is added to it."""
    newest = record.newest(reading)
    if newest is None:
        raise NotFound("Nothing of this is published yet, so there is no record of it.")
    name = f"{reading.content.slug}-{newest.number}.zip"
    return HttpResponse(
        _zipped(reading, newest),
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _zipped(reading: Reading, newest: Edition) -> bytes:
    file = io.BytesIO()
    with ZipFile(file, "w") as zipped:

        def add(name: str, text: str, at: datetime) -> None:
            entry = ZipInfo(name, at.astimezone(UTC).timetuple()[:6])
            entry.compress_type, entry.create_system = ZIP_DEFLATED, 3
            entry.external_attr = 0o644 << 16
            zipped.writestr(entry, text.encode())

        add("README.txt", READ_ME.format(title=reading.content.title, number=newest.number), newest.live_at)
        add("check.py", PROGRAM.read_text(encoding="utf-8"), newest.live_at)
        add("head.txt", signed_head(newest), newest.live_at)
        for edition in record.whole(reading).order_by("number").iterator(chunk_size=20):
            folder = f"editions/{edition.number:06}"
            add(f"{folder}/record.json", canonical(edition.record()), edition.live_at)
            add(f"{folder}/content.json", edition.content_text, edition.live_at)
    return file.getvalue()
