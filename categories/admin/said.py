"""What staff are told on the next page: once, and to the browser too, where it keeps what was typed."""

import re
from typing import Any

from django.contrib import messages
from django.http import HttpRequest

KEPT_AS = "kept_as"  # under which a browser keeps what was typed, until it is told that it is saved


def say_once(request: HttpRequest, level: int, sentence: Any) -> None:
    """Say a sentence, unless it waits to be said already: a form that was sent twice was told of once."""
    waiting = messages.get_messages(request)
    said = {str(message) for message in waiting}
    waiting.used = False
    if str(sentence) in said:
        return
    kept_as = request.POST.get(KEPT_AS, "")
    saved = f"saved-{kept_as}" if re.fullmatch("[0-9a-f]{32}", kept_as) else ""
    messages.add_message(request, level, sentence, extra_tags=saved)
