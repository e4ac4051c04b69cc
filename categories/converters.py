class DayConverter:
    """A day as YYYY-MM-DD, impossible ones included: the page says which day would work."""

    regex = "[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value
