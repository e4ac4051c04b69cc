"""The head of a record, as a signed note: what holds whoever runs the site to its word."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import OuterRef, Subquery

from ..content.note import signed
from ..content.vocabulary import RecordKind
from .edition import Edition, EditionChange
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


def heads_in_words(at: datetime) -> Iterator[str]:
    """Yield the signed head of each guidance that is live, with what it is good for, for the end of a letter."""
    of = Edition.objects.filter(guidance=OuterRef("guidance")).live(at).order_by("-live_at").values("pk")[:1]
    # As published: the title of the working copy may be a secret still
    titles = EditionChange.objects.filter(edition__guidance=OuterRef("guidance"), kind=RecordKind.GUIDANCE)
    title = titles.filter(edition__live_at__lte=at).order_by("-edition__live_at").values("title")[:1]
    live: Any = Edition.objects.filter(pk=Subquery(of)).annotate(title=Subquery(title)).defer("content_text")
    for edition in live.order_by("guidance"):
        yield (
            f"The head of the record of “{edition.title}”. Kept, it shows later whether the past was rewritten "
            f"({settings.SITE_ADDRESS}/signing-keys.txt):\n\n{signed_head(edition).strip()}"
        )
