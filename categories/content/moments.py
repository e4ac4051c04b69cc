"""Moments in words, in London time, as the GOV.UK style guide writes them."""

from datetime import datetime

from django.utils import timezone


def clock(at: datetime) -> str:
    """Say the time of day: '9:30am', '5pm', 'midnight'."""
    hour = f"{timezone.localtime(at):%-I:%M%p}".lower().replace(":00", "")
    return {"12am": "midnight", "12pm": "midday"}.get(hour, hour)


def when(at: datetime) -> str:
    """Say a moment: '9:30am on 3 March 2027'."""
    return f"{clock(at)} on {timezone.localtime(at):%-d %B %Y}"
