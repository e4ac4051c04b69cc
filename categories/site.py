"""The pages around the guidance: the front door, the statements and the files that machines ask for."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from .models import Edition
from .reading import guidance_base


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Lead to the guidance itself while there is one; list them when there are more."""
    edition = Edition.objects.live(timezone.now()).newest()
    return HttpResponseRedirect(guidance_base(edition.content.slug)) if edition else HttpResponse("No guidance")
