"""Dates as the GOV.UK style guide writes them, 2 June 2025. Pages write times by the `clock` and `moment` filters."""

DATE_FORMAT = "j F Y"
DATETIME_FORMAT = "j F Y, H:i"
TIME_FORMAT = "H:i"
