"""The signed head of a record, and the keys that sign it: by these anybody holds the site to what it published."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from ..models.signed_head import signed_head
from . import record
from .guidance_views import of_guidance
from .not_found import NotFound
from .readings import Reading
from .responses import from_any_site, public

PLAIN = "text/plain; charset=utf-8"


@from_any_site
@of_guidance
def head(request: HttpRequest, reading: Reading) -> HttpResponse:
    """Answer with the signed note over the newest edition of a reading."""
    newest = record.newest(reading)
    if newest is None:
        raise NotFound("Nothing of this is published yet, so there is no head of its record.")
    return HttpResponse(signed_head(newest), content_type=PLAIN)


@from_any_site
@public
def signing_keys(request: HttpRequest) -> HttpResponse:
    """List the public keys, a line each: those that sign now, then those that did."""
    keys = [*(signer.public for signer in settings.SIGNERS), *settings.FORMER_KEYS]
    lines = [str(key) for key in keys] or ["none: this site signs nothing"]
    return HttpResponse("".join(f"{line}\n" for line in lines), content_type=PLAIN)
