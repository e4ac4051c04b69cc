"""Dates and times as the GOV.UK style guide writes them: 2 June 2025, 9:30am."""

DATE_FORMAT = "j F Y"
DATETIME_FORMAT = "j F Y, g:ia"
TIME_FORMAT = "g:ia"
