"""Moments in words, in London time, as the GOV.UK style guide writes them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def london(naive: datetime) -> datetime:
    """Read a wall-clock time in London. Raises ValueError for the hours that the clocks leave out and repeat."""
    first, second = naive.replace(tzinfo=LONDON, fold=0), naive.replace(tzinfo=LONDON, fold=1)
    if first.utcoffset() == second.utcoffset():
        return first
    exists = first.astimezone(UTC).astimezone(LONDON).replace(tzinfo=None) == naive
    what = "happens twice" if exists else "does not exist"
    way = "back" if exists else "forward"
    time = f"{naive:%-I:%M%p} on {naive:%-d %B %Y}".replace("AM", "am")
    raise ValueError(f"{time} {what} that night, because the clocks go {way}. Choose a time before 1am or from 2am.")


def clock(at: datetime) -> str:
    """Say the time of day: '9:30am', '5pm', 'midnight'."""
    hour = f"{at.astimezone(LONDON):%-I:%M%p}".lower().replace(":00", "")
    return {"12am": "midnight", "12pm": "midday"}.get(hour, hour)


def when(at: datetime) -> str:
    """Say a moment: '9:30am on 3 March 2027'."""
    return f"{clock(at)} on {at.astimezone(LONDON):%-d %B %Y}"
