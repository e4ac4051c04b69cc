import logging
import re


class NoSecrets(logging.Filter):
    """Strikes the token out of a path: whoever reads the log must not be able to read a preview or set a password."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = re.sub(r"(/preview/|/set-password/[^/\s]+/)[^/\s]+", r"\1…", record.getMessage())
        record.args = ()
        return True
