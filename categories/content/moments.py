"""Moments in words, in London time, as the GOV.UK style guide writes them."""

from datetime import datetime
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def clock(at: datetime) -> str:
    """Say the time of day: '9:30am', '5pm', 'midnight'."""
    hour = f"{at.astimezone(LONDON):%-I:%M%p}".lower().replace(":00", "")
    return {"12am": "midnight", "12pm": "midday"}.get(hour, hour)


def when(at: datetime) -> str:
    """Say a moment: '9:30am on 3 March 2027'."""
    return f"{clock(at)} on {at.astimezone(LONDON):%-d %B %Y}"
