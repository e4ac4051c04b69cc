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


def exactly(at: datetime) -> str:
    """Say a moment to the second, or beyond where it has a fraction; in the hour that comes twice, which of the two.

    >>> exactly(datetime(2027, 3, 3, 9, 30, 5, tzinfo=UTC))
    '9:30:05am on 3 March 2027'
    >>> exactly(datetime(2026, 10, 25, 1, 30, tzinfo=UTC))
    '1:30am (GMT) on 25 October 2026'
    """
    local = at.astimezone(LONDON)
    hour = clock(at)
    if local.second or local.microsecond:
        fraction = f".{local.microsecond:06}".rstrip("0") if local.microsecond else ""
        hour = f"{local:%-I:%M:%S}{fraction}{local:%p}".lower()
    twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return f"{hour}{f' ({local.tzname()})' if twice else ''} on {local:%-d %B %Y}"


def written(at: datetime) -> str:
    """Write a moment as addresses do: in UTC, with a fraction only where it has one.

    >>> written(datetime(2026, 8, 1, tzinfo=LONDON)), written(datetime(2026, 8, 1, 9, 0, 0, 250000, tzinfo=UTC))
    ('2026-07-31T23:00:00Z', '2026-08-01T09:00:00.25Z')
    """
    whole = at.astimezone(UTC).replace(tzinfo=None)
    return (whole.isoformat().rstrip("0") if whole.microsecond else whole.isoformat()) + "Z"
