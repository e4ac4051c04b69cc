"""The head of a record, as a signed note: what holds whoever runs the site to its word."""

from urllib.parse import urlsplit

from django.conf import settings

from ..content.note import signed
from .edition import Edition
from .log import utc


def signed_head(edition: Edition) -> str:
    """Return the note over an edition, whose record digest seals all before it. docs/proof.md tells how to check it."""
    return signed(head_text(edition), settings.SIGNERS)


def head_text(edition: Edition) -> str:
    """What is signed: whose record, how long it is, its head, and since when that is live. A line each."""
    lines = [
        f"{urlsplit(settings.SITE_ADDRESS).netloc}/id/{edition.guidance_id}",
        f"edition {edition.number}",
        f"sha256 {edition.record_digest}",
        f"live from {utc(edition.live_at)}",
    ]
    return "".join(f"{line}\n" for line in lines)
