from django.urls import register_converter


def whole_number(written: str) -> int | None:
    """Return a number that is written in plain digits, or None. Python would take “1_0” and “+1” too.

    Longer numbers than any that the site counts to are none.
    """
    return int(written) if written.isascii() and written.isdecimal() and len(written) <= 9 else None


class DayConverter:
    """A day as YYYY-MM-DD, impossible ones included: the page says which day would work."""

    regex = "[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class MomentConverter(DayConverter):
    """A moment in UTC as YYYY-MM-DDTHH:MM:SSZ, with a fraction of a second where it has one; impossible ones too."""

    regex = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?Z"


register_converter(DayConverter, "day")
register_converter(MomentConverter, "moment")
